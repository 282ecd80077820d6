import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operator } from "../../api/access/principal.ts";
import {
  type ConfounderRequest,
  ConfounderService,
} from "../../api/predictions/confounders/confounder.service.ts";
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
}, 240_000);

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
  await database[Symbol.asyncDispose]();
});

const run = (...args: string[]) => runStratum(args, { home, databaseUrl });
const asked = ["confounders", "--dataset", "phantom", "--attribute", "race", "--json"];

/** What a run left: its answer, and the AUC of one class over all images. */
async function ended(...flags: string[]) {
  return endedWith({ scored: 250 }, ...flags);
}

async function endedWith(summary: Readonly<Record<string, unknown>>, ...flags: string[]) {
  const { status, out } = await run(...asked, ...flags);
  expect(status).toBe(0);
  const { run: made, created } = JSON.parse(out);
  expect(made).toMatchObject({ state: "SUCCEEDED", summary: { images: 250, ...summary } });
  const { rows } = await database.pool.query(
    `select metric_record.value, metric_record.ci_low, metric_record.n::int, metric_record.n_left_out::int, model.slug, model.title, model.origin
     from metric_record join model on model.id = metric_record.model_id
     where model.slug = $1 and class_name = 'Black' and stratum = '[]' and metric_record.unit = 'image'`,
    [made.summary.model],
  );
  expect(rows).toHaveLength(1);
  return { created, ...rows[0] };
}

describe("stratum confounders", () => {
  test("recovers a planted confounder near its ideal, once: asked for again it is the same run", async () => {
    const flags = ["--feature", "age", "--feature", "sex"];
    const first = await ended(...flags);
    expect(first).toMatchObject({
      created: true,
      slug: expect.stringMatching(/^phantom-race-logistic_regression-[0-9a-f]{8}$/),
      title: "Logistic regression of age and sex",
      origin: "trained",
    });
    // Phi(2 / sqrt 2) = 0.921.
    expect(first.value).toBeGreaterThan(0.86);
    expect(first.value).toBeLessThan(0.97);
    expect(await ended(...flags)).toEqual({ ...first, created: false });
  }, 240_000);

  test("scores a fold by earlier ones where it is asked to, and counts the first among those left out", async () => {
    const flags = ["--feature", "age", "--scheme", "progressive"];
    const summary = { scored: 201, scheme: "progressive", leftOut: { ONLY_TRAINED: 49 } };
    const made = await endedWith(summary, ...flags);
    expect(made).toMatchObject({ created: true, n: 201, n_left_out: 49 });
    expect(made.value).toBeGreaterThan(0.86);
    // Not the run that scores every fold by all others.
    expect(await ended("--feature", "age")).toMatchObject({ created: true, n: 250, n_left_out: 0 });
  }, 240_000);

  test("reads grey levels where it is asked to: the planted brightness shows in them", async () => {
    const { ci_low, title } = await ended("--histogram", "16", "--model", "boosted_trees");
    expect(title).toBe("Boosted trees of counts of 16 grey levels");
    expect(ci_low).toBeGreaterThan(0.65);
  }, 240_000);

  test("refuses before anything is queued", async () => {
    const service = new ConfounderService({ database });
    const request = {
      ...{ dataset: "phantom", attribute: "race", features: ["age"], folds: 5, seed: 0 },
      model: "logistic_regression",
    } as const;
    const refusal = async (change: Partial<ConfounderRequest>) => {
      const error = await service.request({ ...request, ...change }, operator).catch((reason) => reason);
      return `${error.code} ${error.message}`;
    };
    expect(await refusal({ features: ["height"] })).toMatch(/BAD_USER_INPUT .*among age, .*got "height"/);
    expect(await refusal({ features: ["race"] })).toMatch(/which is what is to be recovered/);
    expect(await refusal({ features: [] })).toMatch(/at least one feature/);
    expect(await refusal({ folds: 1 })).toMatch(/2 to 20 folds, got 1/);
    expect(await refusal({ attribute: "mood" })).toMatch(/an attribute of categories/);
    expect(await refusal({ attribute: "finding" })).toMatch(/name one finding/);
    expect(await refusal({ dataset: "nowhere" })).toMatch(/NOT_FOUND .*got "nowhere"/);
    expect(await refusal({ datasetVersion: 7 })).toMatch(/NOT_FOUND/);
    expect(await refusal({ pixels: { kind: "histogram", bins: 1 } })).toMatch(/INVALID_PARAM/);
    const { rows } = await database.pool.query(
      "select 1 from run where kind = 'confounders' and state = 'queued'",
    );
    expect(rows).toEqual([]);
  });
});
