import { describe, expect, test } from "vitest";
import {
  imageNetPlanes,
  instructionSets,
  type PixelStep,
  pixelFeatures,
  tileOf,
  transformPixels,
} from "../../native/index.ts";
import { randomPixels, worstDifference } from "./reference-filter.ts";

const [rows, cols] = [23, 17];
const size = rows * cols;
const batchOf = (count: number, seed = 1) => ({
  pixels: randomPixels(count * size, seed),
  count,
  rows,
  cols,
});
const run = async (steps: readonly PixelStep[], count = 1, seed = 1) =>
  (await transformPixels(batchOf(count, seed), steps)).pixels;
const black = { kind: "value", value: 0 } as const;

function momentsOf(pixels: ArrayLike<number>): { mean: number; deviation: number } {
  const values = Array.from(pixels);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    mean,
    deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length),
  };
}

/** Gaussian blur by its definition in two dimensions, in double precision. */
function blurByDefinition(pixels: Float32Array, deviation: number): Float64Array {
  const radius = Math.floor(4 * deviation + 0.5);
  const weight = (k: number) => Math.exp((-k * k) / (2 * deviation * deviation));
  const mirror = (k: number, n: number) => {
    const inside = ((k % (2 * n)) + 2 * n) % (2 * n);
    return Math.min(inside, 2 * n - 1 - inside);
  };
  return Float64Array.from(pixels, (_, at) => {
    const [y, x] = [Math.floor(at / cols), at % cols];
    let [sum, total] = [0, 0];
    for (let dy = -radius; dy <= radius; dy += 1) {
      for (let dx = -radius; dx <= radius; dx += 1) {
        const w = weight(dy) * weight(dx);
        sum += w * (pixels[mirror(y + dy, rows) * cols + mirror(x + dx, cols)] ?? Number.NaN);
        total += w;
      }
    }
    return sum / total;
  });
}

/** Bilinear resize by its definition: every output asks every input, in double precision. */
function resizeByDefinition(
  pixels: Float32Array,
  toRows: number,
  toCols: number,
  antialias: boolean,
): Float64Array {
  const weights = (from: number, to: number, at: number) => {
    const scale = from / to;
    const support = antialias ? Math.max(1, scale) : 1;
    const centre = antialias ? (at + 0.5) * scale : Math.min(Math.max((at + 0.5) * scale, 0.5), from - 0.5);
    const raw = Array.from({ length: from }, (_, k) => Math.max(0, 1 - Math.abs(k + 0.5 - centre) / support));
    const total = raw.reduce((sum, w) => sum + w, 0);
    return raw.map((w) => w / total);
  };
  return Float64Array.from({ length: toRows * toCols }, (_, at) => {
    const down = weights(rows, toRows, Math.floor(at / toCols));
    const across = weights(cols, toCols, at % toCols);
    let sum = 0;
    for (const [y, wy] of down.entries()) {
      for (const [x, wx] of across.entries()) sum += wy * wx * (pixels[y * cols + x] ?? Number.NaN);
    }
    return sum;
  });
}

