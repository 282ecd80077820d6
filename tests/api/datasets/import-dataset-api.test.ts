import { link, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { csvOf, type PhantomFolder, phantomFolder, pngImage } from "../../support/phantom-images.ts";
import { sendFile } from "../../support/send-file.ts";
import { startTestApi, type TestApi } from "../../support/test-api.ts";

let api: TestApi;
let anonymous: TestApi;
let root: PhantomFolder;
let outside: PhantomFolder;

const rows = [
  ["1.png", "SECRET-1", "train", "F", "61", "1"],
  ["2.png", "SECRET-1", "train", "F", "61", "-1"],
  ["3.png", "SECRET-2", "test", "M", "300", "0"],
];
const manifest = csvOf(["file", "patient", "part", "sex", "age", "edema"], rows);

beforeAll(async () => {
  outside = await phantomFolder({ "table.csv": manifest, "1.png": pngImage(1) });
  root = await phantomFolder({
    "set/m.csv": manifest,
    "set/1.png": pngImage(1),
    "set/2.png": pngImage(2),
    "set/3.png": pngImage(3),
    "bad/a.png": "no image",
    "bad/SECRET-3.png": pngImage(4),
  });
  await symlink(outside.path, join(root.path, "out"));
  await symlink(join(outside.path, "table.csv"), join(root.path, "set/link.csv"));
  await link(join(outside.path, "table.csv"), join(root.path, "set/hard.csv"));
  await mkdir(join(root.path, "empty"));
  const settings = { STRATUM_IMAGE_ROOTS: `images=${root.path}` };
  api = await startTestApi(settings);
  anonymous = await startTestApi({ ...settings, STRATUM_ANONYMOUS_ROLE: "public" });
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await anonymous[Symbol.asyncDispose]();
  await root[Symbol.asyncDispose]();
  await outside[Symbol.asyncDispose]();
});

const importDataset = `mutation ($input: ImportDatasetInput!) {
  importDataset(input: $input) {
    created
    dataset { slug }
    version {
      version imageCount patientCount
      files { formats { format count } minRows maxRows minCols maxCols sizes leftOut { code count } decoded }
      location { root folder status }
      importRun { kind state plugin summary }
      splits { name }
      attributes { name kind unknownCount }
    }
    run { kind state }
    problems { code file line column message }
    problemCounts { code count }
    report { rows images patients leftOut { code count } remarks { code line } implausibleAges unknown { column count } }
  }
}`;

const mapping = {
  files: { column: "file" },
  patient: { column: "patient" },
  split: { column: "part" },
  attributes: [
    { name: "sex", cell: { column: "sex" }, kind: "CATEGORY", map: [{ recorded: "F", category: "female" }] },
    { name: "age", cell: { column: "age" }, kind: "AGE", implausibleIsUnknown: true },
  ],
  labels: { columns: [{ class: "edema", cell: { column: "edema" } }], uncertain: "IGNORE" },
};

async function ask(input: Record<string, unknown>, at: TestApi = api) {
  const variables = { input: { root: "images", ...input } };
  const answer = await at.ask<{ importDataset: Record<string, unknown> }>(importDataset, variables);
  return { ...answer, stored: answer.data?.importDataset };
}

describe("importDataset", () => {
  test("imports a folder of a named root with an uploaded manifest", async () => {
    const upload = await sendFile(api, join(root.path, "set/m.csv"));
    const { stored, errors } = await ask({
      dataset: "uploaded",
      folder: "set",
      tables: [{ name: "manifest", upload }],
      mapping,
    });
    expect(errors).toBeUndefined();
    expect(stored).toMatchObject({
      created: true,
      dataset: { slug: "uploaded" },
      version: {
        version: 1,
        imageCount: 3,
        patientCount: 2,
        files: {
          formats: [{ format: "png", count: 3 }],
          minRows: 8,
          maxRows: 8,
          minCols: 6,
          maxCols: 6,
          sizes: 1,
          leftOut: [],
          decoded: false,
        },
        location: { root: "images", folder: "set", status: "PRESENT" },
        importRun: { kind: "IMPORT", state: "SUCCEEDED", plugin: "import_dataset", summary: { images: 3 } },
        splits: [{ name: "part" }],
      },
      problems: [],
      report: {
        rows: 3,
        images: 3,
        patients: 2,
        implausibleAges: 1,
        unknown: [
          { column: "age", count: 1 },
          { column: "finding:edema", count: 1 },
        ],
      },
    });
  });

  test("reads a manifest that lies in the folder, and gives the same version again", async () => {
    const input = {
      dataset: "beside",
      folder: "set",
      tables: [{ name: "manifest", file: "m.csv" }],
      mapping,
    };
    expect((await ask(input)).stored).toMatchObject({ created: true });
    expect((await ask(input)).stored).toMatchObject({ created: false, version: { version: 1 } });
  });

  test("answers with the problems of files, by line and code and never by name", async () => {
    const { stored, text } = await ask({ dataset: "bad", folder: "bad", layout: "FOLDER" });
    expect(stored).toMatchObject({
      created: false,
      dataset: null,
      version: null,
      run: null,
      problems: [{ code: "IMAGE_FORMAT_UNKNOWN", file: "images", line: 2 }],
      problemCounts: [{ code: "IMAGE_FORMAT_UNKNOWN", count: 1 }],
    });
    expect(text).not.toContain(".png");
    const skipped = await ask({ dataset: "bad", folder: "bad", layout: "FOLDER", onBadFile: "SKIP" });
    expect(skipped.stored).toMatchObject({
      created: true,
      version: { imageCount: 1, files: { leftOut: [{ code: "IMAGE_FORMAT_UNKNOWN", count: 1 }] } },
      report: { remarks: [{ code: "IMAGE_FORMAT_UNKNOWN", line: 2 }] },
    });
    expect(skipped.text).not.toContain("SECRET");
  });

  test.each([
    ["a root without a name", { root: "elsewhere" }, "NOT_FOUND"],
    ["a root of every object's", { root: "constructor" }, "NOT_FOUND"],
    ["a path for a root", { root: "/etc" }, "NOT_FOUND"],
    ["a folder above the root", { folder: "../.." }, "BAD_USER_INPUT"],
    ["an absolute folder", { folder: "/etc" }, "BAD_USER_INPUT"],
    ["a folder that a link leads out", { folder: "out" }, "BAD_USER_INPUT"],
    ["a folder that is not there", { folder: "nowhere" }, "BAD_USER_INPUT"],
    ["a folder with NUL", { folder: "set\u0000" }, "BAD_STRING"],
    [
      "a manifest above the folder",
      { tables: [{ name: "manifest", file: "../bad/a.png" }] },
      "BAD_USER_INPUT",
    ],
    ["a manifest by a link", { tables: [{ name: "manifest", file: "link.csv" }] }, "BAD_USER_INPUT"],
    ["a manifest by a hard link", { tables: [{ name: "manifest", file: "hard.csv" }] }, "BAD_USER_INPUT"],
    [
      "a manifest through a linked folder",
      { folder: "", tables: [{ name: "manifest", file: "out/table.csv" }] },
      "BAD_USER_INPUT",
    ],
    ["neither file nor upload", { tables: [{ name: "manifest" }] }, "BAD_USER_INPUT"],
    ["a table of a strange name", { tables: [{ name: "../x", file: "m.csv" }] }, "BAD_USER_INPUT"],
    ["no table", { tables: [] }, "BAD_USER_INPUT"],
  ])("refuses %s", async (_what, input, code) => {
    const { errors, text } = await ask({
      dataset: "refused",
      folder: "set",
      tables: [{ name: "manifest", file: "m.csv" }],
      mapping,
      ...input,
    });
    expect(errors?.[0]?.extensions["code"]).toBe(code);
    for (const path of [root.path, outside.path]) expect(text).not.toContain(path);
    const { rows: made } = await api.database.pool.query("select from dataset where slug = 'refused'");
    expect(made).toEqual([]);
  });

  test("is for stewards; files and location are for row-level rights", async () => {
    const input = {
      dataset: "theirs",
      folder: "set",
      tables: [{ name: "manifest", file: "m.csv" }],
      mapping,
    };
    const refused = await ask(input, anonymous);
    expect(refused.errors?.[0]?.extensions["code"]).toBe("UNAUTHENTICATED");
    const steward = await anonymous.api.services.tokens.create({ label: "s", globalRole: "steward" });
    const variables = { input: { root: "images", ...input } };
    const stored = await anonymous.ask<Record<string, unknown>>(importDataset, variables, steward.token);
    expect(stored.data?.["importDataset"]).toMatchObject({ created: true, version: { imageCount: 3 } });
    const question = `{ dataset(slug: "theirs") { versions {
      imageCount files { bytes } location { status } importRun { kind summary params }
    } } }`;
    const { data } = await anonymous.ask<Record<string, unknown>>(question);
    expect(data?.["dataset"]).toEqual({
      versions: [
        {
          imageCount: 5,
          files: null,
          location: null,
          importRun: { kind: "IMPORT", summary: null, params: null },
        },
      ],
    });
  });

  test("leaves no name of a patient or a file in the log", () => {
    expect(api.logged.join("\n")).not.toMatch(/SECRET|\.png/);
  });
});
