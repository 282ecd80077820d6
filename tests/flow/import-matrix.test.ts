import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runCli } from "../../api/cli/main.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";

let database: FreshDatabase;
let folder: string;
let files = 0;

beforeAll(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), "stratum-matrix-"));
  vi.stubEnv("DATABASE_URL", database.connectionString);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
  await database[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown>;
  readonly errors: string;
}

/** `stratum import predictions … --json` in this process. */
async function cli(args: readonly string[]): Promise<Answer> {
  let output = "";
  let errors = "";
  const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += text;
    return true;
  });
  const err = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    errors += text;
    return true;
  });
  try {
    process.exitCode = undefined;
    const status = await runCli(["import", "predictions", "--json", "--model", "m", ...args]);
    return { status, json: output === "" ? {} : JSON.parse(output), errors };
  } finally {
    process.exitCode = undefined;
    out.mockRestore();
    err.mockRestore();
  }
}

async function save(content: string | Uint8Array, extension = "csv"): Promise<string> {
  const path = join(folder, `${files++}.${extension}`);
  await writeFile(path, content);
  return path;
}

/** Rows of every table that an import may write, so that none means none. */
async function countRows(): Promise<unknown> {
  const tables = [
    ...["dataset", "dataset_version", "image", "patient", "study", "attribute", "split", "split_member"],
    ...["category_mapping", "model", "model_version", "prediction_set", "score_block", "run"],
  ];
  const counts = tables.map((table) => `(select count(*)::int from ${table}) as "${table}"`);
  const partitions = "(select count(*)::int from pg_class where relname ~ '^(image|patient|study)_[0-9]+$')";
  return (await database.pool.query(`select ${counts}, ${partitions} as partitions`)).rows[0];
}

const wideFlags = [
  ...["--id", "image", "--patient", "patient", "--truth", "race", "--split", "part"],
  ...["--score", "Asian=pa", "--score", "Black=pb", "--attribute", "sex=sex", "--attribute", "age=age"],
];
const wideHeader = "image,patient,race,part,sex,age,pa,pb";
const wideRows = [
  "i1,p1,Asian,train,F,34,0.7,0.3",
  "i2,p1,Asian,train,F,35,0.6,0.4",
  "i3,p2,Black,test,M,,0.1,0.9",
];
const longFlags = [
  ...[
    "--id",
    "image",
    "--task",
    "race",
    "--truth",
    "race",
    "--class-column",
    "class",
    "--score-column",
    "score",
  ],
  ...["--classes", "Asian,Black", "--attribute", "sex=sex"],
];
const longHeader = "image,race,sex,class,score";
const longRows = [
  "i1,Asian,F,Asian,0.7",
  "i1,Asian,F,Black,0.3",
  "i2,Black,,Asian,0.2",
  "i2,Black,,Black,0.8",
];

/** The file with one row more, or with other rows altogether. */
const wide = (...more: readonly string[]) => [wideHeader, ...wideRows, ...more].join("\n");
const long = (...more: readonly string[]) => [longHeader, ...longRows, ...more].join("\n");
const score = (text: string) => wide(`i4,p4,Black,test,M,50,${text},0.5`);
const longScore = (text: string) => long(`i3,Black,M,Asian,${text}`);

type Case = readonly [what: string, content: string | Uint8Array, code: string, line: number | undefined];

