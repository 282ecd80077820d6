import { describe, expect, test } from "vitest";
import { layoutOf } from "../../../../api/audits/report/parts.ts";
import { attributeWord, capital } from "../../../../api/audits/report/words.ts";
import { protocols } from "../../../../compute/index.ts";

describe("layoutOf", () => {
  const idsWith = (layout: string) =>
    protocols.filter((protocol) => layoutOf(protocol) === layout).map(({ id }) => id);

  test("puts plain classifiers into the table of results", () => {
    expect(idsWith("results")).toEqual([
      "internal_validation",
      "external_validation",
      "slice_to_study",
      "digitised_otherwise",
    ]);
  });

  test("draws a curve for one numeric parameter of several values, and a map for tiles", () => {
    expect(idsWith("sweep")).toEqual(["low_pass", "high_pass", "resolution"]);
    expect(idsWith("patches")).toEqual([
      "patch_only",
      "patch_removed",
      "patch_only_high_pass",
      "patch_removed_high_pass",
    ]);
  });

  test("knows strata, seeds and models of recorded attributes", () => {
    expect(idsWith("variance")).toEqual(["run_to_run_variance"]);
    expect(idsWith("strata").every((id) => id.endsWith("_strata"))).toBe(true);
    expect(idsWith("confounders")).toContain("labels_alone");
  });

  test("tells the rest in tables", () => {
    expect(idsWith("others")).toEqual(
      expect.arrayContaining(["noise", "notch", "no_finding", "bone_removed"]),
    );
  });
});

test("an attribute of race is always self-reported race", () => {
  expect(attributeWord("race")).toBe("self-reported race");
  expect(capital(attributeWord("breast_density"))).toBe("Breast density");
  expect(attributeWord("toString")).toBe("toString");
});