describe("steps", () => {
  test("rescale multiplies and adds", async () => {
    const expected = batchOf(1).pixels.map((pixel) => pixel * 2.5 - 1);
    expect(
      worstDifference(await run([{ kind: "rescale", slope: 2.5, intercept: -1 }]), expected),
    ).toBeLessThan(1e-6);
  });

  test("clip bounds both sides and keeps NaN", async () => {
    const pixels = Float32Array.of(-2, 0.25, 3, Number.NaN, Number.POSITIVE_INFINITY);
    const got = await transformPixels({ pixels, count: 1, rows: 1, cols: 5 }, [
      { kind: "clip", low: 0, high: 0.6 },
    ]);
    expect(got.pixels).toEqual(Float32Array.of(0, 0.25, Math.fround(0.6), Number.NaN, Math.fround(0.6)));
  });

  test.each([0, 0.3, 1, 2, 9])("blurs with deviation %f as its definition says", async (deviation) => {
    const got = await run([{ kind: "blur", deviation }]);
    const expected = deviation === 0 ? batchOf(1).pixels : blurByDefinition(batchOf(1).pixels, deviation);
    expect(worstDifference(got, expected)).toBeLessThan(1e-5);
  });

  test.each([
    [7, 5, true],
    [7, 5, false],
    [40, 61, true],
    [40, 61, false],
    [1, 1, true],
    [1, 1, false],
    [rows, cols, true],
  ] as const)(
    "resizes to %i x %i (antialias %s) as its definition says",
    async (toRows, toCols, antialias) => {
      const got = await transformPixels(batchOf(1), [
        { kind: "resize", rows: toRows, cols: toCols, antialias },
      ]);
      expect(got).toMatchObject({ rows: toRows, cols: toCols, planes: 1, count: 1 });
      const expected = resizeByDefinition(batchOf(1).pixels, toRows, toCols, antialias);
      expect(worstDifference(got.pixels, expected)).toBeLessThan(1e-5);
    },
  );

  test("reduces to a side and comes back", async () => {
    const got = await transformPixels(batchOf(2), [{ kind: "reduce", side: 6 }]);
    const there = await transformPixels(batchOf(2), [{ kind: "resize", rows: 6, cols: 6 }]);
    const back = await transformPixels(there, [{ kind: "resize", rows, cols }]);
    expect(got.pixels).toEqual(back.pixels);
  });

  test("standardises each image; a constant one becomes 0", async () => {
    const pixels = batchOf(2).pixels.map((pixel, k) => (k < size ? pixel + 1000 : 7));
    const got = (await transformPixels({ pixels, count: 2, rows, cols }, [{ kind: "standardise" }])).pixels;
    const { mean, deviation } = momentsOf(got.subarray(0, size));
    expect(mean).toBeCloseTo(0, 3);
    expect(deviation).toBeCloseTo(1, 5);
    expect(got.subarray(size).every((pixel) => pixel === 0)).toBe(true);
  });

  test("crops, and resizes what is left", async () => {
    const source = batchOf(1).pixels;
    const rectangle = { row: 3, col: 4, rows: 5, cols: 6 };
    const got = await transformPixels(batchOf(1), [{ kind: "crop", rectangle }]);
    expect(got.pixels).toEqual(
      Float32Array.from(
        { length: 30 },
        (_, k) => source[(3 + Math.floor(k / 6)) * cols + 4 + (k % 6)] ?? Number.NaN,
      ),
    );
    const back = await transformPixels(batchOf(1), [
      { kind: "crop", rectangle },
      { kind: "resize", rows, cols, antialias: false },
    ]);
    expect(back).toMatchObject({ rows, cols });
  });

  test.each(["keep", "remove"] as const)("%s a patch touches no other pixel", async (mode) => {
    const rectangle = { row: 2, col: 3, rows: 7, cols: 9 };
    const got = await run([{ kind: "patch", mode, rectangle, fill: { kind: "value", value: -5 } }], 2);
    const source = batchOf(2).pixels;
    for (const [k, pixel] of got.entries()) {
      const [y, x] = [Math.floor((k % size) / cols), (k % size) % cols];
      const inside = y >= 2 && y < 9 && x >= 3 && x < 12;
      expect(pixel).toBe(inside === (mode === "keep") ? source[k] : -5);
    }
  });

  test("fills with the image's mean", async () => {
    const { mean } = momentsOf(batchOf(1).pixels);
    const got = await run([{ kind: "tile", mode: "remove", grid: 3, index: 4, fill: { kind: "mean" } }]);
    expect(got[11 * cols + 8]).toBeCloseTo(mean, 6);
  });

  test("fills with noise of the image's mean and deviation", async () => {
    const pixels = randomPixels(256 * 256, 9).map((pixel) => pixel * 3 + 5);
    const batch = { pixels, count: 1, rows: 256, cols: 256 };
    const rectangle = { row: 0, col: 0, rows: 255, cols: 256 };
    const got = await transformPixels(batch, [
      { kind: "patch", mode: "remove", rectangle, fill: { kind: "noise", seed: 3 } },
    ]);
    const filled = momentsOf(got.pixels.subarray(0, 255 * 256));
    const source = momentsOf(pixels);
    expect(filled.mean).toBeCloseTo(source.mean, 1);
    expect(filled.deviation / source.deviation).toBeCloseTo(1, 1);
    expect(got.pixels.subarray(255 * 256)).toEqual(pixels.subarray(255 * 256));
  });

  test("tiles cover the image, each pixel once; legacy tiles leave the last rows", () => {
    for (const [side, across, grid] of [
      [224, 224, 3],
      [23, 17, 4],
      [5, 5, 5],
    ] as const) {
      const seen = new Uint8Array(side * across);
      for (let index = 0; index < grid * grid; index += 1) {
        const tile = tileOf({ grid, index }, side, across);
        for (let y = tile.row; y < tile.row + tile.rows; y += 1) {
          for (let x = tile.col; x < tile.col + tile.cols; x += 1) seen[y * across + x]! += 1; // inside, or it fails
        }
      }
      expect(seen.every((times) => times === 1)).toBe(true);
    }
    expect(tileOf({ grid: 3, index: 8, legacy: true }, 224, 224)).toEqual({
      row: 148,
      col: 148,
      rows: 74,
      cols: 74,
    });
  });

  test("bitmaps keep or remove, one for all images or one each", async () => {
    const source = batchOf(2).pixels;
    const one = Uint8Array.from({ length: size }, (_, k) => (k % 3 === 0 ? 255 : 0));
    const each = Uint8Array.from({ length: 2 * size }, (_, k) => (k % 5 === 0 ? 1 : 0));
    for (const bitmap of [one, each]) {
      for (const mode of ["keep", "remove"] as const) {
        const got = await run([{ kind: "bitmap", mode, bitmap, fill: black }], 2);
        const expected = source.map((pixel, k) =>
          ((bitmap[k % bitmap.length] ?? 0) !== 0) === (mode === "keep") ? pixel : 0,
        );
        expect(got).toEqual(expected);
      }
    }
  });

  test("a random patch has its size, stays inside and differs from image to image", async () => {
    const count = 40;
    const got = await transformPixels({ pixels: new Float32Array(count * size).fill(1), count, rows, cols }, [
      { kind: "random-patch", mode: "remove", rows: 4, cols: 5, fill: black, seed: 11 },
    ]);
    const places = new Set<number>();
    for (let i = 0; i < count; i += 1) {
      const image = got.pixels.subarray(i * size, (i + 1) * size);
      expect(image.filter((pixel) => pixel === 0)).toHaveLength(20);
      places.add(image.indexOf(0));
    }
    expect(places.size).toBeGreaterThan(20);
  });

  test("planes are normalised copies", async () => {
    const got = await transformPixels(batchOf(2), [{ kind: "planes", planes: imageNetPlanes }]);
    expect(got).toMatchObject({ planes: 3, count: 2, rows, cols });
    const source = batchOf(2).pixels;
    for (const [k, { mean, deviation }] of imageNetPlanes.entries()) {
      expect(got.pixels[3 * size + k * size + 5]).toBeCloseTo(
        ((source[size + 5] ?? Number.NaN) - mean) / deviation,
        5,
      );
    }
  });
});

