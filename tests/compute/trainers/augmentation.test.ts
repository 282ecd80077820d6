import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RandomStream } from "../../../compute/random.ts";
import { applyChange, drawChange, type PixelMap } from "../../../compute/trainers/augmentation.ts";
import type { Augmentation } from "../../../compute/trainers/recipe.ts";
import { streamOf } from "../../../compute/trainers/sampling.ts";

const sides = fc.integer({ min: 1, max: 12 });
const seeds = fc.nat();
const augmentations: fc.Arbitrary<Augmentation> = fc.record({
  flip: fc.double({ min: 0, max: 1, noNaN: true }),
  rotation: fc.double({ min: 0, max: 180, noNaN: true }),
  zoom: fc.double({ min: 0, max: 0.9, noNaN: true }),
  crop: fc.record({ leastArea: fc.double({ min: 0.05, max: 1, noNaN: true }) }),
});

function noise(rows: number, cols: number, seed: number): Float32Array {
  const stream = new RandomStream(seed, 99);
  return Float32Array.from({ length: rows * cols }, () => stream.uniform());
}

function changed(from: Float32Array, rows: number, cols: number, map: PixelMap, beyond: number | "edge" = 0) {
  const into = new Float32Array(from.length);
  applyChange(from, rows, cols, map, beyond, into);
  return into;
}

/** A change that was drawn, which these options always give. */
function drawn(options: Augmentation, rows: number, cols: number, seed = 1): PixelMap {
  const map = drawChange(options, rows, cols, new RandomStream(seed));
  if (map === undefined) throw new Error("Expected a change");
  return map;
}

describe("a change of an image", () => {
  test("is none where nothing is asked for", () => {
    fc.assert(
      fc.property(sides, sides, seeds, (rows, cols, seed) => {
        expect(drawChange({}, rows, cols, new RandomStream(seed))).toBeUndefined();
      }),
    );
  });

  test("mirrors exactly, and twice is nothing", () => {
    fc.assert(
      fc.property(sides, sides, seeds, (rows, cols, seed) => {
        const image = noise(rows, cols, seed);
        const map = drawn({ flip: 1 }, rows, cols);
        const once = changed(image, rows, cols, map);
        const expected = image.map(
          (_, k) => image[Math.floor(k / cols) * cols + (cols - 1 - (k % cols))] ?? 0,
        );
        expect(once).toEqual(expected);
        expect(changed(once, rows, cols, map)).toEqual(image);
      }),
    );
  });

  test("turns a square by a right angle exactly", () => {
    const [n, cos, sin] = [5, 0, 1];
    const map: PixelMap = { rows: [(n - 1) * sin, cos, -sin], cols: [0, sin, cos] };
    const image = noise(n, n, 3);
    const turned = changed(image, n, n, map);
    for (let r = 0; r < n; r += 1) {
      for (let c = 0; c < n; c += 1) expect(turned[r * n + c]).toBe(image[(n - 1 - c) * n + r]);
    }
  });

  test("keeps what lies at the centre, whatever the angle and scale", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), seeds, (half, seed) => {
        const n = 2 * half + 1;
        const image = noise(n, n, seed);
        const map = drawn({ rotation: 180, zoom: 0.5, flip: 0.5 }, n, n, seed);
        const middle = half * n + half;
        expect(changed(image, n, n, map)[middle]).toBeCloseTo(image[middle] ?? 0, 5);
      }),
    );
  });

  test("gives nothing darker or brighter than the image or what lies beyond it", () => {
    fc.assert(
      fc.property(augmentations, sides, sides, seeds, (options, rows, cols, seed) => {
        const image = noise(rows, cols, seed).map((value) => 0.25 + value / 2);
        const map = drawChange(options, rows, cols, new RandomStream(seed));
        if (map === undefined) return;
        const least = Math.min(...image) - 1e-6;
        const most = Math.max(...image) + 1e-6;
        for (const value of changed(image, rows, cols, map, "edge")) {
          expect(value >= least && value <= most).toBe(true);
        }
        for (const value of changed(image, rows, cols, map, 0))
          expect(value >= -1e-6 && value <= most).toBe(true);
      }),
    );
  });

  test("cuts a part out that lies within the image", () => {
    fc.assert(
      fc.property(sides, sides, seeds, (rows, cols, seed) => {
        const map = drawChange({ crop: { leastArea: 0.1 } }, rows, cols, new RandomStream(seed));
        if (map === undefined) return;
        const ends = (of: PixelMap["rows"], by: number, side: number) => [
          of[0],
          of[0] + of[by as 1 | 2] * (side - 1),
        ];
        for (const [places, side] of [
          [ends(map.rows, 1, rows), rows],
          [ends(map.cols, 2, cols), cols],
        ] as const) {
          for (const place of places) expect(place >= -0.5 && place <= side - 0.5).toBe(true);
        }
      }),
    );
  });

  test("is a function of seed, epoch and place", () => {
    const options = { flip: 0.5, rotation: 15, zoom: 0.1, crop: { leastArea: 0.5 } };
    const at = (seed: number, epoch: number, place: number) =>
      drawChange(options, 16, 16, streamOf(seed, epoch, place));
    expect(at(1, 2, 3)).toEqual(at(1, 2, 3));
    for (const other of [at(2, 2, 3), at(1, 3, 3), at(1, 2, 4)]) expect(other).not.toEqual(at(1, 2, 3));
  });

  test("mirrors as often as it is told to", () => {
    const stream = new RandomStream(5);
    const maps = Array.from({ length: 4_000 }, () => drawChange({ flip: 0.25 }, 4, 4, stream));
    // Five standard deviations of 4,000 draws.
    expect(Math.abs(maps.filter((map) => map !== undefined).length - 1_000)).toBeLessThan(137);
  });
});
