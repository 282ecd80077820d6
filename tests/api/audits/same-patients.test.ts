import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureHeldOutSplit, sharedPatients } from "../../../api/audits/held-out-patients.ts";
import { compareSamePatients } from "../../../api/audits/same-patients.ts";
import { AnalysisFrames } from "../../../api/metrics/analysis-rows.ts";
import { EvaluationColumns } from "../../../api/predictions/evaluation-columns.ts";
import { RandomStream } from "../../../compute/index.ts";
import { type BuiltDataset, buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";

/** Patients of the first dataset; two images each. The films are of more, in the opposite order, three images each. */
const PATIENTS = 60;
const FILMED = 80;
const isTested = (patient: number) => patient % 2 === 1;
const classOf = (patient: number) => (patient >> 1) % 2;
/** Which patient an image of the films is of. */
const filmed = (row: number) => FILMED - 1 - Math.floor(row / 3);

let database: FreshDatabase;
let first: BuiltDataset;
let films: BuiltDataset;
let internal: number;
let noisy: number;
let alike: number;
const scores = { internal: [] as number[], noisy: [] as number[], alike: [] as number[] };

beforeAll(async () => {
  database = await freshDatabase();
  const race = (patients: readonly number[]) => ({
    race: { dictionary: ["a", "b"], codes: patients.map(classOf) },
  });
  const owners = Array.from({ length: 2 * PATIENTS }, (_, row) => row >> 1);
  first = await buildDataset(database, {
    imageCount: owners.length,
    patients: owners,
    categories: race(owners),
    splits: {
      main: {
        parts: ["train", "test"],
        of: Array.from({ length: PATIENTS }, (_, p) => (isTested(p) ? 1 : 0)),
      },
    },
  });
  const filmOwners = Array.from({ length: 3 * FILMED }, (_, row) => filmed(row));
  films = await buildDataset(database, {
    imageCount: filmOwners.length,
    patients: filmOwners.map((_, row) => Math.floor(row / 3)),
    categories: race(filmOwners),
  });
  // The builder names patients by their ordinals; the films' are in the opposite order.
  const table = `patient_${films.datasetVersionId}`;
  await database.pool.query(`alter table ${table} disable trigger all`);
  await database.pool.query(`update ${table} set external_id = 'x' || external_id`);
  await database.pool.query(`update ${table} set external_id = 'patient-' || (${FILMED - 1} - ordinal)`);

  const stream = new RandomStream(3);
  const latent = Array.from({ length: FILMED }, (_, patient) => classOf(patient) + stream.normal());
  scores.internal = owners.map((patient) => (isTested(patient) ? (latent[patient] ?? 0) : Number.NaN));
  scores.noisy = filmOwners.map((patient) => (latent[patient] ?? 0) + 1.5 * stream.normal());
  scores.alike = filmOwners.map((patient) => latent[patient] ?? 0);
  const task = { taskKind: "binary", taskAttribute: "race", classes: ["a", "b"], scoreKind: "any" } as const;
  const built = (dataset: BuiltDataset, column: readonly number[]) =>
    buildEvaluation(database, dataset, { ...task, scores: [column.map((score) => -score), column] }).then(
      ({ evaluationId }) => evaluationId,
    );
  internal = await built(first, scores.internal);
  noisy = await built(films, scores.noisy);
  alike = await built(films, scores.alike);
});
afterAll(() => database[Symbol.asyncDispose]());

async function compare(evaluation: number, unit: "image" | "patient" = "image") {
  const frames = new AnalysisFrames(new EvaluationColumns(database));
  const asked = { evaluation, against: internal, unit, level: 0.95, replicates: 400, seed: 1 };
  const [, pair] = await compareSamePatients(database.db, frames, asked, new AbortController().signal);
  return pair;
}

/** By all pairs. */
function aucOf(rows: readonly { readonly score: number; readonly positive: boolean }[]): number {
  let [won, pairs] = [0, 0];
  for (const one of rows.filter(({ positive }) => positive)) {
    for (const other of rows.filter(({ positive }) => !positive)) {
      pairs += 1;
      won += one.score > other.score ? 1 : one.score === other.score ? 0.5 : 0;
    }
  }
  return won / pairs;
}

describe("the same patients in two datasets", () => {
  test("are found by their names, whatever their order", async () => {
    const pairs = await sharedPatients(database.db, first.datasetVersionId, films.datasetVersionId);
    expect(pairs).toEqual(
      Array.from({ length: PATIENTS }, (_, patient) => ({ first: patient, second: FILMED - 1 - patient })),
    );
  });

  test("are compared on those that both score, and on no patient that trained the network", async () => {
    const pair = await compare(noisy);
    const internalRows = scores.internal.flatMap((score, row) =>
      isTested(row >> 1) ? [{ score, positive: classOf(row >> 1) === 1 }] : [],
    );
    const filmRows = scores.noisy.flatMap((score, row) => {
      const patient = filmed(row);
      return patient < PATIENTS && isTested(patient) ? [{ score, positive: classOf(patient) === 1 }] : [];
    });
    expect(pair).toMatchObject({ class: "b", patients: PATIENTS / 2 });
    expect(pair?.aucFirst).toBeCloseTo(aucOf(filmRows), 6);
    expect(pair?.aucSecond).toBeCloseTo(aucOf(internalRows), 6);
    expect(pair?.difference).toBeCloseTo(aucOf(filmRows) - aucOf(internalRows), 6);
    expect(pair?.ciLow).toBeLessThan(pair?.difference ?? Number.NaN);
    expect(pair?.ciHigh).toBeGreaterThan(pair?.difference ?? Number.NaN);
    expect((await compare(noisy, "patient"))?.nPositiveFirst).toBe(15);
  });

  test("are drawn together: what both have in common leaves no spread", async () => {
    // Three images a patient instead of two, of the same scores: every resample has the same AUC on both sides.
    expect(await compare(alike, "patient")).toMatchObject({ difference: 0, reason: "DEGENERATE" });
  });

  test("are divided as the first dataset is, once", async () => {
    const heldOut = { slug: "first", version: 1, split: { name: "main", part: "test" } };
    const ids = { from: first.datasetVersionId, to: films.datasetVersionId };
    await Promise.all([1, 2].map(() => ensureHeldOutSplit(database, heldOut, ids)));
    const { rows } = await database.pool.query<{ patient: number; part: string }>(
      `select patient_ordinal as patient, parts[part + 1] as part from split join split_member on split_id = split.id
       where dataset_version_id = $1 order by patient`,
      [films.datasetVersionId],
    );
    expect(rows).toEqual(
      Array.from({ length: PATIENTS }, (_, place) => FILMED - PATIENTS + place).map((patient) => ({
        patient,
        part: isTested(FILMED - 1 - patient) ? "held-out-patients" : "other-patients",
      })),
    );
    const lost = { ...heldOut, split: { name: "nowhere", part: "test" } };
    await expect(ensureHeldOutSplit(database, lost, ids)).rejects.toThrow(/a split by patient.*got none/);
    const nobody = { ...heldOut, split: { name: "main", part: "elsewhere" } };
    await expect(ensureHeldOutSplit(database, nobody, ids)).rejects.toThrow(/none among the 60/);
  });
});
