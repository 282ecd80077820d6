import type { Command } from "commander";
import { operator } from "../../access/principal.ts";
import { decodeId } from "../../graphql/node-id.ts";
import { requireEvaluation } from "../evaluation-name.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { writeGiven } from "../given-files.ts";
import { numberOf } from "../number-option.ts";
import { type GlobalOptions, list, printJson, printText } from "../program-options.ts";
import { configOf, openSession } from "../session.ts";

interface Flags extends GlobalOptions {
  readonly evaluation: string;
  readonly image?: readonly string[];
  readonly top?: string;
  readonly out: string;
}

const examples = `
Draws each image as the model saw it, its map, and the map over the image. The evaluation must have
left maps (stratum evaluate --saliency CLASS), and its files and images must be on this machine.

Examples:
  $ stratum evaluate --model resnet34 --dataset nih --saliency Black --saliency-method grad-cam
  $ stratum saliency --evaluation nih/resnet34 --top 6 --out sheet.png
  $ stratum saliency --evaluation nih/resnet34 --image 17,204 --out sheet.png
`;

/** `stratum saliency`: what of its images a model looked at, as a picture. */
export function addSaliency(program: Command): void {
  program
    .command("saliency")
    .description("Draw the maps that an evaluation left over its images, as one sheet.")
    .requiredOption("--evaluation <evaluation>", "id, or dataset/model for the newest")
    .requiredOption("--out <file>", "where to write the sheet, a PNG")
    .option("--image <ordinals>", "which images, by their ordinals, comma-separated", list)
    .option("--top <number>", "the images with the highest scores of the class (default: 6)")
    .option("--json", "print what is on the sheet as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => saliency(command.optsWithGlobals<Flags>()));
}

async function saliency(flags: Flags): Promise<void> {
  if (!/\.png$/i.test(flags.out))
    throw usage(`Expected a name that ends in .png for --out, got ${flags.out}`);
  if (flags.image !== undefined && flags.top !== undefined) {
    throw usage("Expected --image or --top, got both");
  }
  const images = flags.image?.map((text) => countOf("--image", text)) ?? {
    top: countOf("--top", flags.top ?? "6"),
  };
  await using session = await openSession(configOf(process.env, flags));
  const { loadTransforms } = await import("../../../compute/index.ts");
  await loadTransforms(session.config.plugins);
  const id = await requireEvaluation(session, flags.evaluation);
  const { saliencySheets } = await session.services();
  const { png, ...sheet } = await saliencySheets.draw(
    { evaluation: decodeId("Evaluation", id), images },
    operator,
  );
  await writeGiven("--out", flags.out, png);
  if (flags.json === true) printJson({ out: flags.out, ...sheet });
  else printText(`Wrote ${flags.out}: ${sheet.method} of ${sheet.class}, ${sheet.images.length} images.`);
}

function countOf(option: string, text: string): number {
  const value = numberOf(option, text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw usage(`Expected whole numbers from 0 for ${option}, got "${text}"`);
}

function usage(message: string): CommandError {
  return new CommandError(exitCodes.usage, message);
}
