import { type Command, Option } from "commander";
import { type EpochReport, intensities, providers, resizings } from "../../../compute/index.ts";
import { operator } from "../../access/principal.ts";
import { encodeId } from "../../graphql/node-id.ts";
import { type TrainingParams } from "../../models/train/training-params.ts";
import { newestSequence } from "../../runs/run-queue.queries.ts";
import { choices } from "../choices.ts";
import { collect, type GlobalOptions, list, printJson, printText } from "../program-options.ts";
import { printQueued, saidUnfinished } from "../run-outcome.ts";
import { exitCodeOfRun, followRun, hasEnded, type RunAnswer, type RunEventAnswer } from "../run-watching.ts";
import { configOf, openSession, type Session } from "../session.ts";
import { untilStopped } from "../stop-signal.ts";
import { type TrainFlags, trainRequestOf } from "../train-flags.ts";
import { aucWords, duration, epochLine, type NamedSplit, nextCommand } from "../training-text.ts";
import { workerIfNone } from "../worker-if-none.ts";

interface Flags extends GlobalOptions, TrainFlags {
  readonly detach?: boolean;
}

const examples = `
Queues the training and follows it. When no worker lives, this process works until the
training has ended. Ctrl-C cancels a training that this command queued; one that is to go on
without it is asked for with --detach. The same request again finds the first one.

Examples:
  $ stratum train --dataset nih --attribute sex
  $ stratum train --dataset nih --attribute sex --architecture densenet121 --size 224 --fold 1/5
  $ stratum train --dataset cxp --attribute race --class White --class Black --where view=PA
  $ stratum train --dataset cxp --attribute finding --validation-share 0.1 --epochs 20
  $ stratum train --dataset nih --attribute sex --transform low_pass:radius=10 --detach
  $ stratum train --dataset mine --attribute race --start resnet34:2 --learn head
`;

