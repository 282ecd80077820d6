import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { and, count, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { categoryMappingEntries, categoryMappings } from "../../../api/datasets/category-mapping.table.ts";
import { datasets, datasetVersions } from "../../../api/datasets/dataset.table.ts";
import { metricRecords } from "../../../api/metrics/metric.table.ts";
import { models } from "../../../api/models/model.table.ts";
import { publicationsFolder } from "../../../api/publications/publication.files.ts";
import { loadPublications } from "../../../api/publications/publication.loader.ts";
import { isOfCurrentPublication } from "../../../api/publications/publication.queries.ts";
import { discrepancies, publications } from "../../../api/publications/publication.table.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";

async function rowsOf({ db }: FreshDatabase) {
  const of = async (table: Parameters<ReturnType<typeof db.select>["from"]>[0]) =>
    (await db.select({ rows: count() }).from(table))[0]?.rows;
  return {
    publications: await of(publications),
    metrics: await of(metricRecords),
    discrepancies: await of(discrepancies),
    datasets: await of(datasets),
    models: await of(models),
    mappings: await of(categoryMappings),
    entries: await of(categoryMappingEntries),
  };
}

describe("loading the published results", () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
    await loadPublications(database);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("stores 540 records of six publications and 38 open discrepancies", async () => {
    expect(await rowsOf(database)).toEqual({
      publications: 6,
      metrics: 540,
      discrepancies: 38,
      datasets: 14,
      models: 48,
      mappings: 9,
      entries: 104,
    });
    const states = await database.db.selectDistinct({ status: discrepancies.status }).from(discrepancies);
    expect(states).toEqual([{ status: "open" }]);
  });

  test("twice changes nothing", async () => {
    const before = await rowsOf(database);
    const again = await loadPublications(database);
    expect(again.map(({ isNew }) => isNew)).toEqual([false, false, false, false, false, false]);
    expect(again[0]).toMatchObject({ slug: "gichoya-2022", version: 1, metrics: 524, discrepancies: 38 });
    expect(await rowsOf(database)).toEqual(before);
  });

  test("keeps the six transfers of Table 3 with dataset, model, interval and place", async () => {
    const transfers = await database.db
      .select({
        printed: metricRecords.printed,
        low: metricRecords.ciLow,
        high: metricRecords.ciHigh,
        dataset: datasets.slug,
        model: models.slug,
        source: metricRecords.source,
      })
      .from(metricRecords)
      .innerJoin(datasets, eq(datasets.id, metricRecords.datasetId))
      .innerJoin(models, eq(models.id, metricRecords.modelId))
      .where(and(eq(metricRecords.experiment, "CXR external"), eq(metricRecords.className, "Black")))
      .orderBy(metricRecords.publicationKey);
    expect(transfers).toHaveLength(6);
    expect(transfers[0]).toEqual({
      printed: "0.962 (0.957-0.966)",
      low: 0.957,
      high: 0.966,
      dataset: "cxp",
      model: "gichoya-2022-mxr-resnet34",
      source: "Table 3, MXR Resnet34 to CXP, Black",
    });
  });

  test("keeps a pointer to the appendix as a record without a value, with the reason", async () => {
    const [pointer] = await database.db
      .select()
      .from(metricRecords)
      .where(eq(metricRecords.publicationKey, "r0013"));
    expect(pointer).toMatchObject({
      value: null,
      reason: "MULTIPLE_RESULTS",
      printed: "Multiple results (appendix p 26)",
      params: { testDatasets: ["MXR", "CXP", "EMX"] },
      datasetId: null,
    });
  });

  test("flags a record with the discrepancies that touch it", async () => {
    const [hand] = await database.db
      .select()
      .from(metricRecords)
      .where(eq(metricRecords.publicationKey, "r0020"));
    expect(hand?.flags).toEqual([
      "disagrees_with_table_3",
      "equals_retired_model",
      "discrepancy:11",
      "discrepancy:17",
    ]);
    const [eleven] = await database.db.select().from(discrepancies).where(eq(discrepancies.number, 11));
    expect(eleven?.instances).toEqual([
      {
        where: "Table 2, Limb x-ray internal: DHA, AUC",
        printed: "0.91",
        parsed: 0.91,
        recomputed: 0.87,
        how: "round(metrics/r0087/value) in AUROC, rounded to 2 decimals.",
        records: ["r0020", "r0087", "r0166"],
      },
    ]);
  });

  test("makes datasets that say they are published only, with Table 1 as printed and no version", async () => {
    const [dha] = await database.db.select().from(datasets).where(eq(datasets.slug, "dha"));
    expect(dha).toMatchObject({
      origin: "published",
      printedFacts: { table1: { female: { printed: "400 (49.2%)", count: 400, percent: 49.2 } } },
    });
    expect(await database.db.select().from(datasetVersions)).toEqual([]);
  });

  test("keeps both versions of the five-class mapping of self-reported race", async () => {
    const entries = await database.db
      .select({ version: categoryMappings.version, category: categoryMappingEntries.category })
      .from(categoryMappingEntries)
      .innerJoin(categoryMappings, eq(categoryMappings.id, categoryMappingEntries.mappingId))
      .where(
        and(
          eq(categoryMappings.slug, "chexpert-race-five-class"),
          eq(categoryMappingEntries.recorded, "Race and Ethnicity Unknown"),
        ),
      )
      .orderBy(categoryMappings.version);
    expect(entries).toEqual([
      { version: 1, category: "Other" },
      { version: 2, category: null },
    ]);
  });
});

