import { describe, expect, test } from "vitest";
import { parsePreprocessing } from "../../../compute/onnx/parse-preprocessing.ts";

describe("parsePreprocessing", () => {
  test("fills in what is absent", () => {
    expect(parsePreprocessing({ rows: 64, cols: 32, planes: 3, mean: 0.5, deviation: [1, 2, 3] })).toEqual({
      rows: 64,
      cols: 32,
      planes: 3,
      intensity: "full-range",
      resize: "stretch",
      antialias: true,
      scale: 1,
      mean: [0.5, 0.5, 0.5],
      deviation: [1, 2, 3],
    });
  });

  test.each([
    ["no object", "64"],
    ["a list", [64]],
    ["nothing", null],
    ["no size", {}],
    ["half a pixel", { rows: 6.5, cols: 64 }],
    ["a size beyond the largest", { rows: 64, cols: 4097 }],
    ["two planes", { rows: 64, cols: 64, planes: 2 }],
    ["an unknown intensity", { rows: 64, cols: 64, intensity: "auto" }],
    ["an unknown way to resize", { rows: 64, cols: 64, resize: "crop" }],
    ["a text for a truth", { rows: 64, cols: 64, antialias: "yes" }],
    ["a scale of 0", { rows: 64, cols: 64, scale: 0 }],
    ["a mean for two planes", { rows: 64, cols: 64, mean: [1, 2] }],
    ["a mean without end", { rows: 64, cols: 64, mean: Number.POSITIVE_INFINITY }],
    ["a mean beyond float32", { rows: 64, cols: 64, mean: 1e300 }],
    ["a deviation of 0", { rows: 64, cols: 64, deviation: 0 }],
    ["an unknown key", { rows: 64, cols: 64, gamma: 1 }],
  ])("refuses %s", (_what, given) => {
    expect(() => parsePreprocessing(given)).toThrow(
      expect.objectContaining({ code: "MODEL_PREPROCESSING_INVALID" }),
    );
  });
});
