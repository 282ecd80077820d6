import { type Command, Option } from "commander";
import { type Provider, providers, type SaliencyMethod, saliencyMethods } from "../../../compute/index.ts";
import { operator } from "../../access/principal.ts";
import { encodeId } from "../../graphql/node-id.ts";
import type { ArtefactRequest } from "../../predictions/evaluate/artefacts.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { numberOf } from "../number-option.ts";
import { collect, type GlobalOptions, printJson, printText } from "../program-options.ts";
import { printQueued, saidUnfinished } from "../run-outcome.ts";
import { exitCodeOfRun, followRun, type RunAnswer } from "../run-watching.ts";
import { configOf, openSession, type Session } from "../session.ts";
import { untilStopped } from "../stop-signal.ts";
import { chainOf } from "../transform-flag.ts";
import { whereOf } from "../where-flag.ts";
import { workerIfNone } from "../worker-if-none.ts";
import { aucTable, STRATIFIED_AUC, type StratifiedAucAnswer } from "./auc.ts";

interface Flags extends GlobalOptions {
  readonly model: string;
  readonly modelVersion?: string;
  readonly dataset: string;
  readonly datasetVersion?: string;
  readonly split?: string;
  readonly where: readonly string[];
  readonly transform: readonly string[];
  readonly provider?: Provider;
  readonly onBadImage: "fail" | "skip";
  readonly embedding?: string;
  readonly saliency?: string;
  readonly saliencyMethod?: SaliencyMethod;
  readonly saliencySamples?: string;
  readonly saliencyNoise?: string;
  readonly saliencySeed?: string;
  readonly saliencyLayer?: string;
  readonly detach?: boolean;
}

const examples = `
Queues the evaluation and waits for it. When no worker lives, this process works until the
evaluation has ended. The same request again finds the first one.

Examples:
  $ stratum evaluate --model resnet34 --dataset nih --split test
  $ stratum evaluate --model resnet34 --dataset nih --where view=PA --transform low_pass:radius=10
  $ stratum evaluate --model resnet34 --dataset nih --on-bad-image skip --detach --json
  $ stratum evaluate --model resnet34 --dataset nih --saliency Black --saliency-method grad-cam
`;

/** `stratum evaluate`: a model on the images of a dataset. */
export function addEvaluate(program: Command): void {
  program
    .command("evaluate")
    .description("Evaluate a registered model on the images of a dataset: scores and AUCs.")
    .requiredOption("--model <slug>", "the model")
    .option("--model-version <number>", "its version (default: the newest whose bytes are here)")
    .requiredOption("--dataset <slug>", "the dataset")
    .option("--dataset-version <number>", "its version (default: the newest with image files)")
    .option("--split <part>", "only this part of a split, such as test or split:test")
    .option("--where <condition>", "attribute=value[,value] or attribute=low..high; repeat", collect, [])
    .option("--transform <transform>", "id or id:name=value,name=value; repeat, in order", collect, [])
    .addOption(
      new Option("--provider <provider>", "what runs the model (default: STRATUM_PROVIDER)").choices(
        providers,
      ),
    )
    .addOption(
      new Option("--on-bad-image <policy>", "an image that cannot be read fails the run, or is left out")
        .choices(["fail", "skip"])
        .default("fail"),
    )
    .option("--embedding <layer>", "leave what a layer of the model is of each image as embeddings.npy")
    .option("--saliency <class>", "leave maps of what speaks for a class as saliency.npy")
    .addOption(
      new Option("--saliency-method <method>", "how the maps are made (default: class-activation)").choices(
        saliencyMethods,
      ),
    )
    .option("--saliency-samples <number>", "noisy copies of each image, for smoothgrad (default: 25)")
    .option(
      "--saliency-noise <share>",
      "noise as a share of the image's range, for smoothgrad (default: 0.15)",
    )
    .option("--saliency-seed <number>", "seed of the noise, for smoothgrad (default: 0)")
    .option("--saliency-layer <layer>", "layer of features, for grad-cam (default: the last one)")
    .option("--detach", "queue it and do not wait")
    .option("--json", "print the run as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => evaluate(command.optsWithGlobals<Flags>()));
}

async function evaluate(flags: Flags): Promise<void> {
  const stopped = untilStopped();
  await using session = await openSession(configOf(process.env, flags));
  const { loadTransforms } = await import("../../../compute/index.ts");
  await loadTransforms(session.config.plugins);
  const services = await session.services();
  const { run, created } = await services.evaluate.request(
    {
      model: flags.model,
      modelVersion: flags.modelVersion === undefined ? null : Number(flags.modelVersion),
      dataset: flags.dataset,
      datasetVersion: flags.datasetVersion === undefined ? null : Number(flags.datasetVersion),
      split: flags.split ?? null,
      where: flags.where.map(whereOf),
      transforms: chainOf(flags.transform),
      provider: flags.provider ?? null,
      onBadImage: flags.onBadImage,
      embedding: flags.embedding,
      saliency: saliencyOf(flags),
    },
    operator,
  );
  if (flags.detach === true) return printQueued(run, created, flags);
  const id = encodeId("Run", run.id);
  await using _worker = await workerIfNone(session);
  const ended = await followRun(session, id, { stopped });
  process.exitCode = exitCodeOfRun(ended);
  if (flags.json === true) printJson({ run: ended, created });
  else await printEnded(session, ended, created);
}

function saliencyOf(flags: Flags): ArtefactRequest["saliency"] {
  const { saliency, saliencyMethod: method, saliencyLayer: layer } = flags;
  const numbers = {
    samples: optionalNumber("--saliency-samples", flags.saliencySamples),
    noise: optionalNumber("--saliency-noise", flags.saliencyNoise),
    seed: optionalNumber("--saliency-seed", flags.saliencySeed),
  };
  const rest = { method, layer, ...numbers };
  if (saliency !== undefined) return { class: saliency, ...rest };
  if (Object.values(rest).every((value) => value === undefined)) return undefined;
  throw new CommandError(exitCodes.usage, "Expected a class for --saliency with its method, got none");
}

function optionalNumber(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : numberOf(name, text);
}

async function printEnded(session: Session, run: RunAnswer, created: boolean): Promise<void> {
  if (saidUnfinished(run, "evaluation") || run.evaluation === null) return;
  const { scored, images, leftOut } = run.summary ?? {};
  const reasons = Object.entries((leftOut ?? {}) as Readonly<Record<string, number>>); // safe: the runner's own summary
  const missing = reasons.map(([code, count]) => `${count} ${code}`).join(", ");
  printText(
    `Evaluation ${run.evaluation.id}${created ? "" : " (made before)"}: ${scored} of ${images} images${missing === "" ? "" : `, left out: ${missing}`}.`,
  );
  const folder = (run.summary?.["artefacts"] as { folder?: unknown } | undefined)?.folder; // safe: its own summary
  if (typeof folder === "string") printText(`Files of each image are in ${folder}, below the worker's home.`);
  const answer = await session.ask<StratifiedAucAnswer>(STRATIFIED_AUC, {
    input: { evaluation: run.evaluation.id },
  });
  printText(aucTable(answer.stratifiedAuc.cells, 0.95));
}
