import { describe, expect, test } from "vitest";
import type { EvenStep } from "../../../compute/metrics/even-cells.ts";
import { type ResampledInput, resampledAuc } from "../../../compute/metrics/resampled-auc.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { RandomStream } from "../../../compute/random.ts";

interface Row {
  readonly score: number;
  /** 1 positive. */
  readonly group: number;
  readonly level: number;
  readonly patient: number;
}

const options = { timesSize: 3, replicates: 400, seed: 5, level: 0.95 };

async function inputOf(rows: readonly Row[], levelCount = 2): Promise<ResampledInput> {
  const step = (codes: readonly number[], count: number): EvenStep => ({
    codes: Uint16Array.from(codes),
    levelCount: count,
  });
  return {
    order: await sortScores(Float64Array.from(rows, ({ score }) => score)),
    labels: Uint8Array.from(rows, ({ group }) => group),
    steps: [
      step(
        rows.map(({ group }) => group),
        2,
      ),
      step(
        rows.map(({ level }) => level),
        levelCount,
      ),
    ],
    patients: Uint32Array.from(rows, ({ patient }) => patient),
    patientCount: Math.max(...rows.map(({ patient }) => patient)) + 1,
  };
}

/** One row a patient; `shareOfOld` of each group is of level 1; the score follows the level and, by `signal`, the group. */
function cohort(
  counts: readonly (readonly [group: number, level: number, rows: number])[],
  { byLevel, byGroup }: { readonly byLevel: number; readonly byGroup: number },
  seed = 1,
): Row[] {
  const stream = new RandomStream(seed);
  return counts
    .flatMap(([group, level, n]) => Array.from({ length: n }, () => ({ group, level })))
    .map(({ group, level }, patient) => ({
      group,
      level,
      patient,
      // Rounded, so that there are ties.
      score: Math.round(20 * (stream.normal() + byLevel * level + byGroup * group)) / 20,
    }));
}

/** Every pair of a positive and a negative, each pair of cells counting the same. */
function byPairs(rows: readonly Row[]): number {
  const cellOf = ({ group, level }: Row) => `${group} ${level}`;
  const sizes = new Map<string, number>();
  for (const row of rows) sizes.set(cellOf(row), (sizes.get(cellOf(row)) ?? 0) + 1);
  let [wins, pairs] = [0, 0];
  for (const positive of rows.filter(({ group }) => group === 1)) {
    for (const negative of rows.filter(({ group }) => group === 0)) {
      const weight = 1 / (sizes.get(cellOf(positive)) ?? 0) / (sizes.get(cellOf(negative)) ?? 0);
      pairs += weight;
      if (positive.score > negative.score) wins += weight;
      else if (positive.score === negative.score) wins += weight / 2;
    }
  }
  return wins / pairs;
}

const skewed = [
  [0, 0, 90],
  [0, 1, 30],
  [1, 0, 25],
  [1, 1, 60],
] as const;

