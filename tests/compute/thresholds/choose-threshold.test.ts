import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { chooseThreshold, type ThresholdRule } from "../../../compute/thresholds/choose-threshold.ts";

const scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0];
const labels = [1, 1, 0, 1, 0, 1, 0, 0, 0, 0];
const rows = { order: await sortScores(Float64Array.from(scores)), labels: Uint8Array.from(labels) };

describe("chooseThreshold", () => {
  test("takes the highest of equally good thresholds by Youden's index, and counts them", async () => {
    // J = 4/6 at 0.4 (tpr 1, fpr 2/6) only; 0.8 has 1/2 and 0.6 has 3/4 - 1/6 = 7/12.
    expect(await chooseThreshold(rows, { kind: "youden" })).toMatchObject({
      threshold: 0.4,
      tpr: 1,
      equallyGood: 1,
    });
    const tied = { order: await sortScores(Float64Array.of(4, 3, 2, 1)), labels: Uint8Array.of(1, 0, 1, 0) };
    expect(await chooseThreshold(tied, { kind: "youden" })).toMatchObject({
      threshold: 4,
      tpr: 0.5,
      fpr: 0,
      equallyGood: 2,
    });
  });

  test.each([
    [0.95, { threshold: 0.8, tpr: 0.5, fpr: 0 }],
    [5 / 6, { threshold: 0.6, tpr: 0.75, fpr: 1 / 6 }],
    [0, { tpr: 1 }],
  ])("gives the most sensitivity at a specificity of at least %d", async (at, expected) => {
    expect(await chooseThreshold(rows, { kind: "specificity", at })).toMatchObject(expected);
  });

  test.each([
    [1, { threshold: 0.4, tpr: 1, fpr: 2 / 6 }],
    [0.75, { threshold: 0.6, tpr: 0.75, fpr: 1 / 6 }],
    [0.5, { threshold: 0.8, tpr: 0.5, fpr: 0 }],
  ])("gives the least false alarms at a sensitivity of at least %d", async (at, expected) => {
    expect(await chooseThreshold(rows, { kind: "sensitivity", at })).toMatchObject(expected);
  });

  test("finds the largest F1 of all scores", async () => {
    const row = fc.record({ score: fc.integer({ min: 0, max: 20 }), label: fc.constantFrom(0, 1) });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 2, maxLength: 50 }), async (given) => {
        fc.pre(new Set(given.map((r) => r.label)).size === 2);
        const f1 = (cut: number) => {
          const called = given.filter((r) => r.score >= cut);
          const right = called.filter((r) => r.label === 1).length;
          return (2 * right) / (called.length + given.filter((r) => r.label === 1).length);
        };
        const input = {
          order: await sortScores(Float32Array.from(given, (r) => r.score)),
          labels: Uint8Array.from(given, (r) => r.label),
        };
        const { threshold } = await chooseThreshold(input, { kind: "max_f1" });
        expect(f1(threshold ?? Number.NaN)).toBe(Math.max(...given.map((r) => f1(r.score))));
      }),
    );
  });

  test("brings sensitivity and specificity as close together as scores allow", async () => {
    const row = fc.record({ score: fc.integer({ min: 0, max: 20 }), label: fc.constantFrom(0, 1) });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 2, maxLength: 50 }), async (given) => {
        fc.pre(new Set(given.map((r) => r.label)).size === 2);
        const share = (label: number, isCalled: boolean, cut: number) => {
          const those = given.filter((r) => r.label === label);
          return those.filter((r) => r.score >= cut === isCalled).length / those.length;
        };
        const distance = (cut: number) => Math.abs(share(1, true, cut) - share(0, false, cut));
        const input = {
          order: await sortScores(Float32Array.from(given, (r) => r.score)),
          labels: Uint8Array.from(given, (r) => r.label),
        };
        const { threshold } = await chooseThreshold(input, { kind: "balanced" });
        const least = Math.min(...given.map((r) => distance(r.score)));
        expect(distance(threshold ?? Number.NaN)).toBeCloseTo(least, 12);
      }),
    );
  });

  test("takes a value as it is and says what it does", async () => {
    expect(await chooseThreshold(rows, { kind: "value", value: 0.65 })).toMatchObject({
      threshold: 0.65,
      tpr: 0.5,
      fpr: 1 / 6,
    });
    expect(await chooseThreshold(rows, { kind: "value", value: 2 })).toMatchObject({ tpr: 0, fpr: 0 });
  });

  test("is DEGENERATE when only calling nobody positive would meet the rule", async () => {
    const flat = { order: await sortScores(Float32Array.of(1, 1, 1)), labels: Uint8Array.of(0, 1, 0) };
    expect(await chooseThreshold(flat, { kind: "specificity", at: 0.9 })).toMatchObject({
      threshold: null,
      reason: "DEGENERATE",
    });
  });

  test.each([
    ["NO_ROWS", [255, 255]],
    ["NO_POSITIVES", [0, 0]],
    ["NO_NEGATIVES", [1, 1]],
  ])("says %s instead of a threshold", async (reason, truth) => {
    const input = { order: await sortScores(Float32Array.of(1, 2)), labels: Uint8Array.from(truth) };
    expect(await chooseThreshold(input, { kind: "youden" })).toMatchObject({ threshold: null, reason });
  });

  test.each<ThresholdRule>([
    { kind: "specificity", at: 1.1 },
    { kind: "sensitivity", at: Number.NaN },
    { kind: "value", value: Number.POSITIVE_INFINITY },
  ])("refuses $kind out of range", async (rule) => {
    await expect(chooseThreshold(rows, rule)).rejects.toThrow(
      expect.objectContaining({ code: "INVALID_PARAM" }),
    );
  });
});
