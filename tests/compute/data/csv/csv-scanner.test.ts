import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CsvScanner, FIELD_CAP } from "../../../../compute/data/csv/csv-scanner.ts";
import { ImportError } from "../../../../compute/data/predictions/import-error.ts";

interface Read {
  readonly header: readonly string[];
  readonly rows: string[][];
  readonly lines: number[];
  readonly ragged: number[];
  readonly blankLines: number;
}

/** Feeds `bytes` in pieces of the given sizes (repeated) and reads everything. */
function read(bytes: Uint8Array, sizes: readonly number[] = [1 << 20], delimiter?: "," | "\t"): Read {
  const ragged: number[] = [];
  const scanner = new CsvScanner(delimiter, (_code, _message, line) => ragged.push(line));
  const rows: string[][] = [];
  const lines: number[] = [];
  let header: readonly string[] | undefined;
  const text = new TextDecoder();
  const take = (): void => {
    header ??= scanner.header();
    if (header === undefined) return;
    for (;;) {
      const found = scanner.scan();
      if (found.rows === 0) return;
      for (let row = 0; row < found.rows; row++) {
        const from = row * header.length;
        rows.push(
          Array.from({ length: header.length }, (_, field) =>
            text.decode(found.bytes.subarray(found.starts[from + field], found.ends[from + field])),
          ),
        );
        lines.push(found.lines[row] ?? -1);
      }
    }
  };
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    scanner.push(bytes.subarray(at, at + size));
    at += size;
    take();
  }
  scanner.end();
  take();
  return { header: header ?? [], rows, lines, ragged, blankLines: scanner.blankLines };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const readText = (text: string, sizes?: readonly number[]): Read => read(bytesOf(text), sizes);

