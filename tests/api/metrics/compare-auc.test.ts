import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../../api/graphql/node-id.ts";
import { cohortDataset, makeCohort } from "../../support/cohort.ts";
import { buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../support/graphql-client.ts";

const QUERY = `query ($input: CompareAucInput!) {
  compareAuc(input: $input) {
    suppressed remarks
    cells { class secondClass stratum { attribute level } method aucFirst aucSecond difference se ciLow ciHigh statistic df p pAdjusted nPositiveFirst nNegativeFirst nPositiveSecond status reason }
  }
}`;
interface Cell {
  readonly class: string;
  readonly secondClass: string;
  readonly stratum: readonly { readonly level: string }[];
  readonly method: string;
  readonly aucFirst: number;
  readonly aucSecond: number;
  readonly difference: number;
  readonly se: number;
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly p: number;
  readonly pAdjusted: number;
  readonly status: string;
}
let database: FreshDatabase;
let client: GraphqlClient;
let first: string;
let second: string;
let elsewhere: string;
const cohort = makeCohort(31, 500);
// A second model: the same scores, two neighbours swapped here and there.
const blurred = cohort.scores.map((column) =>
  column.map((score, row) => (row % 3 === 0 ? (column[(row * 7) % column.length] ?? score) : score)),
);

const ask = async (input: Record<string, unknown>, role: "steward" | "public" = "steward") =>
  (
    await client.ask(
      QUERY,
      { input: { first: { evaluation: first }, second: { evaluation: second }, ...input } },
      role,
    )
  ).compareAuc as {
    cells: Cell[];
    suppressed: number;
    remarks: string[];
  };
const auc = async (evaluation: string, input: Record<string, unknown> = {}) => {
  const query =
    "query ($input: StratifiedAucInput!) { stratifiedAuc(input: $input) { cells { class stratum { level } auc se } } }";
  return (await client.ask(query, { input: { evaluation, ...input } })).stratifiedAuc.cells as {
    class: string;
    stratum: { level: string }[];
    auc: number;
    se: number;
  }[];
};

beforeAll(async () => {
  database = await freshDatabase();
  client = graphqlClient(database);
  const task = { taskKind: "multilabel", taskAttribute: "finding", classes: ["A", "B"] } as const;
  const dataset = await buildDataset(database, cohortDataset(cohort));
  const other = makeCohort(32, 400);
  const made = [
    await buildEvaluation(database, dataset, { ...task, scores: cohort.scores }),
    await buildEvaluation(database, dataset, { ...task, scores: blurred }),
    await buildEvaluation(database, await buildDataset(database, cohortDataset(other)), {
      ...task,
      scores: other.scores,
    }),
  ];
  [first = "", second = "", elsewhere = ""] = made.map(({ evaluationId }) =>
    encodeId("Evaluation", evaluationId),
  );
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("compareAuc", () => {
  test("pairs two models on the same images, by class and stratum, and adjusts the p-values", async () => {
    const { cells } = await ask({ by: ["view"] });
    expect(cells.map(({ class: name, stratum, method }) => [name, stratum[0]?.level, method])).toEqual(
      ["A", "B"].flatMap((name) => ["AP", "PA"].map((view) => [name, view, "DELONG_PAIRED"])),
    );
    for (const cell of cells) {
      expect(cell.difference).toBeCloseTo(cell.aucFirst - cell.aucSecond, 14);
      expect([cell.ciLow, cell.ciHigh]).toEqual([
        expect.closeTo(cell.difference - 1.959964 * cell.se, 6),
        expect.closeTo(cell.difference + 1.959964 * cell.se, 6),
      ]);
      expect(cell.pAdjusted).toBeGreaterThanOrEqual(cell.p);
    }
    const smallest = cells.reduce((a, b) => (a.p < b.p ? a : b));
    expect(smallest.pAdjusted).toBeCloseTo(Math.min(1, 4 * smallest.p), 12);
    const { cells: plain } = await ask({ by: ["view"], adjustment: "NONE" });
    expect(plain.map(({ pAdjusted }) => pAdjusted)).toEqual(plain.map(({ p }) => p));
  });

  test("finds the paired difference narrower than the unpaired one, and the same in size", async () => {
    const [paired] = (await ask({ first: { evaluation: first, class: "A" } })).cells;
    const [unpaired] = (await ask({ first: { evaluation: first, class: "A" }, pairing: "UNPAIRED" })).cells;
    expect(unpaired?.method).toBe("DELONG_UNPAIRED");
    expect(paired?.se).toBeLessThan(unpaired?.se ?? 0);
    // Not equal: unpaired, rows that lack one of the scores count on the other side.
    expect(Math.abs((paired?.difference ?? 1) - (unpaired?.difference ?? 0))).toBeLessThan(0.02);
  });

  test("compares datasets without pairing", async () => {
    const [a] = await auc(first, { classes: ["A"] });
    const [b] = await auc(elsewhere, { classes: ["A"] });
    const [cell] = (
      await ask({ first: { evaluation: first, class: "A" }, second: { evaluation: elsewhere, class: "A" } })
    ).cells;
    expect(cell).toMatchObject({ method: "DELONG_UNPAIRED", aucFirst: a?.auc, aucSecond: b?.auc });
    expect(cell?.se).toBeCloseTo(Math.hypot(a?.se ?? 0, b?.se ?? 0), 12);
    await expect(ask({ second: { evaluation: elsewhere }, pairing: "PAIRED" })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });

  test("compares two strata of one evaluation, in every other stratum", async () => {
    const side = (level: string) => ({
      evaluation: first,
      class: "A",
      stratum: [{ attribute: "sex", level }],
    });
    const { cells, remarks } = await ask({ first: side("F"), second: side("M"), by: ["view"] });
    const byBoth = await auc(first, { by: ["sex", "view"], classes: ["A"] });
    const of = (sex: string, view: string) =>
      byBoth.find(({ stratum }) => stratum[0]?.level === sex && stratum[1]?.level === view)?.auc;
    expect(cells.map(({ stratum, aucFirst, aucSecond }) => [stratum[0]?.level, aucFirst, aucSecond])).toEqual(
      [
        ["AP", of("F", "AP"), of("M", "AP")],
        ["PA", of("F", "PA"), of("M", "PA")],
      ],
    );
    expect(remarks).toHaveLength(1);
  });

  test("resamples patients where two classes of the same images are compared", async () => {
    const input = {
      first: { evaluation: first, class: "A" },
      second: { evaluation: first, class: "B" },
      replicates: 400,
    };
    const { cells } = await ask(input);
    const [a, b] = await auc(first);
    expect(cells[0]).toMatchObject({
      class: "A",
      secondClass: "B",
      method: "BOOTSTRAP_PAIRED",
      aucFirst: a?.auc,
      aucSecond: b?.auc,
    });
    const { difference = 0, ciLow = 0, ciHigh = 0 } = cells[0] ?? {};
    expect(difference).toBeCloseTo((a?.auc ?? 0) - (b?.auc ?? 0), 14);
    expect([ciLow < difference, difference < ciHigh]).toEqual([true, true]);
    // Independent labels and scores: the variances all but add.
    expect(cells[0]?.se).toBeGreaterThan(0.6 * Math.hypot(a?.se ?? 0, b?.se ?? 0));
    expect(cells[0]?.se).toBeLessThan(1.6 * Math.hypot(a?.se ?? 0, b?.se ?? 0));
    expect((await ask(input)).cells).toEqual(cells);
    expect((await ask({ ...input, seed: 1 })).cells[0]?.se).not.toBe(cells[0]?.se);
  });

  test("resamples patients on request, near DeLong where images are few a patient", async () => {
    const side = { evaluation: first, class: "A" };
    const [delong] = (await ask({ first: side, by: [] })).cells;
    const [bootstrap] = (await ask({ first: side, test: "BOOTSTRAP", replicates: 1000 })).cells;
    expect(bootstrap?.method).toBe("BOOTSTRAP_PAIRED");
    expect(bootstrap?.se).toBeGreaterThan(0.7 * (delong?.se ?? 0));
    expect(bootstrap?.se).toBeLessThan(1.4 * (delong?.se ?? 0));
  });

  test("refuses the same side twice, strata of other attributes, and classes without a counterpart", async () => {
    await expect(ask({ second: { evaluation: first } })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    const oneSided = { evaluation: first, stratum: [{ attribute: "sex", level: "F" }] };
    await expect(ask({ first: oneSided })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await expect(ask({ first: { evaluation: first, class: "C" } })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });

  test("shows no difference of a hidden cell, and no counts, without row-level rights", async () => {
    const { cells, suppressed } = await ask({ by: ["sex"] }, "public");
    expect(suppressed).toBeGreaterThan(0);
    for (const cell of cells) {
      expect(cell).toMatchObject({ statistic: null, nPositiveFirst: null });
      if (cell.stratum[0]?.level === "unknown")
        expect(cell).toMatchObject({ status: "SUPPRESSED", difference: null, p: null, pAdjusted: null });
      else if (cell.status === "OK") expect(cell.difference).toBe(Number(cell.difference.toFixed(3)));
    }
  });
});
