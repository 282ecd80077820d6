import { describe, expect, test } from "vitest";
import { RandomStream } from "../../compute/random.ts";

/** `count` draws of `draw` from one stream. */
function draws(stream: RandomStream, count: number, draw: (stream: RandomStream) => number): number[] {
  return Array.from({ length: count }, () => draw(stream));
}

describe("RandomStream", () => {
  test("draws the same numbers for the same seed and stream, on every machine and in every version", () => {
    expect(draws(new RandomStream(7, 3), 4, (s) => s.uint32())).toMatchInlineSnapshot(`
      [
        4195728004,
        2932576410,
        4236870148,
        2568288915,
      ]
    `);
  });

  test.each([
    ["seed", new RandomStream(1, 0), new RandomStream(2, 0)],
    ["high bits of the seed", new RandomStream(1, 0), new RandomStream(1 + 2 ** 40, 0)],
    ["sign of the seed", new RandomStream(1, 0), new RandomStream(-1, 0)],
    ["stream", new RandomStream(1, 0), new RandomStream(1, 1)],
    ["seed and stream swapped", new RandomStream(1, 2), new RandomStream(2, 1)],
  ])("draws other numbers for another %s", (_what, first, second) => {
    const common = draws(first, 100, (s) => s.uint32()).filter((value) => value === second.uint32());
    expect(common).toHaveLength(0);
  });

  test("draws each of a few values equally often", () => {
    const counts = new Uint32Array(7);
    for (const value of draws(new RandomStream(5), 70_000, (s) => s.below(7)))
      counts[value] = (counts[value] ?? 0) + 1;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(22.5); // chance 0.1 % at 6 degrees of freedom
  });

  test("draws fairly where the bound does not divide 2^32 by far", () => {
    const bound = 3 * 2 ** 19;
    const mean =
      draws(new RandomStream(6), 40_000, (s) => s.below(bound) / (bound - 1)).reduce((a, b) => a + b) /
      40_000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 40_000));
  });

  test("draws uniforms strictly inside (0, 1) and normals with mean 0, variance 1 and normal tails", () => {
    const uniforms = draws(new RandomStream(8), 20_000, (s) => s.uniform());
    expect(uniforms.every((value) => value > 0 && value < 1)).toBe(true);
    const normals = draws(new RandomStream(9), 40_000, (s) => s.normal());
    const mean = normals.reduce((a, b) => a + b) / normals.length;
    const variance = normals.reduce((a, b) => a + (b - mean) ** 2, 0) / normals.length;
    const beyond = normals.filter((value) => Math.abs(value) > 1.959964).length / normals.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    expect(Math.abs(beyond - 0.05)).toBeLessThan(0.0045);
  });
});
