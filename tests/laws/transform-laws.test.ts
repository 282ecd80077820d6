import { describe, expect, test } from "vitest";
import {
  findTransform,
  type Law,
  listTransforms,
  type Normalisation,
  occlusionOf,
  parseChain,
  prepareModelInput,
  RandomStream,
  reachOfChain,
  type Transform,
  type TransformBatch,
  withoutOcclusion,
} from "../../compute/index.ts";
import { type OcclusionSpec, occludedPixels } from "../../compute/onnx/saliency/occlude.ts";

const identity: Normalisation = { planes: 1, scale: 1, mean: [0], deviation: [1] };
const sizes = [
  [24, 24],
  [23, 31],
] as const;

function batchOf(
  count: number,
  rows: number,
  cols: number,
  seed: number,
  first = 0,
): { readonly pixels: Float32Array } & TransformBatch {
  const stream = new RandomStream(seed);
  const pixels = Float32Array.from({ length: count * rows * cols }, () => stream.uniform());
  const imageNumbers = Uint32Array.from({ length: count }, (_, i) => first + i);
  const lung = Uint8Array.from(pixels, (_, i) => Number((i * 7 + first) % 5 < 2));
  return { pixels, count, planes: 1, rows, cols, imageNumbers, masks: new Map([["lung", lung]]) };
}

const copyOf = (batch: TransformBatch): TransformBatch => ({ ...batch, pixels: batch.pixels.slice() });

async function apply(transform: Transform, batch: TransformBatch, params: object): Promise<Float32Array> {
  const chain = parseChain([{ id: transform.id, params }]);
  const occlusion = occlusionOf(chain);
  const done = await prepareModelInput(copyOf(batch), withoutOcclusion(chain), identity);
  return occlusion === undefined ? done.pixels : occluded(done, occlusion);
}

/** As an evaluation does, with each image as its own map. */
function occluded({ pixels, count, rows, cols }: TransformBatch, spec: OcclusionSpec): Float32Array {
  const size = rows * cols;
  for (let i = 0; i < count; i += 1) {
    const image = pixels.subarray(i * size, (i + 1) * size);
    const region = occludedPixels({ values: image.slice(), rows, cols }, { rows, cols }, spec);
    for (const [at, bit] of region.entries()) if (bit === 1) image[at] = 0;
  }
  return pixels;
}

function expectClose(actual: Float32Array, expected: Float32Array, tolerance = 2e-5): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (const [i, value] of expected.entries()) {
    const difference = Math.abs((actual[i] ?? Number.NaN) - value);
    if (!(difference <= worst)) worst = difference;
  }
  expect(worst).toBeLessThan(tolerance);
}

const slice = (batch: TransformBatch, from: number, to: number): TransformBatch => {
  const size = batch.rows * batch.cols;
  return {
    ...batch,
    count: to - from,
    pixels: batch.pixels.slice(from * size, to * size),
    imageNumbers: batch.imageNumbers.slice(from, to),
    masks: new Map(
      [...(batch.masks ?? [])].map(([name, bits]) => [name, bits.slice(from * size, to * size)]),
    ),
  };
};

type Check = (transform: Transform, params: object, rows: number, cols: number) => Promise<void>;

/** What each law means for a transform. */
const transformLaws: Partial<Record<Law, Check>> = {
  "preserves-shape": async (transform, params, rows, cols) => {
    const batch = batchOf(3, rows, cols, 1);
    expect((await apply(transform, batch, params)).length).toBe(batch.pixels.length);
  },
  linear: async (transform, params, rows, cols) => {
    const [a, b] = [batchOf(2, rows, cols, 2), batchOf(2, rows, cols, 3)];
    const sum = { ...a, pixels: a.pixels.map((value, i) => 2 * value - 3 * (b.pixels[i] ?? 0)) };
    const [left, right] = [await apply(transform, a, params), await apply(transform, b, params)];
    expectClose(
      await apply(transform, sum, params),
      left.map((value, i) => 2 * value - 3 * (right[i] ?? 0)),
      6e-5,
    );
  },
  idempotent: async (transform, params, rows, cols) => {
    const batch = batchOf(2, rows, cols, 4);
    const once = await apply(transform, batch, params);
    expectClose(await apply(transform, { ...batch, pixels: once }, params), once);
  },
  "batch-free": async (transform, params, rows, cols) => {
    const chain = parseChain([{ id: transform.id, params }]);
    const reach = reachOfChain(chain);
    const count = 2 * reach + 5;
    const batch = batchOf(count, rows, cols, 5, 100);
    const whole = await apply(transform, batch, params);
    const size = rows * cols;
    const [from, to] = [1, 2 * reach + 3];
    const part = await apply(transform, slice(batch, from, to), params);
    const middle = from + reach;
    const [alone, among] = [
      part.slice(reach * size, (reach + 1) * size),
      whole.slice(middle * size, (middle + 1) * size),
    ];
    // Two images share one complex transform, so which two they are shows in the last bits; all else is exact.
    if (findTransform(transform.id).plan(params as never, { rows, cols, planes: 1 }).kind === "frequency")
      expectClose(alone, among, 1e-6);
    else expect(alone).toEqual(among);
  },
};

const cases = listTransforms().flatMap((transform) => {
  const modes = Object.hasOwn(transform.params, "mode") ? ["corrected", "legacy"] : [undefined];
  return modes.flatMap((mode) =>
    transform.laws.map(
      (law) =>
        [transform.id, mode ?? "as it is", law, { ...transform.example, ...(mode && { mode }) }] as const,
    ),
  );
});

describe("laws of transforms", () => {
  test("there are transforms, and each declares laws that this file knows", () => {
    expect(listTransforms().length).toBeGreaterThanOrEqual(12);
    for (const transform of listTransforms()) {
      expect(transform.laws.length).toBeGreaterThan(0);
      for (const law of transform.laws) expect(transformLaws).toHaveProperty(law);
    }
  });

  // Legacy tiles of the grid keep the law too: they are cut to whole pixels, not blurred.
  test.each(cases)("%s (%s) is %s", async (id, _mode, law, params) => {
    for (const [rows, cols] of sizes) await transformLaws[law]?.(findTransform(id), params, rows, cols);
  });
});
