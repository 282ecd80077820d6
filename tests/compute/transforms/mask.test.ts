import { describe, expect, test } from "vitest";
import { masksOfChain, parseChain, prepareModelInput, RandomStream } from "../../../compute/index.ts";

const plain = { planes: 1, scale: 1, mean: [0], deviation: [1] };
const [count, rows, cols] = [3, 7, 9];
const size = rows * cols;

function batch() {
  const stream = new RandomStream(5);
  const pixels = Float32Array.from({ length: count * size }, () => stream.uniform());
  // Another region for each image: an ellipse that moves, one row, and all of it.
  const lung = Uint8Array.from({ length: count * size }, (_, i) => {
    const [image, row, col] = [Math.floor(i / size), Math.floor((i % size) / cols), i % cols];
    if (image === 2) return 1;
    return Number(image === 1 ? row === 2 : (row - 3) ** 2 + (col - 4) ** 2 / 2 < 6);
  });
  const imageNumbers = Uint32Array.of(10, 11, 12);
  return { pixels, count, planes: 1, rows, cols, imageNumbers, masks: new Map([["lung", lung]]), lung };
}

async function masked(
  params: object,
): Promise<{ before: Float32Array; after: Float32Array; lung: Uint8Array }> {
  const given = batch();
  const before = given.pixels.slice();
  const chain = parseChain([{ id: "mask", params: { name: "lung", ...params } }]);
  return { before, after: (await prepareModelInput(given, chain, plain)).pixels, lung: given.lung };
}

describe("mask", () => {
  test.each(["keep", "remove"] as const)(
    "%s: pixels stay or become black by each image's own mask",
    async (what) => {
      const { before, after, lung } = await masked({ what });
      expect([...after]).toEqual(
        [...before].map((pixel, i) => ((lung[i] === 1) === (what === "keep") ? pixel : 0)),
      );
    },
  );

  test("fills with the mean of the whole image", async () => {
    const { before, after, lung } = await masked({ what: "remove", fill: "mean" });
    for (let image = 0; image < count; image += 1) {
      const own = before.subarray(image * size, (image + 1) * size);
      const mean = own.reduce((sum, pixel) => sum + pixel, 0) / size;
      for (let i = image * size; i < (image + 1) * size; i += 1) {
        expect(after[i]).toBeCloseTo(lung[i] === 1 ? mean : (before[i] ?? 0), 6);
      }
    }
  });

  test("fills with noise that depends on the image and the seed alone", async () => {
    const { before, after, lung } = await masked({ what: "remove", fill: "noise", seed: 3 });
    const changed = [...after.keys()].filter((i) => after[i] !== before[i]);
    expect(changed).toEqual([...lung.keys()].filter((i) => lung[i] === 1));
    expect((await masked({ what: "remove", fill: "noise", seed: 3 })).after).toEqual(after);
    expect((await masked({ what: "remove", fill: "noise", seed: 4 })).after).not.toEqual(after);
  });

  test("goes before and after other transforms, and says which masks a chain needs", async () => {
    const chain = parseChain([
      { id: "clip", params: {} },
      { id: "mask", params: { name: "lung", what: "keep" } },
      { id: "low_pass", params: { radius: 3 } },
      { id: "mask", params: { name: "lung", what: "keep" } },
      { id: "mask", params: { name: "heart", what: "remove" } },
    ]);
    expect(masksOfChain(chain)).toEqual(["lung", "heart"]);
    const given = batch();
    const lung = given.lung;
    const { pixels } = await prepareModelInput(given, chain.slice(0, 4), plain);
    expect([...pixels].every((pixel, i) => lung[i] === 1 || pixel === 0)).toBe(true);
  });

  test("refuses images without the mask", async () => {
    const chain = parseChain([{ id: "mask", params: { name: "heart" } }]);
    await expect(prepareModelInput(batch(), chain, plain)).rejects.toThrow(/the mask "heart" each, got none/);
    expect(() => parseChain([{ id: "mask", params: { name: "Lung!" } }])).toThrow(/name to be a name/);
  });
});
