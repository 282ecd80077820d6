import type { Command } from "commander";
import type { ArchitectureName, ProtocolMode } from "../../../compute/index.ts";
import { operator } from "../../access/principal.ts";
import type { AuditRequest } from "../../audits/audit-request.ts";
import { encodeId } from "../../graphql/node-id.ts";
import { readJsonFile } from "../given-files.ts";
import { numberOf } from "../number-option.ts";
import { collect, type GlobalOptions, list, printJson, printText } from "../program-options.ts";
import { saidUnfinished } from "../run-outcome.ts";
import { exitCodeOfRun, followRun } from "../run-watching.ts";
import { configOf, openSession, type Session } from "../session.ts";
import { untilStopped } from "../stop-signal.ts";
import { textTable, whole } from "../text-table.ts";
import { workerIfNone } from "../worker-if-none.ts";

interface Flags extends GlobalOptions {
  readonly dataset: string;
  readonly datasetVersion?: string;
  readonly external?: readonly string[];
  readonly digitised?: string;
  readonly attribute: string;
  readonly classes?: readonly string[];
  readonly protocols?: readonly string[];
  readonly protocolFile: readonly string[];
  readonly controls?: boolean;
  readonly quick?: boolean;
  readonly plan?: boolean;
  readonly legacy?: boolean;
  readonly reciprocal?: boolean;
  readonly split?: string;
  readonly folds?: string;
  readonly architecture?: string;
  readonly architectures?: readonly string[];
  readonly side?: string;
  readonly epochs?: string;
  readonly batch?: string;
  readonly learningRate?: string;
  readonly patience?: string;
  readonly findingModel?: string;
  readonly augment: boolean;
  readonly gridValues?: string;
  readonly replicates?: string;
  readonly level?: string;
  readonly seed?: string;
  readonly detach?: boolean;
}

const examples = `
Trains networks, evaluates them, and reads off whether they recover the attribute, where the signal
sits, and what goes along with it. What the warehouse holds already is not done again; an audit that
was killed goes on where it was. When no worker lives, this process works.

Examples:
  $ stratum audit --dataset north --external south --attribute self_reported_race --plan
  $ stratum audit --dataset north --external south --attribute self_reported_race --quick
  $ stratum audit --dataset north --attribute sex --protocols low_pass --controls
  $ stratum report AUDIT --out report.html
`;

