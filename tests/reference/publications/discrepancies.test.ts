import { describe, expect, test } from "vitest";
import {
  matrixAccuracy,
  matrixClassTotals,
  recompute,
  roundHalfUp,
} from "../../../compute/data/publications/recompute.ts";
import { publishedStudy } from "./published-files.ts";

const study = publishedStudy();
const { discrepancies, metrics, confusionMatrices, cohorts, counts } = study;
const matrix = (id: string) => {
  const found = confusionMatrices.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no matrix ${id}`);
  return found;
};
const recomputed = discrepancies.flatMap(({ number, title, instances }) =>
  instances.flatMap(({ recomputed: how }, index) => (how ? [[number, index + 1, title, how] as const] : [])),
);

describe("the discrepancies", () => {
  test("are 38, numbered in order, all open", () => {
    expect(discrepancies.map(({ number }) => number)).toEqual(Array.from({ length: 38 }, (_, i) => i + 1));
    expect(new Set(discrepancies.map(({ status }) => status))).toEqual(new Set(["open"]));
  });

  test.each(recomputed)("number %i, instance %i holds what the printed data give (%s)", (_n, _i, _t, how) => {
    expect(how.values).toEqual(recompute(how, study));
  });

  test("give a reason wherever nothing can be recomputed", () => {
    const without = discrepancies.flatMap(({ instances }) => instances.filter((one) => !one.recomputed));
    expect(without.length).toBeGreaterThan(0);
    expect(without.every(({ notRecomputed }) => (notRecomputed ?? "").length > 0)).toBe(true);
  });

  test("leave every printed cell as it is: the hand atlas still adds up to 791", () => {
    const female = { function: "sum" as const, of: ["table1/DHA/female/count", "table1/DHA/male/count"] };
    expect(recompute(female, study)).toEqual([791]);
    expect(study.datasets.find(({ code }) => code === "DHA")?.table1?.female.printed).toBe("400 (49.2%)");
  });
});

describe("recomputation", () => {
  test("rounds half up on the digits people see", () => {
    expect([
      roundHalfUp(0.945, 2),
      roundHalfUp(1.005, 2),
      roundHalfUp(-0.945, 2),
      roundHalfUp(1e-9, 2),
    ]).toEqual([0.95, 1.01, -0.95, 0]);
  });

  test("refuses a reference that names nothing", () => {
    expect(() => recompute({ function: "sum", of: ["table1/DHA/female/age"] }, study)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
    expect(() => recompute({ function: "arm_ratio", of: ["metrics/r0087/value"] }, study)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
    expect(() =>
      recompute({ function: "max", of: [{ metrics: { table: "3", experiment: "no such" } }] }, study),
    ).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });

  test("gives the accuracy of the CheXpert model from its confusion matrix", () => {
    const printed = metrics.find(({ metric }) => metric === "accuracy");
    expect(matrixAccuracy(matrix("cxp_rn34_2021_08"))).toBeCloseTo(printed?.value ?? Number.NaN, 10);
    expect(matrixClassTotals(matrix("cxp_rn34_2021_08"))).toEqual([5650, 2746, 29844]);
  });

  test.each([
    ["bmi", "<18.5", "mxr_dn121_bmi0"],
    ["bmi", "18.5-25", "mxr_dn121_bmi1"],
    ["bmi", "25-30", "mxr_dn121_bmi2"],
    ["bmi", ">30", "mxr_dn121_bmi3"],
    ["age", "0-20", "mxr_dn121_age0"],
    ["age", "20-40", "mxr_dn121_age1"],
    ["age", "40-60", "mxr_dn121_age2"],
    ["age", "60-80", "mxr_dn121_age3"],
    ["age", "80-", "mxr_dn121_age4"],
    ["sex", "M", "mxr_dn121_sexM"],
    ["sex", "F", "mxr_dn121_sexF"],
  ])("stratum %s %s has the class sizes of its confusion matrix", (attribute, level, id) => {
    const { order } = matrix(id);
    const sizes = matrixClassTotals(matrix(id));
    const records = metrics.filter(
      ({ stratum: [one], parameters }) =>
        one?.attribute === attribute && one.level === level && "nClass" in parameters,
    );
    expect(records).toHaveLength(6);
    for (const { class: of, parameters, n } of records) {
      expect(parameters["nClass"]).toBe(sizes[order.indexOf(of ?? "")]);
      expect(n).toBe(matrix(id).n);
    }
  });

  test("gives the Emory split sizes from its race counts, with and without the races left out", () => {
    const total = (part: string, races?: readonly string[]) =>
      Object.entries(cohorts.emxRaceCounts[part] ?? {})
        .filter(([race]) => races?.includes(race) ?? true)
        .reduce((sum, [, images]) => sum + images, 0);
    const kept = ["ASIAN", "BLACK/AFRICAN AMERICAN", "WHITE"];
    expect(["train", "validate", "test"].map((part) => total(part))).toEqual(
      ["train", "validate", "test"].map((part) => counts["EMX"]?.[part]?.value),
    );
    expect(["train", "validate", "test"].map((part) => total(part, kept))).toEqual([184965, 14726, 11832]);
  });

  test("counts the frequency bins of every mask, as radius and as diameter", () => {
    const { size, masks } = study.frequencyMasks;
    const inside = (radius: number) => {
      let kept = 0;
      for (let y = 0; y < size; y++)
        for (let x = 0; x < size; x++) if ((y - size / 2) ** 2 + (x - size / 2) ** 2 < radius ** 2) kept++;
      return kept;
    };
    for (const { d, lowKept, highKept, lowKeptAsDiameter } of masks)
      expect([d, lowKept, highKept, lowKeptAsDiameter]).toEqual([
        d,
        inside(d),
        size * size - inside(d),
        inside(d / 2),
      ]);
  });
});
