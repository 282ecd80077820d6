import { describe, expect, test } from "vitest";
import { requireProtocol } from "../../../compute/protocols/protocol-list.ts";
import { isPublishedCondition } from "../../../compute/protocols/published-condition.ts";
import { parseChain } from "../../../compute/transforms/chain.ts";

const lowPass = requireProtocol("low_pass");
const bone = requireProtocol("bone_removed");

describe("the images behind a published number", () => {
  test("are untransformed where the publication tested on originals or a stratum", () => {
    const internal = requireProtocol("internal_validation");
    for (const images of ["original", "stratum"]) {
      expect(isPublishedCondition(internal, { images, parameters: {} }, [])).toBe(true);
      expect(isPublishedCondition(internal, { images, parameters: {} }, parseChain([{ id: "clip" }]))).toBe(
        false,
      );
    }
  });

  test("are those of the condition with the printed value, in either mode; the diameter acts as a radius", () => {
    const tested = { images: "low_pass", parameters: { diameter: 25 } };
    for (const mode of ["corrected", "legacy"]) {
      const chain = (radius: number) => parseChain([{ id: "low_pass", params: { radius, mode } }]);
      expect(isPublishedCondition(lowPass, tested, chain(25))).toBe(true);
      expect(isPublishedCondition(lowPass, tested, chain(50))).toBe(false);
      // No radius of the study's grid.
      expect(isPublishedCondition(lowPass, tested, chain(26))).toBe(false);
    }
    expect(isPublishedCondition(lowPass, tested, [])).toBe(false);
  });

  test("are the only condition where the publication prints no value, else unknown", () => {
    const clipped = parseChain([{ id: "clip" }]);
    expect(isPublishedCondition(bone, { images: "clipped", parameters: {} }, clipped)).toBe(true);
    const filtered = parseChain([{ id: "low_pass", params: { radius: 25 } }]);
    expect(isPublishedCondition(lowPass, { images: "low_pass", parameters: {} }, filtered)).toBe(false);
  });

  test("are found whatever the order of names in a stored chain", () => {
    const stored = [{ params: { mode: "corrected", ceiling: 0.6 }, version: 1, id: "clip" }];
    expect(isPublishedCondition(bone, { images: "clipped", parameters: { clipAt: 0.6 } }, stored)).toBe(true);
    expect(isPublishedCondition(bone, { images: "clipped", parameters: { clipAt: 0.7 } }, stored)).toBe(
      false,
    );
  });
});