const wideCases: readonly Case[] = [
  // D1: scores.
  ["D1 NaN", score("NaN"), "SCORE_NOT_FINITE", 5],
  ["D1 infinity", score("inf"), "SCORE_NOT_FINITE", 5],
  ["D1 minus infinity", score("-Infinity"), "SCORE_NOT_FINITE", 5],
  ["D1 a number beyond doubles", score("1e400"), "SCORE_NOT_FINITE", 5],
  ["D1 a probability a little above one", score("1.0000001"), "SCORE_OUT_OF_RANGE", 5],
  ["D1 a probability below zero", score("-0.1"), "SCORE_OUT_OF_RANGE", 5],
  ["D1 a decimal comma", score('"0,5"'), "SCORE_UNPARSABLE", 5],
  ["D1 a hexadecimal number", score("0x1p-1"), "SCORE_UNPARSABLE", 5],
  ["D1 a word", score("high"), "SCORE_UNPARSABLE", 5],
  // D3: ids.
  ["D3 an image twice with another score", wide("i1,p1,Asian,train,F,34,0.2,0.8"), "DUPLICATE_ID", 5],
  ["D3 an image without an id", wide(",p4,Black,test,M,50,0.5,0.5"), "EMPTY_ID", 5],
  // D4: splits.
  ["D4 a patient on two sides", wide("i4,p1,Asian,test,F,34,0.5,0.5"), "PATIENT_IN_TWO_SPLITS", undefined],
  // D7: labels.
  ["D7 a label in another case", wide("i4,p4,black,test,M,50,0.5,0.5"), "UNKNOWN_LABEL", 5],
  ["D7 a label with a blank", wide("i4,p4,Black ,test,M,50,0.5,0.5"), "UNKNOWN_LABEL", 5],
  // D9: text.
  ["D9 Latin-1", Buffer.from(wide("i4,p4,Bläck,test,M,50,0.5,0.5"), "latin1"), "BAD_ENCODING", 5],
  ["D9 UTF-16", Buffer.from(`\uFEFF${wide()}`, "utf16le"), "BAD_ENCODING", 1],
  ["D9 a NUL byte", wide("i4\0,p4,Black,test,M,50,0.5,0.5"), "BAD_ENCODING", 5],
  ["D9 a row too short", wide("i4,p4,Black"), "BAD_ROW", 5],
  ["D9 a trailing comma", wide("i4,p4,Black,test,M,50,0.5,0.5,"), "BAD_ROW", 5],
  ["D9 a quote that never ends", wide('"i4,p4,Black,test,M,50,0.5,0.5'), "BAD_ROW", 5],
  [
    "D9 a field of a megabyte",
    wide(`${"x".repeat(1 << 20)},p4,Black,test,M,50,0.5,0.5`),
    "FIELD_TOO_LONG",
    5,
  ],
  ["D9 an empty file", "", "EMPTY_FILE", 1],
  ["D9 only a header", wideHeader, "EMPTY_FILE", 1],
  // D11: columns.
  ["D11 a missing column", wide().replace("race", "rice"), "MISSING_COLUMN", 1],
  ["D11 a column twice", wide().replace("sex", "pa"), "DUPLICATE_COLUMN", 1],
  // D12: ages.
  ["D12 an age of 414 years", wide("i4,p4,Black,test,M,414,0.5,0.5"), "AGE_IMPLAUSIBLE", 5],
  ["D12 an age below zero", wide("i4,p4,Black,test,M,-1,0.5,0.5"), "AGE_IMPLAUSIBLE", 5],
  ["D12 an age in another unit", wide("i4,p4,Black,test,M,058Q,0.5,0.5"), "ATTRIBUTE_UNPARSABLE", 5],
];
const longCases: readonly Case[] = [
  ["D1 NaN", longScore("nan"), "SCORE_NOT_FINITE", 6],
  ["D1 a probability above one", longScore("1.5"), "SCORE_OUT_OF_RANGE", 6],
  ["D1 a word", longScore("x"), "SCORE_UNPARSABLE", 6],
  ["D3 a class twice", long("i1,Asian,F,Asian,0.7"), "DUPLICATE_SCORE", 6],
  ["D7 a label outside the classes", long("i3,Martian,M,Asian,0.5"), "UNKNOWN_LABEL", 6],
  ["D8 a class that the model has not", long("i3,Black,M,Blakc,0.5"), "UNKNOWN_CLASS", 6],
  ["D11 a missing column", long().replace("class", "klass"), "MISSING_COLUMN", 1],
  ["D17 an image of two races", long("i1,Black,F,Asian,0.7"), "ATTRIBUTE_CONFLICT", 6],
];

async function expectRejection(answer: Answer, code: string, line: number | undefined): Promise<void> {
  const [first] = (answer.json["problems"] ?? []) as { code: string; line?: number; message: string }[];
  expect({ status: answer.status, code: first?.code, line: first?.line }).toEqual({
    status: 3,
    code,
    line,
  });
  expect(answer.json).toMatchObject({ status: "rejected", evaluation: null });
  expect(first?.message).toMatch(/^Expected .*, got /s);
}

