import { describe, expect, test } from "vitest";
import { MapSum } from "../../../compute/child/mean-map.ts";

const meanOf = (rows: number, cols: number, ...maps: (readonly number[])[]) => {
  const sum = new MapSum(rows, cols);
  for (const map of maps) sum.add(Float32Array.from(map));
  return sum.mean;
};

describe("MapSum", () => {
  test("is the mean of all maps, of one batch or several", () => {
    const mean = { images: 2, rows: 1, cols: 3, values: [2, -3, 0.5] };
    expect(meanOf(1, 3, [1, -2, 0], [3, -4, 1])).toEqual(mean);
    expect(meanOf(1, 3, [1, -2, 0, 3, -4, 1])).toEqual(mean);
  });

  test("averages neighbouring places of larger maps into 32 x 32", () => {
    const [rows, cols] = [64, 48];
    const { values, ...size } = meanOf(
      rows,
      cols,
      Array.from({ length: rows * cols }, (_, at) => Math.floor(at / cols)),
    );
    expect(size).toEqual({ images: 1, rows: 32, cols: 32 });
    // Two rows each; as many columns as there are, one or two each.
    expect(values.filter((_, at) => at % 32 === 0)).toEqual(
      Array.from({ length: 32 }, (_, row) => 2 * row + 0.5),
    );
    expect(values.slice(0, 32)).toEqual(new Array(32).fill(0.5));
  });

  test("says the same in whatever order images came", () => {
    const maps = Array.from({ length: 50 }, (_, i) => [Math.sin(i) * 10 ** (i % 7), Math.cos(3 * i)]);
    expect(meanOf(1, 2, ...maps.toReversed())).toEqual(meanOf(1, 2, ...maps));
  });
});
