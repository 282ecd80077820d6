import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { dicomFile, type Elements, greyElements, syntaxUids } from "./dicom-writer.ts";

/** A grey PNG of one shade with one pixel that tells it from others. */
export function pngImage(seed: number, rows = 8, cols = 6): Buffer {
  const lines = Buffer.alloc(rows * (cols + 1), 100);
  for (let row = 0; row < rows; row++) lines[row * (cols + 1)] = 0;
  lines.writeUInt32BE(seed, 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(cols, 0);
  header.writeUInt32BE(rows, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(lines)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A PNG that says it is of this size, of which nothing but the header is there. */
export function pngClaiming(rows: number, cols: number): Buffer {
  const whole = pngImage(1, 1, 4);
  whole.writeUInt32BE(cols, 16);
  whole.writeUInt32BE(rows, 20);
  whole.writeUInt32BE(crc32(whole.subarray(12, 29)), 29);
  return whole;
}

/** A grey JPEG that differs by seed. */
export async function jpegImage(seed: number, rows = 8, cols = 6): Promise<Buffer> {
  const pixels = Buffer.from(Array.from({ length: rows * cols }, (_, at) => (at * 7 + seed * 31) % 256));
  return sharp(pixels, { raw: { width: cols, height: rows, channels: 1 } })
    .jpeg()
    .toBuffer();
}

/** A small DICOM with these elements beside those of its pixels. */
export function dicomImage(seed: number, elements: Elements, rows = 4, cols = 5): Uint8Array {
  return dicomFile({
    syntax: syntaxUids.explicit,
    elements: { ...greyElements(rows, cols), ...elements },
    pixels: Uint8Array.from({ length: rows * cols }, (_, at) => (at + seed) % 256),
  });
}

/** A folder of files that is gone when disposed. */
export interface PhantomFolder extends AsyncDisposable {
  readonly path: string;
  add(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
}

/** A new folder with these files, by path. */
export async function phantomFolder(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<PhantomFolder> {
  const path = await mkdtemp(join(tmpdir(), "stratum-images-"));
  const folder: PhantomFolder = {
    path,
    async add(more) {
      for (const [name, content] of Object.entries(more)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), content);
      }
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
  await folder.add(files);
  return folder;
}

/** Rows of a CSV file. */
export function csvOf(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return `${[header, ...rows].map((row) => row.join(",")).join("\n")}\n`;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
