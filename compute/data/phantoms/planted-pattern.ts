import { tileOf } from "../../../native/index.ts";
import { RandomStream } from "../../random.ts";
import type { Planted } from "./planted.ts";

/** Every signal is `base + gain * t` times a pattern of unit length, t a standard normal of the attribute's class. */
export interface PlantedPattern {
  /** Length side * side, sum of squares 1; the ideal observer's filter. */
  readonly pattern: Float64Array;
  /** What an image's inner product with the pattern is at t = 0. */
  readonly base: number;
  /** How much it grows for each unit of t. */
  readonly gain: number;
}

/** Low frequencies: 1.5 to below 6 cycles across the image, at any size. */
export const LOW_BAND = [1.5, 6] as const;
/** High frequencies, as shares of the side: at 64 pixels 19.2 to below 28.8 cycles across the image. */
export const HIGH_BAND = [0.3, 0.45] as const;
/** Cycles across the tile. */
const TILE_BAND = [2, 6] as const;
const WAVES = 24;

/** Contrast of a pattern where it is: its root mean square, brightness from 0 to 1, and the share that t moves. */
const CONTRAST = 0.05;
const CONTRAST_GAIN = 0.0125;
/** A tile's pattern fades towards its edge, so its middle stands out more at the same mean square. */
const TILE_SHARE = 0.8;
/** Mean brightness and what a unit of the confounder adds to it. */
const BRIGHTNESS = 0.45;
const BRIGHTNESS_GAIN = 0.03;

/**
 * The pattern of a planted signal: the same for every cohort of this size and pattern seed, so that one site's model
 * can be tested on another's images. Sums of cosines at whole frequencies, so each lies in its band exactly.
 */
export function plantedPattern(planted: Planted, side: number, patternSeed: number): PlantedPattern {
  const stream = new RandomStream(patternSeed, 7 * 2 ** 40);
  switch (planted.kind) {
    case "confounder":
      return unit(new Float64Array(side * side).fill(1), BRIGHTNESS, BRIGHTNESS_GAIN, side * side);
    case "high":
      return unit(
        waves(stream, side, [HIGH_BAND[0] * side, HIGH_BAND[1] * side]),
        CONTRAST,
        CONTRAST_GAIN,
        side * side,
      );
    case "patch": {
      const tile = tileOf({ grid: 3, index: 3 * planted.row + planted.col }, side, side);
      const texture = waves(stream, tile.rows, TILE_BAND, tile.cols);
      const pattern = new Float64Array(side * side);
      for (let row = 0; row < tile.rows; row += 1) {
        for (let col = 0; col < tile.cols; col += 1) {
          // Fades to nothing at the tile's edge, so that it has no edge of its own.
          const weight = fade(row, tile.rows) * fade(col, tile.cols);
          // `!`: inside the tile.
          pattern[(tile.row + row) * side + tile.col + col] = weight * texture[row * tile.cols + col]!;
        }
      }
      return unit(pattern, TILE_SHARE * CONTRAST, TILE_SHARE * CONTRAST_GAIN, tile.rows * tile.cols);
    }
    case "low":
    case "hidden":
    case "none":
      return unit(waves(stream, side, LOW_BAND), CONTRAST, CONTRAST_GAIN, side * side);
  }
}

/** Scales a pattern to length 1 and its strengths from contrast on `pixels` pixels to inner products. */
function unit(pattern: Float64Array, base: number, gain: number, pixels: number): PlantedPattern {
  const length = Math.sqrt(pattern.reduce((sum, value) => sum + value * value, 0));
  const scale = Math.sqrt(pixels);
  return { pattern: pattern.map((value) => value / length), base: base * scale, gain: gain * scale };
}

/** A sum of cosines of random phase at random whole frequencies whose length lies in the band. */
function waves(
  stream: RandomStream,
  rows: number,
  [least, below]: readonly [number, number],
  cols: number = rows,
): Float64Array {
  const reach = Math.ceil(below);
  const frequencies: (readonly [number, number])[] = [];
  for (let down = 0; down <= reach; down += 1) {
    for (let across = down === 0 ? 1 : -reach; across <= reach; across += 1) {
      const length = Math.hypot(down, across);
      if (length >= least && length < below && 2 * down < rows && 2 * Math.abs(across) < cols) {
        frequencies.push([down, across]);
      }
    }
  }
  const values = new Float64Array(rows * cols);
  for (let wave = 0; wave < WAVES && frequencies.length > 0; wave += 1) {
    const [[down, across] = [0, 1]] = frequencies.splice(stream.below(frequencies.length), 1);
    const phase = 2 * Math.PI * stream.uniform();
    for (let row = 0; row < rows; row += 1) {
      for (let col = 0; col < cols; col += 1) {
        const turns = (down * row) / rows + (across * col) / cols;
        // `!`: inside the image.
        values[row * cols + col]! += Math.cos(2 * Math.PI * turns + phase);
      }
    }
  }
  return values;
}

/** Half a sine: 1 in the middle, next to nothing at either end. */
function fade(place: number, length: number): number {
  return Math.sin((Math.PI * (place + 0.5)) / length);
}
