import type { Command } from "commander";
import {
  type ConfounderModelId,
  confounderModelIds,
  type ValidationScheme,
  validationSchemes,
} from "../../../compute/index.ts";
import { operator } from "../../access/principal.ts";
import { encodeId } from "../../graphql/node-id.ts";
import { numberOf } from "../number-option.ts";
import { choice, collect, type GlobalOptions, printJson, printText } from "../program-options.ts";
import { printQueued, saidUnfinished } from "../run-outcome.ts";
import { exitCodeOfRun, followRun, type RunAnswer } from "../run-watching.ts";
import { configOf, openSession, type Session } from "../session.ts";
import { untilStopped } from "../stop-signal.ts";
import { workerIfNone } from "../worker-if-none.ts";
import { aucTable, STRATIFIED_AUC, type StratifiedAucAnswer } from "./auc.ts";

interface Flags extends GlobalOptions {
  readonly dataset: string;
  readonly datasetVersion?: string;
  readonly attribute: string;
  readonly class: readonly string[];
  readonly feature: readonly string[];
  readonly histogram?: string;
  readonly model: ConfounderModelId;
  readonly folds: string;
  readonly scheme: ValidationScheme;
  readonly seed: string;
  readonly detach?: boolean;
}

const examples = `
How much of an attribute can be recovered from what is recorded, without a pixel: the number
that an image model's AUC has to be read beside. Folds are by patient; scores are out of fold.
With --scheme progressive a fold is scored by earlier folds alone: the first has no score, and
intervals are right also where there is little to be found.

Examples:
  $ stratum confounders --dataset chexpert --attribute race --feature 'finding:*'
  $ stratum confounders --dataset chexpert --attribute race --feature 'finding:*' \\
      --feature age --feature sex --model random_forest --folds 10 --json
`;

/** `stratum confounders`: an attribute recovered from what is recorded. */
export function addConfounders(program: Command): void {
  program
    .command("confounders")
    .description("Recover an attribute from what is recorded, without pixels, cross-validated by patient.")
    .requiredOption("--dataset <slug>", "the dataset")
    .option("--dataset-version <number>", "its version (default: the newest)")
    .requiredOption("--attribute <name>", "what is to be recovered")
    .option("--class <level>", "a level to be told apart (default: every one); repeat", collect, [])
    .option(
      "--feature <name>",
      "an attribute to recover it from; finding:* is every one; repeat",
      collect,
      [],
    )
    .option("--histogram <bins>", "beside them, shares of so many grey levels of the images")
    .addOption(choice("--model <model>", "by which model", confounderModelIds, "logistic_regression"))
    .option("--folds <count>", "folds by patient, 2 to 20", "5")
    .addOption(choice("--scheme <scheme>", "by which folds each is scored", validationSchemes, "folds"))
    .option("--seed <seed>", "seed of the folds", "0")
    .option("--detach", "queue it and do not wait")
    .option("--json", "print the run as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => confounders(command.optsWithGlobals<Flags>()));
}

async function confounders(flags: Flags): Promise<void> {
  const stopped = untilStopped();
  await using session = await openSession(configOf(process.env, flags));
  const services = await session.services();
  const { run, created } = await services.confounders.request(
    {
      dataset: flags.dataset,
      datasetVersion:
        flags.datasetVersion === undefined ? null : numberOf("--dataset-version", flags.datasetVersion),
      attribute: flags.attribute,
      classes: flags.class.length === 0 ? null : flags.class.map((name) => ({ name })),
      features: flags.feature,
      pixels:
        flags.histogram === undefined
          ? null
          : { kind: "histogram", bins: numberOf("--histogram", flags.histogram) },
      model: flags.model,
      folds: numberOf("--folds", flags.folds),
      scheme: flags.scheme,
      seed: numberOf("--seed", flags.seed),
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

async function printEnded(session: Session, run: RunAnswer, created: boolean): Promise<void> {
  if (saidUnfinished(run, "run") || run.evaluation === null) return;
  printText(
    `Evaluation ${run.evaluation.id}${created ? "" : " (made before)"}: out-of-fold scores of ${run.summary?.["scored"]} images.`,
  );
  const answer = await session.ask<StratifiedAucAnswer>(STRATIFIED_AUC, {
    input: { evaluation: run.evaluation.id },
  });
  printText(aucTable(answer.stratifiedAuc.cells, 0.95));
}
