import { isUtf8 } from "node:buffer";
import { ImportError } from "../predictions/import-error.ts";

/** Length of the UTF-8 byte order mark at the front of `bytes`: 3 or 0. */
export function byteOrderMarkLength(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

const foreignStarts: readonly { readonly start: readonly number[]; readonly what: string }[] = [
  { start: [0xff, 0xfe], what: "UTF-16 (little endian)" },
  { start: [0xfe, 0xff], what: "UTF-16 (big endian)" },
  { start: [0x1f, 0x8b], what: "gzip-compressed data" },
  { start: [0x28, 0xb5, 0x2f, 0xfd], what: "zstd-compressed data" },
  { start: [0x50, 0x4b, 0x03, 0x04], what: "a zip archive or Excel workbook" },
];

/**
 * Refuses files that are no UTF-8 text by how they start.
 *
 * @param front - the first bytes of the file, four or more where it has them.
 * @throws {ImportError} BAD_ENCODING with byte offset 0 and line 1.
 */
export function requireTextStart(front: Uint8Array): void {
  for (const { start, what } of foreignStarts) {
    if (start.every((byte, at) => front[at] === byte)) {
      throw new ImportError("BAD_ENCODING", `Expected UTF-8 text, got ${what}; save the file as UTF-8 CSV`, {
        line: 1,
        byteOffset: 0,
      });
    }
  }
}

/**
 * Where the last complete UTF-8 character of `bytes` ends: what follows may be completed by the next chunk.
 * O(1): looks at the last three bytes.
 */
export function completeCharactersEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let back = 1; back <= 3 && to - back >= from; back++) {
    const byte = bytes[to - back] ?? 0;
    if (byte < 0x80) return to;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? to - back : to;
    }
  }
  return to;
}

/** Position of the first byte of `bytes` that belongs to no UTF-8 character, or -1. O(n), for the error path. */
export function findInvalidUtf8(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (length > 1 && !isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
  return -1;
}

/**
 * Requires `bytes[from, to)` to be UTF-8 without NUL; one native pass each.
 *
 * @returns the position and nature of the first fault, or undefined.
 */
export function findEncodingFault(
  bytes: Uint8Array,
  from: number,
  to: number,
): { readonly at: number; readonly what: string } | undefined {
  const piece = bytes.subarray(from, to);
  const nul = piece.indexOf(0);
  if (nul >= 0) {
    const paired = piece[nul + 2] === 0 || (nul >= 2 && piece[nul - 2] === 0);
    return { at: from + nul, what: paired ? "NUL bytes as in UTF-16" : "a NUL byte" };
  }
  if (isUtf8(piece)) return undefined;
  return {
    at: from + Math.max(0, findInvalidUtf8(piece)),
    what: "bytes that are not UTF-8 (Latin-1 or Windows-1252?)",
  };
}
