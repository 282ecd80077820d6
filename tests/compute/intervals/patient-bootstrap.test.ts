import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bootstrapChunk, planBootstrap } from "../../../compute/intervals/bootstrap-plan.ts";
import { bootstrapAuc, bootstrapAucInTurns } from "../../../compute/intervals/patient-bootstrap.ts";
import { drawPatientWeights } from "../../../compute/intervals/patient-weights.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { RandomStream } from "../../../compute/random.ts";
import { aucByPairs, rowsOfStratum } from "../metrics/auc-oracle.ts";

/** 60 images of 20 patients in two strata, two columns of scores with ties. */
function cohort(seed: number) {
  const stream = new RandomStream(seed);
  const rows = Array.from({ length: 60 }, () => stream.below(20));
  const labels = Uint8Array.from(rows, () => stream.below(2));
  const column = () => Float32Array.from(labels, (label) => (stream.below(8) + 2 * label) / 10);
  return {
    scores: [column(), column()],
    labels,
    strata: Uint16Array.from(rows, (patient) => patient % 2),
    patients: Uint32Array.from(rows),
  };
}

function inputOf({ scores, labels, strata, patients }: ReturnType<typeof cohort>) {
  const columns = scores.map((each) => ({ order: sortScores(each), labels }));
  return { columns, strata, stratumCount: 2, patients, patientCount: 20 };
}

const options = { seed: 11, replicates: 200, level: 0.95 };

describe("drawPatientWeights", () => {
  test("draws as many patients as there are, each equally often", () => {
    const totals = new Float64Array(10);
    for (let replicate = 0; replicate < 2000; replicate += 1) {
      const weights = new Int32Array(10);
      drawPatientWeights(3, replicate, weights);
      expect(weights.reduce((a, b) => a + b)).toBe(10);
      for (const [patient, weight] of weights.entries()) totals[patient] = (totals[patient] ?? 0) + weight;
    }
    const chiSquare = totals.reduce((sum, total) => sum + (total - 2000) ** 2 / 2000, 0);
    expect(chiSquare).toBeLessThan(27.9); // chance 0.1 % at 9 degrees of freedom
  });
});

