import type { DecodedImage } from "../data/images/decoded-image.ts";
import { loadSharp } from "../data/images/load-sharp.ts";
import { type FilterPanel, type FilterSheetOptions, filterPanels } from "./filter-panels.ts";
import { strokePath, strokeWidth } from "./stroke-font.ts";

/** A sheet of one image under many filters. */
export interface FilterSheet {
  readonly png: Uint8Array;
  /** Of the filtered picture. */
  readonly rows: number;
  readonly cols: number;
  /** In the order of the sheet, the original first. */
  readonly panels: readonly Omit<FilterPanel, "shown">[];
}

const MARGIN = 20;
const GAP = 12;
const LABEL = 11;
const TITLE = 15;
const LINE = 20;
/** Pictures are shown pixel by pixel within these sides; smaller ones are magnified, larger ones reduced. */
const SHOWN = { least: 160, most: 640 };
const INK = "#1b2733";
const MUTED = "#4a5763";

/** How pictures are shown, for the foot of the sheet and the help of the command. */
export const filterSheetNotes = [
  "The radius counts bins (px) of the spectrum from its centre. Low pass keeps what is nearer, high pass the rest.",
  "Low pass and notch are shown as brightness, 0 black and 1 white; what rings beyond is cut off.",
  "High pass and band have no mean: they are shown about mid-grey, times the gain in brackets, so that 98 % of the pixels fit.",
  "Legacy filters (brightness - 0.485) / 0.229, as the study's code; being linear, it looks the same, about 0.485 for mid-grey.",
] as const;

const titles: Readonly<Record<FilterPanel["kind"], string>> = {
  original: "Original",
  low: "Low pass",
  high: "High pass",
  band: "Band pass",
  notch: "Notch",
};

/**
 * Draws the study's Figure 2 of any image: the original, and rows of low and high pass at several radii, of band pass
 * and notch at several rings, through one call of the addon. Labels are drawn without fonts.
 *
 * @throws {ComputeError} INVALID_PARAM. @throws {KernelError} as `filterBank`.
 */
export async function drawFilterSheet(
  image: DecodedImage,
  options: FilterSheetOptions,
): Promise<FilterSheet> {
  const { mode = "corrected" } = options;
  const { rows, cols, panels } = await filterPanels(image, options);
  const lines = (Object.keys(titles) as FilterPanel["kind"][]) // the keys of the table above
    .map((kind) => panels.filter((panel) => panel.kind === kind))
    .filter((line) => line.length > 0);
  const cell = await cellOf(rows, cols);
  const columns = Math.max(...lines.map((line) => line.length));
  const from = `${image.rows} × ${image.cols} ${image.format === "dicom" ? "DICOM" : image.format.toUpperCase()}`;
  const title = `Frequency filters at ${rows} × ${cols}, of a ${from}, ${mode}`;
  const inner = Math.max(columns * (cell.cols + GAP) - GAP, Math.min(480, strokeWidth(title, TITLE)));
  const heading = wrap(title, TITLE, inner);
  const told = filterSheetNotes.filter((note) => mode === "legacy" || !note.startsWith("Legacy"));
  const notes = told.flatMap((note) => wrap(note, LABEL, inner));
  const top = MARGIN + heading.length * (TITLE + GAP) + GAP;
  const lineHeight = LABEL + 9 + cell.rows + GAP;
  const height = top + lines.length * lineHeight + GAP + notes.length * LINE + MARGIN;
  const width = Math.ceil(inner + 2 * MARGIN);
  const canvas = new Uint8Array(width * height).fill(255);
  const labels: string[] = heading.map((text, index) =>
    path(text, MARGIN, MARGIN + index * (TITLE + GAP), TITLE, INK),
  );
  for (const [row, line] of lines.entries()) {
    for (const [col, panel] of line.entries()) {
      const left = MARGIN + col * (cell.cols + GAP);
      const above = top + row * lineHeight;
      labels.push(path(labelOf(panel), left, above, LABEL, INK));
      const picture = await cell.show(panel.shown);
      for (let y = 0; y < cell.rows; y += 1) {
        canvas.set(
          picture.subarray(y * cell.cols, (y + 1) * cell.cols),
          (above + LABEL + 9 + y) * width + left,
        );
      }
    }
  }
  const foot = height - MARGIN - notes.length * LINE + 4;
  for (const [index, note] of notes.entries())
    labels.push(path(note, MARGIN, foot + index * LINE, LABEL, MUTED));
  const png = await compose(canvas, width, height, labels);
  return { png, rows, cols, panels: panels.map(({ kind, radii, gain }) => ({ kind, radii, gain })) };
}

function labelOf({ kind, radii, gain }: FilterPanel): string {
  if (kind === "original") return titles.original;
  const shown = gain === undefined ? "" : ` (×${gain >= 10 ? gain.toFixed(0) : gain.toFixed(1)})`;
  return `${titles[kind]} ${radii.join("-")} px${shown}`;
}

/** How large a picture is shown, and what brings one to that size. */
async function cellOf(rows: number, cols: number) {
  const longest = Math.max(rows, cols);
  if (longest <= SHOWN.most) {
    const times = Math.max(1, Math.ceil(SHOWN.least / longest));
    const shown = { rows: rows * times, cols: cols * times };
    return {
      ...shown,
      show: async (pixels: Uint8Array) => (times === 1 ? pixels : magnify(pixels, rows, cols, times)),
    };
  }
  const sharp = await loadSharp();
  const scale = SHOWN.most / longest;
  const height = Math.max(1, Math.round(rows * scale));
  const width = Math.max(1, Math.round(cols * scale));
  const show = async (pixels: Uint8Array): Promise<Uint8Array> =>
    sharp(pixels, { raw: { width: cols, height: rows, channels: 1 } })
      .resize(width, height, { fit: "fill" })
      .toColourspace("b-w")
      .raw()
      .toBuffer();
  return { rows: height, cols: width, show };
}

function magnify(pixels: Uint8Array, rows: number, cols: number, times: number): Uint8Array {
  const wide = cols * times;
  return Uint8Array.from({ length: wide * rows * times }, (_, at) => {
    const row = Math.floor(at / wide / times);
    return pixels[row * cols + Math.floor((at % wide) / times)] ?? 0;
  });
}

function path(text: string, left: number, top: number, height: number, colour: string): string {
  return `<path d="${strokePath(text, left, top, height)}" stroke="${colour}" stroke-width="${height / 8}"/>`;
}

/** Words on as many lines as the width asks for. */
function wrap(text: string, height: number, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && strokeWidth(`${last} ${word}`, height) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

async function compose(
  canvas: Uint8Array,
  width: number,
  height: number,
  labels: readonly string[],
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g fill="none" stroke-linecap="round" stroke-linejoin="round">${labels.join("")}</g></svg>`;
  return sharp(canvas, { raw: { width, height, channels: 1 } })
    .composite([{ input: Buffer.from(svg) }])
    .toColourspace("b-w")
    .png({ compressionLevel: 9 })
    .toBuffer();
}
