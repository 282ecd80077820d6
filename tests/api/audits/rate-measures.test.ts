import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { measureRates } from "../../../api/audits/rate-measures.ts";
import { AnalysisFrames } from "../../../api/metrics/analysis-rows.ts";
import type { NewMetricRow } from "../../../api/metrics/metric.queries.ts";
import { EvaluationColumns } from "../../../api/predictions/evaluation-columns.ts";
import type { PlannedRates } from "../../../compute/index.ts";
import { cohortDataset, makeCohort, SEXES } from "../../support/cohort.ts";
import { type BuiltDataset, buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";

const cohort = makeCohort(11, 600);
const images = Array.from({ length: cohort.imageCount }, (_, image) => image);
const patientOf = (image: number) => cohort.patients[image] ?? -1;
/** Patients on whose images thresholds are chosen; the others are judged. */
const choosesThreshold = (image: number) => patientOf(image) % 3 === 0;
const label = (image: number) => cohort.labels[0]?.[image];
const score = (image: number) => cohort.scores[0]?.[image] ?? Number.NaN;

let database: FreshDatabase;
let dataset: BuiltDataset;
let chosenOn: number;
let judged: number;

beforeAll(async () => {
  database = await freshDatabase();
  dataset = await buildDataset(database, cohortDataset(cohort));
  chosenOn = await evaluationOf(choosesThreshold);
  judged = await evaluationOf((image) => !choosesThreshold(image));
});
afterAll(() => database[Symbol.asyncDispose]());

async function evaluationOf(takesPart: (image: number) => boolean): Promise<number> {
  const scores = images.map((image) => (takesPart(image) ? score(image) : Number.NaN));
  const task = { taskKind: "multilabel", taskAttribute: "finding", classes: ["A"] } as const;
  return (await buildEvaluation(database, dataset, { ...task, scores: [scores] })).evaluationId;
}

const rates: PlannedRates = {
  finding: "A",
  rates: ["fpr", "fnr"],
  threshold: "target_fpr",
  targetFpr: 0.2,
  chosenOn: "e1",
  by: [{ attribute: "sex", cuts: null }],
};
const measure = (changes: Partial<PlannedRates> = {}, ids = { evaluation: judged, chosenOn }) =>
  measureRates(new AnalysisFrames(new EvaluationColumns(database)), {
    rates: { ...rates, ...changes },
    unit: "image",
    settings: { level: 0.95 },
    ...ids,
  });
const find = (rows: readonly NewMetricRow[], metric: string, ...levels: readonly string[]) =>
  rows.find(
    (row) => row.metric === metric && (row.stratum ?? []).map(({ level }) => level).join() === levels.join(),
  );

/** Share of those with a label that are called; both by the plainest count there is. */
function share(of: number, isCalled: boolean, cut: number, takesPart: (image: number) => boolean): number {
  const rows = images.filter(
    (image) => label(image) === of && !Number.isNaN(score(image)) && takesPart(image),
  );
  return rows.filter((image) => score(image) >= Math.fround(cut) === isCalled).length / rows.length;
}

describe("measureRates", () => {
  test("chooses the threshold on the other images, where it keeps its promise, and records it", async () => {
    const { values } = await measure();
    const { threshold, ...rest } = find(values, "fpr")?.params ?? {};
    expect(rest).toMatchObject({
      rule: "target_fpr",
      targetFpr: 0.2,
      clusters: "patient",
      interval: "wilson",
    });
    expect(share(0, true, Number(threshold), choosesThreshold)).toBeLessThanOrEqual(0.2);
    // The next score below would break it.
    const below = Math.max(
      ...images
        .filter(choosesThreshold)
        .map(score)
        .filter((one) => one < Number(threshold) - 1e-6),
    );
    expect(share(0, true, below, choosesThreshold)).toBeGreaterThan(0.2);
  });

  test("has no say for the images that it judges", async () => {
    const { values } = await measure();
    const other = await evaluationOf((image) => !choosesThreshold(image) && patientOf(image) % 3 === 1);
    const again = await measure({}, { evaluation: other, chosenOn });
    expect(find(again.values, "fpr")?.params?.["threshold"]).toBe(find(values, "fpr")?.params?.["threshold"]);
    expect(find(again.values, "fpr")?.value).not.toBe(find(values, "fpr")?.value);
    // A patient on both sides chooses nothing: here all of them are.
    const same = await measure({}, { evaluation: chosenOn, chosenOn });
    expect(find(same.values, "fpr")).toMatchObject({ value: null, reason: "NO_ROWS" });
  });

  test("counts each group and the rest of it, without those whose group is not known", async () => {
    const { values, differences } = await measure();
    const cut = Number(find(values, "fpr")?.params?.["threshold"]);
    const isSex = (code: number) => (image: number) => !choosesThreshold(image) && cohort.sex[image] === code;
    for (const [code, sex] of SEXES.entries()) {
      for (const [metric, of, isCalled] of [
        ["fpr", 0, true],
        ["fnr", 1, false],
      ] as const) {
        const own = share(of, isCalled, cut, isSex(code));
        const row = find(values, metric, sex);
        expect(row?.value).toBeCloseTo(own, 12);
        expect(row?.ciLow).toBeLessThan(own);
        expect(row?.ciHigh).toBeGreaterThan(own);
        expect(row?.ciMethod).toBe("wilson");
        const gap = find(differences, `${metric}_gap`, sex);
        expect(gap?.value).toBeCloseTo(own - share(of, isCalled, cut, isSex(1 - code)), 12);
        expect(gap?.params).toMatchObject({ against: "rest", interval: "newcombe" });
      }
    }
    expect([...values, ...differences].some((row) => JSON.stringify(row.stratum).includes("unknown"))).toBe(
      false,
    );
    expect(find(values, "fpr")?.value).toBeCloseTo(
      share(0, true, cut, (image) => !choosesThreshold(image)),
      12,
    );
  });

  test("takes bands of a number and several attributes together", async () => {
    const { differences } = await measure({
      by: [
        { attribute: "sex", cuts: null },
        { attribute: "age", cuts: [40, 60] },
      ],
    });
    const groups = differences
      .filter(({ metric }) => metric === "fpr_gap")
      .map(({ stratum = [] }) => stratum.map(({ level }) => level).join(" "));
    expect([...groups].sort()).toEqual(["<40 F", "<40 M", "40-60 F", "40-60 M", "60- F", "60- M"].sort());
  });

  test("gives each number its own record, and the same one each time", async () => {
    const fingerprints = async (changes: Partial<PlannedRates> = {}) => {
      const { values, differences } = await measure(changes);
      return [...values, ...differences].map(({ fingerprint }) => fingerprint);
    };
    const first = await fingerprints();
    expect(new Set(first).size).toBe(first.length);
    expect(await fingerprints()).toEqual(first);
    const other = await fingerprints({ threshold: "f1", targetFpr: null });
    expect(other.filter((one) => first.includes(one))).toEqual([]);
  });

  test("refuses a model that does not tell the finding", async () => {
    await expect(measure({ finding: "B" })).rejects.toThrow(/tells the finding/);
  });
});
