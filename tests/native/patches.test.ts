import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instructionSets, type PixelStep, type Rectangle, transformPixels } from "../../native/index.ts";
import { randomPixels } from "./reference-filter.ts";

const [count, rows, cols] = [3, 41, 53]; // more than one chunk of the kernel, and no side a power of two
const size = rows * cols;
const batch = () => ({ pixels: randomPixels(count * size, 4), count, rows, cols });
const fill = { kind: "value", value: -5 } as const;

const inside = ({ row, col, rows: height, cols: width }: Rectangle, k: number) => {
  const [y, x] = [Math.floor((k % size) / cols), k % cols];
  return y >= row && y < row + height && x >= col && x < col + width;
};
const between = (low: number, high: number) => fc.integer({ min: low, max: high });
const rectangle = fc.tuple(between(0, rows - 1), between(0, cols - 1)).chain(([row, col]) =>
  fc.record({
    row: fc.constant(row),
    col: fc.constant(col),
    rows: between(1, rows - row),
    cols: between(1, cols - col),
  }),
);
const rectangles = fc.array(rectangle, { maxLength: 6 });
const mode = fc.constantFrom("keep", "remove");
const value = fc.constantFrom(0.5, -0, 0, 3e38).map((number) => ({ kind: "value", value: number }) as const);

describe("patches", () => {
  test("any of several rectangles, overlapping or not, is as if marked pixel by pixel", async () => {
    await fc.assert(
      fc.asyncProperty(rectangles, mode, async (list, how) => {
        const source = batch().pixels;
        const { pixels } = await transformPixels(batch(), [
          { kind: "patches", mode: how, rectangles: list, fill },
        ]);
        const expected = source.map((pixel, k) =>
          list.some((each) => inside(each, k % size)) === (how === "keep") ? pixel : -5,
        );
        expect(pixels).toEqual(expected);
      }),
    );
  });

  test("rectangles are filled with the mean of the image before any of them was", async () => {
    const flat = { ...batch(), pixels: Float32Array.from({ length: count * size }, (_, k) => k % 2) };
    const steps = (list: readonly Rectangle[]): PixelStep[] => [
      { kind: "patches", mode: "remove", rectangles: list, fill: { kind: "mean" } },
    ];
    const [left, right] = [
      { row: 0, col: 0, rows, cols: 20 },
      { row: 0, col: 20, rows, cols: 33 },
    ];
    const { pixels } = await transformPixels(flat, steps([left, right]));
    expect(new Set(pixels.subarray(0, size)).size).toBe(1);
    expect(pixels[0]).toBeCloseTo(0.5, 3);
  });

  test("no rectangle removes nothing and keeps nothing", async () => {
    const of = async (how: "keep" | "remove") =>
      (await transformPixels(batch(), [{ kind: "patches", mode: how, rectangles: [], fill }])).pixels;
    expect(await of("remove")).toEqual(batch().pixels);
    expect(new Set(await of("keep"))).toEqual(new Set([-5]));
  });

  test("more than 256 rectangles a step are refused", async () => {
    const list = Array.from({ length: 257 }, () => ({ row: 0, col: 0, rows: 1, cols: 1 }));
    const step: PixelStep = { kind: "patches", mode: "keep", rectangles: list, fill };
    await expect(transformPixels(batch(), [step])).rejects.toMatchObject({ code: "BAD_PARAMETER" });
  });
});

const bitmap = Uint8Array.from({ length: size }, (_, k) => (k % 7 < 2 ? 1 : 0));
const valueStep: fc.Arbitrary<PixelStep> = fc.oneof(
  fc.record({ kind: fc.constant("patches"), mode, rectangles, fill: value }),
  fc.record({ kind: fc.constant("patch"), mode, rectangle, fill: value }),
  fc.record({ kind: fc.constant("bitmap"), mode, bitmap: fc.constant(bitmap), fill: value }),
  fc.record({
    kind: fc.constant("random-patch"),
    mode,
    rows: between(1, rows),
    cols: between(1, cols),
    fill: value,
    seed: between(0, 99),
  }),
);

describe("a chain of mere values", () => {
  test("gives the same bits copied in one pass as in place, wherever the result lies", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(valueStep, { maxLength: 4 }),
        fc.constantFrom(...instructionSets()),
        between(0, 17),
        between(1, 3),
        async (steps, instructionSet, offset, threads) => {
          const place = new Float32Array(offset + count * size).subarray(offset);
          const options = { instructionSet, threads };
          const source = batch();
          const { pixels } = await transformPixels(source, steps, { ...options, into: place });
          expect(pixels.byteOffset).toBe(4 * offset);
          expect(source.pixels).toEqual(batch().pixels);
          const inPlace = await transformPixels(batch(), steps, { ...options, ownership: "take" });
          expect(new Uint32Array(pixels.slice().buffer)).toEqual(new Uint32Array(inPlace.pixels.buffer));
        },
      ),
    );
  });

  test("copies shared memory first", async () => {
    const shared = new Float32Array(new SharedArrayBuffer(4 * count * size));
    shared.set(batch().pixels);
    const step: PixelStep = { kind: "bitmap", mode: "remove", bitmap, fill };
    const { pixels } = await transformPixels({ ...batch(), pixels: shared }, [step]);
    expect(pixels).toEqual((await transformPixels(batch(), [step])).pixels);
  });
});