/** `stratum train`: a network from the images of a dataset. */
export function addTrain(program: Command): void {
  const command = program
    .command("train")
    .description("Train a network on the images of a dataset; the result is a model of the warehouse.")
    .requiredOption("--dataset <slug>", "the dataset")
    .option("--dataset-version <number>", "its version (default: the newest with image files)")
    .requiredOption("--attribute <name>", "what is learnt, such as sex, race, or finding for all findings")
    .option("--class <class>", "NAME, or NAME=LEVEL,LEVEL to take levels together; repeat", collect, [])
    .option("--split <part>", "learn from this part of a split (default: train, or all images)")
    .option("--validation-split <part>", "validate on this part (default: validate, if there is one)")
    .option("--validation-share <share>", "validate on this share of the training patients; 0: none")
    .option("--fold <i/k>", "hold back part i of k equal parts of the patients, such as 1/5")
    .option("--split-seed <number>", "seed of all divisions by patient (default: 2021)")
    .option("--where <condition>", "attribute=value[,value] or attribute=low..high; repeat", collect, [])
    .option("--transform <transform>", "id or id:name=value,name=value; repeat, in order", collect, []);
  addNetwork(command);
  addCourse(command);
  command
    .option("--model <slug>", "the model that the result becomes a version of (default: made of the above)")
    .option("--title <text>", "name for people, of a new model")
    .option("--detach", "queue it and do not wait")
    .option("--json", "print the run as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, self: Command) => train(self.optsWithGlobals<Flags>()));
}

/** Options about the network and its input. */
function addNetwork(command: Command): void {
  const one = (flags: string, words: string, of: readonly string[]) =>
    command.addOption(new Option(flags, words).choices(of));
  one("--architecture <name>", "a network from nothing", choices.TrainArchitecture);
  command.option("--start <model>", "go on from a registered model: its slug, or slug:version");
  one("--learn <what>", "what of that model learns (default: all)", choices.Learn);
  command
    .option("--size <pixels>", "rows and columns of the input (default: the images', at most 224)")
    .option("--rows <pixels>", "rows of the input")
    .option("--cols <pixels>", "columns of the input")
    .option("--planes <count>", "1 for grey, 3 for the same grey three times (default: 1)");
  one("--intensity <kind>", "what is black and what is white", intensities);
  one("--resize <kind>", "how another shape is brought to the input's", resizings);
  command
    .option("--no-antialias", "sample instead of averaging when an image shrinks")
    .option("--mean <numbers>", "one a plane, comma-separated, or one for all (default: 0.5)")
    .option("--deviation <numbers>", "one a plane, comma-separated, or one for all (default: 0.25)");
}

/** Options about the course of a training. */
function addCourse(command: Command): void {
  const one = (flags: string, words: string, of: readonly string[]) =>
    command.addOption(new Option(flags, words).choices(of));
  one("--optimiser <kind>", "how weights follow their gradients (default: adam)", choices.OptimiserKind);
  command
    .option("--momentum <number>", "of sgd")
    .option("--nesterov", "of sgd: Nesterov's momentum")
    .option("--weight-decay <number>", "pull of the weights towards 0 (default: 0)")
    .option("--learning-rate <number>", "(default: 0.001; 0.0001 where most of a model learns)");
  one("--schedule <kind>", "how the learning rate goes on (default: plateau)", choices.ScheduleKind);
  command
    .option("--schedule-factor <number>", "of plateau and step (default: 0.1)")
    .option("--schedule-patience <epochs>", "of plateau (default: 2)")
    .option("--schedule-epochs <epochs>", "of step (default: 10)")
    .option("--schedule-floor <rate>", "of plateau (default: 0.00001) and cosine (default: 0)")
    .option("--batch <images>", "images a step (default: 32)")
    .option("--epochs <count>", "at most (default: 100)")
    .option("--patience <epochs>", "end after so many without improvement; 0: never (default: 4)");
  one("--monitor <measure>", "what decides which epoch is the best", choices.Monitor);
  command
    .option("--label-smoothing <share>", "of each target, spread over all classes (default: 0)")
    .option("--class-weights <numbers>", "one a class, comma-separated (default: all 1)")
    .option("--clip-norm <number>", "length that all gradients together are cut to")
    .option("--augment <changes>", "flip=0.5,rotation=15,zoom=0.1[,crop=0.75], which is usual, or none");
  one("--sampling <kind>", "which images an epoch sees (default: shuffle)", choices.SamplingKind);
  command.option(
    "--strata <attributes>",
    "comma-separated: draw their levels together equally often within each class",
    list,
  );
  one("--keep <which>", "which weights become the model (default: best)", choices.Keep);
  command
    .option("--seed <number>", "of first weights, order and augmentation (default: 2021)")
    .option("--checkpoint-steps <count>", "steps between checkpoints (default: 200)")
    .option("--steps-per-call <count>", "steps within one call of the session (default: 4)")
    .option("--no-lowering", "of the processor: keep the graph of standard operators");
  one("--provider <provider>", "what runs the training (default: STRATUM_PROVIDER)", providers);
  command.addOption(
    new Option("--on-bad-image <policy>", "an image that cannot be read fails the run, or is left out")
      .choices(["fail", "skip"])
      .default("fail"),
  );
}

async function train(flags: Flags): Promise<void> {
  const stopped = untilStopped();
  await using session = await openSession(configOf(process.env, flags));
  const { loadTransforms } = await import("../../../compute/index.ts");
  await loadTransforms(session.config.plugins);
  const services = await session.services();
  const { run, created, queued } = await services.train.request(trainRequestOf(flags), operator);
  if (flags.detach === true) return printQueued(run, created, flags);
  const id = encodeId("Run", run.id);
  await using _worker = await workerIfNone(session);
  const tell = (event: RunEventAnswer) => (flags.json === true ? undefined : eventLine(event));
  // What came of it when it was asked for earlier was told then.
  const after = (await newestSequence(session.database.db, run.id, "queued")) - 1;
  let ended = await followRun(session, id, { after, stopped, lineOf: tell });
  if (!hasEnded(ended) && queued) {
    process.stderr.write("Cancelling the training; once more ends this command at once.\n");
    await session.ask("mutation Cancel($id: ID!) { cancelRun(id: $id) { id } }", { id });
    ended = await followRun(session, id);
  }
  process.exitCode = exitCodeOfRun(ended);
  const trained = await findTrained(session, id);
  if (flags.json === true) printJson({ run: { ...ended, ...trained }, created });
  else await printEnded(session, ended, trained, !queued);
}

/** What a person follows a training by; what is said at its end is not said twice. */
function eventLine({ kind, payload }: RunEventAnswer): string | undefined {
  const { provider, device, threads, images, validationImages, code, message, step, epoch } = payload;
  switch (kind) {
    case "started":
      if (provider === undefined) return undefined;
      return `Training on ${String(images)} images, validating on ${String(validationImages)}: ${String(provider)}, ${String(device)}, ${String(threads)} threads`;
    case "resumed":
      return `Going on from step ${String(step)} in epoch ${String(epoch)}`;
    case "problem":
    case "requeued":
      return `${kind === "problem" ? "Problem" : "Interrupted"}: ${String(code)}${message === undefined ? ` of ${String(payload["count"])} images` : `, ${String(message)}`}`;
    case "epoch":
      return epochLine(payload as unknown as EpochReport); // safe: only attempts write such events
    default:
      return undefined;
  }
}

interface Trained {
  readonly params: TrainingParams | null;
  readonly trainingHistory: readonly EpochReport[];
  readonly trainedModel: {
    readonly version: number;
    readonly classes: readonly string[];
    readonly onnxSha256: string;
    readonly model: { readonly slug: string };
  } | null;
}

const TRAINED = `query Trained($id: ID!) {
  run(id: $id) {
    params
    trainingHistory {
      epoch epochs step learningRate trainingLoss validationLoss best seconds
      validationAuc { class auc ciLow ciHigh reason }
    }
    trainedModel { version classes onnxSha256 model { slug } }
  }
}`;

async function findTrained(session: Session, id: string): Promise<Trained> {
  const { run } = await session.ask<{ run: Trained }>(TRAINED, { id });
  return run;
}

async function printEnded(
  session: Session,
  run: RunAnswer,
  { params, trainingHistory, trainedModel }: Trained,
  isOld: boolean,
): Promise<void> {
  if (saidUnfinished(run, "training") || trainedModel === null) return;
  const { keptEpoch, epochs, ended, seconds, leftOut } = run.summary ?? {};
  const kept = trainingHistory.find(({ epoch }) => epoch === keptEpoch);
  const auc = kept?.validationAuc == null ? "" : `, AUC ${aucWords(kept.validationAuc)} in validation`;
  const reasons = Object.entries((leftOut ?? {}) as Readonly<Record<string, number>>); // safe: the runner's own summary
  const missing = reasons.map(([code, count]) => `${count} ${code}`).join(", ");
  const { slug } = trainedModel.model;
  printText(
    [
      `Model ${slug} version ${trainedModel.version}${isOld ? " (made before)" : ""}: ${trainedModel.classes.join(", ")}${auc}`,
      `Epoch ${String(keptEpoch)} of ${String(epochs)} kept, ended by ${String(ended)}${typeof seconds === "number" ? ` after ${duration(seconds)}` : ""}${missing === "" ? "" : `; left out: ${missing}`}`,
    ].join("\n"),
  );
  if (params === null) return;
  const splits = await splitsOf(session, params);
  printText(`Next: ${nextCommand(params, { slug, version: trainedModel.version }, splits)}`);
}

async function splitsOf(session: Session, params: TrainingParams): Promise<readonly NamedSplit[]> {
  const { dataset } = await session.ask<{
    dataset: {
      versions: readonly {
        version: number;
        splits: readonly { name: string; parts: readonly { name: string }[] }[];
      }[];
    };
  }>(
    "query Splits($slug: String!) { dataset(slug: $slug) { versions { version splits { name parts { name } } } } }",
    { slug: params.dataset },
  );
  const version = dataset.versions.find((each) => each.version === params.datasetVersion);
  return version?.splits.map(({ name, parts }) => ({ name, parts: parts.map((part) => part.name) })) ?? [];
}