describe("loading changed data files", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "stratum-publications-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function changed(file: string, from: string, to: string): Promise<string> {
    await rm(join(folder, "gichoya-2022"), { recursive: true, force: true });
    await cp(publicationsFolder, folder, { recursive: true });
    const path = join(folder, "gichoya-2022", file);
    const text = await readFile(path, "utf8");
    expect(text).toContain(from);
    await writeFile(path, text.replace(from, to));
    return folder;
  }

  test("adds a version and leaves the records of the first as they are", async () => {
    await using database = await freshDatabase();
    await loadPublications(database);
    const firstRecords = await database.db.select().from(metricRecords).orderBy(metricRecords.id);
    const loaded = await loadPublications(
      database,
      undefined,
      await changed(
        "metrics.jsonl",
        '"key": "r0530", "publication": "duffy-2022"',
        '"key": "r0530",  "publication": "duffy-2022"',
      ),
    );
    expect(loaded.every(({ isNew }) => !isNew)).toBe(true);

    const again = await loadPublications(
      database,
      undefined,
      await changed(
        "metrics.jsonl",
        '"printed": "0.92-0.99", "bound": "min", "relation": "=", "value": 0.92',
        '"printed": "0.91-0.99", "bound": "min", "relation": "=", "value": 0.91',
      ),
    );
    expect(again.map(({ slug, version, isNew }) => [slug, version, isNew]).slice(0, 2)).toEqual([
      ["gichoya-2022", 2, true],
      ["burns-2023", 1, false],
    ]);
    const kept = await database.db.select().from(metricRecords).orderBy(metricRecords.id).limit(540);
    expect(kept).toEqual(firstRecords);
    const current = await database.db
      .select({ key: metricRecords.publicationKey, value: metricRecords.value })
      .from(metricRecords)
      .where(isOfCurrentPublication);
    expect(current).toHaveLength(540);
    expect(current.find(({ key }) => key === "r0103")?.value).toBe(0.91);
  });

  test("refuses a mapping that changed without a new version, and stores nothing of it", async () => {
    await using database = await freshDatabase();
    await loadPublications(database);
    const before = await rowsOf(database);
    const from = '{"recorded": "White, Hispanic", "category": "White"}';
    const path = await changed("race-mappings.json", from, from.replace('"White"}', '"Hispanic"}'));
    await expect(loadPublications(database, undefined, path)).rejects.toMatchObject({ code: "INTERNAL" });
    expect(await rowsOf(database)).toEqual(before);
  });

  test("refuses a corrected cell before it touches the database", async () => {
    await using database = await freshDatabase();
    const path = await changed("datasets.json", '"count": 400', '"count": 340');
    await expect(loadPublications(database, undefined, path)).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
    expect(await rowsOf(database)).toMatchObject({ publications: 0, metrics: 0 });
  });

  test("leaves a dataset alone that was imported under the same slug, and links to it", async () => {
    await using database = await freshDatabase();
    const [imported] = await database.db
      .insert(datasets)
      .values({ slug: "cxp", title: "Ours", origin: "imported" })
      .returning();
    await loadPublications(database);
    const [after] = await database.db.select().from(datasets).where(eq(datasets.slug, "cxp"));
    expect(after).toEqual(imported);
    const [record] = await database.db
      .select({ datasetId: metricRecords.datasetId })
      .from(metricRecords)
      .where(eq(metricRecords.publicationKey, "r0061"));
    expect(record?.datasetId).toBe(imported?.id);
  });

  test("by two processes at once stores one version", async () => {
    await using database = await freshDatabase();
    const both = await Promise.all([loadPublications(database), loadPublications(database)]);
    expect(both.map(([study]) => study?.isNew).toSorted()).toEqual([false, true]);
    expect(await rowsOf(database)).toMatchObject({ publications: 6, metrics: 540 });
  });
});
