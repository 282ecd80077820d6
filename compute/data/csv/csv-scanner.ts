import { ImportError } from "../predictions/import-error.ts";
import type { RowProblem } from "../tabular.ts";
import {
  byteOrderMarkLength,
  completeCharactersEnd,
  findEncodingFault,
  requireTextStart,
} from "./text-encoding.ts";

const LF = 10;
const CR = 13;
const QUOTE = 34;
/** Every byte that the scanner must look at (tab, LF, CR, quote, comma) is at most this one. */
const LAST_SPECIAL = 44;
/** The longest field that is read, in bytes: a longer one is a quote that was never closed, or no table. */
export const FIELD_CAP = 65_536;
/** The most columns a header may have. */
export const COLUMN_CAP = 16_384;
/** The longest row, in bytes: bounds the buffer on a file without line feeds. */
const ROW_CAP = 1 << 24;
const CHUNK = 1 << 20;
const MAX_ROWS = 8_192;
const MAX_FIELDS = 1 << 17;

/** Rows found by one scan: field f of row r is `bytes[starts[r * columns + f], ends[r * columns + f])`. */
export interface ScannedRows {
  readonly rows: number;
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly lines: Uint32Array;
}

/**
 * Cuts RFC 4180 text (comma or tab) into byte ranges of fields, whatever the chunk boundaries. No string is made and
 * nothing is allocated per row: fields are positions in one reused buffer, valid until the next bytes come in.
 *
 * One loop over the bytes; quoted fields may hold delimiters, newlines and doubled quotes. LF and CR LF end a row.
 * The file is longer than others because that one loop knows every rule of the format.
 * Feed it with `room()` + `fed(n)` (no copy) or `push(chunk)`, then `end()`; take rows with `scan()` until it is empty.
 */
export class CsvScanner {
  readonly #onRow: RowProblem;
  #bytes = new Uint8Array(CHUNK + CHUNK / 4);
  #starts = new Int32Array(COLUMN_CAP);
  #ends = new Int32Array(COLUMN_CAP);
  #lines = new Uint32Array(MAX_ROWS);
  #delimiter: number;
  /** First byte of the first row not yet handed out, first byte not yet checked, first free byte. */
  #at = 0;
  #checked = 0;
  #limit = 0;
  /** Position of the buffer's first byte in the file. */
  #base = 0;
  #line = 1;
  #columns = 0;
  #ended = false;
  #begun = false;
  #blankLines = 0;

  /**
   * @param delimiter - "," or "\t"; undefined takes whichever the header line holds more of (tab when equal).
   * @param onRow - told of each ragged row, which is then left out.
   */
  constructor(delimiter: "," | "\t" | undefined, onRow: RowProblem) {
    this.#delimiter = delimiter === undefined ? 0 : delimiter.charCodeAt(0);
    this.#onRow = onRow;
  }

  /** Lines with nothing on them, skipped so far. */
  get blankLines(): number {
    return this.#blankLines;
  }

