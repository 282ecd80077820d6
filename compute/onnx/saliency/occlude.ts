import type { SaliencySpec } from "./saliency-method.ts";

/** What is blotted out of an image by the model's own map of it. */
export interface OcclusionSpec {
  /** How the map is made, of the class that the model gives the highest score. */
  readonly saliency: SaliencySpec;
  /** Where the map, scaled to its largest value, is at least this; above 0, at most 1. */
  readonly threshold: number;
  /** That region itself, or the smallest rectangle around all of it. */
  readonly shape: "region" | "box";
  /** There, or the same shape moved to where the map is lowest: a control of how much is blotted out, and in what form. */
  readonly place: "salient" | "elsewhere";
}

/** A map of an image, rows of places. */
export interface PlaceMap {
  /** Length rows * cols. */
  readonly values: Float32Array;
  readonly rows: number;
  readonly cols: number;
}

/** Moves that a control tries, in each direction. */
const MOVES = 8;

/**
 * The pixels of an image that its map marks; none where nothing of the map is above 0. O(rows * cols), elsewhere 63 times that.
 *
 * @returns length rows * cols: 1 where it is to be blotted out
 */
export function occludedPixels(
  map: PlaceMap,
  { rows, cols }: { readonly rows: number; readonly cols: number },
  { threshold, shape, place }: Omit<OcclusionSpec, "saliency">,
): Uint8Array {
  const values = enlarge(map, rows, cols);
  const most = values.reduce((high, value) => Math.max(high, value), 0);
  const region = Uint8Array.from(values, (value) => (most > 0 && value >= threshold * most ? 1 : 0));
  if (shape === "box") fillBox(region, cols);
  return place === "elsewhere" ? moved(region, values, rows, cols) : region;
}

/** Bilinear between the centres of the map's places, constant beyond the outermost: as maps are drawn over images. */
export function enlarge(map: PlaceMap, rows: number, cols: number): Float32Array {
  const larger = new Float32Array(rows * cols);
  const across = Array.from({ length: cols }, (_, col) => place((col + 0.5) / cols, map.cols));
  for (let row = 0; row < rows; row += 1) {
    const down = place((row + 0.5) / rows, map.rows);
    for (let col = 0; col < cols; col += 1) {
      const right = across[col] as Place; // safe: one a column
      // Safe: places lie within the map.
      const at = (y: number, x: number) => map.values[y * map.cols + x] as number;
      const [top, bottom] = [down.from, down.to].map(
        (y) => at(y, right.from) + (at(y, right.to) - at(y, right.from)) * right.share,
      ) as [number, number];
      larger[row * cols + col] = top + (bottom - top) * down.share;
    }
  }
  return larger;
}

interface Place {
  readonly from: number;
  readonly to: number;
  readonly share: number;
}

function place(share: number, places: number): Place {
  const at = Math.min(places - 1, Math.max(0, share * places - 0.5));
  const from = Math.floor(at);
  return { from, to: Math.min(places - 1, from + 1), share: at - from };
}

function fillBox(region: Uint8Array, cols: number): void {
  let [top, bottom, left, right] = [Number.POSITIVE_INFINITY, -1, Number.POSITIVE_INFINITY, -1];
  for (const [at, bit] of region.entries()) {
    if (bit === 0) continue;
    const [row, col] = [Math.floor(at / cols), at % cols];
    [top, bottom, left, right] = [
      Math.min(top, row),
      Math.max(bottom, row),
      Math.min(left, col),
      Math.max(right, col),
    ];
  }
  for (let row = top; row <= bottom; row += 1) region.fill(1, row * cols + left, row * cols + right + 1);
}

/** The same shape where the map adds up to the least, going on at the opposite edge; the first of equal ones. */
function moved(region: Uint8Array, values: Float32Array, rows: number, cols: number): Uint8Array {
  const marked = [...region.keys()].filter((at) => region[at] === 1);
  const at = (pixel: number, down: number, right: number) =>
    ((Math.floor(pixel / cols) + down) % rows) * cols + (((pixel % cols) + right) % cols);
  let best: { readonly sum: number; readonly down: number; readonly right: number } | undefined;
  for (let i = 1; i < MOVES * MOVES; i += 1) {
    const down = Math.round((Math.floor(i / MOVES) * rows) / MOVES);
    const right = Math.round(((i % MOVES) * cols) / MOVES);
    const sum = marked.reduce((total, pixel) => total + (values[at(pixel, down, right)] ?? 0), 0);
    if (best === undefined || sum < best.sum) best = { sum, down, right };
  }
  const elsewhere = new Uint8Array(region.length);
  for (const pixel of marked) elsewhere[at(pixel, best?.down ?? 0, best?.right ?? 0)] = 1;
  return elsewhere;
}
