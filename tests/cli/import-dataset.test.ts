import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { datasetMappingOf } from "../../api/cli/dataset-flags.ts";
import { type FreshDatabase, freshDatabase, heldServer, withDatabase } from "../support/fresh-database.ts";
import { csvOf, jpegImage, type PhantomFolder, phantomFolder, pngImage } from "../support/phantom-images.ts";
import { findSharedData } from "../support/shared-data.ts";
import { runStratum } from "./run-stratum.ts";

let database: FreshDatabase;
let home: string;
let databaseUrl: string;
let folder: PhantomFolder;

beforeAll(async () => {
  database = await freshDatabase();
  databaseUrl = withDatabase((await heldServer()).url, database.name);
  home = await mkdtemp(join(tmpdir(), "stratum-cli-"));
  folder = await phantomFolder({
    "set/a/1.png": pngImage(1),
    "set/a/2.jpg": await jpegImage(2),
    "set/b/3.png": pngImage(3),
    "set/m.csv": csvOf(
      ["file", "who", "part", "sex", "found"],
      [
        ["a/1.png", "p1", "train", "F", "Edema"],
        ["a/2.jpg", "p1", "train", "F", "None"],
        ["b/3.png", "p2", "test", "M", "Edema|Mass"],
      ],
    ),
  });
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
  await database[Symbol.asyncDispose]();
});

const run = (...args: string[]) => runStratum(args, { home, databaseUrl });
const columns = ["--path", "file", "--patient", "who", "--split", "part", "--attribute", "sex=sex"];

describe("stratum import dataset", () => {
  test("imports a manifest, says what it read, and repeats itself from the saved mapping", async () => {
    const at = [
      "--dataset",
      "cli",
      "--root",
      join(folder.path, "set"),
      "--manifest",
      join(folder.path, "set/m.csv"),
    ];
    const saved = join(home, "map.json");
    const labels = ["--labels", "found", "--label-classes", "None,Edema,Mass"];
    const first = await run("import", "dataset", ...at, ...columns, ...labels, "--save-mapping", saved);
    expect(first.err).toBe("");
    expect(first.out).toMatch(/^Stored version 1 of cli: 3 images, 2 patients in .* s/);
    expect(first.out).toContain("1 jpeg");
    const again = await run("import", "dataset", ...at, "--mapping", saved, "--json");
    expect(JSON.parse(again.out)).toMatchObject({
      status: "stored",
      created: false,
      version: 1,
      images: 3,
      files: { formats: { png: 2, jpeg: 1 } },
    });
    expect(again.status).toBe(0);
  });

  test("refuses bad files with status 3, lists them by path on request, and leaves them out when told to", async () => {
    await using spoilt = await phantomFolder({ "a.png": pngImage(1), "=b.png": "text", "c.png": "" });
    const problems = join(home, "bad.csv");
    const at = ["import", "dataset", "--dataset", "spoilt", "--root", spoilt.path, "--layout", "folder"];
    const refused = await run(...at, "--problems", problems);
    expect(refused.status).toBe(3);
    expect(refused.out).toContain("IMAGE_FORMAT_UNKNOWN: 1, IMAGE_TRUNCATED: 1");
    expect(await readFile(problems, "utf8")).toBe(
      'line,code,path\n1,IMAGE_FORMAT_UNKNOWN,"\'=b.png"\n3,IMAGE_TRUNCATED,"c.png"\n',
    );
    const skipped = await run(...at, "--on-bad-file", "skip", "--verify", "full");
    expect(skipped.status).toBe(0);
    expect(skipped.out).toMatch(/1 image,?.*every image decoded.*1 files are left out: IMAGE_TRUNCATED/s);
  });

  test("says what is wrong with options", async () => {
    const at = ["import", "dataset", "--dataset", "cli", "--root", folder.path];
    for (const [args, words] of [
      [["--layout", "tar"], /--layout/],
      [[], /a manifest/],
      [["--manifest", "/nowhere.csv"], /--manifest/],
      [["--layout", "folder", "--threads", "0"], /--threads/],
      [["--layout", "dicom", "--study-is", "visit"], /--study-is/],
      [["--layout", "folder", "--attribute", "sex"], /--attribute/],
    ] as const) {
      const { status, err } = await run(...at, ...args);
      expect(err).toMatch(words);
      expect(status).toBe(2);
    }
  });

  test("follows a folder that was moved, once its files were found there", async () => {
    const here = join(folder.path, "set");
    const moved = join(folder.path, "elsewhere");
    await rename(here, moved);
    try {
      const lost = await run("locate", "dataset", "cli", folder.path);
      expect(lost.status).toBe(2);
      expect(lost.err).toContain("3 of 3 missing or changed");
      const found = await run("locate", "dataset", "cli", moved, "--json");
      expect(JSON.parse(found.out)).toEqual({
        dataset: "cli",
        version: 1,
        images: 3,
        checked: 3,
        moved: true,
      });
      const { out } = await run("locate", "dataset", "cli", moved, "--all");
      expect(out).toContain("were known to lie there");
    } finally {
      await rename(moved, here);
    }
    expect((await run("locate", "dataset", "nobody", folder.path)).status).toBe(4);
    expect((await run("locate", "dataset", "cli", folder.path, "--of", "x")).status).toBe(2);
  });

  test("reads cells of paths and of joined tables from options", () => {
    const none = { attribute: [], number: [], categoryMapping: [], label: [], table: [], join: [] };
    const flags = {
      ...none,
      path: "files/{id:2}/{id}.png",
      patient: "file[0]",
      study: "file[-3:-2]",
      split: false as const,
      attribute: ["race=people.race", "age=years[x]"],
      categoryMapping: ["race=m@1"],
      label: ["Edema=edema"],
      labelName: "finding",
      uncertain: "own",
      table: ["people=p.csv"],
      join: ["people=who=file[0]"],
    };
    expect(datasetMappingOf(flags)).toEqual({
      path: { template: "files/{id:2}/{id}.png" },
      patient: { column: "file", parts: [0, 0] },
      study: { column: "file", parts: [-3, -2] },
      split: null,
      attributes: {
        race: { column: { column: "race", table: "people" }, kind: "category", mapping: "m@1" },
        age: { column: "years[x]", kind: "age" },
      },
      labels: { attribute: "finding", columns: { Edema: "edema" }, uncertain: "own" },
      tables: { people: { key: "who", on: { column: "file", parts: [0, 0] } } },
    });
  });
});

