import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  findRoot,
  listImageFiles,
  selectOrdinalsOfParts,
} from "../../../api/datasets/image-files.queries.ts";
import {
  DatasetImportService,
  type ImportDatasetOutcome,
  type ImportDatasetRequest,
} from "../../../api/datasets/import/dataset-import.service.ts";
import { loadPublications } from "../../../api/publications/publication.loader.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import {
  csvOf,
  jpegImage,
  type PhantomFolder,
  phantomFolder,
  pngImage,
} from "../../support/phantom-images.ts";

let database: FreshDatabase;
let folder: PhantomFolder;
let service: DatasetImportService;

const header = ["file", "patient", "visit", "part", "sex", "age", "Edema"];
const rows = [
  ["a/1.png", "p1", "v1", "train", "F", "58", "1.0"],
  ["a/2.png", "p1", "v2", "train", "F", "59", "-1.0"],
  ["b/3.png", "p2", "v3", "test", "M", "", "0.0"],
  ["b/4.png", "p2", "v3", "test", "M", "61", ""],
] as const;
const mapping = {
  path: "file",
  id: "file",
  patient: "patient",
  study: "visit",
  split: "part",
  attributes: { sex: { column: "sex", map: { F: "female", M: "male" } }, age: "age" },
  labels: { columns: { Edema: "Edema" }, uncertain: "own" },
};

