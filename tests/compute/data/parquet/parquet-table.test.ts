import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { streamSource } from "../../../../compute/data/tabular-source.ts";
import { placesOf, readAll } from "../predictions/read-all.ts";

type Columns = Parameters<typeof parquetWriteBuffer>[0]["columnData"];
type Options = Omit<Parameters<typeof parquetWriteBuffer>[0], "columnData">;

const write = (columnData: Columns, options: Options = {}): Uint8Array =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...options }));

const rows = 1_000;
const range = Array.from({ length: rows }, (_, at) => at);
const ids = range.map((at) => `image ${at} é`);
const effusion = range.map((at) => at / rows);
const mass = range.map((at) => (at % 7 === 0 ? null : 1 - at / rows));
const columns: Columns = [
  { name: "path", data: ids, type: "STRING" },
  { name: "e", data: Float64Array.from(effusion), type: "DOUBLE" },
  { name: "m", data: mass, type: "FLOAT", nullable: true },
  { name: "t_e", data: range.map((at) => at % 2), type: "INT32" },
  { name: "t_m", data: range.map((at) => at % 3 === 0), type: "BOOLEAN" },
  { name: "patient", data: range.map((at) => BigInt(Math.floor(at / 4))), type: "INT64" },
  {
    name: "sex",
    data: range.map((at) => (at % 5 === 0 ? null : at % 2 === 0 ? "F" : "M")),
    type: "STRING",
    nullable: true,
  },
  {
    name: "age",
    data: range.map((at) => (at % 10 === 0 ? null : 20 + (at % 60))),
    type: "DOUBLE",
    nullable: true,
  },
  { name: "unused", data: range.map(() => "x".repeat(50)), type: "STRING" },
];
const mapping = {
  id: "path",
  patient: "patient",
  task: { kind: "multilabel", attribute: "finding", classes: ["Effusion", "Mass"] },
  truth: { columns: { Effusion: "t_e", Mass: "t_m" } },
  scores: { Effusion: "e", Mass: "m" },
  attributes: { sex: "sex", age: "age" },
};
const scoresOnly = { ...mapping, patient: undefined, truth: undefined, attributes: {} };

/** A copy of `bytes` with `patch` written at `at` (from the end when negative). */
function patched(bytes: Uint8Array, at: number, patch: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(patch, at < 0 ? copy.length + at : at);
  return copy;
}

describe("a Parquet file", () => {
  const file = write(columns);

  test("gives what the same table gives as CSV", async () => {
    const cell = (value: unknown) => (value === null || value === undefined ? "" : String(value));
    const names = columns.map(({ name }) => name);
    const lines = range.map((at) => columns.map(({ data }) => cell(data[at])).join(","));
    const csv = await readAll({ predictions: [names.join(","), ...lines].join("\n"), mapping });
    const parquet = await readAll({ predictions: file, mapping });
    expect(parquet.report.errors).toEqual([]);
    expect({ ...parquet, report: 0 }).toEqual({ ...csv, report: 0 });
    expect({ ...parquet.report, bytes: 0 }).toEqual({ ...csv.report, bytes: 0 });
    expect(parquet.ids).toEqual(ids);
  });

  test.each([
    ["small pages and row groups", { rowGroupSize: 300, pageSize: 512 }],
    ["no compression", { codec: "UNCOMPRESSED" }],
  ] satisfies [string, Options][])("reads %s alike, in blocks of any size", async (_what, options) => {
    const want = await readAll({ predictions: file, mapping });
    for (const blockRows of [64, 333]) {
      const got = await readAll({ predictions: write(columns, options), mapping, options: { blockRows } });
      expect({ ...got, blocks: 1, report: { ...got.report, bytes: 0 } }).toEqual({
        ...want,
        report: { ...want.report, bytes: 0 },
      });
    }
  });

  test("reads only the columns it needs", async () => {
    const some = await readAll({ predictions: file, mapping: scoresOnly });
    const most = await readAll({ predictions: file, mapping });
    expect(some.report.bytes).toBeLessThan(most.report.bytes);
  });

  test("takes doubles with whole values as ids, and refuses fractions", async () => {
    const mappingOf = { ...scoresOnly, patient: "p", scores: { Effusion: "e", Mass: "e" } };
    const of = (data: number[]) =>
      write([
        { name: "path", data: ["a", "b"], type: "STRING" },
        { name: "e", data: [0, 1], type: "DOUBLE" },
        { name: "p", data, type: "DOUBLE" },
      ]);
    expect((await readAll({ predictions: of([13, Number.NaN]), mapping: mappingOf })).patients).toEqual([
      "13",
      undefined,
    ]);
    expect(placesOf((await readAll({ predictions: of([13, 1.5]), mapping: mappingOf })).report)).toEqual([
      ["COLUMN_TYPE", 2, "p"],
    ]);
  });

  test("tells a missing score from one that is not a number", async () => {
    const predictions = write([
      { name: "path", data: ["a", "b"], type: "STRING" },
      { name: "e", data: [null, 0.5], type: "DOUBLE", nullable: true },
      { name: "m", data: [0.5, Number.NaN], type: "DOUBLE" },
    ]);
    const { report } = await readAll({ predictions, mapping: scoresOnly });
    expect(placesOf(report)).toEqual([["SCORE_NOT_FINITE", 2, "m"]]);
  });

  test("names duplicates by row", async () => {
    const predictions = write([
      { name: "path", data: ["a", "b", "a"], type: "STRING" },
      { name: "e", data: [0, 0, 0], type: "DOUBLE" },
      { name: "m", data: [0, 0, 0], type: "DOUBLE" },
    ]);
    const { report } = await readAll({ predictions, mapping: scoresOnly });
    expect(placesOf(report)).toEqual([["DUPLICATE_ID", 3, "path"]]);
    expect(report.errors[0]?.message).toContain("line 1");
  });

  test("refuses columns of the wrong type, all of them, before it reads", async () => {
    const wrong = { ...mapping, scores: { Effusion: "sex", Mass: "t_m" }, patient: "t_m" };
    const { report } = await readAll({ predictions: file, mapping: wrong });
    expect(placesOf(report)).toEqual([
      ["COLUMN_TYPE", undefined, "sex"],
      ["COLUMN_TYPE", undefined, "t_m"],
      ["COLUMN_TYPE", undefined, "t_m"],
    ]);
    expect(report.rows).toBe(0);
  });

  test("refuses text that is not UTF-8", async () => {
    const predictions = write([
      { name: "path", data: [Uint8Array.of(97), Uint8Array.of(0xff)], type: "BYTE_ARRAY" },
      { name: "e", data: [0, 0], type: "DOUBLE" },
      { name: "m", data: [0, 0], type: "DOUBLE" },
    ]);
    const { report } = await readAll({ predictions, mapping: scoresOnly });
    expect(placesOf(report)).toEqual([["BAD_ENCODING", 2, "path"]]);
  });

  test("cannot be a stream", async () => {
    const pieces = (async function* () {
      yield file;
    })();
    const { report } = await readAll({ predictions: streamSource(pieces), mapping });
    expect(report.errorTotals).toEqual({ BAD_ENCODING: 1 });
  });
});

