import { type Command, Option } from "commander";
import { intensities, resizings } from "../../../compute/index.ts";
import { encodeId } from "../../graphql/node-id.ts";
import { taskKinds } from "../../models/model.table.ts";
import type { RegisteredModel, RegisterModelRequest } from "../../models/model-registration.service.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { readJsonFile, requireReadable } from "../given-files.ts";
import { numberOf } from "../number-option.ts";
import { choice, type GlobalOptions, list, printJson, printText } from "../program-options.ts";
import { configOf, openSession } from "../session.ts";
import { whole } from "../text-table.ts";

interface Flags extends GlobalOptions {
  readonly onnx: string;
  readonly model: string;
  readonly task: string;
  readonly classes: string;
  readonly kind?: RegisterModelRequest["kind"];
  readonly title?: string;
  readonly description?: string;
  readonly architecture?: string;
  readonly output?: string;
  readonly activation: RegisterModelRequest["activation"];
  readonly preprocessing?: string;
  readonly size?: string;
  readonly rows?: string;
  readonly cols?: string;
  readonly planes?: string;
  readonly intensity?: string;
  readonly resize?: string;
  readonly antialias: boolean;
  readonly scale?: string;
  readonly mean?: string;
  readonly deviation?: string;
}

const examples = `
What is not said of the preprocessing is taken from the file's metadata
(stratum.preprocessing), then from the size of its input, then: full-range, stretch,
antialiased, scale 1, mean 0, deviation 1.

Examples:
  A ResNet trained with ImageNet's means, three planes of the same grey:
    $ stratum register model --onnx resnet34.onnx --model resnet34 --task race \\
        --classes Asian,Black,White --activation softmax \\
        --mean 0.485,0.456,0.406 --deviation 0.229,0.224,0.225

  A model of findings on brightness from -1024 to 1024, as torchxrayvision has it:
    $ stratum register model --onnx xrv.onnx --model xrv --task finding --kind multilabel \\
        --classes Atelectasis,Effusion --scale 2048 --mean 1024
`;

/** `stratum register model`: an ONNX file into the store of models. */
export function addRegisterModel(program: Command): void {
  program
    .command("register")
    .description("Take models into the warehouse.")
    .addHelpText("after", examples)
    .command("model")
    .description(
      "Register an ONNX model: inspected and tried in a process of its own, then stored by its digest.",
    )
    .requiredOption("--onnx <file>", "the ONNX file, weights and all")
    .requiredOption("--model <slug>", "the model; made when there is none")
    .requiredOption("--task <attribute>", "the attribute it predicts")
    .requiredOption("--classes <names>", "its classes in the order of its output, comma-separated")
    .addOption(
      new Option(
        "--kind <kind>",
        "what it decides (default: binary of two classes, multiclass of more)",
      ).choices(taskKinds),
    )
    .option("--title <text>", "name for people, of a new model")
    .option("--description <text>", "what it is and where it comes from, of a new model")
    .option("--architecture <text>", "architecture, of a new model")
    .option("--output <name>", "the output that holds the scores (default: the only one)")
    .addOption(
      choice("--activation <name>", "what makes scores of it", ["none", "softmax", "sigmoid"], "none"),
    )
    .option("--preprocessing <file>", "a JSON file with the whole record, instead of the options below")
    .option("--size <pixels>", "rows and columns of the input, alike")
    .option("--rows <pixels>", "rows of the input")
    .option("--cols <pixels>", "columns of the input")
    .option("--planes <count>", "1 for grey, 3 for the same grey three times")
    .addOption(new Option("--intensity <kind>", "what is black and what is white").choices(intensities))
    .addOption(
      new Option("--resize <kind>", "how another shape is brought to the input's").choices(resizings),
    )
    .option("--no-antialias", "sample instead of averaging when an image shrinks")
    .option("--scale <number>", "brightness times this before mean and deviation")
    .option("--mean <numbers>", "one a plane, comma-separated, or one for all")
    .option("--deviation <numbers>", "one a plane, comma-separated, or one for all")
    .option("--json", "print the result as JSON")
    .addHelpText("after", examples)
    .action(async (_options: unknown, command: Command) => {
      await registerModel(command.optsWithGlobals<Flags>());
    });
}

async function registerModel(flags: Flags): Promise<void> {
  await requireReadable("--onnx", flags.onnx);
  const request: RegisterModelRequest = {
    model: flags.model,
    task: flags.task,
    classes: list(flags.classes),
    kind: flags.kind,
    title: flags.title,
    description: flags.description,
    architecture: flags.architecture,
    output: flags.output,
    activation: flags.activation,
    preprocessing: await preprocessingOf(flags),
  };
  await using session = await openSession(configOf(process.env, flags));
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once("SIGINT", interrupt);
  try {
    const { modelRegistrations } = await session.services();
    report(flags, await modelRegistrations.registerFile(flags.onnx, request, abort.signal));
  } catch (error) {
    if (abort.signal.aborted)
      throw new CommandError(exitCodes.interrupted, "Interrupted; nothing was stored");
    throw error;
  } finally {
    process.off("SIGINT", interrupt);
  }
}

async function preprocessingOf(flags: Flags): Promise<RegisterModelRequest["preprocessing"]> {
  if (flags.preprocessing !== undefined) {
    const given = await readJsonFile("--preprocessing", flags.preprocessing);
    if (typeof given === "object" && given !== null && !Array.isArray(given)) return { ...given };
    throw new CommandError(exitCodes.usage, "Expected a JSON object for --preprocessing, got something else");
  }
  const number = (option: string, text: string | undefined) =>
    text === undefined ? undefined : numberOf(option, text);
  const numbers = (option: string, text: string | undefined) =>
    text === undefined ? undefined : list(text).map((each) => numberOf(option, each));
  const size = number("--size", flags.size);
  return {
    rows: number("--rows", flags.rows) ?? size,
    cols: number("--cols", flags.cols) ?? size,
    planes: number("--planes", flags.planes),
    intensity: flags.intensity,
    resize: flags.resize,
    // commander sets it to true when nobody says anything.
    antialias: flags.antialias ? undefined : false,
    scale: number("--scale", flags.scale),
    mean: numbers("--mean", flags.mean),
    deviation: numbers("--deviation", flags.deviation),
  };
}

function report(flags: Flags, { modelVersion, created }: RegisteredModel): void {
  const { version, onnxSha256, normalisation, inputs, outputs, graph } = modelVersion;
  if (flags.json === true) {
    const id = encodeId("ModelVersion", modelVersion.id);
    const facts = { inputs, outputs, graph, preprocessing: normalisation };
    printJson({
      modelVersion: id,
      model: flags.model,
      version,
      created,
      sha256: onnxSha256,
      ...facts,
    });
    return;
  }
  const what = `version ${version} of ${flags.model}`;
  const size =
    graph === null ? "" : `, ${whole(graph.parameters)} weights in ${whole(graph.byteLength)} bytes`;
  printText(`${created ? "Registered" : "Already registered as"} ${what}${size}.\nSHA-256 ${onnxSha256}`);
}