/** `stratum audit`: the study's experiments on a dataset of one's own. */
export function addAudit(program: Command): void {
  program
    .command("audit")
    .description("Audit a dataset: train, evaluate and read off the study's experiments, with a plan first.")
    .requiredOption("--dataset <slug>", "the dataset that is asked about")
    .option("--dataset-version <number>", "its version (default: the newest with image files)")
    .option("--external <slugs>", "datasets to test its networks on, comma-separated", list)
    .option("--digitised <slug>", "a dataset of the same patients, digitised otherwise")
    .requiredOption("--attribute <name>", "what is to be recovered, such as self_reported_race or sex")
    .option("--classes <levels>", "its levels, comma-separated (default: all)", list)
    .option("--protocols <ids>", "protocols, comma-separated (default: all that the data allow)", list)
    .option("--protocol-file <file>", "a protocol of one's own, as JSON; repeat", collect, [])
    .option("--controls", "beside them: the attribute shuffled among patients, a mark planted in the images")
    .option("--quick", "the core, with thin grids and short trainings")
    .option("--plan", "print what would be done and what it costs; do nothing")
    .option("--legacy", "transforms as the study's code does them (default: as its words say)")
    .option("--reciprocal", "every dataset trains a network that the others are tested with")
    .option("--split <name>", "the split (default: the only one with parts for training and test)")
    .option("--folds <k>", "without a split: patients in k parts, tested on the first (default: 5)")
    .option("--architecture <name>", "default: by the size of the images")
    .option("--architectures <names>", "for the protocol of several, comma-separated", list)
    .option("--side <pixels>", "side of the square that images are brought to")
    .option("--epochs <count>", "at most (default: 100; with --quick 6)")
    .option("--batch <images>", "images of a step")
    .option("--learning-rate <rate>", "of the first epoch")
    .option("--patience <epochs>", "without improvement, after which it ends; 0: never")
    .option("--finding-model <slug[:version]>", "a registered model (default: trains one if needed)")
    .option("--no-augment", "train on images as they are: no flips, turns, zooms")
    .option("--grid-values <count>", "values of a sweep, at most (default: all; with --quick 3)")
    .option("--replicates <count>", "of the patient bootstrap (default: 2000; with --quick 500)")
    .option("--level <level>", "confidence level (default: 0.95)")
    .option("--seed <seed>", "of trainings and intervals (default: 2021)")
    .option("--detach", "queue it and do not wait")
    .option("--json", "print the audit, or the plan, as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => audit(command.optsWithGlobals<Flags>()));
}

async function audit(flags: Flags): Promise<void> {
  const stopped = untilStopped();
  await using session = await openSession(configOf(process.env, flags));
  const { loadTransforms } = await import("../../../compute/index.ts");
  await loadTransforms(session.config.plugins);
  const request = await requestOf(flags);
  if (flags.plan === true) {
    await showPlan(session, request, flags);
    return;
  }
  const { audits } = await session.services();
  const { run, created } = await audits.request(request, operator);
  const [id, runId] = [encodeId("Audit", run.id), encodeId("Run", run.id)];
  if (flags.detach === true) {
    if (flags.json === true)
      printJson({ audit: { id }, run: { id: runId, state: run.state.toUpperCase() }, created });
    else printText(`Audit ${id} is ${run.state}. Follow it with: stratum runs watch ${runId}`);
    return;
  }
  await using _worker = await workerIfNone(session);
  const ended = await followRun(session, runId, { stopped });
  process.exitCode = exitCodeOfRun(ended);
  if (flags.json === true) return printJson({ audit: { id }, run: ended, created });
  if (saidUnfinished(ended, "audit")) return;
  printText(
    `Audit ${id}${created ? "" : " (made before)"}: ${whole(Number(ended.summary?.["records"]))} records.\nRead it with: stratum report ${id} --out report.html`,
  );
}

async function requestOf(flags: Flags): Promise<AuditRequest> {
  const number = (name: string, text: string | undefined) =>
    text === undefined ? null : numberOf(name, text);
  return {
    dataset: flags.dataset,
    datasetVersion: number("--dataset-version", flags.datasetVersion),
    external: flags.external,
    digitised: flags.digitised,
    attribute: flags.attribute,
    classes: flags.classes,
    protocols: flags.protocols,
    ownProtocols: (await Promise.all(
      flags.protocolFile.map((path) => readJsonFile("--protocol-file", path)),
    )) as readonly Readonly<Record<string, unknown>>[], // safe: parseProtocol refuses what is no protocol
    controls: flags.controls,
    quick: flags.quick,
    mode: (flags.legacy === true ? "legacy" : "corrected") satisfies ProtocolMode,
    reciprocal: flags.reciprocal,
    split: flags.split,
    folds: number("--folds", flags.folds),
    architecture: await architectureOf(flags.architecture),
    architectures: await Promise.all(
      (flags.architectures ?? []).map(async (name) => (await architectureOf(name))!),
    ), // safe: given
    side: number("--side", flags.side),
    epochs: number("--epochs", flags.epochs),
    batch: number("--batch", flags.batch),
    learningRate: number("--learning-rate", flags.learningRate),
    patience: number("--patience", flags.patience),
    findingModel: flags.findingModel,
    augment: flags.augment,
    gridValues: number("--grid-values", flags.gridValues),
    replicates: number("--replicates", flags.replicates),
    level: number("--level", flags.level),
    seed: number("--seed", flags.seed),
  };
}

async function architectureOf(name: string | undefined): Promise<ArchitectureName | null> {
  if (name === undefined) return null;
  const { architectures } = await import("../../../compute/index.ts");
  if (Object.hasOwn(architectures, name)) return name as ArchitectureName; // safe: one of its keys
  const { CommandError, exitCodes } = await import("../exit-code.ts");
  throw new CommandError(
    exitCodes.usage,
    `Expected an architecture among ${Object.keys(architectures).join(", ")}, got "${name}"`,
  );
}

async function showPlan(session: Session, request: AuditRequest, flags: Flags): Promise<void> {
  const { plan, cost, done } = await (await session.services()).audits.plan(request, operator);
  if (flags.json === true) return printJson({ ...plan, cost, done: [...done] });
  const { groupGaps } = await import("../../../compute/index.ts");
  const readings = new Map<string, number>();
  for (const { protocol } of plan.readings) readings.set(protocol, (readings.get(protocol) ?? 0) + 1);
  printText(
    textTable(
      [{ title: "Step" }, { title: "" }, { title: "What" }, { title: "There already" }],
      plan.steps.map((step) => [step.id, step.kind, step.title, done.has(step.id) ? "yes" : ""]),
    ),
  );
  printText(`\nNumbers: ${[...readings].map(([id, count]) => `${id} ${count}`).join(", ")}`);
  for (const { protocol, parts, reason } of groupGaps(plan.leftOut)) {
    printText(`Left out: ${protocol}${parts.length === 0 ? "" : ` (${parts.join("; ")})`}: ${reason}`);
  }
  printText(
    `\n${cost.trainings} trainings, ${cost.evaluations} evaluations, ${cost.fits} models of recorded attributes to do, ${cost.reused} there already; at most about ${durationText(cost.seconds)} with one worker, ${whole(Math.ceil(cost.bytes / 1e6))} MB.`,
  );
}

function durationText(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3_600).toFixed(1)} hours`;
}
