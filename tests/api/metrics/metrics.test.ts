import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../../api/graphql/node-id.ts";
import { cohortDataset, makeCohort } from "../../support/cohort.ts";
import { type BuiltDataset, buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../support/graphql-client.ts";

const RECORD = `mutation ($input: StratifiedAucInput!) {
  recordMetrics(input: $input) {
    created
    records { id metric metricVersion class stratum { attribute level } value se ciLow ciHigh ciLevel ciMethod n nPositive nNegative nPatients nLeftOut status reason fingerprint unit params }
  }
}`;
const PAGE = `query ($filter: MetricFilter, $orderBy: MetricOrder, $first: Int, $after: String) {
  metrics(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id class value status reason nPositive nPatients n stratum { attribute level } dataset { slug } evaluation { id } }
  }
}`;

interface RecordNode {
  readonly id: string;
  readonly class: string;
  readonly value: number | null;
  readonly status: string;
  readonly reason: string | null;
  readonly nPositive: number | null;
  readonly fingerprint: string;
  readonly stratum: readonly { readonly attribute: string; readonly level: string }[];
}

let database: FreshDatabase;
let client: GraphqlClient;
let dataset: BuiltDataset;
let evaluation: string;
const cohort = makeCohort(11, 250);

const record = async (input: Record<string, unknown>) =>
  (await client.ask(RECORD, { input: { evaluation, ...input } })).recordMetrics as {
    created: number;
    records: RecordNode[];
  };
const page = async (variables: Record<string, unknown>, role: "steward" | "public" = "steward") =>
  (await client.ask(PAGE, variables, role)).metrics as {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    nodes: RecordNode[];
  };

async function walk(
  variables: Record<string, unknown>,
  between?: () => Promise<void>,
): Promise<RecordNode[]> {
  const seen: RecordNode[] = [];
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo } = await page({ ...variables, after });
    seen.push(...nodes);
    if (!pageInfo.hasNextPage) return seen;
    after = pageInfo.endCursor;
    await between?.();
  }
}