describe("noise", () => {
  const noisy: readonly PixelStep[] = [{ kind: "noise", deviation: 2, seed: 2 ** 40 + 5 }];

  test("is standard normal, scaled", async () => {
    const zeros = { pixels: new Float32Array(4 * 256 * 256), count: 4, rows: 256, cols: 256 };
    const { pixels } = await transformPixels(zeros, [{ kind: "noise", deviation: 2, seed: 1 }]);
    const z = pixels.map((pixel) => pixel / 2);
    const moment = (power: number) => z.reduce((sum, value) => sum + value ** power, 0) / z.length;
    // Five standard errors of each moment at 262,144 draws.
    expect(Math.abs(moment(1))).toBeLessThan(5 / 512);
    expect(Math.abs(moment(2) - 1)).toBeLessThan((5 * Math.SQRT2) / 512);
    expect(Math.abs(moment(3))).toBeLessThan((5 * Math.sqrt(15)) / 512);
    expect(Math.abs(moment(4) - 3)).toBeLessThan((5 * Math.sqrt(96)) / 512);
    const beyond2 = z.filter((value) => Math.abs(value) > 1.959964).length / z.length;
    expect(beyond2).toBeCloseTo(0.05, 2);
  });

  test("is the same whatever the batch, the threads and the machine", async () => {
    const whole = await run(noisy, 5);
    for (const instructionSet of instructionSets()) {
      for (const threads of [1, 3]) {
        expect((await transformPixels(batchOf(5), noisy, { threads, instructionSet })).pixels).toEqual(whole);
      }
    }
    const third = { pixels: batchOf(5).pixels.slice(2 * size, 3 * size), count: 1, rows, cols };
    const alone = await transformPixels(third, noisy, { imageNumbers: Uint32Array.of(2) });
    expect(alone.pixels).toEqual(whole.slice(2 * size, 3 * size));
  });

  test("differs between images and between seeds", async () => {
    const zeros = { pixels: new Float32Array(2 * size), count: 2, rows, cols };
    const { pixels } = await transformPixels(zeros, noisy);
    expect(pixels.slice(0, size)).not.toEqual(pixels.slice(size));
    const other = await transformPixels(zeros, [{ kind: "noise", deviation: 2, seed: 5 }]);
    expect(other.pixels).not.toEqual(pixels);
  });
});