const nih = findSharedData("nih1000-64", "the import of real chest X-rays with a split that leaks");
const hannover = findSharedData("hannover-covid", "the import of real chest X-rays of a second site");

describe("stratum import dataset, on real images", () => {
  test.skipIf(nih === undefined)(
    "refuses the author's split of nih1000-64 and takes the images without it",
    async () => {
      const at = ["import", "dataset", "--dataset", "nih1000", "--root", `${nih}/images`];
      const table = ["--manifest", `${nih}/metadata.csv`, "--path", "file", "--patient", "patient_id"];
      const refused = await run(...at, ...table, "--split", "split", "--json");
      expect(refused.status).toBe(3);
      // 30 patients lie in two of its three parts, 8 of them in train and test.
      expect(JSON.parse(refused.out).totals).toEqual({ PATIENT_IN_TWO_SPLITS: 30 });
      const plain = await run(...at, ...table, "--json");
      expect(JSON.parse(plain.out)).toMatchObject({
        status: "stored",
        images: 1_000,
        patients: 264,
        files: { duplicates: 0 },
      });
      const forced = await run(
        ...at,
        ...table,
        "--split",
        "split",
        "--override-leak",
        "the author's",
        "--json",
      );
      expect(JSON.parse(forced.out)).toMatchObject({
        version: 1,
        created: false,
        newSplit: true,
        patientsInTwoSplits: 30,
      });
    },
  );

  test.skipIf(hannover === undefined)("decodes every image of hannover-covid", async () => {
    const { out } = await run(
      ...["import", "dataset", "--dataset", "hannover", "--root", `${hannover}/images`, "--verify", "full"],
      ...["--manifest", `${hannover}/metadata.csv`, "--path", "file", "--patient", "patient_id"],
      ...["--attribute", "sex=sex", "--attribute", "view=projection", "--json"],
    );
    expect(JSON.parse(out)).toMatchObject({
      images: 243,
      patients: 71,
      files: { formats: { jpeg: 243 }, rows: [expect.any(Number), 320], verified: "full", leftOut: {} },
    });
  });
});
