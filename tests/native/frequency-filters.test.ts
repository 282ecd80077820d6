import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type FrequencyFilter,
  filterBank,
  filterFrequencies,
  instructionSets,
  type KernelErrorCode,
} from "../../native/index.ts";
import { filterByDefinition, randomPixels, worstDifference } from "./reference-filter.ts";

const TOLERANCE = 1e-5; // of the image's range, which is 1 here

const sizes = [
  [1, 1],
  [1, 7],
  [7, 1],
  [2, 3],
  [9, 15],
  [17, 16],
  [16, 32],
  [31, 37],
  [48, 80],
] as const;

const filters: readonly FrequencyFilter[] = [
  { kind: "low", radius: 0 },
  { kind: "low", radius: 1 },
  { kind: "low", radius: 5.5 },
  { kind: "high", radius: 3 },
  { kind: "high", radius: 1000 },
  { kind: "band", inner: 2, outer: 6 },
  { kind: "notch", inner: 1, outer: 9 },
];

describe("filterFrequencies", () => {
  for (const instructionSet of instructionSets()) {
    test.each(sizes)(`filters %i x %i as its definition says, with ${instructionSet}`, async (rows, cols) => {
      const count = 3;
      const pixels = randomPixels(count * rows * cols, rows * 100 + cols);
      for (const filter of filters) {
        const got = await filterFrequencies({ pixels, count, rows, cols }, filter, { instructionSet });
        for (let i = 0; i < count; i += 1) {
          const image = pixels.subarray(i * rows * cols, (i + 1) * rows * cols);
          const expected = filterByDefinition(image, rows, cols, filter);
          expect(
            worstDifference(got.subarray(i * rows * cols, (i + 1) * rows * cols), expected),
          ).toBeLessThan(TOLERANCE);
        }
      }
    });
  }

  test("keeps the mean alone at radius 1, and blanks the study's size at high pass 200", async () => {
    const batch = { pixels: randomPixels(224 * 224, 1), count: 1, rows: 224, cols: 224 };
    const mean = batch.pixels.reduce((sum, pixel) => sum + pixel, 0) / batch.pixels.length;
    const low = await filterFrequencies(batch, { kind: "low", radius: 1 });
    expect(worstDifference(low, new Float64Array(low.length).fill(mean))).toBeLessThan(TOLERANCE);
    const high = await filterFrequencies(batch, { kind: "high", radius: 200 });
    expect(high.every((pixel) => pixel === 0)).toBe(true);
  });

  test("is the same for any number of threads", async () => {
    const batch = { pixels: randomPixels(7 * 40 * 56, 2), count: 7, rows: 40, cols: 56 };
    const filter = { kind: "band", inner: 3, outer: 11 } as const;
    const [one, four] = await Promise.all([
      filterFrequencies(batch, filter, { threads: 1 }),
      filterFrequencies(batch, filter, { threads: 4 }),
    ]);
    expect(four).toEqual(one);
  });

  test("leaves the batch as it is, unless it may take it", async () => {
    const pixels = randomPixels(64, 3);
    const before = pixels.slice();
    const batch = { pixels, count: 1, rows: 8, cols: 8 };
    const copied = await filterFrequencies(batch, { kind: "low", radius: 2 });
    expect(pixels).toEqual(before);
    const taken = await filterFrequencies(batch, { kind: "low", radius: 2 }, { ownership: "take" });
    expect(pixels.length).toBe(0);
    expect(taken).toEqual(copied);
  });

  test("writes into a given array", async () => {
    const batch = { pixels: randomPixels(64, 3), count: 1, rows: 8, cols: 8 };
    const into = new Float32Array(64);
    const got = await filterFrequencies(batch, { kind: "high", radius: 2 }, { into });
    expect(into.length).toBe(0);
    expect(got).toEqual(await filterFrequencies(batch, { kind: "high", radius: 2 }));
  });

  test("spoils an image with a pixel that is not finite, and no other", async () => {
    const clean = randomPixels(3 * 100, 4);
    const filter = { kind: "low", radius: 3 } as const;
    const expected = await filterFrequencies({ pixels: clean, count: 3, rows: 10, cols: 10 }, filter);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const pixels = clean.slice();
      pixels[142] = bad;
      const got = await filterFrequencies({ pixels, count: 3, rows: 10, cols: 10 }, filter);
      expect(got.subarray(100, 200).every((pixel) => Number.isNaN(pixel))).toBe(true);
      expect(worstDifference(got.subarray(0, 100), expected.subarray(0, 100))).toBeLessThan(1e-6);
      expect(worstDifference(got.subarray(200), expected.subarray(200))).toBeLessThan(1e-6);
    }
  });

  test("takes any view: offset, shared and resizable memory are copied", async () => {
    const source = randomPixels(64, 5);
    const expected = await filterFrequencies(
      { pixels: source, count: 1, rows: 8, cols: 8 },
      { kind: "low", radius: 2 },
    );
    const offset = new Float32Array(new ArrayBuffer(4 * 70), 12, 64);
    const shared = new Float32Array(new SharedArrayBuffer(256));
    // TypeScript's es2023 does not know resizable buffers; Node 20 does.
    const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
    const resizable = new Float32Array(new Resizable(256, { maxByteLength: 1024 }));
    for (const pixels of [offset, shared, resizable]) {
      pixels.set(source);
      const got = await filterFrequencies({ pixels, count: 1, rows: 8, cols: 8 }, { kind: "low", radius: 2 });
      expect(got).toEqual(expected);
    }
  });

  test("never takes the pool that Node's Buffers share", async () => {
    const neighbour = Buffer.from("neighbour");
    const pixels = new Float32Array(neighbour.buffer, 0, 64);
    await filterFrequencies(
      { pixels, count: 1, rows: 8, cols: 8 },
      { kind: "low", radius: 2 },
      { ownership: "take" },
    );
    expect(neighbour.toString()).toBe("neighbour");
  });

  test("gives back nothing for no images", async () => {
    const none = { pixels: new Float32Array(0), count: 0, rows: 8, cols: 8 };
    expect(await filterFrequencies(none, { kind: "low", radius: 2 })).toHaveLength(0);
  });

  test("is linear, whatever the size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 30, noNaN: true }),
        fc.double({ min: 0, max: 30, noNaN: true }),
        async (rows, cols, inner, width) => {
          const pixels = randomPixels(rows * cols, rows + 41 * cols);
          const batch = { pixels, count: 1, rows, cols };
          const band = await filterFrequencies(batch, { kind: "band", inner, outer: inner + width });
          const notch = await filterFrequencies(batch, { kind: "notch", inner, outer: inner + width });
          expect(
            worstDifference(
              band.map((pixel, k) => pixel + notch[k]!), // both have the batch's length
              pixels,
            ),
          ).toBeLessThan(2 * TOLERANCE);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("filterBank", () => {
  test("gives each filter's batch, one after the other", async () => {
    const [count, rows, cols] = [3, 30, 28];
    const batch = { pixels: randomPixels(count * rows * cols, 6), count, rows, cols };
    const bank = await filterBank(batch, filters, { threads: 2 });
    for (const [k, filter] of filters.entries()) {
      const alone = await filterFrequencies(batch, filter);
      const got = bank.subarray(k * alone.length, (k + 1) * alone.length);
      expect(worstDifference(got, alone)).toBeLessThan(TOLERANCE);
    }
    expect(bank).toHaveLength(filters.length * batch.pixels.length);
  });

  test("writes into a given array", async () => {
    const batch = { pixels: randomPixels(64, 7), count: 1, rows: 8, cols: 8 };
    const into = new Float32Array(64 * filters.length);
    const got = await filterBank(batch, filters, { into });
    expect(into).toHaveLength(0);
    expect(got).toEqual(await filterBank(batch, filters));
  });
});

describe("refusals", () => {
  const pixels = () => new Float32Array(64);
  const low = { kind: "low", radius: 2 } as const;
  const image = (rows: unknown, cols: unknown, count: unknown = 1) =>
    // What JavaScript may pass although the types forbid it.
    ({ pixels: pixels(), count, rows, cols }) as unknown as Parameters<typeof filterFrequencies>[0];
  const filter = (value: unknown) => value as FrequencyFilter;
  const detached = () => {
    const array = new Float32Array(64);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    return array;
  };

  const cases: readonly (readonly [string, KernelErrorCode, () => Promise<unknown>])[] = [
    ["no rows", "BAD_IMAGE_SHAPE", () => filterFrequencies(image(0, 8), low)],
    ["a broken number of columns", "BAD_IMAGE_SHAPE", () => filterFrequencies(image(8, 7.5), low)],
    ["NaN rows", "BAD_IMAGE_SHAPE", () => filterFrequencies(image(Number.NaN, 8), low)],
    ["rows as text", "BAD_IMAGE_SHAPE", () => filterFrequencies(image("8", 8), low)],
    ["too many rows", "BAD_IMAGE_SHAPE", () => filterFrequencies(image(32_769, 1), low)],
    ["an absurd size", "BAD_IMAGE_SHAPE", () => filterFrequencies(image(1e300, 1e300), low)],
    ["a negative count", "BAD_IMAGE_SHAPE", () => filterFrequencies(image(8, 8, -1), low)],
    ["a count that wraps", "BAD_IMAGE_SHAPE", () => filterFrequencies(image(32_768, 32_768, 2 ** 50), low)],
    ["pixels that do not fill the shape", "BAD_BUFFER_LENGTH", () => filterFrequencies(image(8, 9), low)],
    [
      "an unknown kind",
      "BAD_PARAMETER",
      () => filterFrequencies(image(8, 8), filter({ kind: "mid", radius: 1 })),
    ],
    [
      "a negative radius",
      "BAD_PARAMETER",
      () => filterFrequencies(image(8, 8), filter({ kind: "low", radius: -1 })),
    ],
    [
      "a NaN radius",
      "BAD_PARAMETER",
      () => filterFrequencies(image(8, 8), filter({ kind: "low", radius: Number.NaN })),
    ],
    [
      "inner above outer",
      "BAD_PARAMETER",
      () => filterFrequencies(image(8, 8), filter({ kind: "band", inner: 3, outer: 2 })),
    ],
    ["no filters", "BAD_PARAMETER", () => filterBank(image(8, 8), [])],
    ["too many threads", "BAD_PARAMETER", () => filterFrequencies(image(8, 8), low, { threads: 1e9 })],
    ["no threads", "BAD_PARAMETER", () => filterFrequencies(image(8, 8), low, { threads: 0 })],
    [
      "an instruction set of no machine",
      "BAD_PARAMETER",
      () => filterFrequencies(image(8, 8), low, { instructionSet: "mmx" }),
    ],
    [
      "doubles",
      "BAD_BUFFER",
      () =>
        filterFrequencies({ ...image(8, 8), pixels: new Float64Array(64) as unknown as Float32Array }, low),
    ],
    [
      "memory given away",
      "BUFFER_DETACHED",
      () => filterFrequencies({ pixels: detached(), count: 0, rows: 8, cols: 8 }, low),
    ],
    [
      "shared memory to take",
      "BUFFER_NOT_TRANSFERABLE",
      () =>
        filterFrequencies(
          { pixels: new Float32Array(new SharedArrayBuffer(256)), count: 1, rows: 8, cols: 8 },
          low,
          { ownership: "take" },
        ),
    ],
    [
      "an output of another length",
      "BAD_BUFFER_LENGTH",
      () => filterBank(image(8, 8), [low], { into: new Float32Array(65) }),
    ],
    [
      "an output over the images",
      "BAD_PARAMETER",
      () => {
        const both = new Float32Array(128);
        return filterBank({ pixels: both.subarray(0, 64), count: 1, rows: 8, cols: 8 }, [low], {
          into: both.subarray(64),
        });
      },
    ],
  ];

  test.each(cases)("refuses %s with %s", async (_name, code, call) => {
    await expect(call()).rejects.toMatchObject({
      name: "KernelError",
      code,
      message: expect.stringMatching(/^Expected .+, got .+/),
    });
  });
});
