import { describe, expect, test } from "vitest";
import { protocolConditions } from "../../../compute/protocols/conditions.ts";
import { requireProtocol } from "../../../compute/protocols/protocol-list.ts";

const keys = (id: string) => protocolConditions(requireProtocol(id), "corrected").map(({ key }) => key);

describe("the conditions of a protocol", () => {
  test("are the study's grid: ten radii, twenty-one rings, nine tiles", () => {
    expect(keys("low_pass")).toEqual(
      [1, 5, 10, 25, 50, 75, 100, 125, 150, 200].map((radius) => `radius=${radius}`),
    );
    expect(keys("notch")).toHaveLength(21);
    expect(keys("notch").slice(0, 7)).toEqual([
      ...[25, 50, 75, 100, 125, 150].map((outer) => `inner=10,outer=${outer}`),
      "inner=25,outer=50",
    ]);
    expect(keys("patch_only")).toHaveLength(9);
  });

  test("are one without a grid", () => {
    expect(keys("internal_validation")).toEqual(["all"]);
  });

  test("transform both sides where a model is trained on transformed images, else the test side alone", () => {
    const [lowPass] = protocolConditions(requireProtocol("low_pass"), "legacy");
    expect(lowPass?.train).toEqual(lowPass?.test);
    expect(lowPass?.test).toEqual([
      { id: "low_pass", version: 1, params: { radius: 1, measure: "radius", mode: "legacy" } },
    ]);
    const [noise] = protocolConditions(requireProtocol("noise"), "corrected");
    expect(noise?.train).toEqual([]);
    expect(noise?.test).toHaveLength(1);
  });

  test("say which change nothing and which leave nothing at a size", () => {
    const effects = (id: string, side: number) =>
      protocolConditions(requireProtocol(id), "corrected", { rows: side, cols: side })
        .filter(({ effect }) => effect !== "changes")
        .map(({ key, effect }) => `${key} ${effect}`);
    // At 224 x 224 the corner is 158.4 bins away: 150 keeps 285 bins, 200 none (publications, frequency-masks.json).
    expect(effects("high_pass", 224)).toEqual(["radius=200 blank"]);
    expect(effects("low_pass", 224)).toEqual(["radius=200 identity"]);
    // At 64 x 64 it is 45.3 bins away.
    expect(effects("low_pass", 64)).toEqual(
      [50, 75, 100, 125, 150, 200].map((radius) => `radius=${radius} identity`),
    );
    expect(effects("band_pass", 64)).toContain("inner=50,outer=75 blank");
    expect(effects("resolution", 64)).toContain("side=64 identity");
    expect(effects("patch_only_high_pass", 64)).toHaveLength(9);
  });
});