function failure(step: () => unknown): ImportError {
  try {
    step();
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error("Expected an ImportError, got none");
}

describe("CsvScanner", () => {
  test("reads what csv-parse reads, cut at any byte", () => {
    const cell = fc.string({
      unit: fc.constantFrom(
        "a",
        "Z",
        "0",
        "9",
        ".",
        "-",
        " ",
        "é",
        "漢",
        "😀",
        ",",
        '"',
        "\n",
        "\r\n",
        "\t",
        ";",
      ),
      maxLength: 8,
    });
    const table = fc.integer({ min: 2, max: 5 }).chain((width) =>
      fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 6,
      }),
    );
    const written = fc.tuple(table, fc.constantFrom("\n", "\r\n"), fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(
        written,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (sample, sizes) => {
          const [cells, newline, ends, marked] = sample;
          const quote = (text: string, always: boolean) =>
            always || /[",\r\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          // No line may look empty: a first cell is never blank.
          const rows = cells.map((row) =>
            row.map(([text, always], at) => quote(at === 0 ? `x${text}` : text, always)),
          );
          const names = rows[0]?.map((_, at) => `column ${at}`) ?? [];
          const text = [names, ...rows].map((row) => row.join(",")).join(newline) + (ends ? newline : "");
          const bytes = bytesOf(marked ? `\ufeff${text}` : text);
          const expected = parse(Buffer.from(bytes), { bom: true, relax_column_count: false }) as string[][];
          const got = read(bytes, sizes, ",");
          expect([got.header, ...got.rows]).toEqual(expected);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("numbers rows by their first line, also after quoted newlines and blank lines", () => {
    const got = readText('a,b\n1,"x\ny\nz"\n\n2,u\r\n\r\n3,v\n');
    expect(got.lines).toEqual([2, 6, 8]);
    expect(got.blankLines).toBe(2);
    expect(got.rows[0]).toEqual(["1", "x\ny\nz"]);
  });

  test("leaves ragged rows out and says on which line they are", () => {
    const got = readText("a,b\n1,2\n1\n1,2,3\n3,4,\n5,6\n");
    expect(got.ragged).toEqual([3, 4, 5]);
    expect(got.rows).toEqual([
      ["1", "2"],
      ["5", "6"],
    ]);
  });

  test("takes tabs when the header has as many tabs as commas", () => {
    expect(readText("a\tNo finding, ever\n1\t2,5\n").rows).toEqual([["1", "2,5"]]);
  });

  test("trims names in the header and keeps cells as they are", () => {
    const got = readText("a, b \n 1 , 2\n");
    expect(got.header).toEqual(["a", "b"]);
    expect(got.rows).toEqual([[" 1 ", " 2"]]);
  });

  test("reads rows longer than its buffer", () => {
    const wide = Array.from({ length: 60 }, () => "x".repeat(60_000)).join(",");
    const names = Array.from({ length: 60 }, (_, at) => `c${at}`).join(",");
    const got = readText(`${names}\n${wide}\n${wide}\n`, [300_000]);
    expect(got.rows.length).toBe(2);
    expect(got.rows[1]?.[59]).toBe("x".repeat(60_000));
  });

  test("is empty after a header without rows", () => {
    expect(readText("a,b").rows).toEqual([]);
    expect(readText("a,b\n").rows).toEqual([]);
  });

  test.each([
    ["an empty file", ""],
    ["a byte order mark alone", "\ufeff"],
    ["blank lines alone", "\n\n\n"],
  ])("refuses %s", (_what, text) => {
    expect(failure(() => readText(text)).code).toBe("EMPTY_FILE");
  });

  test("names semicolons in its refusal", () => {
    const error = failure(() => readText("id;score\n1;0,5\n"));
    expect(error.code).toBe("BAD_ROW");
    expect(error.message).toContain("semicolons");
  });

  test.each([
    ["a carriage return alone", "a,b\n1,2\r3,4\n", 2, "carriage return"],
    ["old Mac line ends", "a,b\r1,2\r", 1, "carriage return"],
    ["a quote inside a field", 'a,b\n1,2\n1,5" tube\n', 3, "quote inside"],
    ["text after a quoted field", 'a,b\n1,"x"y\n', 2, "closing quote"],
    ["a quote that stays open", 'a,b\n1,2\n1,"x\ny\n', 3, "never closed"],
  ])("refuses %s with its line", (_what, text, line, words) => {
    for (const sizes of [[1], [7], [1_000]]) {
      const error = failure(() => readText(text, sizes));
      expect([error.code, error.line]).toEqual(["BAD_ROW", line]);
      expect(error.message).toContain(words);
    }
  });

  test.each([
    ["a plain field", "x".repeat(FIELD_CAP + 1)],
    ["a quoted field", `"${"x".repeat(FIELD_CAP + 1)}"`],
    ["a quote left open over many lines", `"${"line\n".repeat(FIELD_CAP)}`],
  ])("refuses %s over 64 KiB", (_what, field) => {
    for (const sizes of [[4_096], [1 << 20]]) {
      const error = failure(() => readText(`a,b\n1,2\n3,${field}\n`, sizes));
      expect([error.code, error.line]).toEqual(["FIELD_TOO_LONG", 3]);
    }
  });

  test("keeps a field of 64 KiB", () => {
    expect(readText(`a,b\n1,${"x".repeat(FIELD_CAP)}\n`).rows[0]?.[1]?.length).toBe(FIELD_CAP);
  });

  test("refuses a file without line feeds before it fills the memory", () => {
    const scanner = new CsvScanner(",", () => {});
    const chunk = new Uint8Array(1 << 20).fill(",".charCodeAt(0));
    const error = failure(() => {
      scanner.push(bytesOf("a,b\n"));
      scanner.header();
      for (let at = 0; at < 40; at++) {
        scanner.push(chunk);
        scanner.scan();
      }
    });
    expect(error.code).toBe("BAD_ROW");
  });

  const invalid = (text: string, byte: number) => {
    const bytes = bytesOf(text);
    bytes[bytes.indexOf("?".charCodeAt(0))] = byte;
    return bytes;
  };
  test.each([
    ["Latin-1", invalid("a,b\n1,2\n3,caf?\n", 0xe9), 3, 13, "UTF-8"],
    ["a NUL byte", invalid("a,b\n1,2\n3,c?f\n", 0), 3, 11, "NUL"],
    ["a character cut off at the end", invalid("a,b\n1,2\n3,?", 0xe9), 3, 10, "UTF-8"],
    [
      "UTF-16 without a mark",
      Uint8Array.from("a,b\n1,2\n", (c) => c.charCodeAt(0)).reduce((all, byte, at) => {
        all[2 * at] = byte;
        return all;
      }, new Uint8Array(16)),
      1,
      1,
      "UTF-16",
    ],
    ["UTF-16LE", new Uint8Array(Buffer.from("\ufeffa,b\n1,2\n", "utf16le")), 1, 0, "UTF-16 (little"],
    [
      "UTF-16BE",
      new Uint8Array(Buffer.from("\ufeffa,b\n1,2\n", "utf16le")).reduceRight((all, byte, at) => {
        all[at ^ 1] = byte;
        return all;
      }, new Uint8Array(18)),
      1,
      0,
      "UTF-16 (big",
    ],
    ["a workbook", bytesOf("PK\x03\x04 and so on"), 1, 0, "Excel"],
    ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0, 0), 1, 0, "gzip"],
  ])("refuses %s with line and byte offset", (_what, bytes, line, byteOffset, words) => {
    const error = failure(() => read(bytes));
    expect([error.code, error.line, error.byteOffset]).toEqual(["BAD_ENCODING", line, byteOffset]);
    expect(error.message).toContain(words);
  });

  test("finds the byte offset of a fault far into the file, in small pieces", () => {
    const good = `id,score\n${"a,0.25\n".repeat(50_000)}`;
    const bytes = Buffer.concat([bytesOf(good), Uint8Array.of(0x62, 0xff, 0x0a)]);
    const error = failure(() => read(bytes, [1_000]));
    expect([error.line, error.byteOffset]).toEqual([50_002, good.length + 1]);
  });

  test("lets characters of several bytes fall across pieces", () => {
    expect(readText("a,b\n漢字,😀\n", [1]).rows).toEqual([["漢字", "😀"]]);
  });
});
