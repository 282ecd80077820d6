import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../../api/graphql/node-id.ts";
import { computeStratifiedAuc, requireReplicates } from "../../../api/metrics/stratified-auc.ts";
import { cohortDataset, makeCohort } from "../../support/cohort.ts";
import { buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../support/graphql-client.ts";

const QUERY = `query ($input: StratifiedAucInput!) {
  stratifiedAuc(input: $input) { remarks origin { interval } cells { class stratum { level } auc se ciLow ciHigh status reason intervalReason } }
}`;
let database: FreshDatabase;
let client: GraphqlClient;
/** The same images with their patients, without patients, and every image three times over, of the same patient. */
let named: number;
let nameless: number;
let tripled: number;
const cohort = makeCohort(61, 220);

async function store(rows: number[], patients: boolean): Promise<number> {
  const { patients: ordinals, ...spec } = cohortDataset(cohort);
  const at = (codes: ArrayLike<number>) => rows.map((row) => codes[row] ?? 0);
  const dataset = await buildDataset(database, {
    ...spec,
    imageCount: rows.length,
    categories: Object.fromEntries(
      Object.entries(spec.categories ?? {}).map(([name, column]) => [
        name,
        { ...column, codes: at(column.codes) },
      ]),
    ),
    numbers: { age: at(cohort.age) },
    ...(patients ? { patients: at(ordinals ?? []) } : {}),
  });
  const task = { taskKind: "multilabel", taskAttribute: "finding", classes: ["A", "B"] } as const;
  return (await buildEvaluation(database, dataset, { ...task, scores: cohort.scores.map(at) })).evaluationId;
}

beforeAll(async () => {
  database = await freshDatabase();
  client = graphqlClient(database);
  const rows = Array.from({ length: cohort.imageCount }, (_, row) => row);
  [named, nameless] = [await store(rows, true), await store(rows, false)];
  tripled = await store(
    rows.flatMap((row) => [row, row, row]),
    true,
  );
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const ask = async (evaluation: number, input: Record<string, unknown> = {}) =>
  (
    await client.ask(QUERY, {
      input: {
        evaluation: encodeId("Evaluation", evaluation),
        ci: "BOOTSTRAP",
        replicates: 300,
        classes: ["A"],
        ...input,
      },
    })
  ).stratifiedAuc;

describe("stratifiedAuc with BOOTSTRAP", () => {
  test("gives the same interval for the same seed, whatever else is asked along", async () => {
    const [alone] = (await ask(named)).cells;
    const [along] = (await ask(named, { classes: ["A", "B"] })).cells;
    expect(along).toEqual(alone);
    const [other] = (await ask(named, { seed: 1 })).cells;
    expect(other.ciLow).not.toBe(alone.ciLow);
    expect((await ask(named)).origin.interval).toBe("patient_bootstrap");
  });

  test("is not fooled by copies of a patient's images, as DeLong is", async () => {
    const [bootstrap, copies] = [(await ask(named)).cells[0], (await ask(tripled)).cells[0]];
    expect(copies.auc).toBe(bootstrap.auc);
    expect([copies.ciLow, copies.ciHigh]).toEqual([bootstrap.ciLow, bootstrap.ciHigh]);
    const delong = (await ask(named, { ci: "DELONG" })).cells[0];
    const fooled = (await ask(tripled, { ci: "DELONG" })).cells[0];
    expect(fooled.se).toBeLessThan(0.7 * delong.se);
  });

  test("takes every image as its own cluster when the source names no patients, and says so", async () => {
    const { cells, remarks } = await ask(nameless);
    const delong = (await ask(nameless, { ci: "DELONG" })).cells[0];
    expect(remarks).toEqual([expect.stringContaining("names no patients")]);
    expect(cells[0].se / delong.se).toBeGreaterThan(0.8);
    expect(cells[0].se / delong.se).toBeLessThan(1.2);
  });

  test("has no interval where a class comes from too few patients, but keeps the AUC", async () => {
    const { cells } = await ask(named, { by: ["sex", "age", "view"] });
    const without = cells.filter(
      ({ status, intervalReason }: { status: string; intervalReason: string }) =>
        status === "OK" && intervalReason !== null,
    );
    expect(without.length).toBeGreaterThan(0);
    expect(without[0]).toMatchObject({ ciLow: null, ciHigh: null, auc: expect.any(Number) });
  });

  test("refuses more work than a server has time for", async () => {
    await expect(ask(named, { replicates: 99 })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    const work = { replicates: 10_000, seed: 0 };
    const tooCostly = expect.objectContaining({ code: "QUERY_TOO_COSTLY" });
    expect(() => requireReplicates(work, 499_999, 999)).not.toThrow();
    expect(() => requireReplicates(work, 500_001, 1)).toThrow(tooCostly);
    expect(() => requireReplicates(work, 1, 1_001)).toThrow(tooCostly);
  });

  test("leaves turns to others, and stops when the client has gone", async () => {
    const { frames } = client.services.stratifiedAucs;
    const request = {
      evaluation: named,
      by: ["sex"],
      where: [],
      bins: [],
      unit: "image",
      classes: null,
      ci: "BOOTSTRAP",
      level: 0.95,
      replicates: 10_000,
      seed: 0,
    } as const;
    let turns = 0;
    let ended = false;
    const others = (async () => {
      while (!ended) {
        await nextTurn();
        turns += 1;
      }
    })();
    await computeStratifiedAuc(frames, request);
    ended = true;
    await others;
    expect(turns).toBeGreaterThan(2);
    const gone = new AbortController();
    const running = computeStratifiedAuc(frames, request, gone.signal);
    gone.abort("gone");
    await expect(running).rejects.toBe("gone");
  });
});