describe("bootstrapChunk", () => {
  test("equals the AUC over all pairs of the rows, repeated as often as their patient was drawn", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1000 }), (seed) => {
        const { scores, labels, strata, patients } = cohort(seed);
        const plan = planBootstrap(inputOf({ scores, labels, strata, patients }));
        const chunk = bootstrapChunk(plan, 5, 3, 4);
        const weights = new Int32Array(plan.patientCount);
        drawPatientWeights(5, 3, weights);
        // Patients that occur are numbered in ascending order.
        const present = [...new Set(patients)].sort((a, b) => a - b);
        expect(plan.patientCount).toBe(present.length);
        const drawn = Array.from(patients).flatMap((patient, row) =>
          Array.from({ length: weights[present.indexOf(patient)] ?? 0 }, () => row),
        );
        const pick = (values: ArrayLike<number>) => drawn.map((row) => values[row] ?? Number.NaN);
        for (const [column, each] of scores.entries()) {
          for (const stratum of [0, 1]) {
            const rows = rowsOfStratum(pick(each), pick(labels), pick(strata), stratum);
            const value = chunk[column * 2 + stratum];
            if (rows.positives.length === 0 || rows.negatives.length === 0) expect(value).toBeNaN();
            else expect(value).toBeCloseTo(aucByPairs(rows).auc, 12);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test("gives the same replicates whatever the order and size of the chunks", () => {
    const plan = planBootstrap(inputOf(cohort(1)));
    const whole = bootstrapChunk(plan, 11, 0, 50);
    const late = bootstrapChunk(plan, 11, 30, 50);
    const early = bootstrapChunk(plan, 11, 0, 30);
    expect([...early, ...late]).toEqual([...whole]);
  });

  test("resamples only patients with a row inside a stratum", () => {
    const { strata, ...rest } = cohort(1);
    const input = inputOf({ ...rest, strata: strata.map((stratum) => (stratum === 0 ? 0 : 9)) });
    expect(planBootstrap(input).patientCount).toBe(planBootstrap(inputOf(cohort(1))).patientCount / 2);
  });
});

describe("bootstrapAuc", () => {
  test("takes the 2.5 % and 97.5 % quantiles (type 7) of the replicates", () => {
    const input = inputOf(cohort(1));
    const plan = planBootstrap(input);
    const chunk = bootstrapChunk(plan, 11, 0, 101);
    const [cell] = bootstrapAuc(input, { ...options, replicates: 101 });
    const sorted = [...chunk].filter((_, k) => k % 4 === 0).sort((a, b) => a - b);
    // 100 * 0.025 = 2.5: halfway between the third and the fourth.
    expect(cell?.low).toBeCloseTo(((sorted[2] ?? 0) + (sorted[3] ?? 0)) / 2, 14);
    expect(cell?.high).toBeCloseTo(((sorted[97] ?? 0) + (sorted[98] ?? 0)) / 2, 14);
    expect(cell).toMatchObject({ reason: null, level: 0.95, undefinedReplicates: 0 });
  });

  test("gives the same intervals in turns, and reports progress to the end", async () => {
    const shares: number[] = [];
    const inTurns = await bootstrapAucInTurns(inputOf(cohort(2)), options, {
      onProgress: (share) => shares.push(share),
      sliceMs: 0.001,
    });
    expect(inTurns).toEqual(bootstrapAuc(inputOf(cohort(2)), options));
    expect(shares.at(-1)).toBe(1);
    expect(shares.length).toBeGreaterThan(1);
  });

  test("stops when told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(bootstrapAucInTurns(inputOf(cohort(2)), options, { signal })).rejects.toThrow("enough");
  });

  test("says TOO_FEW_CLUSTERS when a class comes from fewer than three patients, however many images", () => {
    const labels = Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 1);
    const columns = [{ order: sortScores(Float32Array.of(1, 2, 3, 6, 4, 5, 7, 8)), labels }];
    const few = Uint32Array.of(0, 1, 2, 3, 4, 5, 4, 5);
    const [cell] = bootstrapAuc({ columns, patients: few, patientCount: 6 }, options);
    expect(cell).toMatchObject({ low: null, high: null, se: null, reason: "TOO_FEW_CLUSTERS" });
    const enough = Uint32Array.of(0, 1, 2, 3, 4, 5, 6, 5);
    expect(bootstrapAuc({ columns, patients: enough, patientCount: 7 }, options)[0]?.reason).toBeNull();
  });

  test("leaves out resamples that lack a class, and counts them", () => {
    const labels = Uint8Array.of(0, 0, 0, 1, 1, 1);
    const columns = [{ order: sortScores(Float32Array.of(1, 3, 5, 2, 4, 6)), labels }];
    const input = { columns, patients: Uint32Array.of(0, 1, 2, 3, 4, 5), patientCount: 6 };
    const chunk = bootstrapChunk(planBootstrap(input), options.seed, 0, options.replicates);
    const [cell] = bootstrapAuc(input, options);
    expect(cell?.undefinedReplicates).toBe(chunk.filter(Number.isNaN).length);
    expect(cell?.undefinedReplicates).toBeGreaterThan(0);
    expect(cell?.reason).toBeNull();
  });

  test("says DEGENERATE under perfect separation and NO_ROWS for an empty stratum", () => {
    const labels = Uint8Array.from({ length: 40 }, (_, row) => (row < 20 ? 0 : 1));
    const columns = [{ order: sortScores(Float32Array.from(labels)), labels }];
    const patients = Uint32Array.from(labels, (_, row) => row);
    const strata = new Uint16Array(40);
    const cells = bootstrapAuc({ columns, patients, patientCount: 40, strata, stratumCount: 2 }, options);
    expect(cells.map(({ reason }) => reason)).toEqual(["DEGENERATE", "NO_ROWS"]);
  });

  test.each([
    ["level", { level: 1 }],
    ["seed", { seed: 0.5 }],
    ["replicates", { replicates: 99 }],
  ])("refuses a bad %s with INVALID_PARAM", (_name, bad) => {
    expect(() => bootstrapAuc(inputOf(cohort(1)), { ...options, ...bad })).toThrow(
      expect.objectContaining({ code: "INVALID_PARAM" }),
    );
  });
});
