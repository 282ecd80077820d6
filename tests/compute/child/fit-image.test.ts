import { describe, expect, test } from "vitest";
import { fitImage } from "../../../compute/child/fit-image.ts";
import type { DecodedImage } from "../../../compute/data/images/decoded-image.ts";
import { parsePreprocessing } from "../../../compute/onnx/parse-preprocessing.ts";

function image(rows: number, cols: number, pixels: readonly number[], parts: Partial<DecodedImage> = {}) {
  return {
    rows,
    cols,
    pixels: Uint8Array.from(pixels),
    black: 0,
    white: 255,
    format: "png",
    ...parts,
  } as const;
}

async function fitted(given: DecodedImage, record: object): Promise<number[]> {
  const preprocessing = parsePreprocessing({ rows: 2, cols: 2, ...record });
  const into = new Float32Array(preprocessing.rows * preprocessing.cols).fill(Number.NaN);
  await fitImage(given, preprocessing, into);
  return [...into];
}

const closeTo = (numbers: readonly number[]) => numbers.map((number) => expect.closeTo(number, 6));

describe("fitImage", () => {
  test("makes brightness of what the format can hold", async () => {
    expect(await fitted(image(2, 2, [0, 51, 102, 255]), {})).toEqual(closeTo([0, 0.2, 0.4, 1]));
    const wide = image(2, 2, [], { pixels: Uint16Array.of(0, 13107, 26214, 65535), white: 65_535 });
    expect(await fitted(wide, {})).toEqual(closeTo([0, 0.2, 0.4, 1]));
  });

  test("cuts off at a window's black and white", async () => {
    const ct = image(2, 2, [], { pixels: Float32Array.of(-2000, -160, 240, 900), black: -160, white: 240 });
    expect(await fitted(ct, { intensity: "window" })).toEqual(closeTo([0, 0, 1, 1]));
  });

  test("makes brightness of an image's own extremes, black of one that has none", async () => {
    expect(await fitted(image(2, 2, [10, 20, 30, 60]), { intensity: "min-max" })).toEqual(
      closeTo([0, 0.2, 0.4, 1]),
    );
    expect(await fitted(image(2, 2, [7, 7, 7, 7]), { intensity: "min-max" })).toEqual([0, 0, 0, 0]);
  });

  test("leaves recorded values alone", async () => {
    const ct = image(2, 2, [], { pixels: Float32Array.of(-2000, -160, 240, 900), black: -160, white: 240 });
    expect(await fitted(ct, { intensity: "raw" })).toEqual([-2000, -160, 240, 900]);
    expect(await fitted(image(2, 2, [1, 2, 3, 4]), { intensity: "raw" })).toEqual([1, 2, 3, 4]);
  });

  test("stretches both sides", async () => {
    // Each pixel of the result stands for a block of 1 x 2.
    const wide = image(2, 4, [0, 0, 255, 255, 0, 0, 255, 255]);
    const [a = 0, b = 0, c = 0, d = 0] = await fitted(wide, {});
    expect([a, c]).toEqual(closeTo([1 - b, 1 - d]));
    expect(a).toBeLessThan(0.2);
    expect(b).toBeGreaterThan(0.8);
  });

  test("averages or samples when an image shrinks", async () => {
    const stripes = () =>
      image(
        8,
        8,
        Array.from({ length: 64 }, (_, i) => (i % 4 === 0 ? 255 : 0)),
      );
    const averaged = await fitted(stripes(), {});
    const sampled = await fitted(stripes(), { antialias: false });
    for (const pixel of averaged) expect(pixel).toBeGreaterThan(0.1);
    // Halfway between the second pixel and the third, both black.
    expect(sampled).toEqual([0, 0, 0, 0]);
  });

  test("pads with black around the middle, of raw images with the recorded black", async () => {
    const wide = image(1, 2, [255, 255]);
    expect(await fitted(wide, { rows: 4, cols: 4, resize: "pad" })).toEqual(
      closeTo([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]),
    );
    const raw = image(1, 2, [], { pixels: Float32Array.of(900, 900), black: -1024, white: 3071 });
    expect(await fitted(raw, { rows: 3, cols: 2, resize: "pad", intensity: "raw" })).toEqual([
      -1024, -1024, 900, 900, -1024, -1024,
    ]);
    // A line is never thinner than a pixel.
    const line = image(
      1,
      100,
      Array.from({ length: 100 }, () => 255),
    );
    expect(await fitted(line, { resize: "pad" })).toEqual(closeTo([1, 1, 0, 0]));
  });
});