describe("resampledAuc", () => {
  test("is the AUC over all pairs in which each pair of cells counts the same", async () => {
    const rows = cohort(skewed, { byLevel: 1.5, byGroup: 0.5 });
    const { resampled, plain, difference } = await resampledAuc(await inputOf(rows), options);
    expect(resampled.value).toBeCloseTo(byPairs(rows), 12);
    const [positives, negatives] = [rows.filter(({ group }) => group === 1), rows.filter((r) => !r.group)];
    const wins = positives.flatMap((p) => negatives.map((n) => (Math.sign(p.score - n.score) + 1) / 2));
    expect(plain).toBeCloseTo(wins.reduce((sum, win) => sum + win, 0) / wins.length, 12);
    expect(difference.value).toBeCloseTo((resampled.value ?? 0) - (plain ?? 0), 12);
  });

  test("changes nothing where all cells are of one size, and draws come to the same", async () => {
    const even = skewed.map(([group, level]) => [group, level, 40] as const);
    const rows = cohort(even, { byLevel: 1, byGroup: 1 });
    const { resampled, plain, difference, effectiveSize } = await resampledAuc(await inputOf(rows), options);
    expect(resampled.value).toBeCloseTo(plain ?? 0, 12);
    expect(effectiveSize).toBeCloseTo(160, 8);
    expect(difference.low).toBeLessThan(0);
    expect(difference.high).toBeGreaterThan(0);
    expect(Math.abs((difference.low ?? 1) + (difference.high ?? 1))).toBeLessThan(0.02);
  });

  test("falls to one half where the level alone carries the group", async () => {
    const rows = cohort(
      skewed.map(([group, level, n]) => [group, level, 10 * n] as const),
      { byLevel: 2, byGroup: 0 },
    );
    const { resampled, plain, difference } = await resampledAuc(await inputOf(rows), options);
    expect(plain).toBeGreaterThan(0.65);
    expect(resampled.low).toBeLessThan(0.5);
    expect(resampled.high).toBeGreaterThan(0.5);
    expect(Math.abs((resampled.value ?? 0) - 0.5)).toBeLessThan(0.04);
    expect(difference.high).toBeLessThan(-0.1);
  });

  test("has the spread of weighted AUCs of drawn patients, and a little more for the draws", async () => {
    const rows = cohort(skewed, { byLevel: 1, byGroup: 1 });
    const stream = new RandomStream(99);
    const aucs = Array.from({ length: 400 }, () =>
      byPairs(Array.from(rows, () => rows[stream.below(rows.length)] as Row)),
    );
    const mean = aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length;
    const sd = Math.sqrt(aucs.reduce((sum, auc) => sum + (auc - mean) ** 2, 0) / (aucs.length - 1));
    const { resampled } = await resampledAuc(await inputOf(rows), { ...options, timesSize: 30 });
    expect((resampled.se ?? 0) / sd).toBeGreaterThan(0.85);
    expect((resampled.se ?? 0) / sd).toBeLessThan(1.2);
    const fewer = await resampledAuc(await inputOf(rows), { ...options, timesSize: 1 });
    expect((fewer.resampled.se ?? 0) / sd).toBeGreaterThan(1.2);
  });

  test("gains nothing from images that a patient has twice", async () => {
    const rows = cohort(skewed, { byLevel: 1, byGroup: 1 });
    const once = await resampledAuc(await inputOf(rows), { ...options, timesSize: 20 });
    const twice = await resampledAuc(await inputOf([...rows, ...rows]), { ...options, timesSize: 20 });
    expect(twice.resampled.value).toBeCloseTo(once.resampled.value ?? 0, 12);
    expect((twice.resampled.se ?? 0) / (once.resampled.se ?? 1)).toBeGreaterThan(0.9);
  });

  test("is the same for the same seed, and of another for another", async () => {
    const rows = cohort(skewed, { byLevel: 1, byGroup: 1 });
    const first = await resampledAuc(await inputOf(rows), options);
    expect(await resampledAuc(await inputOf(rows), options)).toEqual(first);
    const other = await resampledAuc(await inputOf(rows), { ...options, seed: 6 });
    expect(other.resampled.value).toBe(first.resampled.value);
    expect(other.resampled.low).not.toBe(first.resampled.low);
  });

  test("tells what each row weighs, and leaves out rows whose level is not known", async () => {
    const rows = cohort(skewed, { byLevel: 1, byGroup: 1 });
    const unknown = rows.map((row, i) => (i % 10 === 0 ? { ...row, level: 2 } : row));
    const { cells, leftOut, positives, negatives, patients } = await resampledAuc(
      await inputOf(unknown),
      options,
    );
    expect(cells.map(({ levels }) => levels)).toEqual(skewed.map(([group, level]) => [group, level]));
    expect(cells.reduce((sum, cell) => sum + cell.rows * (cell.weight ?? 0), 0)).toBeCloseTo(1, 12);
    for (const { rows: n, weight } of cells) expect(weight).toBeCloseTo(1 / 4 / n, 14);
    expect(leftOut).toBe(21);
    expect([positives + negatives, patients]).toEqual([rows.length - 21, rows.length - 21]);
  });

  test("says why there is no number", async () => {
    const full = cohort(skewed, { byLevel: 1, byGroup: 1 });
    const of = async (rows: readonly Row[], levels = 2) => resampledAuc(await inputOf(rows, levels), options);
    const empty = await of(full.filter(({ group, level }) => group === 0 || level === 0));
    expect(empty).toMatchObject({ reason: "EMPTY_CELL", plain: null, resampled: { value: null, low: null } });
    expect(await of(full.filter(({ group }) => group === 0))).toMatchObject({ reason: "NO_POSITIVES" });
    // A level that nobody has takes nothing from anybody.
    expect((await of(full, 5)).reason).toBeNull();
    const rare = full.filter(
      ({ group, level }, i) =>
        group !== 1 || level !== 0 || i === full.findIndex((r) => r.group === 1 && !r.level),
    );
    const few = await of(rare);
    expect(few).toMatchObject({ reason: null, intervalReason: "TOO_FEW_CLUSTERS", resampled: { low: null } });
    expect(few.resampled.value).not.toBeNull();
  });

  test("stops when told to, and refuses options out of range", async () => {
    const input = await inputOf(cohort(skewed, { byLevel: 1, byGroup: 1 }));
    const stopped = AbortSignal.abort(new Error("enough"));
    const long = { ...options, replicates: 10_000 };
    await expect(resampledAuc(input, long, stopped)).rejects.toThrow("enough");
    await expect(resampledAuc(input, { ...options, timesSize: 0 })).rejects.toThrow(/timesSize/);
    await expect(resampledAuc(input, { ...options, replicates: 1 })).rejects.toThrow(/replicates/);
  });
});