describe("a chain", () => {
  test("is its steps one after the other", async () => {
    const steps: readonly PixelStep[] = [
      { kind: "rescale", slope: 1 / 255, intercept: 0 },
      { kind: "resize", rows: 12, cols: 30 },
      { kind: "blur", deviation: 1 },
      { kind: "tile", mode: "remove", grid: 2, index: 1, fill: black },
      { kind: "resize", rows: 20, cols: 9 },
      { kind: "clip", low: 0.001, high: 0.002 },
    ];
    const together = await transformPixels(batchOf(3), steps, { threads: 2 });
    let apart: Parameters<typeof transformPixels>[0] = batchOf(3);
    for (const step of steps) apart = await transformPixels(apart, [step]);
    expect(together.pixels).toEqual(apart.pixels);
  });

  test("reads bytes and 16-bit words", async () => {
    const bytes = Uint8Array.from({ length: size }, (_, k) => k % 256);
    const words = Uint16Array.from({ length: size }, (_, k) => k * 150);
    for (const pixels of [bytes, words]) {
      const got = await transformPixels({ pixels, count: 1, rows, cols }, []);
      expect(got.pixels).toEqual(Float32Array.from(pixels));
    }
  });

  test("takes the images or the given array when it may", async () => {
    const taken = batchOf(2);
    const expected = await run([{ kind: "blur", deviation: 1 }], 2);
    const got = await transformPixels(taken, [{ kind: "blur", deviation: 1 }], { ownership: "take" });
    expect(taken.pixels).toHaveLength(0);
    expect(got.pixels).toEqual(expected);
    const into = new Float32Array(2 * 24);
    const small = await transformPixels(batchOf(2), [{ kind: "resize", rows: 4, cols: 6 }], { into });
    expect(into).toHaveLength(0);
    expect(small.pixels).toHaveLength(48);
  });

  const bad: readonly (readonly [string, string, readonly PixelStep[]])[] = [
    [
      "a patch outside",
      "BAD_PARAMETER",
      [{ kind: "crop", rectangle: { row: 20, col: 0, rows: 4, cols: 4 } }],
    ],
    [
      "a patch that wraps",
      "BAD_PARAMETER",
      [{ kind: "patch", mode: "keep", rectangle: { row: 1, col: 1, rows: 2 ** 53, cols: 1 }, fill: black }],
    ],
    ["a side of 0", "BAD_PARAMETER", [{ kind: "resize", rows: 0, cols: 4 }]],
    ["a huge side", "BAD_PARAMETER", [{ kind: "resize", rows: 4, cols: 1e6 }]],
    ["a negative deviation", "BAD_PARAMETER", [{ kind: "blur", deviation: -1 }]],
    ["a NaN deviation", "BAD_PARAMETER", [{ kind: "noise", deviation: Number.NaN, seed: 1 }]],
    ["a broken seed", "BAD_PARAMETER", [{ kind: "noise", deviation: 1, seed: 0.5 }]],
    ["swapped bounds", "BAD_PARAMETER", [{ kind: "clip", low: 1, high: 0 }]],
    [
      "a tile that is not there",
      "BAD_PARAMETER",
      [{ kind: "tile", mode: "keep", grid: 3, index: 9, fill: black }],
    ],
    [
      "a bitmap of another size",
      "BAD_BUFFER_LENGTH",
      [{ kind: "bitmap", mode: "keep", bitmap: new Uint8Array(3), fill: black }],
    ],
    [
      "steps after planes",
      "BAD_PARAMETER",
      [{ kind: "planes", planes: imageNetPlanes }, { kind: "standardise" }],
    ],
    ["a plane without deviation", "BAD_PARAMETER", [{ kind: "planes", planes: [{ mean: 0, deviation: 0 }] }]],
    ["an unknown step", "BAD_PARAMETER", [{ kind: "sharpen" } as unknown as PixelStep]],
  ];
  test.each(bad)("refuses %s with %s", async (_name, code, steps) => {
    await expect(transformPixels(batchOf(2), steps)).rejects.toMatchObject({ name: "KernelError", code });
  });

  test("refuses image numbers that are not one per image", async () => {
    const call = transformPixels(batchOf(2), [], { imageNumbers: new Uint32Array(3) });
    await expect(call).rejects.toMatchObject({ code: "BAD_BUFFER_LENGTH" });
  });
});

describe("pixelFeatures", () => {
  test("counts as its definition says", async () => {
    const pixels = Float32Array.of(0, 0.1, 0.5, 1, 0.99, 0.25, -1, 2, Number.NaN, 0.75, 0.5, 0.5);
    const got = await pixelFeatures({ pixels, count: 2, rows: 2, cols: 3 }, { bins: 4, low: 0, high: 1 });
    expect(got.histograms).toEqual(
      Float32Array.of(2 / 6, 1 / 6, 1 / 6, 2 / 6, 0, 0, 2 / 6, 1 / 6).map(Math.fround),
    );
    expect(got.means[0]).toBeCloseTo(momentsOf(pixels.subarray(0, 6)).mean, 6);
    expect(got.deviations[0]).toBeCloseTo(momentsOf(pixels.subarray(0, 6)).deviation, 6);
    expect(got.means[1]).toBeNaN();
  });

  test("refuses a range that is none", async () => {
    const call = pixelFeatures(batchOf(1), { bins: 4, low: 1, high: 1 });
    await expect(call).rejects.toMatchObject({ code: "BAD_PARAMETER" });
  });
});
