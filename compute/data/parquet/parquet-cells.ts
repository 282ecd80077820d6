import { isUtf8 } from "node:buffer";
import type { DecodedArray, SchemaTree } from "hyparquet";
import { FIELD_CAP } from "../csv/csv-scanner.ts";
import { ImportError } from "../predictions/import-error.ts";
import type { CellNeed, Cells } from "../tabular.ts";

/** What a Parquet column holds, as far as reading it as cells goes. */
export type StoredKind = "integer" | "number" | "boolean" | "text" | "date" | "other";

/** The kind of a column by its physical and logical type. */
export function storedKind({ element, children }: SchemaTree): StoredKind {
  if (children.length > 0 || element.repetition_type === "REPEATED") return "other";
  const { type, converted_type: converted, logical_type: logical } = element;
  if (converted === "DECIMAL" || logical?.type === "DECIMAL" || logical?.type === "FLOAT16") return "number";
  if (converted === "DATE" || logical?.type === "DATE" || type === "INT96") return "date";
  if (converted?.startsWith("TIME") || logical?.type === "TIME" || logical?.type === "TIMESTAMP")
    return "date";
  if (converted === "INTERVAL" || converted === "BSON") return "other";
  if (logical?.type === "GEOMETRY" || logical?.type === "GEOGRAPHY" || logical?.type === "VARIANT")
    return "other";
  if (type === "INT32" || type === "INT64") return "integer";
  if (type === "FLOAT" || type === "DOUBLE") return "number";
  if (type === "BOOLEAN") return "boolean";
  if (type === "BYTE_ARRAY") return "text";
  return logical?.type === "UUID" ? "text" : "other";
}

const serves: Readonly<Record<CellNeed, readonly StoredKind[]>> = {
  key: ["text", "integer", "number"],
  number: ["integer", "number"],
  text: ["text", "integer", "number", "boolean", "date"],
  any: ["text", "integer", "number", "boolean"],
};

/** Whether a column of this kind can be read for `need`. */
export function isFit(need: CellNeed, kind: StoredKind): boolean {
  return serves[need].includes(kind);
}

/** Words for what `need` takes. */
export const needWords: Readonly<Record<CellNeed, string>> = {
  key: "ids as text or whole numbers",
  number: "numbers",
  text: "text",
  any: "numbers or text",
};

/** Gathers decoded values of one column as cells, in memory that is reused. */
export class CellBuffer {
  readonly #need: CellNeed;
  readonly #column: string;
  readonly #values: Float64Array;
  readonly #nulls: Uint8Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #isText: boolean;
  #bytes = new Uint8Array(65_536);
  #used = 0;

  constructor(need: CellNeed, kind: StoredKind, column: string, rows: number) {
    this.#need = need;
    this.#column = column;
    this.#isText = need === "key" || need === "text" || (need === "any" && kind === "text");
    this.#values = new Float64Array(this.#isText ? 0 : rows);
    this.#nulls = new Uint8Array(this.#isText ? 0 : rows);
    this.#starts = new Int32Array(this.#isText ? rows : 0);
    this.#ends = new Int32Array(this.#isText ? rows : 0);
  }

  /**
   * Takes `count` values from `from` on.
   *
   * @param firstRow - row number of the first one, for messages.
   * @throws {ImportError} BAD_ENCODING, FIELD_TOO_LONG, COLUMN_TYPE.
   */
  fill(values: DecodedArray, from: number, count: number, firstRow: number): Cells {
    if (!this.#isText) {
      for (let row = 0; row < count; row++) {
        // Decoded by the library from a numeric or boolean column: number, bigint, boolean or no value.
        const value: unknown = values[from + row];
        const isNone = value === null || value === undefined;
        this.#nulls[row] = isNone ? 1 : 0;
        this.#values[row] = isNone ? Number.NaN : Number(value);
      }
      return { kind: "number", values: this.#values, nulls: this.#nulls };
    }
    this.#used = 0;
    for (let row = 0; row < count; row++) {
      const value: unknown = values[from + row];
      this.#starts[row] = this.#used;
      if (value instanceof Uint8Array) this.#append(value, firstRow + row);
      else if (value !== null && value !== undefined)
        this.#append(this.#written(value, firstRow + row), firstRow + row);
      this.#ends[row] = this.#used;
    }
    this.#checkText(count, firstRow);
    return { kind: "text", bytes: this.#bytes, starts: this.#starts, ends: this.#ends, stride: 1, offset: 0 };
  }

  #written(value: unknown, row: number): Uint8Array {
    if (typeof value === "number" && Number.isNaN(value)) return NOTHING;
    if (this.#need === "key" && typeof value === "number" && !Number.isSafeInteger(value)) {
      const message = `Expected ids as text or whole numbers, got a fraction; store column ${JSON.stringify(this.#column)} as text`;
      throw new ImportError("COLUMN_TYPE", message, { line: row, column: this.#column });
    }
    if (value instanceof Date) return encoder.encode(value.toISOString().replace("T00:00:00.000Z", ""));
    return encoder.encode(String(value));
  }

  #append(bytes: Uint8Array, row: number): void {
    if (bytes.length > FIELD_CAP) {
      const message = `Expected values of at most ${FIELD_CAP} bytes, got a longer one`;
      throw new ImportError("FIELD_TOO_LONG", message, { line: row, column: this.#column });
    }
    if (this.#used + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #checkText(count: number, firstRow: number): void {
    const all = this.#bytes.subarray(0, this.#used);
    if (isUtf8(all) && !all.includes(0)) return;
    for (let row = 0; row < count; row++) {
      const cell = all.subarray(this.#starts[row], this.#ends[row]);
      if (isUtf8(cell) && !cell.includes(0)) continue;
      const message = "Expected UTF-8 text without NUL, got other bytes; store the column as strings";
      throw new ImportError("BAD_ENCODING", message, { line: firstRow + row, column: this.#column });
    }
  }
}

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);
