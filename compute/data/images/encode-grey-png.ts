import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * An 8-bit grey PNG (ISO/IEC 15948) with its pixels stored, not compressed: the same bytes whatever the version of the
 * compression library. rows * (cols + 1) bytes and a hundred more.
 *
 * @param pixels - rows * cols grey levels, row by row.
 */
export function encodeGreyPng(pixels: Uint8Array, rows: number, cols: number): Buffer {
  const lines = Buffer.alloc(rows * (cols + 1));
  for (let row = 0; row < rows; row += 1) {
    lines.set(pixels.subarray(row * cols, (row + 1) * cols), row * (cols + 1) + 1);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(cols, 0);
  header.writeUInt32BE(rows, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(lines, { level: 0 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const whole = Buffer.alloc(data.length + 12);
  whole.writeUInt32BE(data.length, 0);
  whole.write(type, 4, "latin1");
  whole.set(data, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, data.length + 8)), data.length + 8);
  return whole;
}