describe("bad data is named by code and first line, and nothing is stored", () => {
  test.each(wideCases)("wide CSV: %s", async (_what, content, code, line) => {
    const before = await countRows();
    const answer = await cli(["--csv", await save(content), "--dataset", "bad", ...wideFlags]);
    await expectRejection(answer, code, line);
    expect(await countRows()).toEqual(before);
    expect(JSON.stringify(answer.json)).not.toMatch(/i4|p4|p1"/);
  });

  const tabbed = wideCases.filter(
    ([what, content]) => typeof content === "string" && !/comma|quote/.test(what),
  );
  test.each(tabbed)("wide TSV: %s", async (_what, content, code, line) => {
    const before = await countRows();
    const text = String(content).replaceAll(",", "\t");
    await expectRejection(
      await cli(["--tsv", await save(text, "tsv"), "--dataset", "bad", ...wideFlags]),
      code,
      line,
    );
    expect(await countRows()).toEqual(before);
  });

  test.each(longCases)("long CSV: %s", async (_what, content, code, line) => {
    const before = await countRows();
    await expectRejection(
      await cli(["--csv", await save(content), "--dataset", "bad", ...longFlags]),
      code,
      line,
    );
    expect(await countRows()).toEqual(before);
  });
});

type Columns = Parameters<typeof parquetWriteBuffer>[0]["columnData"];
const parquet = (columnData: Columns) => new Uint8Array(parquetWriteBuffer({ columnData }));
const parquetColumns = (scores: readonly number[], ids = ["i1", "i2", "i3"]): Columns => [
  { name: "image", data: ids, type: "STRING" },
  { name: "race", data: ["Asian", "Black", "Black"], type: "STRING" },
  { name: "pa", data: Float64Array.from(scores), type: "DOUBLE" },
  { name: "pb", data: Float64Array.of(0.5, 0.5, 0.5), type: "DOUBLE" },
];
const parquetFlags = ["--id", "image", "--truth", "race", "--score", "Asian=pa", "--score", "Black=pb"];

describe("Parquet", () => {
  const whole = parquet(parquetColumns([0.1, 0.2, 0.3]));
  const garbled = whole.slice();
  garbled.fill(0xff, 4, 60);
  test.each([
    ["infinity", parquet(parquetColumns([0.1, 0.2, Number.POSITIVE_INFINITY])), "SCORE_NOT_FINITE", 3],
    ["a probability above one", parquet(parquetColumns([0.1, 1.5, 0.2])), "SCORE_OUT_OF_RANGE", 2],
    ["an image twice", parquet(parquetColumns([0.1, 0.2, 0.3], ["i1", "i2", "i2"])), "DUPLICATE_ID", 3],
    ["a truncated file", whole.subarray(0, whole.length - 20), "PARQUET_TRUNCATED", undefined],
    ["half a file", whole.subarray(0, whole.length >> 1), "PARQUET_TRUNCATED", undefined],
    ["broken pages", garbled, "PARQUET_INVALID", undefined],
    [
      "words for scores",
      parquet([
        ...parquetColumns([0, 0, 0]).slice(0, 2),
        { name: "pa", data: ["a", "b", "c"], type: "STRING" },
        ...parquetColumns([0, 0, 0]).slice(3),
      ]),
      "COLUMN_TYPE",
      undefined,
    ],
    ["a missing column", parquet(parquetColumns([0.1, 0.2, 0.3]).slice(0, 3)), "MISSING_COLUMN", 1],
  ] as const)("%s is named, and nothing is stored", async (_what, content, code, line) => {
    const before = await countRows();
    const answer = await cli([
      "--parquet",
      await save(content, "parquet"),
      "--dataset",
      "bad",
      ...parquetFlags,
    ]);
    await expectRejection(answer, code, line);
    expect(await countRows()).toEqual(before);
  });

  test("gives the evaluation that the same rows give as CSV and TSV", async () => {
    const csv = "image,race,pa,pb\ni1,Asian,0.1,0.5\ni2,Black,0.2,0.5\ni3,Black,0.3,0.5\n";
    const args = ["--dataset", "formats", ...parquetFlags];
    const answers = [
      await cli(["--parquet", await save(whole, "parquet"), ...args]),
      await cli(["--csv", await save(csv), ...args]),
      await cli(["--tsv", await save(csv.replaceAll(",", "\t"), "tsv"), ...args]),
      await cli(["--file", await save(whole, "x"), ...args]),
    ];
    expect(new Set(answers.map(({ json }) => json["evaluation"])).size).toBe(1);
    expect(answers.map(({ json }) => json["created"])).toEqual([true, false, false, false]);
  });
});

describe("odd data that is right", () => {
  const stored = async (dataset: string) =>
    (
      await database.pool.query(
        "select image, class, score from prediction where dataset = $1 order by ordinal, class",
        [dataset],
      )
    ).rows;

  test.each([
    ["a byte order mark", `\uFEFF${wide()}`],
    ["lines ended by CR LF", wide().replaceAll("\n", "\r\n")],
    ["other columns, in another order", `x,${wide()}`.replaceAll("\n", "\nq,")],
    ["blank lines at the end", `${wide()}\n\n\n`],
    ["quoted fields", wide().replaceAll("train", '"train"').replaceAll("i1", '"i1"')],
  ])("D9 D11 %s: the same evaluation", async (_what, content) => {
    const answer = await cli(["--csv", await save(content), "--dataset", "odd", ...wideFlags]);
    expect(answer).toMatchObject({ status: 0, json: { status: "stored" } });
    const { rows } = await database.pool.query(
      "select count(*)::int from prediction_set s join dataset_version v on v.id = s.dataset_version_id join dataset d on d.id = v.dataset_id where slug = 'odd'",
    );
    expect(rows).toEqual([{ count: 1 }]);
  });

  test("D1 D15 empty cells are recorded unknowns, and counted; minus zero is zero", async () => {
    const answer = await cli(["--csv", await save(wide("i4,,,,,,-0,")), "--dataset", "empty", ...wideFlags]);
    expect(answer.json).toMatchObject({
      status: "stored",
      images: 4,
      patients: 2,
      scores: 7,
      unknownScores: 1,
    });
    const unknown = Object.fromEntries(
      (answer.json["unknownCells"] as { column: string; count: number }[]).map((cells) => [
        cells.column,
        cells.count,
      ]),
    );
    expect(unknown).toMatchObject({ race: 1, sex: 1, age: 2, patient: 1, part: 1 });
    expect((await stored("empty")).slice(-2)).toEqual([
      { image: "i4", class: "Asian", score: 0 },
      { image: "i4", class: "Black", score: null },
    ]);
  });

  test("D12 DICOM ages are years", async () => {
    const rows = wideRows.map((row, index) =>
      row.replace(/,(34|35|),0/, `,${["058Y", "006M", ""][index]},0`),
    );
    await cli(["--csv", await save([wideHeader, ...rows].join("\n")), "--dataset", "ages", ...wideFlags]);
    const { rows: ages } = await database.pool.query<{ values: Buffer }>(
      `select "values" from attribute join dataset_version v on v.id = dataset_version_id join dataset d on d.id = v.dataset_id where slug = 'ages' and name = 'age'`,
    );
    const values = ages[0]?.values ?? Buffer.alloc(12);
    expect([values.readFloatLE(0), values.readFloatLE(4), values.readFloatLE(8)]).toEqual([
      58,
      0.5,
      Number.NaN,
    ]);
  });

  test("D17 the same file name with other scores is another evaluation; the first one stays", async () => {
    const path = await save(wide());
    const first = await cli(["--csv", path, "--dataset", "again", ...wideFlags]);
    await writeFile(path, wide().replace("0.7,0.3", "0.8,0.2"));
    const second = await cli(["--csv", path, "--dataset", "again", ...wideFlags]);
    expect(second.json).toMatchObject({ status: "stored", created: true });
    expect(second.json["evaluation"]).not.toBe(first.json["evaluation"]);
    await writeFile(path, wide());
    expect((await cli(["--csv", path, "--dataset", "again", ...wideFlags])).json).toMatchObject({
      evaluation: first.json["evaluation"],
      created: false,
    });
  });

  test("D17 another attribute value for an image of a frozen version is refused", async () => {
    const changed = wide().replace("i1,p1,Asian,train,F", "i1,p1,Asian,train,M");
    await expectRejection(
      await cli(["--csv", await save(changed), "--dataset", "again", ...wideFlags]),
      "ATTRIBUTE_CONFLICT",
      undefined,
    );
  });

  test("D4 a leak is recorded by --override-leak, flagged", async () => {
    const path = await save(wide("i4,p1,Asian,test,F,34,0.5,0.5"));
    const answer = await cli([
      "--csv",
      path,
      "--dataset",
      "leak",
      ...wideFlags,
      "--override-leak",
      "as published",
    ]);
    expect(answer.status).toBe(0);
    const { rows } = await database.pool.query(
      "select leaking_patients, override_reason from split where leaking_patients > 0",
    );
    expect(rows).toEqual([{ leaking_patients: 1, override_reason: "as published" }]);
  });

  test("a saved mapping repeats the import", async () => {
    const path = await save(wide());
    const map = join(folder, "saved.json");
    const first = await cli(["--csv", path, "--dataset", "saved", ...wideFlags, "--save-mapping", map]);
    const second = await cli(["--csv", path, "--dataset", "saved", "--mapping", map]);
    expect(first.json).toMatchObject({ created: true });
    expect(second.json).toMatchObject({ evaluation: first.json["evaluation"], created: false });
    expect(JSON.parse(await readFile(map, "utf8"))).toMatchObject({
      id: "image",
      task: { attribute: "race" },
    });
  });

  test("attributes come from a second file, joined by id", async () => {
    const attributes = await save("key,patient,race,sex\ni2,p1,Asian,F\ni1,p1,Asian,F\nx9,p9,Black,M\n");
    const scores = await save("image,pa,pb\ni1,0.7,0.3\ni2,0.6,0.4\ni3,0.1,0.9\n");
    const answer = await cli([
      ...["--csv", scores, "--attributes-file", attributes, "--attributes-id", "key", "--dataset", "joined"],
      ...["--id", "image", "--patient", "patient", "--truth", "race", "--attribute", "sex=sex"],
      ...["--score", "Asian=pa", "--score", "Black=pb"],
    ]);
    expect(answer.json).toMatchObject({
      images: 3,
      patients: 1,
      imagesWithoutAttributes: 1,
      attributesWithoutImage: 1,
    });
  });

  test("a binary task takes one column of scores, and 0/1 as truth", async () => {
    const path = await save("image,female,p\ni1,1,0.9\ni2,0,0.2\n");
    const flags = ["--id", "image", "--truth", "female", "--score", "F=p", "--kind", "binary"];
    expect((await cli(["--csv", path, "--dataset", "binary", ...flags])).json).toMatchObject({
      images: 2,
      scores: 2,
    });
    expect(await stored("binary")).toEqual([
      { image: "i1", class: "F", score: expect.closeTo(0.9, 6) },
      { image: "i1", class: "not F", score: null },
      { image: "i2", class: "F", score: expect.closeTo(0.2, 6) },
      { image: "i2", class: "not F", score: null },
    ]);
  });
});

describe("uncertain labels of many findings", () => {
  const content = "image,mass,t\ni1,0.9,1\ni2,0.2,-1\ni3,0.3,0\ni4,0.4,\n";
  const mappingOf = (uncertain?: string) => ({
    id: "image",
    task: { kind: "multilabel", attribute: "finding", classes: ["Mass"] },
    truth: { columns: { Mass: "t" }, ...(uncertain === undefined ? {} : { uncertain }) },
    scores: { Mass: "mass" },
  });

  test("are refused without a policy", async () => {
    const map = await save(JSON.stringify(mappingOf()), "json");
    await expectRejection(
      await cli(["--csv", await save(content), "--dataset", "u", "--mapping", map]),
      "LABEL_UNPARSABLE",
      3,
    );
  });

  test.each([
    ["ones", [1, 1, 0, 255]],
    ["zeros", [1, 0, 0, 255]],
    ["ignore", [1, 255, 0, 255]],
  ])("become what the policy %s says", async (policy, labels) => {
    const map = await save(JSON.stringify(mappingOf(policy)), "json");
    const answer = await cli(["--csv", await save(content), "--dataset", `u-${policy}`, "--mapping", map]);
    expect(answer.json).toMatchObject({ status: "stored" });
    const { rows } = await database.pool.query<{ values: Buffer }>(
      `select "values" from attribute join dataset_version v on v.id = dataset_version_id join dataset d on d.id = v.dataset_id where slug = $1`,
      [`u-${policy}`],
    );
    expect([...(rows[0]?.values ?? [])]).toEqual(labels);
  });
});
