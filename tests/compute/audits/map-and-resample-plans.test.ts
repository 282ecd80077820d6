import { describe, expect, test } from "vitest";
import { planAudit } from "../../../compute/index.ts";
import { factsOf, settingsOf } from "../../support/audit-settings.ts";

const north = factsOf("north", {
  attributes: [...factsOf("north").attributes, { name: "finding:No Finding", kind: "category", levels: [] }],
});
const planOf = (ids: readonly string[], changes: Parameters<typeof settingsOf>[1] = {}, facts = north) =>
  planAudit(settingsOf(ids, changes), [facts]);

describe("occlusion", () => {
  test("tests the network of untouched images without the salient region, and without as much elsewhere", () => {
    const { steps, readings } = planOf(["internal_validation", "occlusion"]);
    expect(steps.map(({ id }) => id)).toEqual(["t1", "e1", "e2", "e3"]);
    const chains = steps.map((step) => (step.kind === "evaluate" ? step.transforms : []));
    const params = { method: "class_activation", threshold: 0.1, shape: "region" };
    expect(chains.slice(2)).toEqual([
      [{ id: "salient_region", version: 1, params: { ...params, place: "salient" } }],
      [{ id: "salient_region", version: 1, params: { ...params, place: "elsewhere" } }],
    ]);
    const occluded = readings.slice(1);
    expect(occluded.map(({ evaluation, against }) => [evaluation, against])).toEqual([
      ["e2", "e1"],
      ["e3", "e1"],
    ]);
    expect(occluded.map(({ control }) => control)).toEqual([
      undefined,
      "blotting out the same shape elsewhere",
    ]);
  });

  test("paints the rectangle of the study's code where that is asked for", () => {
    const { steps } = planOf(["occlusion"], { mode: "legacy" });
    const shapes = steps.flatMap((step) =>
      step.kind === "evaluate" ? step.transforms.map(({ params }) => params["shape"]) : [],
    );
    expect(shapes).toEqual(["box", "box"]);
  });
});

describe("saliency", () => {
  test("makes maps of each class over its test images, from which no number is read", () => {
    const { steps, readings } = planOf(["saliency"]);
    expect(steps.slice(1)).toEqual(
      ["Black", "White"].map((name, i) => ({
        kind: "evaluate",
        id: `e${i + 1}`,
        title: `north: maps of ${name}`,
        model: "t1",
        dataset: 0,
        part: "test",
        transforms: [],
        where: [{ attribute: "race", in: [name] }],
        maps: { class: name, method: "class_activation" },
      })),
    );
    expect(readings.map(({ variant, units, against }) => [variant, units, against])).toEqual([
      ["Black", [], null],
      ["White", [], null],
    ]);
  });

  test("is left out, and occlusion with it, for a network without features", () => {
    const training = { architecture: "linear_probe", seed: 0 } as const;
    const { steps, leftOut } = planOf(["saliency", "occlusion"], { training });
    expect(steps).toEqual([]);
    expect(leftOut.map(({ protocol, reason }) => [protocol, /linear probe/.test(reason)])).toEqual([
      ["saliency", true],
      ["occlusion", true],
    ]);
  });
});

describe("resampled_test", () => {
  test("reads the scores on the untouched images, drawn again as the protocol says", () => {
    const { steps, readings } = planOf(["resampled_test", "internal_validation"]);
    expect(steps.map(({ id }) => id)).toEqual(["t1", "e1"]);
    expect(readings[0]).toMatchObject({
      evaluation: "e1",
      against: "e1",
      resample: {
        steps: [
          { attribute: "race", cuts: null },
          { attribute: "finding:No Finding", cuts: null },
          { attribute: "age", cuts: [20, 30, 40, 50, 60, 70, 80] },
        ],
        timesSize: 3,
        replicates: 2000,
        seed: 0,
      },
    });
    expect(readings[1]).not.toHaveProperty("resample");
  });

  test("is left out where what is to be evened out is not recorded", () => {
    const { leftOut } = planOf(["resampled_test"], {}, factsOf("south"));
    expect(leftOut[0]?.reason).toMatch(/does not record finding:No Finding/);
  });
});
