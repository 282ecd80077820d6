import { describe, expect, test } from "vitest";
import {
  filterBank,
  filterFrequencies,
  instructionSets,
  type PixelStep,
  pixelFeatures,
  planBootstrap,
  rankAuc,
  rankBootstrap,
  rankPairedAuc,
  rankRocSteps,
  readOrder,
  sortScores,
  transformPixels,
} from "../../native/index.ts";
import { randomPixels } from "./reference-filter.ts";

const [rows, cols] = [20, 24];
const size = rows * cols;
const [y, x] = [9, 13];
const at = y * cols + x;

/** Three images, the second with this at (y, x). */
const spoilt = (value: number) => {
  const pixels = randomPixels(3 * size, 8);
  pixels[size + at] = value;
  return { pixels, count: 3, rows, cols };
};
const clean = { pixels: randomPixels(3 * size, 8), count: 3, rows, cols };
/** Where the second of three images is not finite. */
const brokenIn = (pixels: Float32Array, imageSize = size) =>
  [...pixels.subarray(imageSize, 2 * imageSize).keys()].filter(
    (k) => !Number.isFinite(pixels[imageSize + k]),
  );
const everywhere = Array.from({ length: size }, (_, k) => k);

const bads = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

describe("an image with a pixel that is not finite", () => {
  test.each(bads)("becomes all NaN under every filter of a bank, and spoils no other (%f)", async (bad) => {
    const filters = [
      { kind: "low", radius: 3 },
      { kind: "high", radius: 3 },
      { kind: "band", inner: 40, outer: 50 },
      { kind: "notch", inner: 0, outer: 0 },
    ] as const;
    for (const instructionSet of instructionSets()) {
      const got = await filterBank(spoilt(bad), filters, { instructionSet });
      const expected = await filterBank(clean, filters, { instructionSet });
      for (const [k, filter] of filters.entries()) {
        const alone = await filterFrequencies(spoilt(bad), filter, { instructionSet });
        for (const [images, from] of [
          [got, 3 * size * k],
          [alone, 0],
        ] as const) {
          expect(images.subarray(from + size, from + 2 * size).every(Number.isNaN)).toBe(true);
          for (const other of [0, 2]) {
            const apart = images.subarray(from + other * size, from + (other + 1) * size);
            for (const [i, pixel] of apart.entries()) {
              expect(
                Math.abs(pixel - (expected[3 * size * k + other * size + i] ?? Number.NaN)),
              ).toBeLessThan(1e-5);
            }
          }
        }
      }
    }
  });

  const fill = { kind: "value", value: 7 } as const;
  const rectangle = { row: y - 1, col: x - 1, rows: 3, cols: 3 };
  const bitmap = Uint8Array.from({ length: size }, (_, k) => (k === at ? 1 : 0));
  const around = everywhere.filter(
    (k) => Math.abs(Math.floor(k / cols) - y) <= 4 && Math.abs((k % cols) - x) <= 4,
  );
  /** What each kind of step makes of a NaN: where the image is broken afterwards. */
  const steps: readonly (readonly [string, PixelStep, readonly number[]])[] = [
    ["rescale keeps it", { kind: "rescale", slope: 2, intercept: 1 }, [at]],
    ["clip keeps it", { kind: "clip", low: 0, high: 1 }, [at]],
    ["noise keeps it", { kind: "noise", deviation: 1, seed: 4 }, [at]],
    ["blur spreads it as far as it reaches", { kind: "blur", deviation: 1 }, around],
    ["standardise spoils the image", { kind: "standardise" }, everywhere],
    [
      "a crop that leaves it out is clean",
      { kind: "crop", rectangle: { row: 0, col: 0, rows, cols: x } },
      [],
    ],
    ["a fill replaces it", { kind: "patch", mode: "remove", rectangle, fill }, []],
    [
      "several fills replace it",
      { kind: "patches", mode: "remove", rectangles: [rectangle, rectangle], fill },
      [],
    ],
    ["a fill elsewhere keeps it", { kind: "patch", mode: "keep", rectangle, fill }, [at]],
    [
      "a fill of the image's mean is the mean of a NaN",
      {
        kind: "patch",
        mode: "remove",
        rectangle: { ...rectangle, rows: 1, cols: 1 },
        fill: { kind: "mean" },
      },
      [at - cols - 1, at],
    ],
    ["a bitmap replaces it", { kind: "bitmap", mode: "remove", bitmap, fill }, []],
    ["a bitmap elsewhere keeps it", { kind: "bitmap", mode: "keep", bitmap, fill }, [at]],
    [
      "a fill of noise is of a NaN's deviation",
      { kind: "bitmap", mode: "remove", bitmap, fill: { kind: "noise", seed: 1 } },
      [at],
    ],
    ["planes keep it", { kind: "planes", planes: [{ mean: 0.5, deviation: 2 }] }, [at]],
  ];
  test.each(steps)("in a chain: %s", async (_name, step, broken) => {
    const got = await transformPixels(spoilt(Number.NaN), [step]);
    const imageSize = got.rows * got.cols;
    expect(brokenIn(got.pixels, imageSize)).toEqual(broken);
    const expected = await transformPixels(clean, [step]);
    for (const other of [0, 2]) {
      const part = (pixels: Float32Array) => pixels.subarray(other * imageSize, (other + 1) * imageSize);
      expect(part(got.pixels)).toEqual(part(expected.pixels));
    }
  });

  test("in a chain: a resize spoils the pixels it is summed into, and only those near it", async () => {
    const got = await transformPixels(spoilt(Number.NaN), [
      { kind: "resize", rows: rows / 2, cols: cols / 2 },
    ]);
    const broken = brokenIn(got.pixels, size / 4);
    expect(broken).toContain(Math.floor(y / 2) * (cols / 2) + Math.floor(x / 2));
    expect(broken.length).toBeLessThanOrEqual(9);
  });

  test("in a chain: a clip bounds infinity", async () => {
    const got = await transformPixels(spoilt(Number.POSITIVE_INFINITY), [{ kind: "clip", low: 0, high: 1 }]);
    expect(got.pixels[size + at]).toBe(1);
  });

  test.each(bads)("has features of its other pixels, and no deviation (%f)", async (bad) => {
    const range = { bins: 8, low: 0, high: 1 };
    const [got, expected] = await Promise.all(
      [spoilt(bad), clean].map((batch) => pixelFeatures(batch, range)),
    );
    expect(got?.deviations[1]).toBeNaN();
    expect(got?.means[1]).toEqual(bad);
    expect(got?.histograms.subarray(8, 16).reduce((sum, share) => sum + share, 0)).toBeCloseTo(
      1 - 1 / size,
      6,
    );
    for (const other of [0, 2]) {
      expect(got?.means[other]).toBe(expected?.means[other]);
      expect(got?.deviations[other]).toBe(expected?.deviations[other]);
    }
  });
});

