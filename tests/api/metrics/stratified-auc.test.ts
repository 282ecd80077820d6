import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../../api/graphql/node-id.ts";
import {
  type Cohort,
  cohortDataset,
  makeCohort,
  naiveAuc,
  permute,
  SEXES,
  VIEWS,
} from "../../support/cohort.ts";
import { buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../support/graphql-client.ts";

const QUERY = `query ($input: StratifiedAucInput!) {
  stratifiedAuc(input: $input) {
    suppressed remarks
    origin { metric metricVersion interval ci level unit fingerprint }
    cells { class stratum { attribute level } auc se ciLow ciHigh nPositive nNegative nPatients nLeftOut status reason intervalReason }
  }
}`;

interface Cell {
  readonly class: string;
  readonly stratum: readonly { readonly attribute: string; readonly level: string }[];
  readonly auc: number | null;
  readonly se: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  readonly nPositive: number;
  readonly nNegative: number;
  readonly nPatients: number | null;
  readonly nLeftOut: number;
  readonly status: string;
  readonly reason: string | null;
}

let database: FreshDatabase;
let client: GraphqlClient;
let evaluation: string;
const cohort = makeCohort(7, 300);

async function store(made: Cohort): Promise<string> {
  const dataset = await buildDataset(database, cohortDataset(made));
  const { evaluationId } = await buildEvaluation(database, dataset, {
    taskKind: "multilabel",
    taskAttribute: "finding",
    classes: ["A", "B"],
    scores: made.scores,
  });
  return encodeId("Evaluation", evaluationId);
}

async function ask(input: Record<string, unknown>, role: "steward" | "public" = "steward") {
  const { stratifiedAuc } = await client.ask(QUERY, { input: { evaluation, ...input } }, role);
  return stratifiedAuc as {
    cells: Cell[];
    suppressed: number;
    remarks: string[];
    origin: Record<string, unknown>;
  };
}

const levelsOf = (cell: Cell) => cell.stratum.map(({ level }) => level).join("/");

/** Rows of the cohort that lie in a cell, by the simplest reading of its levels. */
function rowsOf(cell: Cell): number[] {
  const band = (age: number) => {
    if (Number.isNaN(age)) return "unknown";
    return age >= 80 ? "80-" : `${20 * Math.floor(age / 20)}-${20 * Math.floor(age / 20) + 20}`;
  };
  const levelOf: Record<string, (row: number) => string> = {
    sex: (row) => SEXES[cohort.sex[row] ?? -1] ?? "unknown",
    view: (row) => VIEWS[cohort.view[row] ?? -1] ?? "unknown",
    age: (row) => band(cohort.age[row] ?? Number.NaN),
  };
  return Array.from({ length: cohort.imageCount }, (_, row) => row).filter((row) =>
    cell.stratum.every(({ attribute, level }) => levelOf[attribute]?.(row) === level),
  );
}

beforeAll(async () => {
  database = await freshDatabase();
  client = graphqlClient(database);
  evaluation = await store(cohort);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("stratifiedAuc", () => {
  test.each([[[]], [["sex"]], [["sex", "age"]], [["age", "view", "sex"]]])(
    "equals the AUC over all pairs in every cell of %j",
    async (by) => {
      const { cells } = await ask({ by });
      for (const cell of cells) {
        const c = cell.class === "A" ? 0 : 1;
        const rows = rowsOf(cell);
        const scores = rows.map((row) => cohort.scores[c]?.[row] ?? Number.NaN);
        const labels = rows.map((row) => cohort.labels[c]?.[row] ?? -1);
        const expected = naiveAuc(scores, labels);
        if (expected === null) expect(cell).toMatchObject({ auc: null, status: "NOT_ESTIMABLE" });
        else expect(cell.auc).toBeCloseTo(expected, 12);
        const used = rows.filter((_, i) => labels[i] !== -1 && !Number.isNaN(scores[i]));
        expect(cell.nPositive + cell.nNegative).toBe(used.length);
        expect(cell.nLeftOut).toBe(rows.length - used.length);
        expect(cell.nPatients).toBe(new Set(used.map((row) => cohort.patients[row])).size);
      }
    },
  );

  test("counts every row exactly once: the strata of a class add up to the whole", async () => {
    for (const by of [["sex"], ["age"], ["sex", "age", "view"]]) {
      const { cells } = await ask({ by });
      for (const name of ["A", "B"]) {
        const rows = cells.filter((cell) => cell.class === name);
        const total = rows.reduce((sum, cell) => sum + cell.nPositive + cell.nNegative + cell.nLeftOut, 0);
        expect(total).toBe(cohort.imageCount);
      }
    }
  });

  test("orders cells by class, then by level; bands ascend and unknown is last", async () => {
    const { cells } = await ask({ by: ["age"] });
    const ages = ["0-20", "20-40", "40-60", "60-80", "80-", "unknown"];
    expect(cells.map(({ class: name }) => name)).toEqual([...Array(6).fill("A"), ...Array(6).fill("B")]);
    expect(cells.map(levelsOf)).toEqual([...ages, ...ages]);
    expect((await ask({ by: ["sex"], classes: ["B"] })).cells.map(levelsOf)).toEqual(["F", "M", "unknown"]);
  });

  test("does not depend on the order of the images", async () => {
    const input = { by: ["sex", "age"] };
    const { cells } = await ask(input);
    const shuffled = await store(permute(cohort, 3));
    const { cells: again } = await ask({ ...input, evaluation: shuffled });
    expect(again.map(({ se, ...cell }) => cell)).toEqual(
      cells.map(({ se, ...cell }) => ({
        ...cell,
        ciLow: cell.ciLow === null ? null : expect.closeTo(cell.ciLow, 10),
        ciHigh: cell.ciHigh === null ? null : expect.closeTo(cell.ciHigh, 10),
      })),
    );
  });

  test("keeps only the rows that meet every condition", async () => {
    const { cells: bySex } = await ask({ by: ["sex", "view"], classes: ["A"] });
    const { cells } = await ask({
      classes: ["A"],
      where: [
        { attribute: "sex", in: ["F"] },
        { attribute: "view", in: ["PA"] },
      ],
    });
    expect(cells).toHaveLength(1);
    const { stratum: _, ...cell } = bySex.find((found) => levelsOf(found) === "F/PA") ?? {};
    expect(cells[0]).toMatchObject({ ...cell, stratum: [] });
    const { cells: old } = await ask({ classes: ["A"], where: [{ attribute: "age", gte: 60, lt: 80 }] });
    const { cells: byAge } = await ask({ by: ["age"], classes: ["A"] });
    expect(old[0]?.auc).toBe(byAge.find((found) => levelsOf(found) === "60-80")?.auc);
  });

  test("answers a filter that nobody meets with one cell a class, not estimable", async () => {
    const { cells } = await ask({ where: [{ attribute: "age", gte: 40, lt: 40 }] });
    expect(cells).toHaveLength(2);
    expect(cells[0]).toMatchObject({
      auc: null,
      status: "NOT_ESTIMABLE",
      reason: "NO_ROWS",
      nPositive: 0,
      nLeftOut: 0,
    });
  });

  test("puts everybody over 89 into one band, whatever the bins", async () => {
    const { cells } = await ask({
      by: ["age"],
      classes: ["A"],
      bins: [{ attribute: "age", edges: [0, 85, 92, 95] }],
    });
    expect(cells.map(levelsOf)).toEqual(["0-85", "85-90", "90+", "unknown"]);
  });

  test("takes the mean score of a patient, and leaves out patients whose images disagree", async () => {
    const { cells } = await ask({ unit: "PATIENT", classes: ["A"] });
    const images = new Map<number, number[]>();
    for (const [row, patient] of cohort.patients.entries()) {
      images.set(patient, [...(images.get(patient) ?? []), row]);
    }
    const means: number[] = [];
    const labels: number[] = [];
    for (const rows of images.values()) {
      const scores = rows
        .map((row) => cohort.scores[0]?.[row] ?? Number.NaN)
        .filter((score) => !Number.isNaN(score));
      const known = new Set(rows.map((row) => cohort.labels[0]?.[row] ?? -1).filter((label) => label >= 0));
      means.push(
        scores.length === 0 ? Number.NaN : scores.reduce((sum, score) => sum + score, 0) / scores.length,
      );
      labels.push(known.size === 1 ? ([...known][0] ?? -1) : -1);
    }
    expect(cells[0]?.auc).toBeCloseTo(naiveAuc(means, labels) ?? Number.NaN, 12);
    expect(cells[0]).toMatchObject({ nPatients: (cells[0]?.nPositive ?? 0) + (cells[0]?.nNegative ?? 0) });
    expect((cells[0]?.nPositive ?? 0) + (cells[0]?.nNegative ?? 0) + (cells[0]?.nLeftOut ?? 0)).toBe(
      images.size,
    );
  });

  test("shows patients whose images differ in an attribute as mixed, and loses none", async () => {
    const { cells } = await ask({ unit: "PATIENT", by: ["sex", "view"], classes: ["A"] });
    expect(new Set(cells.map(levelsOf))).toContain("F/mixed");
    const total = cells.reduce((sum, cell) => sum + cell.nPositive + cell.nNegative + cell.nLeftOut, 0);
    expect(total).toBe(new Set(cohort.patients).size);
  });

  test("gives the same answer and fingerprint to the same question in other words", async () => {
    const first = await ask({
      by: ["sex"],
      where: [
        { attribute: "view", in: ["PA", "AP"] },
        { attribute: "age", gte: 20 },
      ],
    });
    const second = await ask({
      by: ["sex"],
      where: [
        { attribute: "age", gte: 20 },
        { attribute: "view", in: ["AP", "PA"] },
      ],
    });
    expect(second).toEqual(first);
    const other = await ask({ by: ["sex"], where: [{ attribute: "age", gte: 21 }] });
    expect(other.origin["fingerprint"]).not.toBe(first.origin["fingerprint"]);
  });

  test.each([
    ["an unknown attribute", { by: ["shoe size"] }],
    ["the patient", { by: ["patient"] }],
    ["an attribute twice", { by: ["sex", "sex"] }],
    ["an unknown class", { classes: ["C"] }],
    ["no class", { classes: [] }],
    ["an unknown level", { where: [{ attribute: "sex", in: ["X"] }] }],
    ["a condition without a test", { where: [{ attribute: "sex" }] }],
    ["a condition with both tests", { where: [{ attribute: "age", in: ["0-20"], gte: 3 }] }],
    ["a range of a category", { where: [{ attribute: "sex", gte: 3 }] }],
    ["an age over 90", { where: [{ attribute: "age", gte: 93 }] }],
    ["edges out of order", { by: ["age"], bins: [{ attribute: "age", edges: [20, 10] }] }],
    ["studies where none are named", { unit: "STUDY" }],
    ["a level of 1", { level: 1 }],
    ["too many replicates", { ci: "BOOTSTRAP", replicates: 20_000 }],
  ])("refuses %s", async (_, input) => {
    await expect(ask(input)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });

  test("refuses an id of another type and one that is not here", async () => {
    await expect(ask({ evaluation: encodeId("Dataset", 1) })).rejects.toMatchObject({ code: "BAD_ID" });
    await expect(ask({ evaluation: encodeId("Evaluation", 99_999) })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("stratifiedAuc without row-level rights", () => {
  test("hides small cells and what they could be subtracted from, rounds the rest", async () => {
    const { cells, suppressed } = await ask({ by: ["sex"] }, "public");
    expect(suppressed).toBe(cells.filter(({ status }) => status === "SUPPRESSED").length);
    const unknown = cells.filter((cell) => levelsOf(cell) === "unknown");
    expect(
      unknown.every(
        ({ status, auc, nPositive, nPatients }) =>
          status === "SUPPRESSED" && auc === null && nPositive === null && nPatients === null,
      ),
    ).toBe(true);
    // One hidden cell alone could be subtracted: another one goes with it.
    for (const name of ["A", "B"]) {
      expect(
        cells.filter((cell) => cell.class === name && cell.status === "SUPPRESSED").length,
      ).toBeGreaterThan(1);
    }
    for (const cell of cells.filter(({ status }) => status === "OK")) {
      expect(cell.nPositive % 5).toBe(0);
      expect(cell.auc).toBe(Number(cell.auc?.toFixed(3)));
      expect(cell.nLeftOut).toBe(null);
    }
  });

  test("refuses conditions, bins and free levels", async () => {
    await expect(ask({ where: [{ attribute: "sex", in: ["F"] }] }, "public")).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await expect(
      ask({ by: ["age"], bins: [{ attribute: "age", edges: [33] }] }, "public"),
    ).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(ask({ level: 0.8123 }, "public")).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});
