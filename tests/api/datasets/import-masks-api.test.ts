import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { csvOf, type PhantomFolder, phantomFolder, pngImage } from "../../support/phantom-images.ts";
import { sendFile } from "../../support/send-file.ts";
import { startTestApi, type TestApi } from "../../support/test-api.ts";

let api: TestApi;
let anonymous: TestApi;
let root: PhantomFolder;

beforeAll(async () => {
  root = await phantomFolder({
    "set/m.csv": csvOf(
      ["file", "patient"],
      [
        ["1.png", "A"],
        ["2.png", "B"],
      ],
    ),
    "set/1.png": pngImage(1),
    "set/2.png": pngImage(2),
    "lungs/1.png": pngImage(3),
    "lungs/2.png": pngImage(4),
    "odd/x.png": pngImage(5),
    "odd/y.png": pngImage(6, 9, 6),
    "tables/good.csv": csvOf(["image", "mask"], [["1.png", "x.png"]]),
    "tables/both.csv": csvOf(
      ["image", "mask"],
      [
        ["1.png", "x.png"],
        ["2.png", "../set/1.png"],
      ],
    ),
  });
  const settings = { STRATUM_IMAGE_ROOTS: `images=${root.path}` };
  api = await startTestApi(settings);
  anonymous = await startTestApi({ ...settings, STRATUM_ANONYMOUS_ROLE: "public" });
  const mapping = { files: { column: "file" }, patient: { column: "patient" } };
  const { data } = await api.ask(
    "mutation ($input: ImportDatasetInput!) { importDataset(input: $input) { created problems { code message } } }",
    {
      input: {
        ...{ dataset: "set", root: "images", folder: "set", mapping },
        tables: [{ name: "manifest", file: "m.csv" }],
      },
    },
  );
  expect(data).toMatchObject({ importDataset: { created: true } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await anonymous[Symbol.asyncDispose]();
  await root[Symbol.asyncDispose]();
});

const IMPORT = `mutation ($input: ImportMasksInput!) {
  importMasks(input: $input) { version images masks sha256 created }
}`;

async function ask(input: Readonly<Record<string, unknown>>, at: TestApi = api) {
  const { data, errors } = await at.ask<{ importMasks: Record<string, unknown> }>(IMPORT, {
    input: { dataset: "set", root: "images", ...input },
  });
  return { stored: data?.importMasks, error: errors?.[0] };
}

describe("importMasks", () => {
  test("takes the files of a named folder, once", async () => {
    const { stored } = await ask({ name: "lungs", folder: "lungs" });
    expect(stored).toMatchObject({ version: 1, images: 2, masks: 2, created: true });
    expect((await ask({ name: "lungs", folder: "lungs" })).stored).toEqual({ ...stored, created: false });
  });

  test("takes a table that was uploaded, or lies below the folder", async () => {
    const upload = await sendFile(api, join(root.path, "tables/good.csv"));
    const asked = { name: "hearts", folder: "odd", allowMissing: true };
    expect((await ask({ ...asked, table: { upload } })).stored).toMatchObject({ masks: 1, created: true });
    const again = await ask({ ...asked, table: { upload } });
    expect(again.error?.extensions["code"]).toBe("UPLOAD_NOT_OPEN");
    const table = { file: "tables/good.csv" };
    const below = await ask({ name: "below", folder: "", allowMissing: true, table });
    // Its paths start from the folder, where there is no such file.
    expect(below.error?.message).toMatch(/got 1 unreadable/);
    expect((await ask({ ...asked, table: {} })).error?.message).toMatch(/got neither/);
  });

  test("reads nothing outside its folder, whatever a table says", async () => {
    const upload = await sendFile(api, join(root.path, "tables/both.csv"));
    const { error } = await ask({ name: "out", folder: "odd", table: { upload } });
    expect(error?.extensions["code"]).toBe("BAD_USER_INPUT");
    expect(error?.message).toMatch(/mask for each of 2 images/);
    const wrong = await ask({ name: "out", folder: "../", table: null });
    expect(wrong.error?.message).toMatch(/below the image root/);
    expect((await ask({ name: "out", root: "elsewhere" })).error?.extensions["code"]).toBe("NOT_FOUND");
  });

  test("says what is wrong with a table, and is for stewards", async () => {
    const upload = await sendFile(api, join(root.path, "tables/good.csv"));
    const { error } = await ask({ name: "hearts2", folder: "odd", table: { upload, mask: "lung" } });
    expect(error?.message).toMatch(/MISSING_COLUMN/);
    const refused = await ask({ name: "lungs", folder: "lungs" }, anonymous);
    expect(["FORBIDDEN", "UNAUTHENTICATED"]).toContain(refused.error?.extensions["code"]);
  });
});