beforeAll(async () => {
  database = await freshDatabase();
  service = new DatasetImportService(database);
  folder = await phantomFolder({
    ...Object.fromEntries(rows.map(([file], index) => [file, pngImage(index, 8 + index)])),
    "m.csv": csvOf(header, rows),
  });
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function run(request: Partial<ImportDatasetRequest> = {}): Promise<ImportDatasetOutcome> {
  return service.importDataset(
    {
      dataset: "phantom",
      root: folder.path,
      layout: "manifest",
      files: { manifest: join(folder.path, "m.csv") },
      mapping,
      ...request,
    },
    { threads: 0 },
  );
}

async function stored(request: Partial<ImportDatasetRequest> = {}) {
  const outcome = await run(request);
  if (outcome.status !== "stored")
    throw new Error(`Expected a stored dataset, got ${JSON.stringify(outcome)}`);
  return outcome;
}

async function ask(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await database.pool.query(text, [...values])).rows;
}

const counts =
  "select (select count(*)::int from dataset_version) as versions, (select count(*)::int from run) as runs";

describe("importing a dataset", () => {
  test("stores images with their files, patients, studies, attributes, labels and split in a frozen version", async () => {
    const { versionId, version, created, runId } = await stored();
    expect({ version, created }).toEqual({ version: 1, created: true });
    const files = await listImageFiles(database.db, versionId, { limit: 10 });
    expect(
      files.map(({ ordinal, externalId, uri, rows: high, cols }) => [ordinal, externalId, uri, high, cols]),
    ).toEqual(rows.map(([file], index) => [index, file, file, 8 + index, 6]));
    expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(4);
    expect(await findRoot(database.db, versionId)).toMatchObject({ root: folder.path, rootName: null });
    const part = await selectOrdinalsOfParts(database.db, versionId, "part", ["test"]);
    expect(part).toEqual(Uint32Array.of(2, 3));
    expect(
      await ask(
        "select attribute, recorded, category from image_category where dataset = 'phantom' order by attribute, ordinal",
      ),
    ).toEqual([
      ...["1", "uncertain", "0", null].map((word) => ({
        attribute: "finding:Edema",
        recorded: word,
        category: word,
      })),
      ...[
        ["F", "female"],
        ["F", "female"],
        ["M", "male"],
        ["M", "male"],
      ].map(([recorded, category]) => ({ attribute: "sex", recorded, category })),
    ]);
    const [row] = await ask(
      "select state, image_count, patient_count, study_count, run_id::int, files from dataset_version where id = $1",
      [versionId],
    );
    expect(row).toMatchObject({
      state: "frozen",
      image_count: 4,
      patient_count: 2,
      study_count: 3,
      run_id: runId,
      files: { formats: { png: 4 }, rows: [8, 11], cols: [6, 6], sizes: 4, leftOut: {}, verified: "header" },
    });
    expect(await ask("select kind, plugin, state, summary ->> 'images' as images from run")).toEqual([
      { kind: "import", plugin: "import_dataset", state: "succeeded", images: "4" },
    ]);
    const [attribute] = await ask(
      "select unknown_count::int, encoding, source_column from attribute where name = 'age'",
    );
    expect(attribute).toEqual({ unknown_count: 1, encoding: "f32", source_column: "age" });
  });

  test("gives the first version when the same is imported again, also from another place", async () => {
    const first = await stored();
    const before = await ask(counts);
    const again = await stored();
    expect(again).toMatchObject({ versionId: first.versionId, runId: first.runId, created: false });
    await using parent = await phantomFolder();
    const moved = join(parent.path, "moved");
    await mkdir(moved);
    for (const name of ["a", "b", "m.csv"]) await rename(join(folder.path, name), join(moved, name));
    try {
      const elsewhere = await stored({ root: moved, files: { manifest: join(moved, "m.csv") } });
      expect(elsewhere).toMatchObject({ versionId: first.versionId, created: false });
      expect(await findRoot(database.db, first.versionId)).toMatchObject({ root: moved });
    } finally {
      for (const name of ["a", "b", "m.csv"]) await rename(join(moved, name), join(folder.path, name));
    }
    expect(await ask(counts)).toEqual(before);
  });

  test("makes a new version of changed files or attributes, and keeps the old one", async () => {
    await using changed = await phantomFolder({
      ...Object.fromEntries(
        rows.map(([file], index) => [file, pngImage(index === 2 ? 99 : index, 8 + index)]),
      ),
      "m.csv": csvOf(header, rows),
    });
    const first = await stored();
    const second = await stored({ root: changed.path, files: { manifest: join(changed.path, "m.csv") } });
    expect([first.version, second.version]).toEqual([1, 2]);
    const third = await stored({ mapping: { ...mapping, attributes: { sex: "sex" } } });
    expect(third.version).toBe(3);
    const hashes = await Promise.all(
      [first, second].map(async ({ versionId }) =>
        (await listImageFiles(database.db, versionId, { limit: 9 })).map(({ sha256 }) => sha256),
      ),
    );
    expect(hashes[0]?.[2]).not.toBe(hashes[1]?.[2]);
    expect(hashes[0]?.[1]).toBe(hashes[1]?.[1]);
  });

  test("adds a split to the version it is of, and refuses another one of its name", async () => {
    const plain = { ...mapping, split: null };
    const first = await stored({ dataset: "splits", mapping: plain });
    const withSplit = await stored({ dataset: "splits" });
    expect(withSplit).toMatchObject({ versionId: first.versionId, created: false, newSplit: true });
    expect(await stored({ dataset: "splits" })).toMatchObject({ created: false, newSplit: false });
    const other = csvOf(
      header,
      rows.map(([file, patient, visit, , ...rest]) => [
        file,
        patient,
        visit,
        patient === "p1" ? "x" : "y",
        ...rest,
      ]),
    );
    await using beside = await phantomFolder({ "m.csv": other });
    const refused = await run({ dataset: "splits", files: { manifest: join(beside.path, "m.csv") } });
    expect(refused).toMatchObject({ status: "rejected", totals: { ATTRIBUTE_CONFLICT: 1 } });
  });

  test("refuses patients on two sides; with a reason, keeps the count and the parts by image", async () => {
    const leaking = csvOf(
      header,
      rows.map(([file, patient, visit, part, ...rest], index) => [
        file,
        patient,
        visit,
        index === 1 ? "test" : part,
        ...rest,
      ]),
    );
    await using beside = await phantomFolder({ "m.csv": leaking });
    const request = { dataset: "leak", files: { manifest: join(beside.path, "m.csv") } };
    const before = await ask(counts);
    const refused = await run(request);
    expect(refused).toMatchObject({ status: "rejected", totals: { PATIENT_IN_TWO_SPLITS: 1 } });
    expect(await ask(counts)).toEqual(before);
    expect(await ask("select from dataset where slug = 'leak'")).toEqual([]);
    const { versionId } = await stored({ ...request, overrideLeakReason: "the authors' own split" });
    expect(
      await ask(
        "select leaking_patients, override_reason, image_parts from split where dataset_version_id = $1",
        [versionId],
      ),
    ).toEqual([
      {
        leaking_patients: 1,
        override_reason: "the authors' own split",
        image_parts: Buffer.from([0, 1, 1, 1]),
      },
    ]);
  });

  test("stores nothing of a dataset with bad files, or leaves them out, counted, with the patients they alone had", async () => {
    await using spoilt = await phantomFolder({
      "a/1.png": pngImage(1),
      "a/2.png": "no image",
      "b/3.png": "",
      "m.csv": csvOf(header, rows),
    });
    const request = { dataset: "spoilt", root: spoilt.path, files: { manifest: join(spoilt.path, "m.csv") } };
    const refused = await run(request);
    expect(refused).toMatchObject({
      status: "rejected",
      totals: { IMAGE_FORMAT_UNKNOWN: 1, IMAGE_TRUNCATED: 1, FILE_MISSING: 1 },
    });
    expect(await ask("select from dataset where slug = 'spoilt'")).toEqual([]);
    const { versionId, report } = await stored({ ...request, onBadFile: "skip" });
    expect(report.files.leftOut).toEqual({ IMAGE_FORMAT_UNKNOWN: 1, IMAGE_TRUNCATED: 1, FILE_MISSING: 1 });
    expect(
      await ask(
        "select image_count, patient_count, study_count, files -> 'leftOut' as left from dataset_version where id = $1",
        [versionId],
      ),
    ).toEqual([{ image_count: 1, patient_count: 1, study_count: 1, left: report.files.leftOut }]);
    const [summary] = await ask("select summary -> 'remarks' as remarks from run order by id desc limit 1");
    expect(JSON.stringify(summary)).toContain("IMAGE_TRUNCATED");
    expect(JSON.stringify(summary)).not.toContain("2.png");
  });

  test("reads CheXpert's self-reported race through the study's stored mapping", async () => {
    await loadPublications(database, pino({ level: "silent" }));
    const patients = ["White", "Black or African American", "Patient Refused", "A word of its own", "Asian"];
    const path = (index: number) => `train/patient0000${index}/study1/view1_frontal.jpg`;
    await using chexpert = await phantomFolder({
      "train.csv": csvOf(
        ["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", "No Finding"],
        patients.map((_race, index) => [`CheXpert-v1.0/${path(index)}`, "Male", 50, "Frontal", "AP", "1.0"]),
      ),
      "demo.csv": csvOf(
        ["PATIENT", "PRIMARY_RACE"],
        patients.map((race, index) => [`patient0000${index}`, race]),
      ),
    });
    for (const index of patients.keys()) await chexpert.add({ [path(index)]: await jpegImage(index) });
    const outcome = await service.importDataset(
      { dataset: "chexpert", root: chexpert.path, layout: "chexpert" },
      { threads: 0 },
    );
    expect(outcome).toMatchObject({ status: "stored", created: true, report: { images: 5, patients: 5 } });
    expect(
      await ask(
        "select recorded, category from image_category where dataset = 'chexpert' and attribute = 'race' order by ordinal",
      ),
    ).toEqual([
      { recorded: "White", category: "White" },
      { recorded: "Black or African American", category: "Black" },
      { recorded: "Patient Refused", category: null },
      { recorded: "A word of its own", category: null },
      { recorded: "Asian", category: "Asian" },
    ]);
    const [mapped] = await ask(
      "select slug, mapping.version from attribute join category_mapping as mapping on mapping.id = category_mapping_id where name = 'race'",
    );
    expect(mapped).toEqual({ slug: "chexpert-race-three-class", version: 1 });
  });

  test("stores more than fits in memory at a time, in order", async () => {
    const count = 20_000;
    await using many = await phantomFolder({
      "1.png": pngImage(1),
      "2.png": pngImage(2),
      "m.csv": csvOf(
        ["id", "file", "patient"],
        Array.from({ length: count }, (_, index) => [
          `i${index}`,
          `${1 + (index % 2)}.png`,
          `p${index >> 1}`,
        ]),
      ),
    });
    const { versionId, report } = await stored({
      dataset: "many",
      root: many.path,
      files: { manifest: join(many.path, "m.csv") },
      mapping: { path: "file", id: "id", patient: "patient" },
    });
    expect(report).toMatchObject({ images: count, patients: count / 2 });
    const files = await listImageFiles(database.db, versionId, { limit: count });
    expect(files.map(({ externalId }) => externalId)).toEqual(
      Array.from({ length: count }, (_, index) => `i${index}`),
    );
    expect(new Set(files.map(({ uri, sha256 }) => `${uri} ${sha256}`)).size).toBe(2);
    const [wrong] = await ask(
      "select count(*)::int as wrong from image where dataset_version_id = $1 and uri <> (1 + ordinal % 2) || '.png'",
      [versionId],
    );
    expect(wrong).toEqual({ wrong: 0 });
  });

  test("lets concurrent imports of one dataset make one version", async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => stored({ dataset: "racing" })));
    expect(new Set(outcomes.map(({ versionId }) => versionId)).size).toBe(1);
    expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
  });

  test("stores nothing when it is interrupted", async () => {
    const abort = new AbortController();
    const importing = service.importDataset(
      { dataset: "stopped", root: folder.path, layout: "folder" },
      {
        threads: 0,
        signal: abort.signal,
        onProgress: ({ phase }) => void (phase === "files" && abort.abort()),
      },
    );
    await expect(importing).rejects.toThrow(/abort/i);
    expect(await ask("select from dataset where slug = 'stopped'")).toEqual([]);
  });

  test.each([
    ["a slug that is none", { dataset: "No Slug" }, "BAD_USER_INPUT"],
    ["a folder that is not there", { root: "/nowhere/at/all" }, "BAD_USER_INPUT"],
    ["a table that is not there", { files: { manifest: "/nowhere.csv" } }, "BAD_USER_INPUT"],
    ["a mapping that says nothing", { mapping: { paths: "file" } }, "BAD_USER_INPUT"],
    [
      "a stored mapping that is not there",
      { mapping: { path: "file", attributes: { race: { column: "sex", mapping: "none-such@1" } } } },
      "NOT_FOUND",
    ],
  ])("refuses %s", async (_what, request, code) => {
    const refusal = await run(request).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code });
    expect(String(refusal)).not.toContain("/nowhere");
  });

  test("gives the problems of a table that is none", async () => {
    await using beside = await phantomFolder({ "m.csv": Buffer.from([0xff, 0xfe, 0x00, 0x41]) });
    const refused = await run({ dataset: "garbage", files: { manifest: join(beside.path, "m.csv") } });
    expect(refused).toMatchObject({ status: "rejected", totals: { BAD_ENCODING: 1 } });
  });
});
