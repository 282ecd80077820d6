import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { ColumnMetaData, Compressors, DecodedArray, PageHeader, SchemaTree } from "hyparquet";
import { parquetHeader, readPage } from "hyparquet/src/column.js";
import { convert, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import { decompressZstd, compressors as library } from "hyparquet-compressors";
import type { ByteReader } from "../tabular-source.ts";
import { invalid, readExactly, unsupported } from "./parquet-footer.ts";
import { thriftStructLength } from "./thrift-limits.ts";

/** Larger pages are refused before anything is allocated for them. */
const PAGE_BYTES_CAP = 64 * 2 ** 20;
const PAGE_VALUES_CAP = 2 ** 24;
const HEADER_READ = 4_096;
const HEADER_CAP = 2 ** 20;

/** Node's own gzip and brotli stop at the promised length; zstd writes into memory of that length. */
const compressors: Compressors = {
  ...library,
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
};

const identity = <T>(value: T): T => value;

/** Reads the pages of one flat column, one at a time: memory is one page, whatever the size of the row group. */
export class ParquetPages {
  readonly #reader: ByteReader;
  readonly #schemaPath: SchemaTree[];
  #meta: ColumnMetaData | undefined;
  #dictionary: DecodedArray | undefined;
  #at = 0;
  #end = 0;
  #rowsLeft = 0;
  bytesRead = 0;

  /** @param root - the schema's root; column is one of its children, not repeated and without children. */
  constructor(reader: ByteReader, root: SchemaTree, column: SchemaTree) {
    this.#reader = reader;
    this.#schemaPath = [root, column];
  }

  /** Goes to the column's data of a row group of `rows` rows. */
  startGroup(meta: ColumnMetaData, rows: number): void {
    this.#meta = meta;
    this.#dictionary = undefined;
    // A dictionary offset of 0 is written by some for "none".
    this.#at = Number(meta.dictionary_page_offset || meta.data_page_offset);
    this.#end = this.#at + Number(meta.total_compressed_size);
    this.#rowsLeft = rows;
  }

  /** Values of the next data page; null or undefined where there is none. @throws {ImportError} PARQUET_*. */
  async next(): Promise<DecodedArray> {
    const meta = this.#meta;
    if (meta === undefined) throw new Error("Expected startGroup before next");
    for (;;) {
      const { header, headerLength } = await this.#header();
      const page = await readExactly(this.#reader, this.#at + headerLength, header.compressed_page_size);
      this.#at += headerLength + page.length;
      this.bytesRead += headerLength + page.length;
      if (header.type === "INDEX_PAGE") continue;
      const values = this.#decode(meta, header, page);
      if (header.type === "DICTIONARY_PAGE") {
        this.#dictionary = values;
        continue;
      }
      if (values.length === 0) continue;
      if (values.length > this.#rowsLeft) throw invalid("as many values as rows, got more");
      this.#rowsLeft -= values.length;
      return values;
    }
  }

  async #header(): Promise<{ header: PageHeader; headerLength: number }> {
    for (let size = HEADER_READ; size <= HEADER_CAP; size *= 16) {
      const available = Math.min(size, this.#end - this.#at);
      if (available <= 0) throw invalid("as many values as rows, got fewer");
      const bytes = await readExactly(this.#reader, this.#at, available);
      const headerLength = thriftStructLength(bytes);
      if (headerLength < 0) continue;
      const header = parquetHeader({
        view: new DataView(bytes.buffer, bytes.byteOffset, available),
        offset: 0,
      });
      this.#checkHeader(header, headerLength);
      return { header, headerLength };
    }
    throw invalid("page headers within their column, got a longer one");
  }

  #checkHeader(header: PageHeader, headerLength: number): void {
    const { compressed_page_size: packed, uncompressed_page_size: size } = header;
    if (!isCount(packed) || !isCount(size) || this.#at + headerLength + packed > this.#end) {
      throw invalid("pages within their column, got a longer one");
    }
    if (size > PAGE_BYTES_CAP) throw unsupported(`pages of at most ${PAGE_BYTES_CAP} bytes, got ${size}`);
    const counts = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
    const values = counts?.num_values ?? 0;
    if (!isCount(values)) throw invalid("pages with a count of values, got none");
    if (values > PAGE_VALUES_CAP)
      throw unsupported(`pages of at most ${PAGE_VALUES_CAP} values, got ${values}`);
    if (counts?.encoding === "DELTA_BYTE_ARRAY") {
      throw unsupported("plain, dictionary or delta length encoding, got DELTA_BYTE_ARRAY");
    }
  }

  #decode(meta: ColumnMetaData, header: PageHeader, packed: Uint8Array): DecodedArray {
    const [, column] = this.#schemaPath;
    if (column === undefined) throw new Error("Expected a column below the root");
    const isNullable = column.element.repetition_type !== "REQUIRED";
    const { codec } = meta;
    if (codec !== "UNCOMPRESSED" && compressors[codec] === undefined)
      throw unsupported(`a known compression, got ${codec}`);
    const v2 = header.data_page_header_v2;
    let page: Uint8Array;
    if (v2 !== undefined) {
      const levels = v2.definition_levels_byte_length + v2.repetition_levels_byte_length;
      if (!isCount(levels) || levels > packed.length || levels > header.uncompressed_page_size) {
        throw invalid("levels within their page, got longer ones");
      }
      const body = packed.subarray(levels);
      const unpacked =
        v2.is_compressed === false
          ? body
          : decompressPage(body, header.uncompressed_page_size - levels, codec, compressors);
      page = new Uint8Array(levels + unpacked.length);
      page.set(packed.subarray(0, levels));
      page.set(unpacked, levels);
      if (isNullable) {
        checkRuns(page, v2.repetition_levels_byte_length, levels, 1, v2.num_values);
      }
      if (v2.encoding.endsWith("DICTIONARY")) {
        checkRuns(page, levels + 1, page.length, page[levels] ?? 0, v2.num_values - v2.num_nulls);
      }
      if (v2.encoding === "RLE") checkRuns(page, levels + 4, page.length, 1, v2.num_values - v2.num_nulls);
    } else {
      page = decompressPage(packed, header.uncompressed_page_size, codec, compressors);
      const v1 = header.data_page_header;
      if (v1 !== undefined) {
        let at = 0;
        if (isNullable) {
          const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
          at = 4 + view.getUint32(0, true);
          checkRuns(page, 4, at, 1, v1.num_values);
        }
        // Values fewer than num_values by the nulls: an upper bound is enough here.
        if (v1.encoding.endsWith("DICTIONARY"))
          checkRuns(page, at + 1, page.length, page[at] ?? 0, v1.num_values);
        if (v1.encoding === "RLE") checkRuns(page, at + 4, page.length, 1, v1.num_values);
      }
    }
    // Decompressed and checked: the library sees a plain page.
    const plain: PageHeader = {
      ...header,
      compressed_page_size: page.length,
      uncompressed_page_size: page.length,
      ...(v2 && { data_page_header_v2: { ...v2, is_compressed: false } }),
    };
    const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 };
    const decoder = {
      pathInSchema: meta.path_in_schema,
      type: meta.type,
      element: column.element,
      schemaPath: this.#schemaPath,
      codec: "UNCOMPRESSED" as const,
      parsers: { ...DEFAULT_PARSERS, stringFromBytes: identity, jsonFromBytes: identity },
      utf8: false,
    };
    const { data } = readPage(reader, plain, decoder, this.#dictionary, undefined, 0);
    if (data === undefined) throw invalid("pages with data, got one without");
    return header.type === "DICTIONARY_PAGE" ? convert(data, decoder) : data;
  }
}

/** A damaged header may hold anything in place of a number. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Values that a run may write beyond those promised: writers pad to groups of 8. */
const RUN_SLACK = 512;

/**
 * Requires the runs of an RLE / bit-packed hybrid in `bytes[start, end)` to hold about `count` values: the library
 * trusts their lengths, and a run of 2^31 values takes five bytes.
 */
function checkRuns(bytes: Uint8Array, start: number, end: number, width: number, count: number): void {
  if (end > bytes.length || width > 32) throw invalid("runs of values within their page, got longer ones");
  let at = start;
  for (let seen = 0; seen < count && at < end; ) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 28) throw invalid("runs of values, got an endless number");
      header += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const isPacked = header % 2 === 1;
    const run = Math.floor(header / 2) * (isPacked ? 8 : 1);
    if (run > count - seen + RUN_SLACK) throw invalid("runs of as many values as promised, got more");
    at += isPacked ? (run / 8) * width : Math.ceil(width / 8);
    seen += run;
  }
}
