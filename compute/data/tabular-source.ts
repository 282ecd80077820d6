import { open, stat } from "node:fs/promises";
import { ImportError } from "./predictions/import-error.ts";

/** The formats that a table of predictions may come in. */
export const tableFormats = ["csv", "tsv", "parquet"] as const;
export type TableFormat = (typeof tableFormats)[number];

/** One pass over a source; reads into the caller's memory, so that nothing is allocated per chunk. */
export interface ByteReader {
  /** Fills the front of `into` with what comes next; resolves to the number of bytes, 0 at the end. */
  read(into: Uint8Array): Promise<number>;
  /** Fills `into` from `position` on; resolves to the number of bytes, less than asked only at the end. */
  readAt?(into: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** Bytes that can be read from the front (CSV) and, where `open` gives `readAt`, at any position (Parquet). */
export interface ByteSource {
  /** Total length in bytes; undefined when it is not known before the end. */
  readonly byteLength: number | undefined;
  /** Whether `open` may be called again: without it the first line of a duplicate id cannot be named. */
  readonly replayable: boolean;
  /** Starts a pass at the first byte. */
  open(): Promise<ByteReader>;
}

/** A table: its bytes and its format (by default told from the bytes: `PAR1` is Parquet, else tab or comma). */
export interface TableSource {
  readonly bytes: ByteSource;
  readonly format?: TableFormat;
}

/** The bytes of a file on this machine. */
export async function fileSource(path: string): Promise<ByteSource> {
  const { size } = await stat(path);
  return {
    byteLength: size,
    replayable: true,
    async open() {
      const handle = await open(path, "r");
      return {
        async read(into) {
          return (await handle.read(into, 0, into.length, null)).bytesRead;
        },
        async readAt(into, position) {
          let filled = 0;
          while (filled < into.length) {
            const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled);
            if (bytesRead === 0) break;
            filled += bytesRead;
          }
          return filled;
        },
        close: () => handle.close(),
      };
    },
  };
}

/** Bytes that are in memory already. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    byteLength: bytes.length,
    replayable: true,
    async open() {
      let at = 0;
      const copy = (into: Uint8Array, from: number): number => {
        const piece = bytes.subarray(from, from + into.length);
        into.set(piece);
        return piece.length;
      };
      return {
        async read(into) {
          const length = copy(into, at);
          at += length;
          return length;
        },
        async readAt(into, position) {
          return copy(into, position);
        },
        async close() {},
      };
    },
  };
}

/** A stream that can be read once, chunk by chunk; enough for CSV, not for Parquet. */
export function streamSource(stream: AsyncIterable<Uint8Array>, byteLength?: number): ByteSource {
  let opened = false;
  return {
    byteLength,
    replayable: false,
    async open() {
      if (opened)
        throw new ImportError(
          "BAD_ENCODING",
          "Expected one pass over a stream, got a second; spool it to a file",
        );
      opened = true;
      const iterator = stream[Symbol.asyncIterator]();
      let rest: Uint8Array = new Uint8Array(0);
      return {
        async read(into) {
          while (rest.length === 0) {
            const next = await iterator.next();
            if (next.done === true) return 0;
            rest = next.value;
          }
          const piece = rest.subarray(0, into.length);
          into.set(piece);
          rest = rest.subarray(piece.length);
          return piece.length;
        },
        async close() {
          await iterator.return?.();
        },
      };
    },
  };
}
