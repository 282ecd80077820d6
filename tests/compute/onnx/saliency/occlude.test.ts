import { describe, expect, test } from "vitest";
import { enlarge, occludedPixels, type PlaceMap } from "../../../../compute/onnx/saliency/occlude.ts";

const mapOf = (cols: number, ...values: number[]): PlaceMap => ({
  values: Float32Array.from(values),
  rows: values.length / cols,
  cols,
});
const size = { rows: 4, cols: 4 };
const spec = { threshold: 0.5, shape: "region", place: "salient" } as const;
const placesOf = (region: Uint8Array) => [...region.keys()].filter((at) => region[at] === 1);

describe("enlarge", () => {
  test("leaves a map of the image's size as it is", () => {
    const map = mapOf(3, 1, 2, 3, 4, 5, 6);
    expect(enlarge(map, 2, 3)).toEqual(map.values);
  });

  test("runs bilinearly between the centres of places, and is constant beyond", () => {
    expect([...enlarge(mapOf(2, 0, 4), 1, 8)]).toEqual([0, 0, 0.5, 1.5, 2.5, 3.5, 4, 4]);
    expect([...enlarge(mapOf(1, 0, 4), 4, 1)]).toEqual([0, 1, 3, 4]);
  });
});

describe("occludedPixels", () => {
  const corner = mapOf(4, ...[8, 4, 3, 0], ...[4, 3, 0, 0], ...[0, 0, -9, 0], ...[0, 0, 0, 3.9]);

  test("marks what is at least the threshold of the largest value", () => {
    expect(placesOf(occludedPixels(corner, size, spec))).toEqual([0, 1, 4]);
    expect(placesOf(occludedPixels(corner, size, { ...spec, threshold: 1 }))).toEqual([0]);
    expect(placesOf(occludedPixels(corner, size, { ...spec, threshold: 0.3 }))).toEqual([0, 1, 2, 4, 5, 15]);
  });

  test("marks the smallest rectangle around it where a box is wanted", () => {
    expect(placesOf(occludedPixels(corner, size, { ...spec, shape: "box" }))).toEqual([0, 1, 4, 5]);
    expect(placesOf(occludedPixels(corner, size, { ...spec, shape: "box", threshold: 0.3 }))).toHaveLength(
      16,
    );
  });

  test("moves the same shape to where the map is lowest, for a control", () => {
    const there = occludedPixels(corner, size, spec);
    const elsewhere = occludedPixels(corner, size, { ...spec, place: "elsewhere" });
    expect(placesOf(elsewhere)).toHaveLength(placesOf(there).length);
    // The shape, an L of 3, about the place of -9 at row 2, column 2.
    const sum = (region: Uint8Array) =>
      placesOf(region).reduce((all, at) => all + (corner.values[at] ?? 0), 0);
    expect(sum(elsewhere)).toBe(-9);
  });

  test("marks nothing of a map that is nowhere above 0", () => {
    for (const place of ["salient", "elsewhere"] as const) {
      for (const shape of ["region", "box"] as const) {
        const map = mapOf(2, -1, -2, 0, -1);
        expect(placesOf(occludedPixels(map, size, { ...spec, place, shape }))).toEqual([]);
      }
    }
  });
});
