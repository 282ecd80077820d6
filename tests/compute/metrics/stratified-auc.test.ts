import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { stratifiedAuc } from "../../../compute/metrics/stratified-auc.ts";
import { aucByPairs, rowsOfStratum } from "./auc-oracle.ts";

/** One cell of the whole set. */
async function wholeAuc(scores: readonly number[], labels: readonly number[]) {
  const [cell] = await stratifiedAuc({
    order: await sortScores(Float32Array.from(scores)),
    labels: Uint8Array.from(labels),
  });
  if (cell === undefined) throw new Error("Expected one cell, got none");
  return cell;
}

describe("stratifiedAuc", () => {
  test("equals the count over all pairs, with its DeLong variance, in every stratum", async () => {
    const row = fc.record({
      score: fc.oneof(
        fc.constantFrom(0, 0.25, 0.5, 0.75, 1, Number.NaN),
        fc.float({ min: 0, max: 1, noNaN: true }),
      ),
      label: fc.constantFrom(0, 0, 0, 1, 1, 255),
      stratum: fc.nat({ max: 3 }), // 3 is outside
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 120 }), async (rows) => {
        const scores = Float32Array.from(rows, ({ score }) => score);
        const labels = Uint8Array.from(rows, ({ label }) => label);
        const strata = Uint16Array.from(rows, ({ stratum }) => stratum);
        const cells = await stratifiedAuc({
          order: await sortScores(scores),
          labels,
          strata,
          stratumCount: 3,
        });
        expect(cells).toHaveLength(3);
        for (const cell of cells) {
          const oracle = rowsOfStratum(scores, labels, strata, cell.stratum);
          expect(cell.positives).toBe(oracle.positives.length);
          expect(cell.negatives).toBe(oracle.negatives.length);
          const inside = rows.filter(({ stratum }) => stratum === cell.stratum);
          expect(cell.unknownLabels).toBe(inside.filter(({ label }) => label === 255).length);
          expect(cell.missingScores).toBe(
            inside.filter(({ label, score }) => label !== 255 && Number.isNaN(score)).length,
          );
          if (cell.auc === null || cell.variance === null) continue;
          const { auc, variance } = aucByPairs(oracle);
          expect(cell.auc).toBeCloseTo(auc, 12);
          expect(cell.variance).toBeCloseTo(variance, 12);
        }
      }),
    );
  });

  test("counts ties one half", async () => {
    expect(await wholeAuc([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1])).toMatchObject({
      auc: 0.5,
      variance: 0,
      reason: null,
    });
  });

  test("is exactly one half without variance when scores are constant, whatever the sizes", async () => {
    const labels = Array.from({ length: 997 }, (_, row) => (row % 7 === 0 ? 1 : 0));
    expect(
      await wholeAuc(
        labels.map(() => 0.1),
        labels,
      ),
    ).toMatchObject({ auc: 0.5, variance: 0 });
  });

  test.each([
    ["NO_ROWS", []],
    ["NO_POSITIVES", [0, 0, 0]],
    ["NO_NEGATIVES", [1, 1, 1]],
    ["ONE_POSITIVE", [0, 1, 0]],
    ["ONE_NEGATIVE", [1, 1, 0]],
  ])("says %s instead of a number", async (reason, labels) => {
    const cell = await wholeAuc(
      labels.map((_, row) => row / 10),
      labels,
    );
    expect(cell).toMatchObject({ auc: null, variance: null, reason });
  });

  test("uses only rows with a score and a label, and says how many it left out", async () => {
    const cell = await wholeAuc([0.1, 0.2, Number.NaN, 0.9, 0.8, 0.7], [0, 0, 1, 1, 1, 255]);
    expect(cell).toMatchObject({ auc: 1, missingScores: 1, unknownLabels: 1, positives: 2, negatives: 2 });
  });

  test("keeps its digits where products of counts pass 2^53", async () => {
    // 4e6 rows: positives take ranks 2, 4, 6, ...: wins = m(m+1)/2 of m^2 pairs, so auc = (m + 1) / 2m.
    const half = 2_000_000;
    const scores = Float32Array.from({ length: 2 * half }, (_, row) => row);
    const labels = Uint8Array.from({ length: 2 * half }, (_, row) => row % 2);
    const [cell] = await stratifiedAuc({ order: await sortScores(scores), labels });
    expect(cell?.auc).toBe((half + 1) / (2 * half));
    // Placements of either class are 1..m (or 0..m-1) over m: their variance is (m + 1) / 12m.
    expect(cell?.variance).toBeCloseTo((half + 1) / (6 * half * half), 18);
  });

  test("keeps the strata apart when there are more of them than 16-bit codes", async () => {
    const strata = Uint32Array.from([39_999, 39_999, 39_999, 39_999, 7]);
    const order = await sortScores(Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5));
    const cells = await stratifiedAuc({
      order,
      labels: Uint8Array.of(0, 1, 0, 1, 1),
      strata,
      stratumCount: 40_000,
    });
    expect(cells[39_999]).toMatchObject({ auc: 0.75, positives: 2, negatives: 2 });
    expect(cells[7]).toMatchObject({ reason: "NO_NEGATIVES", positives: 1 });
  });

  test.each([
    ["labels", { labels: Uint8Array.of(0, 1) }],
    ["strata", { strata: Uint16Array.of(0) }],
    ["labels 0, 1 or 255", { labels: Uint8Array.of(0, 1, 2) }],
    ["at least one stratum", { stratumCount: 0 }],
  ])("refuses wrong %s with INVALID_INPUT", async (words, wrong) => {
    const order = await sortScores(Float32Array.of(0.1, 0.2, 0.3));
    const input = { order, labels: Uint8Array.of(0, 1, 1), ...wrong };
    await expect(stratifiedAuc(input)).rejects.toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
    await expect(stratifiedAuc(input)).rejects.toThrow(words);
  });
});
