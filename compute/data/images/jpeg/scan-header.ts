import { ImageError } from "../image-error.ts";
import type { JpegSegment } from "./jpeg-markers.ts";

/** What a scan header says (ISO/IEC 10918-1 B.2.3). */
export interface ScanHeader {
  /** Components in it: which, by their place in the frame, and the numbers of their tables. */
  readonly parts: readonly { readonly component: number; readonly dc: number; readonly ac: number }[];
  /** First and last coefficient; of a lossless scan the first is the predictor. */
  readonly first: number;
  readonly last: number;
  /** Bits below which the scan before this one, and this one, left off. */
  readonly high: number;
  readonly low: number;
}

/** @param ids - of the components of the frame. @throws {ImageError} IMAGE_CORRUPT */
export function readScanHeader(
  bytes: Uint8Array,
  { start, end }: JpegSegment,
  ids: readonly number[],
): ScanHeader {
  const content = bytes.subarray(start, end);
  const byte = (index: number): number => content[index] ?? 0;
  const count = byte(0);
  if (count < 1 || count > 4 || content.length < 4 + 2 * count) throw badScan();
  const parts = Array.from({ length: count }, (_, index) => {
    const component = ids.indexOf(byte(1 + 2 * index));
    const tables = byte(2 + 2 * index);
    if (component < 0 || tables >> 4 > 3 || (tables & 15) > 3) throw badScan();
    return { component, dc: tables >> 4, ac: tables & 15 };
  });
  if (new Set(parts.map(({ component }) => component)).size !== count) throw badScan();
  const bits = byte(3 + 2 * count);
  return { parts, first: byte(1 + 2 * count), last: byte(2 + 2 * count), high: bits >> 4, low: bits & 15 };
}

function badScan(): ImageError {
  return new ImageError("IMAGE_CORRUPT", "Expected a JPEG scan of components of the frame, got another");
}