  /** Free memory to read the next bytes into; invalidates the rows handed out before. */
  room(): Uint8Array {
    if (this.#at > 0) {
      this.#bytes.copyWithin(0, this.#at, this.#limit);
      this.#base += this.#at;
      this.#limit -= this.#at;
      this.#checked -= this.#at;
      this.#at = 0;
    }
    if (this.#bytes.length - this.#limit < CHUNK / 4) {
      if (this.#limit > ROW_CAP) this.#refuse(`a row of more than ${ROW_CAP} bytes`, 0);
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes.subarray(0, this.#limit));
      this.#bytes = larger;
    }
    return this.#bytes.subarray(this.#limit, Math.min(this.#bytes.length, this.#limit + CHUNK));
  }

  /** Says that the first `length` bytes of `room()` are now filled. @throws {ImportError} BAD_ENCODING. */
  fed(length: number): void {
    this.#limit += length;
    this.#check(completeCharactersEnd(this.#bytes, this.#checked, this.#limit));
  }

  /** Copies a chunk in. @throws {ImportError} BAD_ENCODING. */
  push(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length; ) {
      const room = this.room();
      const piece = chunk.subarray(from, from + room.length);
      room.set(piece);
      this.fed(piece.length);
      from += piece.length;
    }
  }

  /** Says that no more bytes come. @throws {ImportError} BAD_ENCODING when the last character is cut off. */
  end(): void {
    this.#check(this.#limit);
    this.#ended = true;
  }

  /**
   * The names in the first row, trimmed; undefined while more bytes are needed.
   *
   * @throws {ImportError} EMPTY_FILE, BAD_ENCODING, BAD_ROW, FIELD_TOO_LONG.
   */
  header(): readonly string[] | undefined {
    if (!this.#begin()) return undefined;
    const found = this.#scanRows(1, true);
    if (found === 0) {
      if (!this.#ended) return undefined;
      throw new ImportError("EMPTY_FILE", "Expected a header line, got an empty file", { line: 1 });
    }
    const text = new TextDecoder();
    const names: string[] = [];
    for (let field = 0; field < this.#columns; field++) {
      names.push(text.decode(this.#bytes.subarray(this.#starts[field], this.#ends[field])).trim());
    }
    if (names.length === 1 && names[0]?.includes(";")) {
      throw new ImportError(
        "BAD_ROW",
        "Expected columns separated by commas or tabs, got semicolons; save the file with commas and decimal points",
        { line: 1 },
      );
    }
    const rows = Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_FIELDS / this.#columns)));
    this.#lines = new Uint32Array(rows);
    this.#starts = new Int32Array(rows * this.#columns);
    this.#ends = new Int32Array(rows * this.#columns);
    return names;
  }

  /**
   * The next complete rows, after `header()`; zero rows means that more bytes are needed, or the end.
   *
   * @throws {ImportError} BAD_ROW, FIELD_TOO_LONG.
   */
  scan(): ScannedRows {
    const rows = this.#scanRows(this.#lines.length, false);
    return { rows, bytes: this.#bytes, starts: this.#starts, ends: this.#ends, lines: this.#lines };
  }

  /** Skips the byte order mark and settles the delimiter, once the first line (or the end) is there. */
  #begin(): boolean {
    if (this.#begun) return true;
    const front = this.#bytes.subarray(0, this.#limit);
    const lineEnd = front.indexOf(LF);
    if (lineEnd < 0 && !this.#ended && this.#limit < FIELD_CAP) return false;
    this.#at = byteOrderMarkLength(front);
    if (this.#delimiter === 0) {
      const line = front.subarray(0, lineEnd < 0 ? this.#limit : lineEnd);
      let tabs = 0;
      let commas = 0;
      for (const byte of line) {
        if (byte === 9) tabs++;
        else if (byte === LAST_SPECIAL) commas++;
      }
      this.#delimiter = tabs > 0 && tabs >= commas ? 9 : LAST_SPECIAL;
    }
    this.#begun = true;
    return true;
  }

  #check(to: number): void {
    if (this.#base === 0 && this.#checked === 0 && (this.#limit >= 4 || this.#limit === to)) {
      requireTextStart(this.#bytes.subarray(0, this.#limit));
    }
    const fault = findEncodingFault(this.#bytes, this.#checked, to);
    if (fault !== undefined) {
      let line = this.#line;
      for (let at = this.#at; at < fault.at; at++) if (this.#bytes[at] === LF) line++;
      const byteOffset = this.#base + fault.at;
      throw new ImportError(
        "BAD_ENCODING",
        `Expected UTF-8 text, got ${fault.what} at byte ${byteOffset} (line ${line}); save the file as UTF-8 CSV`,
        { line, byteOffset },
      );
    }
    this.#checked = to;
  }

  /** Fills starts, ends and lines with up to `maxRows` rows; returns how many. The hot loop. */
  #scanRows(maxRows: number, isHeader: boolean): number {
    const bytes = this.#bytes;
    const starts = this.#starts;
    const ends = this.#ends;
    const delimiter = this.#delimiter;
    const limit = this.#limit;
    const columns = isHeader ? COLUMN_CAP : this.#columns;
    let rows = 0;
    let at = this.#at;
    let out = 0;
    while (rows < maxRows && at < limit) {
      let start = at;
      let field = 0;
      let newlines = 0;
      let escaped: number[] | undefined;
      let closed = -1;
      let complete = false;
      while (at < limit) {
        // In bounds: at < limit <= bytes.length; the same holds for every read below.
        const byte = bytes[at] as number;
        if (byte > LAST_SPECIAL) {
          at++;
          continue;
        }
        if (byte === delimiter) {
          if (at - start > FIELD_CAP) this.#tooLong();
          if (field < columns) {
            starts[out + field] = start;
            ends[out + field] = at;
          }
          field++;
          start = ++at;
        } else if (byte === LF) {
          complete = true;
          break;
        } else if (byte === CR) {
          if (at + 1 === limit && !this.#ended) break;
          if (bytes[at + 1] !== LF || at + 1 === limit)
            this.#refuse("a carriage return without a line feed", newlines);
          complete = true;
          break;
        } else if (byte === QUOTE) {
          if (at !== start) this.#refuse("a quote inside an unquoted field", newlines);
          let close = at + 1;
          let doubled = false;
          for (; close < limit; close++) {
            const inner = bytes[close] as number;
            if (inner === QUOTE) {
              if (close + 1 < limit && bytes[close + 1] === QUOTE) {
                doubled = true;
                close++;
              } else break;
            } else if (inner === LF) newlines++;
          }
          if (close - at > FIELD_CAP) this.#tooLong();
          // A quote as the last byte may be the first half of a doubled one.
          if (close + 1 >= limit && !this.#ended) break;
          if (close >= limit) this.#refuse("a quote that is never closed", 0);
          const next = close + 1 < limit ? (bytes[close + 1] as number) : LF;
          if (next !== delimiter && next !== LF && next !== CR)
            this.#refuse("text after a closing quote", newlines);
          if (doubled && field < columns) {
            escaped ??= [];
            escaped.push(out + field);
          }
          closed = close;
          start++;
          at = close + 1;
          if (next === delimiter) {
            if (field < columns) {
              starts[out + field] = start;
              ends[out + field] = closed;
            }
            closed = -1;
            field++;
            start = ++at;
          }
        } else at++;
      }
      if (!complete) {
        if (at - start > FIELD_CAP) this.#tooLong();
        if (!this.#ended || at < limit) break;
      }
      const end = closed >= 0 ? closed : at;
      if (end - start > FIELD_CAP) this.#tooLong();
      const blank = field === 0 && end === start && closed < 0;
      if (field < columns) {
        starts[out + field] = start;
        ends[out + field] = end;
      }
      field++;
      if (at < limit) at += bytes[at] === CR ? 2 : 1;
      if (isHeader && !blank) this.#columns = Math.min(field, COLUMN_CAP + 1);
      if (blank && columns > 1) this.#blankLines++;
      else if (!isHeader && field !== columns) {
        this.#onRow("BAD_ROW", `Expected ${columns} fields as in the header, got ${field}`, this.#line);
      } else {
        if (escaped !== undefined) for (const index of escaped) undouble(bytes, starts, ends, index);
        this.#lines[rows++] = this.#line;
        out += columns;
      }
      this.#line += 1 + newlines;
      this.#at = at;
      if (isHeader && rows > 0 && field > COLUMN_CAP) this.#refuse(`more than ${COLUMN_CAP} columns`, -1);
    }
    return rows;
  }

  #refuse(what: string, newlines: number): never {
    const line = this.#line + newlines;
    throw new ImportError(
      "BAD_ROW",
      `Expected RFC 4180 rows, got ${what}; the rest of the file was not read`,
      { line },
    );
  }

  #tooLong(): never {
    throw new ImportError(
      "FIELD_TOO_LONG",
      `Expected fields of at most ${FIELD_CAP} bytes, got a longer one; is a quote left open? The rest was not read`,
      { line: this.#line },
    );
  }
}

/** Turns doubled quotes of one field into single ones, in place. */
function undouble(bytes: Uint8Array, starts: Int32Array, ends: Int32Array, index: number): void {
  const end = ends[index] ?? 0;
  let to = starts[index] ?? 0;
  for (let from = to; from < end; from++) {
    const byte = bytes[from] ?? 0;
    bytes[to++] = byte;
    if (byte === QUOTE) from++;
  }
  ends[index] = to;
}
