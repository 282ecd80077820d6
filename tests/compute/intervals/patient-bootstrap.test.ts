import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planBootstrap, resampleAucs } from "../../../compute/intervals/bootstrap-plan.ts";
import { bootstrapAuc } from "../../../compute/intervals/patient-bootstrap.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { RandomStream } from "../../../compute/random.ts";
import { drawPatientWeights } from "../../support/oracles/patient-weights.ts";
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

async function inputOf({ scores, labels, strata, patients }: ReturnType<typeof cohort>) {
  const columns = await Promise.all(scores.map(async (each) => ({ order: await sortScores(each), labels })));
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

describe("resampleAucs", () => {
  test("equals the AUC over all pairs of the rows, repeated as often as their patient was drawn", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 1000 }), async (seed) => {
        const { scores, labels, strata, patients } = cohort(seed);
        const plan = await planBootstrap(await inputOf({ scores, labels, strata, patients }));
        const chunk = (await resampleAucs(plan, { seed: 5, replicates: 4 })).subarray(3 * 4);
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

  test("gives the same replicates whatever the threads and however many are asked for, and others for another seed", async () => {
    const plan = await planBootstrap(await inputOf(cohort(1)));
    const whole = await resampleAucs(plan, { seed: 11, replicates: 50 });
    for (const threads of [1, 2, 3]) {
      expect(await resampleAucs(plan, { seed: 11, replicates: 50 }, { threads })).toEqual(whole);
    }
    expect(await resampleAucs(plan, { seed: 11, replicates: 21 })).toEqual(whole.subarray(0, 21 * 4));
    expect(await resampleAucs(plan, { seed: 12, replicates: 50 })).not.toEqual(whole);
  });

  test("resamples only patients with a row inside a stratum", async () => {
    const { strata, ...rest } = cohort(1);
    const input = await inputOf({ ...rest, strata: strata.map((stratum) => (stratum === 0 ? 0 : 9)) });
    expect((await planBootstrap(input)).patientCount).toBe(
      (await planBootstrap(await inputOf(cohort(1)))).patientCount / 2,
    );
  });
});

describe("bootstrapAuc", () => {
  test("takes the 2.5 % and 97.5 % quantiles (type 7) of the replicates", async () => {
    const input = await inputOf(cohort(1));
    const plan = await planBootstrap(input);
    const chunk = await resampleAucs(plan, { seed: 11, replicates: 101 });
    const [cell] = await bootstrapAuc(input, { ...options, replicates: 101 });
    const sorted = [...chunk].filter((_, k) => k % 4 === 0).sort((a, b) => a - b);
    // 100 * 0.025 = 2.5: halfway between the third and the fourth.
    expect(cell?.low).toBeCloseTo(((sorted[2] ?? 0) + (sorted[3] ?? 0)) / 2, 14);
    expect(cell?.high).toBeCloseTo(((sorted[97] ?? 0) + (sorted[98] ?? 0)) / 2, 14);
    expect(cell).toMatchObject({ reason: null, level: 0.95, undefinedReplicates: 0 });
  });

  test("gives the same intervals when followed, and reports progress to the end", async () => {
    const shares: number[] = [];
    const followed = await bootstrapAuc(await inputOf(cohort(2)), options, {
      onProgress: (share) => shares.push(share),
    });
    expect(followed).toEqual(await bootstrapAuc(await inputOf(cohort(2)), options));
    expect(shares.at(-1)).toBe(1);
    expect(shares.length).toBeGreaterThan(1);
  });

  test("stops when told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(bootstrapAuc(await inputOf(cohort(2)), options, { signal })).rejects.toThrow("enough");
    const midway = new AbortController();
    const course = { signal: midway.signal, onProgress: () => midway.abort(new Error("enough")) };
    await expect(bootstrapAuc(await inputOf(cohort(2)), options, course)).rejects.toThrow("enough");
  });

  test("says TOO_FEW_CLUSTERS when a class comes from fewer than three patients, however many images", async () => {
    const labels = Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 1);
    const columns = [{ order: await sortScores(Float32Array.of(1, 2, 3, 6, 4, 5, 7, 8)), labels }];
    const few = Uint32Array.of(0, 1, 2, 3, 4, 5, 4, 5);
    const [cell] = await bootstrapAuc({ columns, patients: few, patientCount: 6 }, options);
    expect(cell).toMatchObject({ low: null, high: null, se: null, reason: "TOO_FEW_CLUSTERS" });
    const enough = Uint32Array.of(0, 1, 2, 3, 4, 5, 6, 5);
    expect(
      (await bootstrapAuc({ columns, patients: enough, patientCount: 7 }, options))[0]?.reason,
    ).toBeNull();
  });

  test("leaves out resamples that lack a class, and counts them", async () => {
    const labels = Uint8Array.of(0, 0, 0, 1, 1, 1);
    const columns = [{ order: await sortScores(Float32Array.of(1, 3, 5, 2, 4, 6)), labels }];
    const input = { columns, patients: Uint32Array.of(0, 1, 2, 3, 4, 5), patientCount: 6 };
    const chunk = await resampleAucs(await planBootstrap(input), options);
    const [cell] = await bootstrapAuc(input, options);
    expect(cell?.undefinedReplicates).toBe(chunk.filter(Number.isNaN).length);
    expect(cell?.undefinedReplicates).toBeGreaterThan(0);
    expect(cell?.reason).toBeNull();
  });

  test("says DEGENERATE under perfect separation and NO_ROWS for an empty stratum", async () => {
    const labels = Uint8Array.from({ length: 40 }, (_, row) => (row < 20 ? 0 : 1));
    const columns = [{ order: await sortScores(Float32Array.from(labels)), labels }];
    const patients = Uint32Array.from(labels, (_, row) => row);
    const strata = new Uint16Array(40);
    const cells = await bootstrapAuc(
      { columns, patients, patientCount: 40, strata, stratumCount: 2 },
      options,
    );
    expect(cells.map(({ reason }) => reason)).toEqual(["DEGENERATE", "NO_ROWS"]);
  });

  test("refuses more patients than can be drawn fairly, and patients out of range, with INVALID_INPUT", async () => {
    const labels = Uint8Array.of(0, 1);
    const columns = [{ order: await sortScores(Float32Array.of(1, 2)), labels }];
    const outside = { columns, patients: Uint32Array.of(0, 2), patientCount: 2 };
    await expect(bootstrapAuc(outside, options)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    const many = 2 ** 21 + 1;
    const column = { order: await sortScores(new Float32Array(many)), labels: new Uint8Array(many) };
    const input = {
      columns: [column],
      patients: Uint32Array.from(column.labels, (_, k) => k),
      patientCount: many,
    };
    await expect(bootstrapAuc(input, options)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test.each([
    ["level", { level: 1 }],
    ["seed", { seed: 0.5 }],
    ["replicates", { replicates: 99 }],
  ])("refuses a bad %s with INVALID_PARAM", async (_name, bad) => {
    await expect(bootstrapAuc(await inputOf(cohort(1)), { ...options, ...bad })).rejects.toThrow(
      expect.objectContaining({ code: "INVALID_PARAM" }),
    );
  });
});
