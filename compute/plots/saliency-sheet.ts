import { loadSharp } from "../data/images/load-sharp.ts";
import { ComputeError } from "../errors.ts";
import { colourAt, diverging, sequential } from "./colour-map.ts";
import { strokePath, strokeWidth } from "./stroke-font.ts";

/** One image with its map. */
export interface SaliencyRow {
  readonly label: string;
  /** What the model saw: length rows * cols, 0 black to 1 white. */
  readonly image: Float32Array;
  readonly rows: number;
  readonly cols: number;
  /** Length mapRows * mapCols; spread over the image where it is coarser. */
  readonly map: Float32Array;
  readonly mapRows: number;
  readonly mapCols: number;
}

/** A picture of maps. */
export interface SaliencySheet {
  readonly png: Uint8Array;
  /** Of the whole picture. */
  readonly width: number;
  readonly height: number;
  /** What is drawn as the strongest colour of each image: 99.5 % of its map is no larger. */
  readonly limits: readonly number[];
}

const MARGIN = 20;
const GAP = 12;
const LABEL = 11;
const TITLE = 15;
/** Longer side of a picture: small ones are magnified, large ones reduced. */
const SIDE = 320;
const INK = "#1b2733";
const MUTED = "#4a5763";
/** Share of the colour over the image where the map is strongest. */
const STRONGEST = 0.75;
/** Share of a map that is drawn without being cut off. */
const SHOWN = 0.995;
const MOST_ROWS = 50;

/**
 * Draws each image, its map, and the map over the image. Maps of one sign run from dark blue to yellow, those of both from
 * blue (against the class) over white to orange (for it); each image has a scale of its own.
 *
 * @throws {ComputeError} INVALID_INPUT for no rows or more than 50, or numbers that do not fill them
 */
export async function drawSaliencySheet(title: string, rows: readonly SaliencyRow[]): Promise<SaliencySheet> {
  if (rows.length < 1 || rows.length > MOST_ROWS) {
    throw new ComputeError("INVALID_INPUT", `Expected 1 to ${MOST_ROWS} images, got ${rows.length}`);
  }
  const cells = rows.map(cellsOf);
  const widest = Math.max(...cells.map(({ width }) => width));
  const heading = wrap(title, TITLE, 3 * widest + 2 * GAP);
  const isSigned = rows.some(({ map }) => map.some((value) => value < 0));
  const notes = wrap(noteOf(isSigned), LABEL, 3 * widest + 2 * GAP);
  const top = MARGIN + heading.length * (TITLE + GAP) + GAP;
  const rowHeights = cells.map(({ height }) => LABEL + 9 + height + GAP);
  const width = 3 * widest + 2 * GAP + 2 * MARGIN;
  const height = top + rowHeights.reduce((sum, each) => sum + each, 0) + notes.length * 18 + MARGIN;
  const canvas = new Uint8Array(width * height * 3).fill(255);
  const lines = heading.map((text, k) => path(text, MARGIN, MARGIN + k * (TITLE + GAP), TITLE, INK));
  let above = top;
  for (const [k, cell] of cells.entries()) {
    const { label } = rows[k] as SaliencyRow; // safe: one cell a row
    lines.push(path(`${label}; ${scaleOf(cell)}`, MARGIN, above, LABEL, INK));
    for (const [column, picture] of cell.pictures.entries()) {
      const left = MARGIN + column * (widest + GAP);
      for (let y = 0; y < cell.height; y += 1) {
        const row = picture.subarray(3 * y * cell.width, 3 * (y + 1) * cell.width);
        canvas.set(row, 3 * ((above + LABEL + 9 + y) * width + left));
      }
    }
    above += rowHeights[k] as number; // safe: as above
  }
  lines.push(...notes.map((text, k) => path(text, MARGIN, above + k * 18, LABEL, MUTED)));
  return {
    png: await compose(canvas, width, height, lines),
    width,
    height,
    limits: cells.map(({ limit }) => limit),
  };
}

interface Cells {
  readonly width: number;
  readonly height: number;
  readonly limit: number;
  readonly isSigned: boolean;
  /** Image, map and overlay: RGB, row by row. */
  readonly pictures: readonly [Uint8Array, Uint8Array, Uint8Array];
}

