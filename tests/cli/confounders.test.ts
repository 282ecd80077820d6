import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { confounderModelIds } from "../../compute/index.ts";
import { type FreshDatabase, freshDatabase, heldServer, withDatabase } from "../support/fresh-database.ts";
import { runStratum } from "./run-stratum.ts";

let database: FreshDatabase;
let home: string;
let databaseUrl: string;

beforeAll(async () => {
  database = await freshDatabase();
  databaseUrl = withDatabase((await heldServer()).url, database.name);
  home = await mkdtemp(join(tmpdir(), "stratum-cli-"));
  // Age goes with the attribute; sex, site and findings do not.
  const out = join(home, "phantom");
  const made = await run(
    ...["phantom", "--out", out, "--planted", "confounder", "--strength", "2", "--patients", "250"],
    ...["--images-per-patient", "1", "--side", "16", "--seed", "5"],
  );
  expect(made).toMatchObject({ status: 0, err: "" });
  const imported = await run(
    ...["import", "dataset", "--dataset", "phantom", "--root", out],
    ...["--manifest", join(out, "manifest.csv"), "--mapping", join(out, "mapping.json")],
  );
  expect(imported.err).toBe("");
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
  await database[Symbol.asyncDispose]();
});

const run = (...args: string[]) => runStratum(args, { home, databaseUrl });
const asked = [
  "confounders",
  "--dataset",
  "phantom",
  "--attribute",
  "race",
  "--class",
  "White",
  "--class",
  "Black",
];

async function aucOf(...flags: string[]): Promise<{ auc: number; ciLow: number; ciHigh: number }> {
  const ended = await run(...asked, ...flags, "--json");
  expect(ended).toMatchObject({ status: 0, err: "" });
  const { run: made } = JSON.parse(ended.out);
  expect(made).toMatchObject({ state: "SUCCEEDED", summary: { images: 250, scored: 250 } });
  const auc = await run("auc", "--evaluation", made.evaluation.id, "--json");
  const { cells } = JSON.parse(auc.out);
  return cells.find((cell: { class: string }) => cell.class === "Black");
}

describe("stratum confounders", () => {
  test.each(confounderModelIds)("%s recovers a planted confounder near its ideal", async (model) => {
    const { auc, ciLow } = await aucOf("--feature", "age", "--feature", "sex", "--model", model);
    // Phi(2 / sqrt 2) = 0.921; forests of few rows lose some of it.
    expect(auc).toBeGreaterThan(0.82);
    expect(auc).toBeLessThan(0.97);
    expect(ciLow).toBeGreaterThan(0.7);
  });

  test("finds nothing in what does not go with the attribute", async () => {
    const { ciLow, ciHigh } = await aucOf("--feature", "finding:*", "--feature", "view", "--feature", "site");
    // Out-of-fold scores of no signal lie about 0.5, a little below it more often than above.
    expect(ciLow).toBeLessThan(0.55);
    expect(ciHigh).toBeGreaterThan(0.42);
  });

  test("asked for again is the same run, and its model and records are in the warehouse", async () => {
    const flags = ["--feature", "age", "--feature", "sex", "--model", "logistic_regression", "--json"];
    const again = JSON.parse((await run(...asked, ...flags)).out);
    expect(again.created).toBe(false);
    const { rows } = await database.pool.query(
      `select model.slug, model.title, model.origin, count(metric_record.id)::int as records
       from model join metric_record on metric_record.model_id = model.id
       where model.architecture = 'logistic_regression' and model.title like '%age%' group by model.id`,
    );
    expect(rows).toEqual([
      {
        slug: expect.stringMatching(/^phantom-race-logistic_regression-[0-9a-f]{8}$/),
        title: "Logistic regression of age and sex",
        origin: "trained",
        records: expect.any(Number),
      },
    ]);
    expect(rows[0].records).toBeGreaterThan(5);
  });

  test.each([
    [["--feature", "height"], /Expected features among age, .*got "height"/],
    [["--feature", "age", "--folds", "1"], /Expected 2 to 20 folds, got 1/],
  ])("refuses %j before anything is queued", async (flags, message) => {
    const { status, err } = await run(...asked, ...flags);
    expect(status).not.toBe(0);
    expect(err).toMatch(message);
  });
});
