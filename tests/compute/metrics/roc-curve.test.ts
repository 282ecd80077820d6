import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rocCurve, rocSteps } from "../../../compute/metrics/roc-curve.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { stratifiedAuc } from "../../../compute/metrics/stratified-auc.ts";
import { RandomStream } from "../../../compute/random.ts";

const row = fc.record({
  score: fc.integer({ min: 0, max: 12 }),
  label: fc.constantFrom(0, 1),
  stratum: fc.nat({ max: 2 }),
});

async function rowsFrom(rows: readonly { score: number; label: number; stratum: number }[]) {
  return {
    order: await sortScores(Float32Array.from(rows, (r) => r.score)),
    labels: Uint8Array.from(rows, (r) => r.label),
    strata: Uint16Array.from(rows, (r) => r.stratum),
    stratumCount: 2,
  };
}

/** Area under drawn points by the trapezoid rule. */
function area(x: Float64Array, y: Float64Array): number {
  return x.reduce(
    (sum, _, k) =>
      k === 0 ? 0 : sum + (((x[k] ?? 0) - (x[k - 1] ?? 0)) * ((y[k] ?? 0) + (y[k - 1] ?? 0))) / 2,
    0,
  );
}

async function noisyRows(count: number) {
  const stream = new RandomStream(4);
  const labels = Uint8Array.from({ length: count }, () => stream.below(2));
  return { order: await sortScores(Float32Array.from(labels, (label) => label + stream.normal())), labels };
}

describe("rocSteps", () => {
  test("counts the calls at every distinct score of the stratum", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60 }), async (rows) => {
        const inside = rows.filter((r) => r.stratum === 1);
        const cuts = [...new Set(inside.map((r) => r.score))].sort((a, b) => b - a);
        const calls = (cut: number, label: number) =>
          inside.filter((r) => r.score >= cut && r.label === label).length;
        const steps = await rocSteps(await rowsFrom(rows), 1);
        expect([...steps.thresholds]).toEqual([Number.POSITIVE_INFINITY, ...cuts]);
        expect([...steps.truePositives]).toEqual([0, ...cuts.map((cut) => calls(cut, 1))]);
        expect([...steps.falsePositives]).toEqual([0, ...cuts.map((cut) => calls(cut, 0))]);
      }),
    );
  });

  test("refuses a stratum that is not there", async () => {
    await expect(rocSteps(await rowsFrom([]), 2)).rejects.toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});

describe("rocCurve", () => {
  test("keeps the area under it equal to the AUC when it need not thin", async () => {
    const input = await noisyRows(400);
    const curve = await rocCurve(input);
    if ("reason" in curve) throw new Error(curve.reason);
    expect(curve.areaError).toBe(0);
    expect(area(curve.fpr, curve.tpr)).toBeCloseTo((await stratifiedAuc(input))[0]?.auc ?? Number.NaN, 12);
  });

  test.each([3, 4, 10, 50, 200])(
    "thins to at most %d points, ends included, with the error it states",
    async (maxPoints) => {
      const input = await noisyRows(4000);
      const auc = (await stratifiedAuc(input))[0]?.auc ?? Number.NaN;
      const steps = await rocSteps(input);
      const curve = await rocCurve(input, { maxPoints });
      if ("reason" in curve) throw new Error(curve.reason);
      const { fpr, tpr, thresholds, areaError } = curve;
      expect(fpr.length).toBeLessThanOrEqual(maxPoints);
      expect(fpr.length).toBeGreaterThan(maxPoints / 2);
      expect([fpr[0], tpr[0], fpr.at(-1), tpr.at(-1)]).toEqual([0, 0, 1, 1]);
      expect(area(fpr, tpr) - auc).toBeCloseTo(areaError, 12);
      expect(Math.abs(areaError)).toBeLessThanOrEqual(1 / (2 * (maxPoints - 2)));
      for (const [k, threshold] of thresholds.entries()) {
        const point = steps.thresholds.indexOf(threshold);
        expect(tpr[k]).toBe((steps.truePositives[point] ?? Number.NaN) / steps.positives);
      }
    },
  );

  test("drops points inside a straight run", async () => {
    const curve = await rocCurve(
      await rowsFrom([4, 3, 2, 1].map((score) => ({ score, label: score > 2 ? 1 : 0, stratum: 0 }))),
    );
    if ("reason" in curve) throw new Error(curve.reason);
    expect([...curve.thresholds]).toEqual([Number.POSITIVE_INFINITY, 3, 1]);
  });

  test.each([
    ["NO_ROWS", []],
    ["NO_POSITIVES", [{ score: 1, label: 0, stratum: 0 }]],
    ["NO_NEGATIVES", [{ score: 1, label: 1, stratum: 0 }]],
  ])("says %s instead of a curve", async (reason, rows) => {
    expect(await rocCurve(await rowsFrom(rows))).toEqual({ reason });
  });

  test("refuses fewer than three points", async () => {
    await expect(rocCurve(await noisyRows(10), { maxPoints: 2 })).rejects.toThrow(
      expect.objectContaining({ code: "INVALID_PARAM" }),
    );
  });
});
