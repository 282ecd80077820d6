import { type FileMetaData, parquetMetadata, parquetSchema, type SchemaTree } from "hyparquet";
import { ImportError } from "../predictions/import-error.ts";
import type { ByteReader } from "../tabular-source.ts";
import { thriftStructLength } from "./thrift-limits.ts";

const FOOTER_CAP = 64 * 2 ** 20;
const ROW_CAP = 2 ** 31 - 1;
const COLUMN_CAP = 16_384;

/** What the end of a Parquet file says of it. */
export interface ParquetFooter {
  readonly metadata: FileMetaData;
  /** The columns, each with its own branch of the schema. */
  readonly columns: readonly SchemaTree[];
  /** Where the data ends and the footer starts. */
  readonly dataEnd: number;
}

/**
 * Reads the footer of a Parquet file and checks every number in it that later sizes a read or an allocation.
 *
 * @throws {ImportError} PARQUET_TRUNCATED, PARQUET_INVALID, PARQUET_UNSUPPORTED.
 */
export function readFooter(reader: ByteReader, byteLength: number): Promise<ParquetFooter> {
  return decoded(() => readWholeFooter(reader, byteLength));
}

async function readWholeFooter(reader: ByteReader, byteLength: number): Promise<ParquetFooter> {
  const head = await readExactly(reader, 0, Math.min(4, byteLength));
  if (magic(head) !== "PAR1") {
    throw new ImportError(
      "PARQUET_INVALID",
      "Expected a Parquet file, got one that does not start with PAR1",
    );
  }
  if (byteLength < 12) throw truncated();
  const tail = await readExactly(reader, byteLength - 8, 8);
  const ending = magic(tail.subarray(4));
  if (ending === "PARE") throw unsupported("plain metadata, got an encrypted footer");
  if (ending !== "PAR1") throw truncated();
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (length > byteLength - 12) throw invalid(`a footer within the file, got one of ${length} bytes`);
  if (length > FOOTER_CAP) throw unsupported(`a footer of at most ${FOOTER_CAP} bytes, got ${length}`);
  const bytes = await readExactly(reader, byteLength - 8 - length, length + 8);
  if (thriftStructLength(bytes.subarray(0, length)) < 0)
    throw invalid("a complete footer, got one that is cut off");
  const metadata = parquetMetadata(bytes, { geoparquet: false });
  const columns = parquetSchema(metadata).children;
  const dataEnd = byteLength - 8 - length;
  checkSizes(metadata, columns, dataEnd);
  return { metadata, columns, dataEnd };
}

/**
 * Runs a step over a file's own structures. What they make the library or us throw means that the file is broken, but
 * for faults of the system beneath (an errno), which pass.
 */
export async function decoded<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (cause instanceof ImportError || (cause instanceof Error && "errno" in cause && "syscall" in cause))
      throw cause;
    const what = cause instanceof Error ? cause.message.slice(0, 120) : "an unknown fault";
    const message = `Expected a readable Parquet file, got: ${what}; write it again`;
    throw new ImportError("PARQUET_INVALID", message, { cause });
  }
}

/** Exactly `length` bytes from `position` on. @throws {ImportError} PARQUET_TRUNCATED. */
export async function readExactly(reader: ByteReader, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  if (reader.readAt === undefined) throw unsupported("a file, got a stream");
  if ((await reader.readAt(bytes, position)) < length) throw truncated();
  return bytes;
}

function checkSizes(metadata: FileMetaData, columns: readonly SchemaTree[], dataEnd: number): void {
  const rows = Number(metadata.num_rows);
  if (!(rows >= 0)) throw invalid("a row count, got a negative one");
  if (rows > ROW_CAP) throw unsupported(`at most ${ROW_CAP} rows, got ${rows}`);
  if (columns.length > COLUMN_CAP) throw unsupported(`at most ${COLUMN_CAP} columns, got ${columns.length}`);
  for (const { element } of columns) {
    // The library's types promise a name, but a damaged footer may lack it.
    if (typeof element.name !== "string") throw invalid("columns with names, got one without");
  }
  let inGroups = 0;
  for (const group of metadata.row_groups) {
    const groupRows = Number(group.num_rows);
    if (!(groupRows >= 0)) throw invalid("row groups with a row count, got a negative one");
    inGroups += groupRows;
    for (const { file_path, crypto_metadata, meta_data } of group.columns) {
      if (file_path !== undefined) throw unsupported("all data in one file, got a reference to another");
      if (crypto_metadata !== undefined || meta_data === undefined)
        throw unsupported("plain columns, got encrypted ones");
      const start = Number(meta_data.dictionary_page_offset || meta_data.data_page_offset);
      const size = Number(meta_data.total_compressed_size);
      if (!(start >= 4 && size >= 0 && start + size <= dataEnd)) {
        throw invalid("column data inside the file, got a range outside");
      }
    }
  }
  if (inGroups !== rows) throw invalid(`${rows} rows in the row groups, got ${inGroups}`);
}

function magic(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function truncated(): ImportError {
  return new ImportError(
    "PARQUET_TRUNCATED",
    "Expected a complete Parquet file, got one that ends before its footer; copy or write it again",
  );
}

/** The file breaks the format. */
export function invalid(what: string): ImportError {
  return new ImportError("PARQUET_INVALID", `Expected ${what}; write the file again`);
}

/** The file is no doubt good, but not readable here. */
export function unsupported(what: string): ImportError {
  return new ImportError("PARQUET_UNSUPPORTED", `Expected ${what}; write the file again or send CSV`);
}
