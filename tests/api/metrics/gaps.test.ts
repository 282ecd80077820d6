import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../../api/graphql/node-id.ts";
import { cohortDataset, makeCohort, SEXES } from "../../support/cohort.ts";
import { buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../support/graphql-client.ts";

const QUERY = `query ($input: GapsInput!) {
  gaps(input: $input) {
    suppressed remarks
    thresholds { class rule at split part threshold tpr fpr equallyGood reason }
    cells { class stratum { attribute level } rate value ciLow ciHigh successes total nPositive nNegative nPatients status reason }
    gaps { class rate gap ciLow ciHigh best { level } worst { level } leftOut reason }
  }
}`;
interface RateCell {
  readonly class: string;
  readonly stratum: readonly { readonly level: string }[];
  readonly rate: string;
  readonly value: number | null;
  readonly successes: number;
  readonly total: number;
  readonly status: string;
}
let database: FreshDatabase;
let client: GraphqlClient;
let evaluation: string;
const cohort = makeCohort(23, 600);
const partOf = Array.from(new Set(cohort.patients), (patient) => patient % 2);

const ask = async (input: Record<string, unknown>, role: "steward" | "public" = "steward") =>
  (await client.ask(QUERY, { input: { evaluation, classes: ["A"], ...input } }, role)).gaps as {
    cells: RateCell[];
    thresholds: { threshold: number; tpr: number; fpr: number }[];
    gaps: {
      gap: number;
      ciLow: number;
      ciHigh: number;
      best: { level: string }[];
      worst: { level: string }[];
      leftOut: number;
    }[];
    suppressed: number;
    remarks: string[];
  };

/** Rows with a score and a truth. */
const used = Array.from({ length: cohort.imageCount }, (_, row) => row).filter(
  (row) => cohort.labels[0]?.[row] !== -1 && !Number.isNaN(cohort.scores[0]?.[row]),
);
const called = (row: number, cut: number) => (cohort.scores[0]?.[row] ?? 0) >= Math.fround(cut);
const labelled = (row: number) => cohort.labels[0]?.[row];

beforeAll(async () => {
  database = await freshDatabase();
  client = graphqlClient(database);
  const spec = { ...cohortDataset(cohort), splits: { study: { parts: ["test", "validate"], of: partOf } } };
  const built = await buildEvaluation(database, await buildDataset(database, spec), {
    taskKind: "multilabel",
    taskAttribute: "finding",
    classes: ["A", "B"],
    scores: cohort.scores,
  });
  evaluation = encodeId("Evaluation", built.evaluationId);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("gaps", () => {
  test("counts the decisions of a given threshold in every stratum", async () => {
    const rates = ["FPR", "FNR", "TPR", "PPV"];
    const { cells } = await ask({ by: ["sex"], rates, threshold: { rule: "VALUE", value: 0.6 } });
    for (const cell of cells) {
      const rows = used.filter(
        (row) => (SEXES[cohort.sex[row] ?? -1] ?? "unknown") === cell.stratum[0]?.level,
      );
      const of = {
        FPR: rows.filter((row) => labelled(row) === 0),
        FNR: rows.filter((row) => labelled(row) === 1),
        TPR: rows.filter((row) => labelled(row) === 1),
        PPV: rows.filter((row) => called(row, 0.6)),
      }[cell.rate];
      const hit =
        cell.rate === "FNR"
          ? of?.filter((row) => !called(row, 0.6))
          : of?.filter((row) => (cell.rate === "PPV" ? labelled(row) === 1 : called(row, 0.6)));
      expect([cell.successes, cell.total]).toEqual([hit?.length, of?.length]);
      expect(cell.value).toBeCloseTo((hit?.length ?? 0) / (of?.length ?? 1), 14);
    }
    expect(cells).toHaveLength(12);
  });

  test("chooses the threshold on the named part of a split only", async () => {
    const { thresholds, remarks } = await ask({
      threshold: { rule: "YOUDEN", on: { split: "study", part: "validate" } },
    });
    const rows = used.filter((row) => (cohort.patients[row] ?? 0) % 2 === 1);
    const share = (label: number, cut: number) => {
      const of = rows.filter((row) => labelled(row) === label);
      return of.filter((row) => called(row, cut)).length / of.length;
    };
    const best = Math.max(
      ...rows.map((row) => cohort.scores[0]?.[row] ?? 0).map((cut) => share(1, cut) - share(0, cut)),
    );
    const [chosen] = thresholds;
    expect(chosen).toMatchObject({ rule: "YOUDEN", at: null, split: "study", part: "validate" });
    expect((chosen?.tpr ?? 0) - (chosen?.fpr ?? 0)).toBeCloseTo(best, 12);
    expect(chosen?.tpr).toBeCloseTo(share(1, chosen?.threshold ?? 0), 12);
    expect(remarks).toEqual([]);
    expect((await ask({ threshold: { rule: "YOUDEN" } })).remarks).toHaveLength(1);
  });

  test("holds the specificity and sensitivity asked for", async () => {
    const [specific] = (await ask({ threshold: { rule: "SPECIFICITY", at: 0.9 } })).thresholds;
    expect(specific?.fpr).toBeLessThanOrEqual(0.1);
    const [sensitive] = (await ask({ threshold: { rule: "SENSITIVITY", at: 0.9 } })).thresholds;
    expect(sensitive?.tpr).toBeGreaterThanOrEqual(0.9);
  });

  test("finds the gap between the best and the worst stratum", async () => {
    const { cells, gaps } = await ask({
      by: ["sex", "view"],
      rates: ["FNR"],
      threshold: { rule: "VALUE", value: 0.5 },
    });
    const known = cells.filter(({ value }) => value !== null);
    const values = known.map(({ value }) => value ?? 0);
    expect(gaps[0]?.gap).toBeCloseTo(Math.max(...values) - Math.min(...values), 14);
    const worst = known.find(({ value }) => value === Math.max(...values));
    expect(gaps[0]?.worst.map(({ level }) => level)).toEqual(worst?.stratum.map(({ level }) => level));
    expect(gaps[0]?.ciLow).toBeLessThan(gaps[0]?.gap ?? 0);
  });

  test.each([
    ["a rule without its number", { threshold: { rule: "SPECIFICITY" } }],
    ["a number that the rule does not take", { threshold: { rule: "YOUDEN", at: 0.5 } }],
    ["a split that is not there", { threshold: { on: { split: "other", part: "test" } } }],
    ["a part that is not there", { threshold: { on: { split: "study", part: "train" } } }],
  ])("refuses %s", async (_, input) => {
    await expect(ask(input)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });

  test("hides small strata and their part in the gap without row-level rights", async () => {
    const { cells, gaps, thresholds, suppressed } = await ask(
      { by: ["sex"], threshold: { rule: "YOUDEN" } },
      "public",
    );
    expect(suppressed).toBeGreaterThan(0);
    expect(
      cells
        .filter(({ stratum }) => stratum[0]?.level === "unknown")
        .every(({ status, value }) => status === "SUPPRESSED" && value === null),
    ).toBe(true);
    expect(cells.every(({ successes, total }) => successes === null && total === null)).toBe(true);
    expect(gaps[0]?.leftOut).toBeGreaterThan(0);
    expect(thresholds[0]?.threshold).toBe(Number(thresholds[0]?.threshold.toFixed(2)));
    await expect(ask({ threshold: { rule: "VALUE", value: 0.5 } }, "public")).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
  });
});
