import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  countImageFiles,
  findRoot,
  insertLocation,
  listImageFiles,
  selectOrdinalsOfParts,
} from "../../../api/datasets/image-files.queries.ts";
import { type BuiltDataset, buildDataset } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";

let database: FreshDatabase;
let dataset: BuiltDataset;
let bare: BuiltDataset;

const files = Array.from({ length: 7 }, (_, index) => ({
  uri: `images/${index}.png`,
  sha256: createHash("sha256").update(String(index)).digest("hex"),
  rows: 64,
  cols: 48,
}));

beforeAll(async () => {
  database = await freshDatabase();
  dataset = await buildDataset(database, {
    imageCount: 7,
    patients: [0, 0, 1, 2, 2, 1, -1],
    splits: { fold: { parts: ["train", "test"], of: [0, 1, 0] } },
    files: { root: "/images", of: files },
  });
  bare = await buildDataset(database, { imageCount: 3 });
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("listImageFiles", () => {
  test("pages through the files in order of ordinal", async () => {
    const first = await listImageFiles(database.db, dataset.datasetVersionId, { limit: 3 });
    const rest = await listImageFiles(database.db, dataset.datasetVersionId, { afterOrdinal: 2, limit: 9 });
    expect([...first, ...rest]).toEqual(
      files.map((file, ordinal) => ({ ordinal, externalId: `image-${ordinal}`, ...file })),
    );
    expect(first).toHaveLength(3);
  });

  test("pages through chosen images only", async () => {
    const within = Uint32Array.of(1, 2, 5, 6);
    const list = (afterOrdinal: number) =>
      listImageFiles(database.db, dataset.datasetVersionId, { afterOrdinal, limit: 2, within });
    const pages = [await list(-1), await list(2), await list(6)];
    expect(pages.map((page) => page.map(({ ordinal }) => ordinal))).toEqual([[1, 2], [5, 6], []]);
  });

  test("lists nothing of a version without files", async () => {
    expect(await listImageFiles(database.db, bare.datasetVersionId, { limit: 5 })).toEqual([]);
    expect(await countImageFiles(database.db, bare.datasetVersionId)).toEqual({ images: 3, files: 0 });
    expect(await countImageFiles(database.db, dataset.datasetVersionId)).toEqual({ images: 7, files: 7 });
  });
});

describe("selectOrdinalsOfParts", () => {
  test("gives the images of the parts' patients", async () => {
    const of = (...parts: string[]) =>
      selectOrdinalsOfParts(database.db, dataset.datasetVersionId, "fold", parts);
    expect(await of("train")).toEqual(Uint32Array.of(0, 1, 3, 4));
    expect(await of("test")).toEqual(Uint32Array.of(2, 5));
    expect(await of("train", "test")).toEqual(Uint32Array.of(0, 1, 2, 3, 4, 5));
    expect(await of("neither")).toEqual(new Uint32Array(0));
  });

  test("reads a split that is held by image", async () => {
    await database.pool.query(
      "insert into split (dataset_version_id, name, parts, image_parts) values ($1, 'by image', $2, $3)",
      [dataset.datasetVersionId, ["a", "b"], Buffer.from([0, 1, 255, 1, 0, 0, 1])],
    );
    const found = await selectOrdinalsOfParts(database.db, dataset.datasetVersionId, "by image", ["b"]);
    expect(found).toEqual(Uint32Array.of(1, 3, 6));
  });

  test("finds no split of another name", async () => {
    expect(
      await selectOrdinalsOfParts(database.db, dataset.datasetVersionId, "other", ["a"]),
    ).toBeUndefined();
  });
});

describe("findRoot", () => {
  test("gives the newest location", async () => {
    const versionId = dataset.datasetVersionId;
    expect(await findRoot(database.db, versionId)).toMatchObject({ root: "/images", rootName: null });
    await insertLocation(database.db, versionId, { root: "/moved/here", rootName: "moved", folder: "here" });
    expect(await findRoot(database.db, versionId)).toMatchObject({
      root: "/moved/here",
      rootName: "moved",
      folder: "here",
    });
  });

  test("finds none where none was recorded", async () => {
    expect(await findRoot(database.db, bare.datasetVersionId)).toBeUndefined();
  });

  test("keeps what was recorded", async () => {
    await expect(database.pool.query("update dataset_location set root = '/x'")).rejects.toThrow(
      /append-only/,
    );
  });
});
