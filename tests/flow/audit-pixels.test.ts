import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MaskImportService } from "../../api/datasets/masks/mask-import.service.ts";
import type { BuiltDataset } from "../support/evaluation-builder.ts";
import { type GraphqlClient, graphqlClient } from "../support/graphql-client.ts";
import { buildImages, SIZE } from "../support/jobs/evaluation-fixture.ts";
import { auditEnded, type JobStage, openJobStage } from "../support/jobs/job-stage.ts";

const IMAGES = 96;
const PATIENCE_MS = 400_000;

let stage: JobStage;
let client: GraphqlClient;
let films: BuiltDataset;

beforeAll(async () => {
  stage = await openJobStage();
  client = graphqlClient(stage.database);
  await buildImages(stage.database, stage.folder, IMAGES, "here", ["Mass", "Edema"]);
  // Patients of the same names; more of them, of whom nobody knows what the network learned from.
  films = await buildImages(stage.database, stage.folder, IMAGES + 16, "films");
  const root = join(stage.folder.path, "lungs");
  mkdirSync(root);
  const half = Uint8Array.from({ length: SIZE * SIZE }, (_, i) => (i % SIZE < SIZE / 2 ? 255 : 0));
  const png = await sharp(half, { raw: { width: SIZE, height: SIZE, channels: 1 } })
    .png()
    .toBuffer();
  for (let i = 0; i < IMAGES; i += 1) await writeFile(join(root, `image-${i}.png`), png);
  await new MaskImportService(stage.database).importMasks({ dataset: "here", name: "lungs", root }, 0);
});
afterAll(() => stage[Symbol.asyncDispose]());

const RUN_AUDIT = `mutation ($input: RunAuditInput!) {
  runAudit(input: $input) { created run { id state } audit { id } }
}`;
const AUDIT = `query ($id: ID!) {
  audit(id: $id) { run { state failure } steps { name title state reason } leftOut { protocol part reason } values report }
}`;

const protocols = [
  "internal_validation",
  "mean_pixel_thresholds",
  "histogram_only",
  "lungs",
  "digitised_otherwise",
  "equal_disease",
];
const input = (changes: Readonly<Record<string, unknown>> = {}) => ({
  dataset: "here",
  digitised: "films",
  attribute: "race",
  classes: ["Black", "White"],
  protocols,
  architecture: "LINEAR_PROBE",
  epochs: 1,
  replicates: 100,
  ...changes,
});
const auditOf = async (id: string) => (await client.ask(AUDIT, { id })).audit;
const runAudit = async (asked: object) => (await client.ask(RUN_AUDIT, { input: asked })).runAudit;

const ended = (id: string) => auditEnded(() => auditOf(id), PATIENCE_MS);

describe("an audit of grey levels, regions, films and findings together", () => {
  test(
    "reads a number off each",
    async () => {
      const asked = await runAudit(input());
      await using _worker = await stage.work();
      const { run, steps, leftOut, values, report } = await ended(asked.audit.id);
      expect(run).toEqual({ state: "SUCCEEDED", failure: null });
      expect(steps.filter(({ state }: { state: string }) => state !== "SUCCEEDED")).toEqual([]);
      expect(leftOut).toEqual([]);

      const grey = values.confounders.filter(({ sees }: { sees: string }) => sees === "grey levels");
      expect(
        grey.map(({ title, models }: { title: string; models: object[] }) => [title, models.length]),
      ).toEqual([
        ["Mean brightness by tissue, here", 3],
        ["Grey-level counts alone, here", 3],
      ]);
      for (const { models } of grey) {
        // Of 24 patients, a fold of five only trains, two for forests: too few images of each race come before.
        const patients = models.map(({ value }: { value: { nPatients: number } }) => value.nPatients);
        expect(patients).toEqual([14, 11, 11]);
        for (const { value, reading, features } of models) {
          expect(value.record).not.toBeNull();
          expect(reading).toMatch(/\.$/);
          expect(features).toHaveLength(1);
        }
      }
      const titled = (title: string) => values.others.find((one: { title: string }) => one.title === title);
      expect(
        titled("Lungs, and all but the lungs").rows.map(({ label }: { label: string }) => label),
      ).toEqual([
        "here, keep=inside",
        "here, keep=inside, by patient",
        "here, keep=outside",
        "here, keep=outside, by patient",
      ]);
      for (const { difference } of titled("Lungs, and all but the lungs").rows)
        expect(difference.record).not.toBeNull();
      expect(titled("Training with equal disease in all groups").rows[0].value.record).not.toBeNull();

      const digitised = values.results.filter(
        ({ experiment }: { experiment: string }) => experiment === "digitised",
      );
      expect(digitised.map(({ unit, test: on }: { unit: string; test: string }) => [unit, on])).toEqual([
        ["image", "films"],
        ["patient", "films"],
      ]);
      const internal = values.results[0].value;
      const [{ value, difference }] = digitised;
      // The same images again, of the held-out patients alone: nothing differs in any resample, so there is no interval.
      expect(value.n).toBe(internal.n);
      expect(value.value).toBe(internal.value);
      expect([difference.value, difference.ciLow, difference.ciHigh]).toEqual([0, null, null]);
      expect(values.pooled).toEqual([]);
      for (const words of ["shares of 256 grey levels", "Digitised otherwise", "keep=outside"]) {
        expect(report).toContain(words);
      }
    },
    PATIENCE_MS,
  );

  test("tests no patient of the films that trained the network", async () => {
    const { rows } = await stage.database.pool.query<{ name: string; part: number; patient: number }>(
      `select split.name, part, patient_ordinal as patient from split join split_member on split_id = split.id
       where dataset_version_id = $1 and split.name like 'held-out-of-%' order by patient`,
      [films.datasetVersionId],
    );
    expect(rows.map(({ name }) => name)[0]).toBe("held-out-of-here-1-split-test");
    // Of the fixture's patients 0, 1, 4, 5, … train; those that only the films have are in no part.
    expect(rows.map(({ patient, part }) => [patient, part])).toEqual(
      Array.from({ length: IMAGES / 4 }, (_, patient) => [patient, (patient >> 1) % 2 === 1 ? 0 : 1]),
    );
  });

  test("is another one under other masks, and the same one when asked for again", async () => {
    expect(await runAudit(input())).toMatchObject({ created: false, run: { state: "SUCCEEDED" } });
    await stage.database.pool.query("update mask_set set sha256 = repeat('a', 64)");
    const { auditPlan } = await client.ask(
      "query ($input: RunAuditInput!) { auditPlan(input: $input) { reused steps { name title } } }",
      { input: input() },
    );
    // All but the two evaluations under masks.
    expect(auditPlan.reused).toBe(auditPlan.steps.length - 2);
    expect(await runAudit(input())).toMatchObject({ created: true });
  });

  test("refuses films that are the dataset itself", async () => {
    await expect(runAudit(input({ digitised: "here" }))).rejects.toThrow(/each dataset once/);
  });
});
