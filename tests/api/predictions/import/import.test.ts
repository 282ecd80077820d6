import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ImportOutcome, ImportService } from "../../../../api/predictions/import/import.service.ts";
import { type FreshDatabase, freshDatabase } from "../../../support/fresh-database.ts";

let database: FreshDatabase;
let imports: ImportService;
let folder: string;

beforeAll(async () => {
  database = await freshDatabase();
  imports = new ImportService(database);
  folder = await mkdtemp(join(tmpdir(), "stratum-import-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database[Symbol.asyncDispose]();
});

const mapping = {
  id: "image",
  patient: "patient",
  task: { kind: "multiclass", attribute: "race", classes: ["Asian", "Black", "White"] },
  truth: { column: "race", map: { "BLACK OR AFRICAN AMERICAN": "Black" }, ignore: ["UNKNOWN"] },
  scores: { Asian: "pa", Black: "pb", White: "pw" },
  attributes: { sex: "sex", age: "age" },
};
const header = "image,patient,race,sex,age,pa,pb,pw";
const rows = [
  "i1,p1,Asian,F,34,0.7,0.2,0.1",
  "i2,p1,Asian,F,34.5,0.6,0.25,0.15",
  "i3,p2,BLACK OR AFRICAN AMERICAN,M,,0.1,,0.1",
  "i4,p3,White,M,91,0.125,0.25,0.625",
  "i5,p4,UNKNOWN,,58,0.3,0.3,0.4",
];

let files = 0;
async function fileOf(lines: readonly string[]): Promise<string> {
  const path = join(folder, `file${files++}.csv`);
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
}

async function importOf(
  lines: readonly string[],
  more: Record<string, unknown> = {},
): Promise<ImportOutcome> {
  const path = await fileOf(lines);
  return imports.importPredictions({ dataset: "d", model: "m", mapping, predictions: { path }, ...more });
}

async function countRows(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of [
    "dataset",
    "dataset_version",
    "image",
    "patient",
    "attribute",
    "category_mapping",
    "model",
    "model_version",
    "prediction_set",
    "score_block",
    "run",
    "split",
  ]) {
    const { rows: found } = await database.pool.query<{ count: string }>(`select count(*) from ${table}`);
    counts[table] = Number(found[0]?.count);
  }
  return counts;
}

function evaluationOf(outcome: ImportOutcome): number {
  if (outcome.status !== "stored")
    throw new Error(`Expected a stored import, got ${JSON.stringify(outcome.totals)}`);
  return outcome.evaluationId;
}

describe("an import into a new dataset", () => {
  test("stores every score, and unknown cells as unknown", async () => {
    const outcome = await importOf([header, ...rows]);
    const id = evaluationOf(outcome);
    const { rows: stored } = await database.pool.query(
      "select image, class, score from prediction where evaluation = $1 order by ordinal, class",
      [id],
    );
    expect(stored).toHaveLength(15);
    expect(stored.slice(0, 3)).toEqual([
      { image: "i1", class: "Asian", score: 0.7 },
      { image: "i1", class: "Black", score: 0.2 },
      { image: "i1", class: "White", score: 0.1 },
    ]);
    expect(stored[7]).toEqual({ image: "i3", class: "Black", score: null });
    expect(outcome.status === "stored" && outcome.report?.unknownScores).toBe(1);
    const { rows: sets } = await database.pool.query(
      "select scored_count, missing_score_count from prediction_set where id = $1",
      [id],
    );
    expect(sets).toEqual([{ scored_count: 5, missing_score_count: "1" }]);
  });

  test("keeps self-reported race as recorded beside its category", async () => {
    const { rows: race } = await database.pool.query(
      "select image, recorded, category from image_category where attribute = 'race' order by ordinal",
    );
    expect(race).toEqual([
      { image: "i1", recorded: "Asian", category: "Asian" },
      { image: "i2", recorded: "Asian", category: "Asian" },
      { image: "i3", recorded: "BLACK OR AFRICAN AMERICAN", category: "Black" },
      { image: "i4", recorded: "White", category: "White" },
      { image: "i5", recorded: "UNKNOWN", category: null },
    ]);
  });

  test("records numbers and unknowns in columns", async () => {
    const { rows: columns } = await database.pool.query<{
      name: string;
      kind: string;
      encoding: string;
      unknown_count: number;
      values: Buffer;
    }>('select name, kind, encoding, unknown_count, "values" from attribute order by name');
    expect(
      columns.map(({ name, kind, encoding, unknown_count }) => [name, kind, encoding, unknown_count]),
    ).toEqual([
      ["age", "number", "f32", 1],
      ["patient", "patient", "u32", 0],
      ["race", "category", "u8", 0],
      ["sex", "category", "u8", 1],
    ]);
    const age = columns[0]?.values ?? Buffer.alloc(0);
    expect([0, 4, 8, 12, 16].map((at) => age.readFloatLE(at))).toEqual([34, 34.5, Number.NaN, 91, 58]);
  });

  test("is frozen: no statement changes it", async () => {
    await expect(database.pool.query("update image set external_id = 'x'")).rejects.toThrow(
      /no change to image/,
    );
    await expect(database.pool.query("delete from image_1")).rejects.toThrow(/no change to image_1/);
    await expect(database.pool.query("select stratum_open_partition('image', 1)")).rejects.toThrow(/draft/);
    await expect(database.pool.query("delete from score_block")).rejects.toThrow(/append-only/);
    await expect(database.pool.query("update dataset_version set image_count = 1")).rejects.toThrow(
      /immutable/,
    );
    await expect(
      database.pool.query(
        "insert into image (dataset_version_id, ordinal, external_id) select id, 99, 'x' from dataset_version",
      ),
    ).rejects.toThrow(/open partition/);
    await expect(
      database.pool.query(
        "insert into score_block select dataset_version_id, prediction_set_id, 0, 7, scores from score_block limit 1",
      ),
    ).rejects.toThrow(/complete/);
  });
});

describe("an import that comes again", () => {
  test("is the first one, and stores nothing", async () => {
    const lines = [header, ...rows];
    const first = evaluationOf(await importOf(lines));
    const before = await countRows();
    expect(await importOf(lines)).toMatchObject({ status: "stored", evaluationId: first, created: false });
    expect(await countRows()).toEqual(before);
  });

  test("is the first one too when rows and columns stand in another order", async () => {
    const first = evaluationOf(await importOf([header, ...rows]));
    const before = await countRows();
    const shuffled = [
      "pw,age,image,patient,race,sex,pa,pb",
      "0.4,58,i5,p4,UNKNOWN,,0.3,0.3",
      "0.1,,i3,p2,BLACK OR AFRICAN AMERICAN,M,0.1,",
      "0.625,91,i4,p3,White,M,0.125,0.25",
      "0.15,34.5,i2,p1,Asian,F,0.6,0.25",
      "0.1,34,i1,p1,Asian,F,0.7,0.2",
    ];
    expect(await importOf(shuffled)).toMatchObject({ status: "stored", evaluationId: first, created: false });
    expect(await countRows()).toEqual(before);
  });

  test("lines up by id: scores of a second model in another order, with an image left out", async () => {
    const second = [
      "image,pa,pb,pw",
      "i4,0.4,0.4,0.2",
      "i1,0.9,0.05,0.05",
      "i3,0.2,0.2,0.6",
      "i2,0.8,0.1,0.1",
    ];
    const { patient: _patient, truth: _truth, attributes: _attributes, ...bare } = mapping;
    const outcome = await importOf(second, { model: "m2", mapping: bare });
    const { rows: stored } = await database.pool.query(
      "select image, score from prediction where evaluation = $1 and class = 'Asian' order by ordinal",
      [evaluationOf(outcome)],
    );
    expect(stored).toEqual([
      { image: "i1", score: 0.9 },
      { image: "i2", score: 0.8 },
      { image: "i3", score: 0.2 },
      { image: "i4", score: 0.4 },
      { image: "i5", score: null },
    ]);
    expect(outcome.status === "stored" && outcome.report?.imagesWithoutScores).toBe(1);
  });
});

describe("a rejected import", () => {
  const broken: readonly (readonly [string, readonly string[], readonly string[], number | undefined])[] = [
    ["a score that is no number", [header, "x1,p1,Asian,F,3,abc,0.2,0.1"], ["SCORE_UNPARSABLE"], 2],
    ["a score that is not finite", [header, "x1,p1,Asian,F,3,NaN,0.2,0.1"], ["SCORE_NOT_FINITE"], 2],
    ["a probability above one", [header, "x1,p1,Asian,F,3,1.5,0.2,0.1"], ["SCORE_OUT_OF_RANGE"], 2],
    [
      "an image twice",
      [header, "x1,p1,Asian,F,3,0.5,0.2,0.1", "x1,p1,Asian,F,3,0.5,0.2,0.1"],
      ["DUPLICATE_ID"],
      3,
    ],
    ["a label outside the classes", [header, "x1,p1,Martian,F,3,0.5,0.2,0.1"], ["UNKNOWN_LABEL"], 2],
    [
      "a missing column",
      ["image,patient,race,sex,age,pa,pb", "x1,p1,Asian,F,3,0.5,0.2"],
      ["MISSING_COLUMN"],
      undefined,
    ],
  ];
  test.each(broken)("names %s, and stores nothing", async (_what, lines, codes, line) => {
    const before = await countRows();
    const outcome = await importOf(lines, { dataset: "fresh", model: "fresh" });
    expect(outcome.status).toBe("rejected");
    if (outcome.status === "rejected") {
      expect(Object.keys(outcome.totals)).toEqual(codes);
      expect(outcome.problems[0]?.code).toBe(codes[0]);
      if (line !== undefined) expect(outcome.problems[0]?.line).toBe(line);
    }
    expect(await countRows()).toEqual(before);
  });

  test("counts every problem, and never shows an id or a value of a patient", async () => {
    const lines = [
      header,
      ...Array.from({ length: 70_000 }, (_, i) => `img-${i},secret-patient-${i},Asian,F,3,zzz,0.2,0.1`),
    ];
    const outcome = await importOf(lines, { dataset: "fresh", model: "fresh" });
    expect(outcome).toMatchObject({ status: "rejected", totals: { SCORE_UNPARSABLE: 70_000 } });
    expect(JSON.stringify(outcome)).not.toContain("secret-patient");
  });

  test("refuses other attribute values than the frozen version holds", async () => {
    const changed = [header, ...rows.slice(0, 4), "i5,p4,UNKNOWN,,59,0.3,0.3,0.4"];
    const outcome = await importOf(changed, { model: "m3" });
    expect(outcome).toMatchObject({ status: "rejected", totals: { ATTRIBUTE_CONFLICT: 1 } });
    if (outcome.status === "rejected") expect(outcome.problems[0]).toMatchObject({ column: "age" });
  });

  test("refuses another patient for an image that is there", async () => {
    const changed = [header, "i1,p2,Asian,F,34,0.7,0.2,0.1", ...rows.slice(1)];
    expect(await importOf(changed, { model: "m4" })).toMatchObject({
      status: "rejected",
      totals: { ATTRIBUTE_CONFLICT: 1 },
    });
  });

  test("refuses an image that the version lacks; as a new version it is taken", async () => {
    const more = [header, ...rows, "i6,p9,White,F,44,0.1,0.1,0.8"];
    expect(await importOf(more)).toMatchObject({ status: "rejected", totals: { UNKNOWN_IMAGE: 1 } });
    const id = evaluationOf(await importOf(more, { newVersion: true }));
    const { rows: versions } = await database.pool.query(
      "select version, image_count from prediction_set join dataset_version on dataset_version.id = dataset_version_id where prediction_set.id = $1",
      [id],
    );
    expect(versions).toEqual([{ version: 2, image_count: 6 }]);
  });
});

describe("a split", () => {
  const splitMapping = { ...mapping, split: "part" };
  const splitHeader = `${header},part`;
  const parted = (part: readonly string[]) => rows.map((row, index) => `${row},${part[index]}`);

  test("is stored by patient", async () => {
    const id = evaluationOf(
      await importOf([splitHeader, ...parted(["train", "train", "test", "test", "validate"])], {
        dataset: "s1",
        mapping: splitMapping,
      }),
    );
    const { rows: members } = await database.pool.query(
      `select patient_ordinal, parts[part + 1] as part from split join split_member on split_id = split.id
       join prediction_set on prediction_set.split_id = split.id where prediction_set.id = $1 order by 1`,
      [id],
    );
    expect(members).toEqual([
      { patient_ordinal: 0, part: "train" },
      { patient_ordinal: 1, part: "test" },
      { patient_ordinal: 2, part: "test" },
      { patient_ordinal: 3, part: "validate" },
    ]);
  });

  test("that puts a patient on two sides is refused, with the patients counted", async () => {
    const before = await countRows();
    const leaking = [splitHeader, ...parted(["train", "test", "test", "test", "test"])];
    const outcome = await importOf(leaking, { dataset: "s2", mapping: splitMapping });
    expect(outcome).toMatchObject({ status: "rejected", totals: { PATIENT_IN_TWO_SPLITS: 1 } });
    expect(await countRows()).toEqual(before);
  });

  test("is recorded by explicit override, flagged with count and reason", async () => {
    const leaking = [splitHeader, ...parted(["train", "test", "test", "test", "test"])];
    evaluationOf(
      await importOf(leaking, { dataset: "s3", mapping: splitMapping, overrideLeakReason: "as published" }),
    );
    const { rows: flagged } = await database.pool.query(
      "select leaking_patients, override_reason from split where leaking_patients > 0",
    );
    expect(flagged).toEqual([{ leaking_patients: 1, override_reason: "as published" }]);
  });
});

test("a file that changes while it is imported is refused, and nothing is stored", async () => {
  const path = await fileOf([header, ...rows]);
  const before = await countRows();
  const request = { dataset: "changing", model: "m", mapping, predictions: { path } };
  let touched = false;
  const changing = imports.importPredictions(request, {
    onProgress: () => {
      // Once: every row more is read, and makes progress.
      if (!touched) appendFileSync(path, "i9,p9,White,F,44,0.1,0.1,0.8\n");
      touched = true;
    },
  });
  await expect(changing).rejects.toMatchObject({
    code: "BAD_USER_INPUT",
    message: expect.stringContaining("stay as they are"),
  });
  expect(await countRows()).toEqual(before);
});

test("two identical imports at once give one evaluation", async () => {
  const path = await fileOf([header, ...rows]);
  const request = { dataset: "at-once", model: "m", mapping, predictions: { path } };
  const outcomes = await Promise.all([
    imports.importPredictions(request),
    imports.importPredictions(request),
  ]);
  expect(new Set(outcomes.map(evaluationOf)).size).toBe(1);
});

describe("a file so large that its digest is made while it is read", () => {
  const pad = "x".repeat(900);
  const large = (bad?: string) => [
    `${header},note`,
    ...Array.from({ length: 20_000 }, (_, row) => `i${row},p${row % 5_000},White,F,44,0.1,0.1,0.8,${pad}`),
    ...(bad === undefined ? [] : [bad]),
  ];

  test("is stored with it, is known again, and is stored once when imported twice at once", async () => {
    const lines = large();
    const path = await fileOf(lines);
    const request = { dataset: "large", model: "m", mapping, predictions: { path } };
    const outcomes = await Promise.all([
      imports.importPredictions(request),
      imports.importPredictions(request),
    ]);
    expect(new Set(outcomes.map(evaluationOf)).size).toBe(1);
    expect(await imports.importPredictions(request)).toMatchObject({ created: false, report: undefined });
    const { rows: stored } = await database.pool.query(
      "select input_digests from run join prediction_set on run_id = run.id where prediction_set.id = $1",
      outcomes.slice(0, 1).map(evaluationOf),
    );
    const sha256 = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    expect(stored).toEqual([{ input_digests: { predictions: sha256 } }]);
  });

  test("stores nothing when its last row is refused", async () => {
    const path = await fileOf(large("j9,p9,White,F,44,0.1,0.1,oops,"));
    const before = await countRows();
    const request = { dataset: "large-and-bad", model: "m", mapping, predictions: { path } };
    expect(await imports.importPredictions(request)).toMatchObject({
      status: "rejected",
      totals: { SCORE_UNPARSABLE: 1 },
    });
    expect(await countRows()).toEqual(before);
  });
});
