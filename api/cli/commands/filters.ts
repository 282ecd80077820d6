import { readFile, stat } from "node:fs/promises";
import type { Command } from "commander";
import {
  ComputeError,
  type DecodedImage,
  type DecodeOptions,
  decodeImage,
  drawFilterSheet,
  filterSheetNotes,
  ImageError,
  type SheetMode,
  type SheetResize,
  sheetModes,
  sheetResizes,
} from "../../../compute/index.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { requireReadable, writeGiven } from "../given-files.ts";
import { numberOf } from "../number-option.ts";
import { choice, type GlobalOptions, list, printJson, printText } from "../program-options.ts";

interface Flags extends GlobalOptions {
  readonly radii: readonly string[];
  readonly bands?: readonly string[];
  readonly out: string;
  readonly mode: SheetMode;
  readonly size: string;
  readonly resize: SheetResize;
  readonly window: string;
  readonly frame: string;
}

const MAX_FILE_BYTES = 1024 * 1024 * 1024;

/** The notes under the sheet, on lines of a terminal. */
const notes = filterSheetNotes.map((note) => note.replaceAll(/(.{1,96})(?: |$)/g, "$1\n")).join("");

const more = `
${notes}
Examples:
  $ stratum filters chest.dcm --radii 10,25,50 --out sheet.png
  $ stratum filters chest.png --radii 10,25,50 --bands 10-25,25-50 --mode legacy --out sheet.png
  $ stratum filters slice.dcm --radii 10,25 --window 40,400 --resize keep --size 512 --out sheet.png
`;

/** `stratum filters`: what is left of one image under the study's frequency filters, as a picture. */
export function addFilters(program: Command): void {
  program
    .command("filters <image>")
    .description("Draw a PNG, JPEG or DICOM under low and high pass filters of several radii, as one sheet.")
    .requiredOption("--radii <numbers>", "radii in bins of the spectrum, comma-separated", list)
    .requiredOption("--out <file>", "where to write the sheet, a PNG")
    .option("--bands <ranges>", "rings to keep (band pass) and to remove (notch), such as 10-25,25-50", list)
    .addOption(
      choice("--mode <mode>", "filter brightness, or as the study's code does", sheetModes, "corrected"),
    )
    .option("--size <pixels>", "longer side of the filtered picture", "224")
    .addOption(
      choice("--resize <how>", "into a square as models see it, or in proportion", sheetResizes, "stretch"),
    )
    .option("--window <window>", "of a DICOM: file, none, or its centre and width, such as 40,400", "file")
    .option("--frame <number>", "which frame of a DICOM, from 0", "0")
    .option("--json", "print the sizes and gains as JSON")
    .addHelpText("after", more)
    .action((image: string, _options: unknown, command: Command) =>
      filters(image, command.optsWithGlobals<Flags>()),
    );
}

async function filters(path: string, flags: Flags): Promise<void> {
  const size = numberOf("--size", flags.size);
  const radii = flags.radii.map((text) => numberOf("--radii", text));
  const bands = (flags.bands ?? []).map(bandOf);
  if (radii.length === 0) throw usage("Expected a radius for --radii, got none");
  if (!/\.png$/i.test(flags.out))
    throw usage(`Expected a name that ends in .png for --out, got ${flags.out}`);
  const options: DecodeOptions = { window: windowOf(flags.window), frame: numberOf("--frame", flags.frame) };
  const image = await readImage(path, options);
  const { mode, resize } = flags;
  const sheet = await asUsage(() => drawFilterSheet(image, { radii, bands, size, mode, resize }));
  await writeGiven("--out", flags.out, sheet.png);
  const { rows, cols, panels } = sheet;
  if (flags.json === true) {
    const from = { rows: image.rows, cols: image.cols, format: image.format };
    printJson({ out: flags.out, image: from, rows, cols, mode, panels });
  } else {
    printText(
      `Wrote ${flags.out}: ${panels.length} pictures of ${rows} x ${cols}, from one of ${image.rows} x ${image.cols}.`,
    );
  }
}

async function readImage(path: string, options: DecodeOptions): Promise<DecodedImage> {
  await requireReadable("<image>", path);
  const { size } = await stat(path);
  if (size > MAX_FILE_BYTES) throw usage(`Expected an image of at most 1 GiB, got ${size} bytes in ${path}`);
  try {
    const bytes = await readFile(path);
    return await asUsage(() => decodeImage(bytes, options));
  } catch (error) {
    if (error instanceof ImageError)
      throw new CommandError(exitCodes.failure, `${path}: ${error.message}`, error.code);
    throw error;
  }
}

/** What compute refuses of the options is wrong usage of this command. */
async function asUsage<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ComputeError) throw new CommandError(exitCodes.usage, error.message, error.code);
    throw error;
  }
}

function bandOf(text: string): { readonly inner: number; readonly outer: number } {
  const [inner, outer, ...rest] = text.split("-");
  if (inner === undefined || outer === undefined || rest.length > 0) {
    throw usage(`Expected rings such as 10-25 for --bands, got "${text}"`);
  }
  return { inner: numberOf("--bands", inner), outer: numberOf("--bands", outer) };
}

function windowOf(text: string): NonNullable<DecodeOptions["window"]> {
  if (text === "file" || text === "none") return text;
  const [center, width, ...rest] = text.split(",");
  if (center === undefined || width === undefined || rest.length > 0) {
    throw usage(`Expected file, none, or centre and width for --window, got "${text}"`);
  }
  return { center: numberOf("--window", center), width: numberOf("--window", width) };
}

function usage(message: string): CommandError {
  return new CommandError(exitCodes.usage, message);
}