beforeAll(async () => {
  database = await freshDatabase();
  client = graphqlClient(database);
  dataset = await buildDataset(database, cohortDataset(cohort));
  const built = await buildEvaluation(database, dataset, {
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

describe("recordMetrics", () => {
  test("stores what stratifiedAuc answers, cell by cell", async () => {
    const query =
      "query ($input: StratifiedAucInput!) { stratifiedAuc(input: $input) { cells { class auc se ciLow ciHigh nPositive nNegative nPatients nLeftOut status reason } } }";
    const { cells } = (await client.ask(query, { input: { evaluation, by: ["sex"] } })).stratifiedAuc;
    const { records } = await record({ by: ["sex"] });
    expect(records.map(({ class: name, value }) => ({ class: name, auc: value }))).toEqual(
      cells.map(({ class: name, auc }: { class: string; auc: number }) => ({ class: name, auc })),
    );
    const { auc: value, ...cell } = cells[0];
    expect(records[0]).toMatchObject({
      ...cell,
      value,
      metric: "auroc",
      ciMethod: "delong",
      ciLevel: 0.95,
      unit: "image",
    });
  });

  test("gives the same records for the same request, and for the same cells asked for otherwise", async () => {
    const first = await record({ by: ["sex", "view"] });
    const again = await record({ by: ["sex", "view"] });
    const turned = await record({ by: ["view", "sex"], classes: ["B"] });
    expect(first.created).toBe(first.records.length);
    expect(again).toEqual({ created: 0, records: first.records });
    expect(turned.created).toBe(0);
    expect(new Set(turned.records.map(({ id }) => id))).toEqual(
      new Set(first.records.filter(({ class: name }) => name === "B").map(({ id }) => id)),
    );
  });

  test("stores each record once when asked ten times at once", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => record({ by: ["view"], level: 0.9 })));
    const ids = answers.map(({ records }) => records.map(({ id }) => id).join());
    expect(new Set(ids).size).toBe(1);
    expect(answers.reduce((sum, { created }) => sum + created, 0)).toBe(answers[0]?.records.length);
  });

  test("makes other records for another level, interval, unit or condition", async () => {
    const inputs = [
      {},
      { level: 0.8 },
      { ci: "DELONG_LOGIT" },
      { ci: "NONE" },
      { unit: "PATIENT" },
      { where: [{ attribute: "view", in: ["PA"] }] },
    ];
    const fingerprints = [];
    for (const input of inputs)
      fingerprints.push((await record({ classes: ["A"], ...input })).records[0]?.fingerprint);
    expect(new Set(fingerprints).size).toBe(inputs.length);
  });

  test("stores cells that cannot be estimated, with the reason", async () => {
    const { records } = await record({ where: [{ attribute: "age", gte: 30, lt: 30 }] });
    expect(records[0]).toMatchObject({
      value: null,
      status: "NOT_ESTIMABLE",
      reason: "NO_ROWS",
      nPositive: 0,
    });
  });

  test("is for stewards", async () => {
    await expect(client.ask(RECORD, { input: { evaluation } }, "analyst")).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
  });

  test("leaves records that nothing can change or remove", async () => {
    await record({});
    for (const statement of [
      "update metric_record set value = 1",
      "delete from metric_record",
      "truncate metric_record cascade",
    ]) {
      await expect(database.pool.query(statement)).rejects.toMatchObject({ code: "23001" });
    }
  });
});

describe("metrics", () => {
  test("filters by what a record is about", async () => {
    await record({ by: ["sex"] });
    const inF = await walk({
      filter: { dataset: dataset.slug, class: "A", stratum: [{ attribute: "sex", level: "F" }], by: ["sex"] },
    });
    expect(inF.length).toBeGreaterThan(0);
    expect(
      inF.every(
        ({ class: name, stratum }) =>
          name === "A" && JSON.stringify(stratum) === '[{"attribute":"sex","level":"F"}]',
      ),
    ).toBe(true);
    expect((await page({ filter: { dataset: "elsewhere" } })).nodes).toEqual([]);
    expect((await page({ filter: { evaluation, unit: "PATIENT" } })).nodes).toHaveLength(1);
    const whole = await walk({ filter: { by: [] } });
    expect(whole.every(({ stratum }) => stratum.length === 0)).toBe(true);
    const ids = inF.map(({ id }) => id);
    expect((await page({ filter: { ids } })).nodes.map(({ id }) => id).sort()).toEqual(ids.sort());
  });

  test.each([
    [{ field: "RECORDED", direction: "ASC" }],
    [{ field: "VALUE", direction: "ASC", nulls: "FIRST" }],
    [{ field: "VALUE", direction: "DESC", nulls: "LAST" }],
    [{ field: "VALUE", direction: "DESC", nulls: "FIRST" }],
    [{ field: "N", direction: "ASC", nulls: "LAST" }],
  ])("walks in the order %j, each record once, while others write", async (orderBy) => {
    await record({ by: ["sex", "age"] });
    await record({ where: [{ attribute: "age", gte: 30, lt: 30 }] });
    const before = (await walk({ orderBy: { field: "RECORDED", direction: "ASC" }, first: 200 })).map(
      ({ id }) => id,
    );
    let written = 0;
    const seen = await walk({ orderBy, first: 7 }, async () => {
      // A writer that never rests would be followed for ever in ascending order.
      if (written++ < 10) await record({ by: ["sex"], level: 0.5 + Math.random() / 4 });
    });
    const ids = seen.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(before.filter((id) => !ids.includes(id))).toEqual([]);
    const keys = seen.map(
      (node) => (orderBy.field === "N" ? (node as { n?: number | null }).n : node.value) ?? null,
    );
    if (orderBy.field !== "RECORDED") {
      const firstNull = keys.indexOf(null);
      const known = keys.filter((key) => key !== null);
      const sorted = [...known].sort((a, b) => (orderBy.direction === "ASC" ? a - b : b - a));
      expect(known).toEqual(sorted);
      const expected = "nulls" in orderBy && orderBy.nulls === "FIRST" ? 0 : known.length;
      if (known.length < keys.length) expect(firstNull).toBe(expected);
    }
  });

  test("refuses a cursor of another filter or order, and pages that are too large", async () => {
    const { pageInfo } = await page({ first: 1 });
    await expect(page({ first: 1, after: pageInfo.endCursor, filter: { class: "A" } })).rejects.toMatchObject(
      { code: "BAD_CURSOR" },
    );
    await expect(
      page({ first: 1, after: pageInfo.endCursor, orderBy: { field: "VALUE" } }),
    ).rejects.toMatchObject({ code: "BAD_CURSOR" });
    await expect(page({ first: 1000 })).rejects.toMatchObject({ code: "PAGE_TOO_LARGE" });
  });

  test("counts only when asked", async () => {
    const { totalCount } = await page({ first: 1 });
    expect(totalCount).toBe((await walk({ first: 200 })).length);
  });

  test("finds one record by its id, and none that is not here", async () => {
    const query = "query ($id: ID!) { metric(id: $id) { id value } }";
    const [node] = (await page({ first: 1 })).nodes;
    expect((await client.ask(query, { id: node?.id })).metric).toMatchObject({
      id: node?.id,
      value: node?.value,
    });
    expect((await client.ask(query, { id: encodeId("MetricRecord", 999_999) })).metric).toBe(null);
  });
});

describe("metrics without row-level rights", () => {
  const auc =
    "query ($input: StratifiedAucInput!) { stratifiedAuc(input: $input) { cells { class stratum { attribute level } auc ciLow status nPositive nPatients } } }";

  test("shows of a record what the same question would show", async () => {
    // A patient has images of both views: numbers of patients by view would tell how many have.
    const tables = [
      { by: ["sex"], withPatients: true },
      { by: ["view"], withPatients: false },
      { by: ["sex", "view"], withPatients: false },
      { by: [], withPatients: true },
    ];
    for (const { by, withPatients } of tables) {
      const { records } = await record({ by });
      const { cells } = (await client.ask(auc, { input: { evaluation, by } }, "public")).stratifiedAuc;
      const shown = (cells as { status: string; nPatients: number | null }[]).filter(
        ({ status }) => status !== "SUPPRESSED",
      );
      expect(shown.length).toBeGreaterThan(0);
      expect(shown.every(({ nPatients }) => (nPatients !== null) === withPatients)).toBe(true);
      const { nodes } = await page({ filter: { ids: records.map(({ id }) => id) }, first: 200 }, "public");
      for (const cell of cells) {
        const same = nodes.filter(
          (node) =>
            node.class === cell.class && JSON.stringify(node.stratum) === JSON.stringify(cell.stratum),
        );
        if (cell.status === "SUPPRESSED")
          expect(
            same.every(
              ({ status, value, nPositive }) =>
                status === "SUPPRESSED" && value === null && nPositive === null,
            ),
          ).toBe(true);
        else
          expect(same).toContainEqual(
            expect.objectContaining({
              value: cell.auc,
              nPositive: cell.nPositive,
              nPatients: cell.nPatients,
              status: "OK",
              n: null,
            }),
          );
      }
    }
  });

  test("hides records of conditions, bands and levels that may not be asked for", async () => {
    const made = [
      await record({ where: [{ attribute: "view", in: ["PA"] }] }),
      await record({ by: ["age"], bins: [{ attribute: "age", edges: [0, 33] }] }),
      await record({ by: ["sex", "view", "age"] }),
      await record({ level: 0.77 }),
    ];
    for (const { records } of made) {
      const ids = records.map(({ id }) => id);
      const { nodes } = await page({ filter: { ids }, first: 200 }, "public");
      expect(nodes.map(({ status }) => status)).toEqual(ids.map(() => "SUPPRESSED"));
    }
  });

  test("refuses an order by value", async () => {
    await expect(page({ orderBy: { field: "VALUE" } }, "public")).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
  });
});
