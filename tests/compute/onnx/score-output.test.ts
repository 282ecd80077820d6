import { describe, expect, test } from "vitest";
import { scoresOf } from "../../../compute/onnx/score-output.ts";

const output = (dims: readonly number[], ...numbers: readonly number[]) => ({
  data: Float32Array.from(numbers),
  dims,
});
const invalid = expect.objectContaining({ code: "MODEL_OUTPUT_INVALID" });

describe("scoresOf", () => {
  test("drops what filled up the batch, and sizes of 1", () => {
    expect([...scoresOf(output([2, 2, 1, 1], 1, 2, 3, 4), 2, 1, 2, "none")]).toEqual([1, 2]);
  });

  test("makes probabilities without overflow", () => {
    const [a, b] = scoresOf(output([1, 2], 1_000, 998), 1, 1, 2, "softmax");
    expect(a).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    expect(b).toBeCloseTo(1 - 1 / (1 + Math.exp(-2)), 6);
    const tails = scoresOf(output([2, 1], 200, -200), 2, 2, 2, "sigmoid");
    expect([...tails]).toEqual([0, 1, 1, expect.closeTo(0, 30)]);
  });

  test("takes one number an image for two classes", () => {
    expect([...scoresOf(output([2], 0.25, 3), 2, 2, 2, "none")]).toEqual([-0.25, 0.25, -3, 3]);
  });

  test("are shares of the image where a model gives a map a class", () => {
    // Two classes, two pixels, logits; a second image filled up the batch.
    const maps = () => output([2, 2, 1, 2], 0, 9, 0, 9 - Math.log(3), 7, 7, 7, 7);
    const [first, second] = scoresOf(maps(), 2, 1, 2, "softmax");
    expect([first, second]).toEqual([expect.closeTo((0.5 + 0.75) / 2, 6), expect.closeTo(0.375, 6)]);
    expect([...scoresOf(maps(), 2, 1, 2, "none")]).toEqual([4.5, expect.closeTo((9 - Math.log(3)) / 2, 6)]);
    const one = output([1, 1, 2, 2], 0, 0, Math.log(3), -Math.log(3));
    expect([...scoresOf(one, 1, 1, 2, "sigmoid")]).toEqual([0.5, 0.5]);
    expect(() => scoresOf(maps(), 2, 1, 3, "softmax")).toThrow(invalid);
    expect(() => scoresOf(output([1, 1, 1, 2], 1, Number.NaN), 1, 1, 2, "none")).toThrow(invalid);
  });

  test.each([
    ["another number of classes", output([1, 3], 1, 2, 3)],
    ["more rows than images", output([2, 2], 1, 2, 3, 4)],
    ["nothing", output([0, 2])],
    ["not a number", output([1, 2], 1, Number.NaN)],
    ["infinity", output([1, 2], Number.NEGATIVE_INFINITY, 1)],
  ])("refuses %s", (_what, given) => {
    expect(() => scoresOf(given, 1, 1, 2, "none")).toThrow(invalid);
  });

  test("refuses classes by images", () => {
    expect(() => scoresOf(output([3, 2], 1, 2, 3, 4, 5, 6), 2, 2, 3, "none")).toThrow(invalid);
  });
});