describe("a damaged Parquet file", () => {
  const file = write(columns.slice(0, 3), { codec: "UNCOMPRESSED" });

  test("cut anywhere is PARQUET_TRUNCATED", async () => {
    for (let length = 4; length < file.length; length += 97) {
      const { report, blocks } = await readAll({ predictions: file.slice(0, length), mapping: scoresOnly });
      expect(report.errorTotals, `${length} bytes`).toEqual({ PARQUET_TRUNCATED: 1 });
      expect(blocks).toBe(0);
    }
  });

  test("with a footer longer than the file is PARQUET_INVALID", async () => {
    const { report } = await readAll({
      predictions: patched(file, -8, [0xff, 0xff, 0xff, 0x7f]),
      mapping: scoresOnly,
    });
    expect(report.errorTotals).toEqual({ PARQUET_INVALID: 1 });
  });

  test("with another row count than its row groups is PARQUET_INVALID", async () => {
    const footer = file.length - 8 - new DataView(file.buffer).getUint32(file.length - 8, true);
    // 1,000 as a zigzag varint, first in the footer's own row count.
    const at = Buffer.from(file).indexOf(Uint8Array.of(0xd0, 0x0f), footer);
    const { report } = await readAll({ predictions: patched(file, at, [0xd2, 0x0f]), mapping: scoresOnly });
    expect(report.errors[0]?.message).toContain("1001 rows");
  });

  test("with an encrypted footer is PARQUET_UNSUPPORTED", async () => {
    const { report } = await readAll({ predictions: patched(file, -1, [0x45]), mapping: scoresOnly });
    expect(report.errorTotals).toEqual({ PARQUET_UNSUPPORTED: 1 });
  });

  test("with any byte changed is read or refused with a code, and never throws", async () => {
    const allowed =
      /^(PARQUET_|MISSING_COLUMN|COLUMN_TYPE|BAD_ENCODING|EMPTY_|DUPLICATE_|SCORE_|FIELD_TOO_LONG)/;
    let refused = 0;
    const small = write(
      [
        { name: "path", data: ["a", "a b", "abc"], type: "STRING" },
        { name: "e", data: [0.5, null, 1], type: "DOUBLE", nullable: true },
        { name: "m", data: [1, 1, 1], type: "DOUBLE" },
      ],
      { codec: "SNAPPY" },
    );
    for (let at = 0; at < small.length; at++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const bytes = patched(small, at, [(small[at] ?? 0) ^ mask]);
        const { report } = await readAll({ predictions: bytes, mapping: scoresOnly });
        const codes = Object.keys(report.errorTotals);
        refused += codes.length > 0 ? 1 : 0;
        // The first four bytes tell Parquet from text.
        if (at >= 4) for (const code of codes) expect(code).toMatch(allowed);
      }
    }
    expect(refused).toBeGreaterThan(small.length);
  });

  test("that promises billions of values is refused before memory is taken for them", async () => {
    // A page of one run of up to 2^31 equal values where the column has 1,000.
    const constant = write(
      [
        { name: "path", data: ids, type: "STRING" },
        { name: "e", data: range.map(() => 0.5), type: "DOUBLE", nullable: true },
        { name: "m", data: range.map(() => 0.5), type: "DOUBLE" },
      ],
      { codec: "UNCOMPRESSED" },
    );
    // The levels are one run of 1,000 times 1: the varint 2000, d0 0f, then 01.
    const run = Buffer.from(constant).indexOf(Uint8Array.of(0xd0, 0x0f, 1));
    expect(run).toBeGreaterThan(0);
    for (const bytes of [
      [0xd0, 0x8f],
      [0xfe, 0xff, 0xff, 0xff, 0x0f],
    ]) {
      const { report } = await readAll({ predictions: patched(constant, run, bytes), mapping: scoresOnly });
      expect(report.errorTotals).toEqual({ PARQUET_INVALID: 1 });
      expect(report.errors[0]?.message).toContain("runs of");
    }
  });
});