describe("a score that is NaN", () => {
  const n = 60;
  const missing = (k: number) => k % 7 === 3;
  const scores = Float64Array.from({ length: n }, (_, k) => (missing(k) ? Number.NaN : (k * 37) % 23));
  const labels = Uint8Array.from({ length: n }, (_, k) => ((k * 5 + 1) % 3) & 1);
  const present = Array.from({ length: n }, (_, k) => k).filter((k) => !missing(k));
  const kept = {
    scores: Float64Array.from(present, (k) => scores[k] ?? 0),
    labels: Uint8Array.from(present, (k) => labels[k] ?? 0),
  };

  test("is missing: as if its row were not there, but counted", async () => {
    const [cell] = await rankAuc({ scores, labels });
    const [expected] = await rankAuc(kept);
    expect(cell).toEqual({ ...expected, missingScores: n - present.length });
  });

  test("takes its row out of a pair of columns", async () => {
    const second = Float64Array.from({ length: n }, (_, k) => (k * 11) % 29);
    const [cell] = await rankPairedAuc({ scores: second, labels }, scores);
    const [expected] = await rankPairedAuc(
      { ...kept, scores: Float64Array.from(present, (k) => second[k] ?? 0) },
      kept.scores,
    );
    expect(cell).toEqual(expected);
  });

  test("is never called positive", async () => {
    expect(await rankRocSteps({ scores, labels })).toEqual(await rankRocSteps(kept));
  });

  test("is in no order, and infinities are at its ends", async () => {
    const order = await sortScores(
      Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    );
    expect(order.missing).toEqual(Uint32Array.of(1));
    expect(readOrder(order).rows).toEqual(Uint32Array.of(3, 0, 2));
  });

  test("is in no cell of a bootstrap, though its patient is drawn", async () => {
    const patients = Uint32Array.from({ length: n }, (_, k) => k);
    const planOf = async (column: Float64Array, given: Uint8Array) =>
      planBootstrap({
        columns: [{ order: await sortScores(column), labels: given }],
        patients,
        patientCount: n,
      });
    const plan = await planOf(scores, labels);
    expect(plan.starts).toEqual(Uint32Array.of(0, present.length));
    expect(plan.patientCount).toBe(n);
    // A row without a label is in no cell either: the draws, and so the replicates, are the same.
    const unknown = await planOf(
      scores.map((score) => (Number.isNaN(score) ? 0 : score)),
      labels.map((label, k) => (missing(k) ? 255 : label)),
    );
    expect(await rankBootstrap(plan, 5, 0, 40)).toEqual(await rankBootstrap(unknown, 5, 0, 40));
  });

  test("leaves the replicates of a plan without patients undefined", async () => {
    const none = { order: await sortScores(new Float32Array(0)), labels: new Uint8Array(0) };
    const plan = await planBootstrap({ columns: [none], patients: new Uint32Array(0), patientCount: 0 });
    expect(await rankBootstrap(plan, 1, 0, 3)).toEqual(new Float64Array(3).fill(Number.NaN));
  });

  test("leaves a cell with too few rows undefined, as NaN", async () => {
    const one = { scores: Float64Array.of(1, 2, Number.NaN), labels: Uint8Array.of(1, 0, 0) };
    const [cell] = await rankAuc(one);
    expect(cell).toMatchObject({ positives: 1, negatives: 1, auc: Number.NaN, variance: Number.NaN });
  });
});
