import { describe, expect, test } from "vitest";
import {
  addTransforms,
  checkChain,
  describeChain,
  listPlugins,
  listTransforms,
  type ParamSpec,
  parseChain,
  prepareModelInput,
  reachOfChain,
  requirePlugin,
  transformBrightness,
} from "../../../compute/index.ts";

const refusal = (code: string, part: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(part) });

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a chain", () => {
  test("gets versions and defaults, so that equal requests read alike", () => {
    const short = parseChain([{ id: "low_pass", params: { radius: 25 } }]);
    expect(short).toEqual([
      { id: "low_pass", version: 1, params: { radius: 25, measure: "radius", mode: "corrected" } },
    ]);
    expect(JSON.stringify(parseChain(short))).toBe(JSON.stringify(short));
  });

  test.each([
    ["no list", { id: "clip" }, "INVALID_PARAM", "list of at most 32"],
    ["too many", Array.from({ length: 33 }, () => ({ id: "clip" })), "INVALID_PARAM", "got 33"],
    ["a bare word", ["clip"], "INVALID_PARAM", "{id, params}"],
    ["an unknown transform", [{ id: "sharpen" }], "NO_SUCH_PLUGIN", "low_pass"],
    ["another version", [{ id: "clip", version: 99 }], "INVALID_PARAM", "Expected version 1 of clip"],
    ["parameters that are no object", [{ id: "clip", params: 3 }], "INVALID_PARAM", "as an object"],
    ["an unknown parameter", [{ id: "clip", params: { floor: 0 } }], "INVALID_PARAM", "floor"],
    ["a missing parameter", [{ id: "low_pass" }], "INVALID_PARAM", "radius"],
  ])("refuses %s", (_name, given, code, part) => {
    expect(thrownBy(() => parseChain(given))).toEqual(refusal(code, part));
  });

  test("refuses brightness after normalisation, and takes it the other way round", () => {
    const legacy = { id: "clip", params: { mode: "legacy" } };
    const corrected = { id: "noise", params: {} };
    expect(thrownBy(() => parseChain([legacy, corrected]))).toEqual(refusal("INVALID_PARAM", "put it first"));
    expect(parseChain([corrected, legacy])).toHaveLength(2);
  });

  test("refuses at a given size what cannot be done there", () => {
    const shape = { rows: 8, cols: 8, planes: 1 };
    const tile = parseChain([{ id: "patch_remove", params: { grid: 9, index: 0 } }]);
    expect(thrownBy(() => checkChain(tile, shape))).toEqual(refusal("BAD_PARAMETER", "grid"));
    const ring = parseChain([{ id: "notch", params: { inner: 5, outer: 2 } }]);
    expect(thrownBy(() => checkChain(ring, shape))).toEqual(refusal("INVALID_PARAM", "swap"));
    expect(checkChain(parseChain([{ id: "clip" }]), shape)).toBeUndefined();
  });

  test("says how far the published blur reaches: four deviations of the images on either side", () => {
    const blurs = [
      { id: "blur", params: { deviation: 2, mode: "legacy" } },
      { id: "blur", params: { deviation: 1, mode: "legacy" } },
    ];
    expect(reachOfChain(parseChain(blurs))).toBe(8 + 4);
    expect(reachOfChain(parseChain([{ id: "blur" }]))).toBe(0);
  });

  test("reads as one line for people", () => {
    const chain = [
      { id: "low_pass", params: { radius: 25, mode: "legacy" } },
      { id: "clip", params: { mode: "legacy" } },
    ];
    expect(describeChain(parseChain(chain))).toBe("low_pass(radius 25, mode legacy) > clip(mode legacy)");
    expect(describeChain([])).toBe("plain");
  });
});

