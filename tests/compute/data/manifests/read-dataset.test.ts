import { createHash } from "node:crypto";
import { link, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFilePass } from "../../../../compute/data/manifests/file-pass.ts";
import {
  csvOf,
  dicomImage,
  jpegImage,
  type PhantomFolder,
  phantomFolder,
  pngClaiming,
  pngImage,
} from "../../../support/phantom-images.ts";
import { readAllImages } from "./read-all-images.ts";

let folder: PhantomFolder;

beforeAll(async () => {
  folder = await phantomFolder({
    "a.png": pngImage(1),
    "b.png": pngImage(2, 9, 7),
    "in/c.jpg": await jpegImage(3),
    "in/deep/d.png": pngImage(4),
  });
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const header = ["file", "patient", "visit", "part", "sex", "age", "bmi"];
const rows = [
  ["a.png", "p1", "v1", "train", "F", "58Y", "21.5"],
  ["b.png", "p1", "v2", "train", "F", "59", ""],
  ["in/c.jpg", "p2", "v3", "test", "M", "", "30"],
  ["in/deep/d.png", "", "", "", "", "400", "25.25"],
];
const mapping = {
  path: "file",
  patient: "patient",
  study: "visit",
  split: "part",
  attributes: {
    sex: { column: "sex", map: { F: "female", M: "male" } },
    age: { column: "age", implausible: "unknown" },
    bmi: "bmi",
  },
};

/** A manifest beside the images, imported. */
async function read(
  content: string | Uint8Array,
  own: unknown = mapping,
  options: Parameters<typeof readAllImages>[3] = {},
  files: Record<string, string | Uint8Array> = {},
) {
  await using beside = await phantomFolder({ "manifest.csv": content, ...files });
  const paths = Object.fromEntries(
    Object.keys({ "manifest.csv": "", ...files }).map((name) => [
      name.replace(/\..*/, ""),
      join(beside.path, name),
    ]),
  );
  return await readAllImages("manifest", folder.path, { files: paths, mapping: own }, options);
}

describe("reading a dataset", () => {
  test("gives every image with its file, patient, study, part and attributes", async () => {
    const { images, report } = await read(csvOf(header, rows));
    expect(report.errors).toEqual([]);
    expect(images).toEqual([
      {
        id: "a.png",
        uri: "a.png",
        sha256: createHash("sha256").update(pngImage(1)).digest("hex"),
        size: "8x6",
        patient: "p1",
        study: "v1",
        split: "train",
        attributes: { sex: "F", age: 58, bmi: 21.5 },
        labels: {},
      },
      expect.objectContaining({
        size: "9x7",
        study: "v2",
        attributes: { sex: "F", age: 59, bmi: undefined },
      }),
      expect.objectContaining({ id: "in/c.jpg", patient: "p2", split: "test" }),
      expect.objectContaining({
        patient: undefined,
        study: undefined,
        split: undefined,
        attributes: { sex: undefined, age: undefined, bmi: 25.25 },
      }),
    ]);
    expect(report).toMatchObject({
      rows: 4,
      images: 4,
      patients: 2,
      studies: 3,
      splits: ["train", "test"],
      implausibleAges: 1,
      unknown: { sex: 1, age: 2, bmi: 1 },
      dictionaries: { sex: { raw: ["F", "M"], canonical: ["female", "male"] } },
      files: {
        formats: { png: 3, jpeg: 1 },
        rows: [8, 9],
        cols: [6, 7],
        sizes: 2,
        duplicates: 0,
        leftOut: {},
      },
    });
  });

  test("reads a manifest that is packed", async () => {
    const { images } = await read(gzipSync(csvOf(header, rows)));
    expect(images).toHaveLength(4);
  });

  test("refuses a packed manifest that never ends", async () => {
    const bomb = gzipSync(`file,note\n${`a.png,${"x".repeat(60_000)}\n`.repeat(1_400)}`);
    const { report } = await read(bomb, { path: "file" });
    expect(report.errorTotals).toHaveProperty("DECOMPRESSION_LIMIT", 1);
  });

  test("takes parts of a path for ids", async () => {
    const own = {
      path: "file",
      id: { column: "file", parts: -1 },
      patient: { column: "file", parts: [0, -2] },
    };
    const { images } = await read(csvOf(["file"], [["in/c.jpg"], ["in/deep/d.png"]]), own);
    expect(images.map(({ id, patient }) => [id, patient])).toEqual([
      ["c.jpg", "in"],
      ["d.png", "in/deep"],
    ]);
  });

  test("builds paths from a template, and finds files by name", async () => {
    const built = await read(csvOf(["name", "ext"], [["deep", "png"]]), {
      path: { template: "x/in/{name}/{name:1}.{ext}", drop: 1 },
    });
    expect(built.images[0]?.uri).toBe("in/deep/d.png");
    const found = await read(csvOf(["name"], [["d.png"], ["in/c.jpg"], ["none.png"]]), {
      path: { column: "name", search: true },
      id: "name",
    });
    expect(found.report.errors.map(({ code, line }) => [code, line])).toEqual([["FILE_MISSING", 4]]);
  });

  test("joins tables by key; rows that disagree are unknown, counted", async () => {
    const own = {
      path: "file",
      patient: "patient",
      attributes: {
        race: {
          column: { column: "race", table: "people" },
          map: { WHITE: "White", "WHITE - OTHER": "White", ASIAN: "Asian", UNKNOWN: null },
          unlisted: "unknown",
        },
        height: { column: { column: "height", table: "people" }, kind: "number" },
      },
      tables: { people: { key: "who", on: "patient" } },
    };
    const people = csvOf(
      ["who", "race", "height"],
      [
        ["p1", "WHITE", 170],
        ["p1", "WHITE - OTHER", 170],
        ["p2", "UNKNOWN", 180],
        ["p2", "ASIAN", 181],
        ["p3", "WHITE", 150],
        ["p3", "ASIAN", 150],
      ],
    );
    const manifest = csvOf(
      ["file", "patient"],
      [
        ["a.png", "p1"],
        ["b.png", "p2"],
        ["in/c.jpg", "p3"],
        ["in/deep/d.png", "p4"],
      ],
    );
    const { images, report } = await read(manifest, own, {}, { "people.csv": people });
    expect(images.map(({ attributes }) => attributes)).toEqual([
      { race: "WHITE", height: 170 },
      { race: "ASIAN", height: undefined },
      { race: undefined, height: 150 },
      { race: undefined, height: undefined },
    ]);
    expect(report.unmatched).toEqual({ people: 1 });
    expect(report.conflicts).toEqual([
      { table: "people", column: "height", count: 1 },
      { table: "people", column: "race", count: 1 },
    ]);
  });

  test.each([
    ["ones", [1, 0, 1, undefined]],
    ["zeros", [1, 0, 0, undefined]],
    ["ignore", [1, 0, undefined, undefined]],
    ["own", [1, 0, "uncertain", undefined]],
  ])("reads uncertain labels as %s", async (uncertain, expected) => {
    const manifest = csvOf(
      ["file", "Edema"],
      [
        ["a.png", "1.0"],
        ["b.png", "0.0"],
        ["in/c.jpg", "-1.0"],
        ["in/deep/d.png", ""],
      ],
    );
    const own = { path: "file", labels: { columns: { Edema: "Edema" }, uncertain } };
    const { images } = await read(manifest, own);
    expect(images.map(({ labels }) => labels["Edema"])).toEqual(expected);
    const zeros = await read(manifest, { ...own, labels: { ...own.labels, blank: "zeros" } });
    expect(zeros.images.map(({ labels }) => labels["Edema"])).toEqual([...expected.slice(0, 3), 0]);
  });

  test("asks for a policy when labels are uncertain", async () => {
    const { report } = await read(csvOf(["file", "Edema"], [["a.png", "-1"]]), {
      path: "file",
      labels: { columns: { Edema: "Edema" } },
    });
    expect(report.errors).toEqual([
      expect.objectContaining({
        code: "LABEL_UNPARSABLE",
        line: 2,
        column: "Edema",
        message: expect.stringContaining("labels.uncertain"),
      }),
    ]);
  });

  test("reads lists of labels; a word that is none and a lone word beside others are refused", async () => {
    const own = {
      path: "file",
      labels: { classes: ["None", "Edema", "Mass"], list: { column: "found", alone: ["None"] } },
    };
    const good = await read(
      csvOf(
        ["file", "found"],
        [
          ["a.png", "Edema|Mass"],
          ["b.png", "None"],
          ["in/c.jpg", ""],
        ],
      ),
      own,
    );
    expect(good.images.map(({ labels }) => labels)).toEqual([
      { None: 0, Edema: 1, Mass: 1 },
      { None: 1, Edema: 0, Mass: 0 },
      { None: undefined, Edema: undefined, Mass: undefined },
    ]);
    const bad = await read(
      csvOf(
        ["file", "found"],
        [
          ["a.png", "Edma"],
          ["b.png", "None|Mass"],
        ],
      ),
      own,
    );
    expect(bad.report.errors.map(({ code, line }) => [code, line])).toEqual([
      ["UNKNOWN_LABEL", 2],
      ["UNKNOWN_LABEL", 3],
    ]);
    expect(bad.report.errors[0]?.message).toContain('nearest: "Edema"');
  });

  test("refuses patients on two sides of the split before it reads a file", async () => {
    const manifest = csvOf(
      ["file", "patient", "part"],
      [
        ["a.png", "p1", "train"],
        ["b.png", "p1", "test"],
        ["missing.png", "p2", "test"],
      ],
    );
    const own = { path: "file", patient: "patient", split: "part" };
    const refused = await read(manifest, own);
    expect(refused.report.errorTotals).toEqual({ PATIENT_IN_TWO_SPLITS: 1 });
    expect(refused.report.errors[0]?.message).toContain("got 1 patients in two or more");
    const allowed = await read(manifest, own, { allowPatientsInTwoSplits: true, onBadFile: "skip" });
    expect(allowed.report).toMatchObject({ patientsInTwoSplits: 1, images: 2, errors: [] });
  });

  test("refuses a study of two patients, an id that comes twice, and a missing column, all at once where it can", async () => {
    const manifest = csvOf(
      ["file", "id", "patient", "study"],
      [
        ["a.png", "i1", "p1", "s1"],
        ["b.png", "i1", "p2", "s1"],
        ["in/c.jpg", "", "p3", "s2"],
      ],
    );
    const { report } = await read(manifest, { path: "file", id: "id", patient: "patient", study: "study" });
    expect(report.errors.map(({ code, line }) => [code, line])).toEqual([
      ["DUPLICATE_ID", 3],
      ["PATIENT_CONFLICT", 3],
      ["EMPTY_ID", 4],
    ]);
    expect(report.errors[0]?.message).toContain("line 2");
    const missing = await read(manifest, { path: "fil", patient: "patiant" });
    expect(missing.report.errors.map(({ code, column }) => [code, column])).toEqual([
      ["MISSING_COLUMN", "fil"],
      ["MISSING_COLUMN", "patiant"],
    ]);
  });

  test("never names an image or a patient in a problem", async () => {
    const manifest = csvOf(
      ["file", "patient", "study"],
      [
        ["SECRET-1.png", "SECRET-2", "SECRET-3"],
        ["a.png", "SECRET-4", "SECRET-3"],
        ["../SECRET-5.png", "SECRET-4", ""],
        ["a.png", "SECRET-6", ""],
      ],
    );
    const { report } = await read(manifest, { path: "file", patient: "patient", study: "study" });
    expect(report.errors.length).toBeGreaterThan(1);
    expect(JSON.stringify(report)).not.toContain("SECRET");
  });
});

describe("image files", () => {
  test("counts the files that are the same, and flags two patients with one file", async () => {
    await using same = await phantomFolder({
      "1.png": pngImage(1),
      "2.png": pngImage(1),
      "3.png": pngImage(1),
      "4.png": pngImage(2),
    });
    await same.add({
      "m.csv": csvOf(
        ["file", "patient", "part"],
        [
          ["1.png", "p1", "train"],
          ["2.png", "p1", "train"],
          ["3.png", "p2", "test"],
          ["4.png", "p2", "test"],
        ],
      ),
    });
    const { report } = await readAllImages("manifest", same.path, {
      files: { manifest: join(same.path, "m.csv") },
      mapping: { path: "file", patient: "patient", split: "part" },
    });
    expect(report.errors).toEqual([]);
    expect(report.files).toMatchObject({
      duplicates: 2,
      duplicatesAcrossPatients: 1,
      duplicatesAcrossParts: 1,
    });
    expect(report.remarks.map(({ code, line }) => [code, line])).toEqual([["DUPLICATE_IMAGE", 4]]);
  });

  test("lists what is wrong with files by code, and stores the others only when asked to", async () => {
    const whole = pngImage(7, 40, 40);
    const jpeg = await jpegImage(8, 40, 40);
    await using files = await phantomFolder({
      "good.png": whole,
      "empty.png": "",
      "text.png": "not an image, whatever its name says",
      "cut.png": whole.subarray(0, whole.length - 20),
      "cut.jpg": jpeg.subarray(0, jpeg.length - 40),
      "head.jpg": jpeg.subarray(0, 30),
      "bomb.png": pngClaiming(60_000, 60_000),
      "lies.png": jpeg,
      "lies.jpg": whole,
      "scan.tif": whole,
      "large.png": Buffer.concat([whole, Buffer.alloc(10_000)]),
      "no-extension": whole,
    });
    const { bad, report, images } = await readAllImages(
      "folder",
      files.path,
      {},
      { onBadFile: "skip", maxFileBytes: 8_000 },
    );
    expect(bad).toEqual({
      "empty.png": "IMAGE_TRUNCATED",
      "text.png": "IMAGE_FORMAT_UNKNOWN",
      "cut.png": "IMAGE_TRUNCATED",
      "cut.jpg": "IMAGE_TRUNCATED",
      "head.jpg": expect.stringMatching(/^IMAGE_(TRUNCATED|CORRUPT)$/),
      "bomb.png": "IMAGE_TOO_LARGE",
      "lies.png": "EXTENSION_MISMATCH",
      "lies.jpg": "EXTENSION_MISMATCH",
      "scan.tif": "EXTENSION_MISMATCH",
      "large.png": "FILE_TOO_LARGE",
    });
    expect(images.map(({ uri }) => uri)).toEqual(["good.png", "no-extension"]);
    expect(report.files.leftOut).toMatchObject({ EXTENSION_MISMATCH: 3, FILE_TOO_LARGE: 1 });
    const strict = await readAllImages("folder", files.path, {}, { maxFileBytes: 8_000 });
    expect(strict.images).toEqual([]);
    expect(strict.report.errorTotals).toMatchObject({ EXTENSION_MISMATCH: 3, IMAGE_FORMAT_UNKNOWN: 1 });
  });

  test("finds pixels that do not decode when asked to decode them all", async () => {
    const spoilt = pngImage(9, 64, 64);
    spoilt.fill(0xff, 45, 60);
    await using files = await phantomFolder({ "a.png": spoilt, "b.png": pngImage(1) });
    expect((await readAllImages("folder", files.path)).report.errors).toEqual([]);
    const { bad } = await readAllImages("folder", files.path, {}, { verify: "full" });
    expect(bad).toEqual({ "a.png": "IMAGE_CORRUPT" });
  });

  test("follows no path out of the root", async () => {
    await using outside = await phantomFolder({ "secret.png": pngImage(5) });
    await using root = await phantomFolder({ "in/a.png": pngImage(1), "sub/x.png": pngImage(2) });
    await symlink(join(outside.path, "secret.png"), join(root.path, "link.png"));
    await symlink(outside.path, join(root.path, "linked"));
    await symlink(join(root.path, "sub"), join(root.path, "inner"));
    await link(join(outside.path, "secret.png"), join(root.path, "hard.png"));
    await mkdir(join(root.path, "folder.png"));
    const names = [
      "../secret.png",
      "in/../../secret.png",
      join(outside.path, "secret.png"),
      "/etc/passwd",
      "C:\\secret.png",
      "\\\\host\\share\\secret.png",
      "in\\a.png",
      "in/./a.png",
      "link.png",
      "linked/secret.png",
      "hard.png",
      "folder.png",
      "%2e%2e/secret.png",
      "..%2fsecret.png",
      "．．/secret.png",
      "in/a.png/",
      "",
    ];
    await root.add({
      "m.csv": csvOf(
        ["file", "n"],
        names.map((name, index) => [name, index]),
      ),
    });
    const request = { files: { manifest: join(root.path, "m.csv") }, mapping: { path: "file", id: "n" } };
    const { bad, images } = await readAllImages("manifest", root.path, request, { onBadFile: "skip" });
    expect(images).toEqual([]);
    expect(bad).toEqual({
      "line 2": "PATH_INVALID",
      "line 3": "PATH_INVALID",
      "line 4": "PATH_INVALID",
      "line 5": "PATH_INVALID",
      "line 6": "PATH_INVALID",
      "line 7": "PATH_INVALID",
      "line 8": "PATH_INVALID",
      "line 9": "PATH_INVALID",
      "link.png": "FILE_LINKED",
      "linked/secret.png": "PATH_OUTSIDE_ROOT",
      "hard.png": "FILE_LINKED",
      "folder.png": "FILE_UNREADABLE",
      "%2e%2e/secret.png": "FILE_MISSING",
      "..%2fsecret.png": "FILE_MISSING",
      "．．/secret.png": "FILE_MISSING",
      "line 17": "PATH_INVALID",
      "line 18": "PATH_INVALID",
    });
    const allowed = await readAllImages(
      "manifest",
      root.path,
      { ...request, mapping: { path: "file", id: "n" } },
      { onBadFile: "skip", allowHardLinks: true },
    );
    expect(allowed.images.map(({ uri }) => uri)).toEqual(["hard.png"]);
  });

  test("decodes on threads without mixing files up", async () => {
    // Sizes that differ much: what is read meanwhile would spoil what a decoder still reads.
    const photos = await Promise.all(Array.from({ length: 150 }, (_, at) => jpegImage(at, 40 + 7 * at, 300)));
    await using files = await phantomFolder(
      Object.fromEntries(photos.map((bytes, at) => [`${at}.jpg`, bytes])),
    );
    const check = { root: files.path, verify: "full", maxBytes: 1e7, allowHardLinks: false } as const;
    await using threads = openFilePass({ ...check, wantsAttributes: false }, 2);
    const found = await threads.check(photos.map((_bytes, at) => `${at}.jpg`));
    expect(found.map((result) => (result.ok ? result.rows : result.code))).toEqual(
      photos.map((_bytes, at) => 40 + 7 * at),
    );
  });

  test("reads the same on threads as without", async () => {
    await using files = await phantomFolder(
      Object.fromEntries(
        Array.from({ length: 200 }, (_, at) => [`${at}.png`, at === 77 ? "x" : pngImage(at)]),
      ),
    );
    const check = {
      root: files.path,
      verify: "header",
      maxBytes: 1e6,
      allowHardLinks: false,
      wantsAttributes: true,
    } as const;
    const uris = [...Array.from({ length: 200 }, (_, at) => `${at}.png`), "none.png"];
    await files.add({ "scan.dcm": dicomImage(1, { "00100020 LO": "P1" }) });
    await using inline = openFilePass(check, 0);
    await using threads = openFilePass(check, 2);
    let told = 0;
    const onFiles = (count: number) => {
      told += count;
    };
    const found = await threads.check([...uris, "scan.dcm"], { onFiles });
    expect(found).toEqual(await inline.check([...uris, "scan.dcm"]));
    expect(told).toBe(202);
    expect(found[77]).toEqual({ ok: false, code: "IMAGE_FORMAT_UNKNOWN" });
    expect(found[201]).toMatchObject({ ok: true, attributes: { patientId: "P1" } });
    await expect(threads.check(uris, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});
