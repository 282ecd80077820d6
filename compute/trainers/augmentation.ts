import type { RandomStream } from "../random.ts";
import type { Augmentation } from "./recipe.ts";

/**
 * Where each pixel of a changed image comes from: row = rows[0] + rows[1] * r + rows[2] * c of the pixel at r, c, and the
 * column alike; in pixels, whose centres lie on whole numbers.
 */
export interface PixelMap {
  readonly rows: readonly [number, number, number];
  readonly cols: readonly [number, number, number];
}

/** torchvision's RandomResizedCrop tries as often before it takes the whole. */
const CROP_TRIES = 10;

/**
 * Draws a change of an image: a part of it, scaled and turned about its centre, mirrored.
 *
 * @returns undefined where the image stays as it is
 */
export function drawChange(
  { flip = 0, rotation = 0, zoom = 0, crop }: Augmentation,
  rows: number,
  cols: number,
  stream: RandomStream,
): PixelMap | undefined {
  // Each draws its numbers whether or not it acts, so that one does not change what another draws.
  const isFlipped = stream.uniform() < flip;
  const turn = ((2 * stream.uniform() - 1) * rotation * Math.PI) / 180;
  const scale = 1 + (2 * stream.uniform() - 1) * zoom;
  const part = crop === undefined ? undefined : drawPart(crop, rows, cols, stream);
  if (!isFlipped && turn === 0 && scale === 1 && part === undefined) return undefined;
  const [midRow, midCol] = [(rows - 1) / 2, (cols - 1) / 2];
  const mirror = isFlipped ? -1 : 1;
  // Larger on the screen means nearer together in the source.
  const [cos, sin] = [Math.cos(turn) / scale, Math.sin(turn) / scale];
  const { top, left, high, wide } = part ?? { top: 0, left: 0, high: rows, wide: cols };
  const [down, across] = [high / rows, wide / cols];
  const rowBy = [cos * down, -sin * mirror * down] as const;
  const colBy = [sin * across, cos * mirror * across] as const;
  // The centre of the changed image is the centre of the part.
  const rowMid = top + (high - 1) / 2;
  const colMid = left + (wide - 1) / 2;
  return {
    rows: [rowMid - rowBy[0] * midRow - rowBy[1] * midCol, ...rowBy],
    cols: [colMid - colBy[0] * midRow - colBy[1] * midCol, ...colBy],
  };
}

/** As torchvision's RandomResizedCrop draws it: area uniform, ratio of the sides uniform on the log scale. */
function drawPart(
  { leastArea, leastRatio = 3 / 4 }: NonNullable<Augmentation["crop"]>,
  rows: number,
  cols: number,
  stream: RandomStream,
): { top: number; left: number; high: number; wide: number } | undefined {
  for (let tries = 0; tries < CROP_TRIES; tries += 1) {
    const area = rows * cols * (leastArea + (1 - leastArea) * stream.uniform());
    const ratio = Math.exp((2 * stream.uniform() - 1) * Math.log(leastRatio));
    const wide = Math.round(Math.sqrt(area * ratio));
    const high = Math.round(Math.sqrt(area / ratio));
    if (wide < 1 || high < 1 || wide > cols || high > rows) continue;
    const top = Math.floor(stream.uniform() * (rows - high + 1));
    const left = Math.floor(stream.uniform() * (cols - wide + 1));
    return { top, left, high, wide };
  }
  return undefined;
}

/**
 * Makes the changed image: bilinear between the four nearest pixels.
 *
 * @param from - length rows * cols
 * @param beyond - what lies outside the image: one value, or what lies at its edge
 * @param into - length rows * cols, written over; not `from`
 */
export function applyChange(
  from: Float32Array,
  rows: number,
  cols: number,
  map: PixelMap,
  beyond: number | "edge",
  into: Float32Array,
): void {
  const fill = beyond === "edge" ? 0 : beyond;
  // Safe: rows and columns are within the image wherever they are read.
  const at = (row: number, col: number): number => {
    if (row >= 0 && row < rows && col >= 0 && col < cols) return from[row * cols + col] as number;
    if (beyond !== "edge") return fill;
    const [r, c] = [Math.min(rows - 1, Math.max(0, row)), Math.min(cols - 1, Math.max(0, col))];
    return from[r * cols + c] as number;
  };
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < cols; c += 1) {
      const row = settled(map.rows[0] + map.rows[1] * r + map.rows[2] * c);
      const col = settled(map.cols[0] + map.cols[1] * r + map.cols[2] * c);
      const [top, left] = [Math.floor(row), Math.floor(col)];
      const [down, right] = [row - top, col - left];
      // Not `a + (b - a) t`: where a weight is 0 the other pixel has no part, even at the edge.
      const above = at(top, left) * (1 - right) + (right === 0 ? 0 : at(top, left + 1) * right);
      const below =
        down === 0 ? 0 : at(top + 1, left) * (1 - right) + (right === 0 ? 0 : at(top + 1, left + 1) * right);
      into[r * cols + c] = above * (1 - down) + below * down;
    }
  }
}

/** On a pixel where it lies on one but for rounding, so that a mirror copies exactly. */
function settled(place: number): number {
  const whole = Math.round(place);
  return Math.abs(place - whole) < 1e-9 * (1 + Math.abs(whole)) ? whole : place;
}
