import { describe, expect, test } from "vitest";
import { readAnswer } from "../../../compute/protocols/answer.ts";
import { protocols, requireProtocol } from "../../../compute/protocols/protocol-list.ts";

const { answer } = requireProtocol("internal_validation");

describe("an interval read by a protocol's rule", () => {
  test.each([
    [0.6, 0.7, "above_margin", true],
    [0.52, 0.7, "above", true],
    [0.46, 0.54, "within_margin", false],
    [0.51, 0.54, "within_margin", true],
    [0.4, 0.6, "undecided", false],
    [0.3, 0.49, "below", true],
    [0.3, 0.4, "below_margin", true],
  ])("from %d to %d against 0.5 with margin 0.05 is %s", (low, high, verdict, excludesReference) => {
    expect(readAnswer(answer, { low, high })).toMatchObject({ verdict, excludesReference });
  });

  test("that is not there is not estimable", () => {
    expect(readAnswer(answer, { low: null, high: null }).verdict).toBe("not_estimable");
  });

  test("decides nothing where people read maps", () => {
    expect(readAnswer(requireProtocol("saliency").answer, { low: 0, high: 1 }).verdict).toBe("none");
  });

  test("is worded by intervals and margins, never as biased or not biased", () => {
    const words = protocols.map(({ answer: { above, below, within, undecided } }) =>
      [above, below, within, undecided].join(" "),
    );
    expect(words.filter((text) => /\b(un)?bias(ed)?\b/i.test(text))).toEqual([]);
  });
});
