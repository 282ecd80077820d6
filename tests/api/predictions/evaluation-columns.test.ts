import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EvaluationColumns } from "../../../api/predictions/evaluation-columns.ts";
import { readOrder } from "../../../compute/index.ts";
import { type BuiltEvaluation, buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { orderOracle } from "../../support/oracles/score-order.ts";

const n = 140_000; // three blocks, the last one short
let database: FreshDatabase;
let built: BuiltEvaluation;
const scores = [0, 1].map((seed) =>
  Float32Array.from({ length: n }, (_, i) => ((i * 7919 + seed * 13) % 1000) / 1000),
);

/** Bit for bit: comparing 140,000 numbers one by one takes the test runner seconds. */
function same(a: ArrayBufferView | undefined, b: ArrayBufferView | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const bytes = (view: ArrayBufferView) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}

beforeAll(async () => {
  database = await freshDatabase();
  scores[0]?.fill(Number.NaN, 5, 8);
  const dataset = await buildDataset(database, {
    imageCount: n,
    categories: {
      race: {
        dictionary: ["BLACK/AFRICAN AMERICAN", "WHITE", "OTHER", "DECLINED"],
        codes: Array.from({ length: n }, (_, i) => (i % 5) - 1),
        mapping: { "BLACK/AFRICAN AMERICAN": "Black", WHITE: "White", OTHER: "Other", DECLINED: null },
      },
    },
    patients: Array.from({ length: n }, (_, i) => (i < 3 ? -1 : Math.floor((i - 3) / 2))),
  });
  built = await buildEvaluation(database, dataset, {
    taskKind: "multiclass",
    taskAttribute: "race",
    classes: ["White", "Black"],
    scores,
  });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("EvaluationColumns", () => {
  test("reads every block of every class and sorts it", async () => {
    const columns = new EvaluationColumns(database);
    const plan = await columns.plan(built.evaluationId);
    const orders = await columns.orders(plan, [1, 0]);
    expect(same(orders[0]?.scores, scores[1])).toBe(true);
    expect(same(orders[1]?.scores, scores[0])).toBe(true);
    expect(orders[1]?.missing).toEqual(Uint32Array.of(5, 6, 7));
    const sorted = orders[0] && readOrder(orders[0]);
    expect(same(sorted?.rows, orderOracle(scores[1] ?? new Float32Array(0)).rows)).toBe(true);
  });

  test("reads truth through the mapping: other categories and unknown ones are no truth", async () => {
    const columns = new EvaluationColumns(database);
    const plan = await columns.plan(built.evaluationId);
    const [white, black] = await columns.truths(plan, [0, 1]);
    // i % 5: unknown, Black, White, Other (no class of the task), declined (left out by the mapping)
    expect([...(white?.subarray(0, 5) ?? [])]).toEqual([255, 0, 1, 255, 255]);
    expect([...(black?.subarray(0, 5) ?? [])]).toEqual([255, 1, 0, 255, 255]);
  });

  test("gives images of unknown patients numbers of their own, and counts them as one patient", async () => {
    const columns = new EvaluationColumns(database);
    const plan = await columns.plan(built.evaluationId);
    const units = await columns.units(plan, "patient");
    const named = Math.ceil((n - 3) / 2);
    expect(units).toMatchObject({ count: named + 3, named });
    const groups = await columns.patientGroups(plan);
    expect(groups?.starts.length).toBe(named + 2);
    expect(groups?.rows.subarray(-3)).toEqual(Uint32Array.of(0, 1, 2));
  });

  test("shares one load among concurrent askers and keeps what fits", async () => {
    const columns = new EvaluationColumns(database);
    const plan = await columns.plan(built.evaluationId);
    const before = columns.cache.statistics().loads;
    const both = await Promise.all([columns.orders(plan, [0]), columns.orders(plan, [0])]);
    expect(both[0][0]).toBe(both[1][0]);
    expect(columns.cache.statistics().loads).toBe(before + 1);
  });

  test("lets the least recently used go when the bytes run out", async () => {
    const columns = new EvaluationColumns(database, 2_000_000); // one order of 140,000 rows is 1.26 MB
    const plan = await columns.plan(built.evaluationId);
    const [first] = await columns.orders(plan, [0]);
    await columns.orders(plan, [1]);
    expect(columns.cache.statistics().bytes).toBeLessThanOrEqual(2_000_000);
    const [again] = await columns.orders(plan, [0]);
    expect(again).not.toBe(first);
    expect(same(again && readOrder(again).rows, first && readOrder(first).rows)).toBe(true);
  });

  test("refuses an evaluation that is not here", async () => {
    await expect(new EvaluationColumns(database).plan(999_999)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
