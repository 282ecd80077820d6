import { describe, expect, test } from "vitest";
import type { AuditParams } from "../../../api/audits/audit-params.ts";
import { trainRequestOf } from "../../../api/audits/audit-steps.ts";
import { type AuditSettings, planAudit } from "../../../compute/index.ts";
import { factsOf, settingsOf } from "../../support/audit-settings.ts";

const facts = [factsOf("north")];

/** The first trainings of an audit of these protocols, as they are asked for. */
function requestsOf(ids: readonly string[], changes: Partial<AuditSettings> = {}) {
  const settings = settingsOf(ids, changes);
  const params: AuditParams = { datasets: [{ slug: "north", version: 1, split: "main" }], settings };
  return planAudit(settings, facts).steps.flatMap((step) =>
    step.kind === "train" ? [trainRequestOf(step, params, facts)] : [],
  );
}

describe("what an audit asks of its trainings", () => {
  test("is the same of its controls but for labels and marks", () => {
    const [base, shuffled, marked] = requestsOf([
      "internal_validation",
      "shuffled_attribute",
      "planted_mark",
    ]);
    expect(base).toMatchObject({ attribute: "race", classes: [{ name: "Black" }, { name: "White" }] });
    expect(shuffled).toEqual({
      ...base,
      attribute: "shuffled:0:race",
      classes: [
        { name: "shuffled Black", levels: ["Black"] },
        { name: "shuffled White", levels: ["White"] },
      ],
    });
    const { attribute, classes, transforms, ...rest } = base ?? {};
    expect(marked).toMatchObject({ ...rest, attribute: "marked:0", transforms: [{ id: "mark" }] });
    expect([attribute, classes?.length, transforms]).toEqual(["race", 2, []]);
  });

  test("leaves changes of training images to trainings, or has none", () => {
    const { training } = settingsOf([]);
    const [usual] = requestsOf(["internal_validation"]);
    const [plain] = requestsOf(["internal_validation"], { training: { ...training, augment: false } });
    expect(usual).not.toHaveProperty("augmentation");
    expect(plain).toEqual({ ...usual, augmentation: {} });
  });
});