describe("noise", () => {
  const flat = (numbers: readonly number[]) => ({
    pixels: new Float32Array(numbers.length * 64),
    count: numbers.length,
    planes: 1,
    rows: 8,
    cols: 8,
    imageNumbers: Uint32Array.from(numbers),
  });
  const one = { planes: 1, scale: 1, mean: [0], deviation: [1] };

  test("is another field for each image, and the same for the same image in any batch", async () => {
    const chain = parseChain([{ id: "noise", params: { seed: 3 } }]);
    const { pixels: both } = await prepareModelInput(flat([7, 8]), chain, one);
    const { pixels: alone } = await prepareModelInput(flat([8]), chain, one);
    expect(both.slice(64)).toEqual(alone);
    expect(both.slice(0, 64)).not.toEqual(alone);
  });

  test("is one field for all in legacy, also beside a transform that draws for each", async () => {
    const legacy = { id: "noise", params: { seed: 3, mode: "legacy" } };
    const { pixels } = await prepareModelInput(flat([7, 8]), parseChain([legacy]), one);
    expect(pixels.slice(0, 64)).toEqual(pixels.slice(64));
    const both = parseChain([{ id: "noise", params: { seed: 4 } }, legacy]);
    const { pixels: mixed } = await prepareModelInput(flat([7, 8]), both, one);
    expect(mixed.slice(0, 64)).not.toEqual(mixed.slice(64));
  });
});

describe("model input", () => {
  const grey = () => ({
    pixels: Float32Array.of(0, 0.25, 0.5, 1),
    count: 1,
    planes: 1,
    rows: 2,
    cols: 2,
    imageNumbers: Uint32Array.of(0),
  });

  test("is (brightness * scale - mean) / deviation in each plane", async () => {
    const normalisation = { planes: 2, scale: 255, mean: [100, 0], deviation: [50, 255] };
    const { pixels, planes } = await prepareModelInput(grey(), [], normalisation);
    expect(planes).toBe(2);
    for (const [i, value] of [-2, -0.725, 0.55, 3.1, 0, 0.25, 0.5, 1].entries())
      expect(pixels[i]).toBeCloseTo(value, 5);
  });

  test.each([
    ["planes without means", { planes: 2, scale: 1, mean: [0], deviation: [1, 1] }],
    ["a scale of 0", { planes: 1, scale: 0, mean: [0], deviation: [1] }],
  ])("refuses %s", async (_name, normalisation) => {
    await expect(prepareModelInput(grey(), [], normalisation)).rejects.toEqual(
      refusal("INVALID_INPUT", "Expected a scale"),
    );
  });

  test("refuses images of several planes", async () => {
    const one = { planes: 1, scale: 1, mean: [0], deviation: [1] };
    await expect(prepareModelInput({ ...grey(), planes: 2 }, [], one)).rejects.toEqual(
      refusal("INVALID_INPUT", "2 planes"),
    );
  });

  test("brightness alone has no legacy", async () => {
    const chain = parseChain([{ id: "clip", params: { mode: "legacy" } }]);
    await expect(transformBrightness(grey(), chain)).rejects.toEqual(
      refusal("INVALID_PARAM", "normalisation"),
    );
  });
});

describe("the table of transforms", () => {
  test("is what the registry lists", () => {
    expect(listPlugins("TRANSFORM")).toEqual(listTransforms());
    expect(requirePlugin("TRANSFORM", "notch").version).toBe(1);
  });

  test("takes no id twice", () => {
    expect(thrownBy(() => addTransforms([requirePlugin("TRANSFORM", "clip")]))).toEqual(
      refusal("INVALID_INPUT", "taken"),
    );
  });

  const everyParam = listTransforms().flatMap((transform) =>
    Object.entries(transform.params).map(([name, spec]) => [transform.id, name, spec] as const),
  );
  const bad = (spec: ParamSpec): unknown =>
    "max" in spec ? spec.max + 1e300 : spec.kind === "flag" ? "yes" : "No Such Choice";
  test.each(everyParam)("%s refuses a bad %s", (id, name, spec) => {
    const { example } = requirePlugin("TRANSFORM", id);
    expect(parseChain([{ id, params: example }])).toHaveLength(1);
    expect(thrownBy(() => parseChain([{ id, params: { ...example, [name]: bad(spec) } }]))).toEqual(
      refusal("INVALID_PARAM", name),
    );
  });
});