function cellsOf({ image, rows, cols, map, mapRows, mapCols }: SaliencyRow): Cells {
  if (
    image.length !== rows * cols ||
    map.length !== mapRows * mapCols ||
    map.length === 0 ||
    image.length === 0
  ) {
    throw new ComputeError("INVALID_INPUT", "Expected an image and a map that fill their sides, got others");
  }
  const scale = SIDE / Math.max(rows, cols);
  const [height, width] = [rows, cols].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ]; // two sides
  const limit = limitOf(map);
  const isSigned = map.some((value) => value < 0);
  const colours = isSigned ? diverging : sequential;
  const pictures = [0, 1, 2].map(() => new Uint8Array(3 * width * height)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]; // three
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [down, right] = [(y + 0.5) / height, (x + 0.5) / width];
      // Pixels are shown as they are; maps, coarser than the image, run smoothly.
      const pixel = image[Math.floor(down * rows) * cols + Math.floor(right * cols)] as number; // safe: shares below 1
      const grey = Math.round(255 * Math.min(1, Math.max(0, pixel)));
      const value = limit === 0 ? 0 : between(map, mapRows, mapCols, down, right) / limit;
      const colour = colourAt(colours, isSigned ? (value + 1) / 2 : value);
      const weight = STRONGEST * Math.min(1, Math.abs(value));
      const over = colour.map((each) => Math.round(each * weight + grey * (1 - weight)));
      const at = 3 * (y * width + x);
      pictures[0].set([grey, grey, grey], at);
      pictures[1].set(colour, at);
      pictures[2].set(over, at);
    }
  }
  return { width, height, limit, isSigned, pictures };
}

/** Bilinear between the centres of a map's places, constant beyond the outermost. */
function between(map: Float32Array, rows: number, cols: number, down: number, right: number): number {
  const [y, x] = [clamp(down * rows - 0.5, rows - 1), clamp(right * cols - 0.5, cols - 1)];
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const [bottom, next] = [Math.min(rows - 1, top + 1), Math.min(cols - 1, left + 1)];
  const value = (row: number, col: number) => map[row * cols + col] as number; // safe: within the map
  const along = (row: number) => value(row, left) + (value(row, next) - value(row, left)) * (x - left);
  return along(top) + (along(bottom) - along(top)) * (y - top);
}

function clamp(place: number, most: number): number {
  return Math.min(most, Math.max(0, place));
}

function limitOf(map: Float32Array): number {
  const sizes = Float32Array.from(map, Math.abs).sort();
  const limit = sizes[Math.ceil(SHOWN * sizes.length) - 1] ?? 0;
  // A map of a few places that are not 0 is shown by its largest.
  return limit > 0 ? limit : (sizes.at(-1) ?? 0);
}

function noteOf(isSigned: boolean): string {
  const scale = "Each image has a scale of its own.";
  return isSigned
    ? `Left what the model saw, then its map, then both. Orange speaks for the class, blue against it. ${scale}`
    : `Left what the model saw, then its map, then both. Yellow speaks for the class, dark blue does not. ${scale}`;
}

function scaleOf({ limit, isSigned }: Cells): string {
  const end = shownNumber(limit);
  return isSigned ? `colours from -${end} to ${end}` : `colours from 0 to ${end}`;
}

function shownNumber(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4 ? value.toPrecision(3) : value.toExponential(2);
}

function path(text: string, left: number, top: number, height: number, colour: string): string {
  return `<path d="${strokePath(text, left, top, height)}" stroke="${colour}" stroke-width="${height / 8}"/>`;
}

/** Words on as many lines as the width asks for. */
function wrap(text: string, height: number, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && strokeWidth(`${last} ${word}`, height) <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

async function compose(
  canvas: Uint8Array,
  width: number,
  height: number,
  lines: readonly string[],
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g fill="none" stroke-linecap="round" stroke-linejoin="round">${lines.join("")}</g></svg>`;
  return sharp(canvas, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(svg) }])
    .png({ compressionLevel: 9 })
    .toBuffer();
}
