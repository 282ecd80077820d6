import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Room for the header, so that it can be written when the number of rows is known. */
const HEADER_BYTES = 128;

/** A file of NumPy's format, version 1.0, that grows row by row. */
export class NpyFile {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #type: "<f4" | "<u4";
  #row: readonly number[] | undefined;
  #rows = 0;

  private constructor(path: string, file: FileHandle, type: "<f4" | "<u4") {
    this.path = path;
    this.#file = file;
    this.#type = type;
  }

  /** Makes a file that must not be there. */
  static async create(path: string, type: "<f4" | "<u4"): Promise<NpyFile> {
    const file = await open(path, "wx", 0o600);
    await file.write(new Uint8Array(HEADER_BYTES));
    return new NpyFile(path, file, type);
  }

  /** Adds rows, all of one shape. */
  async append(values: Float32Array | Uint32Array, rows: number, row: readonly number[]): Promise<void> {
    this.#row ??= row;
    if (row.join() !== this.#row.join()) throw new Error(`Expected rows of ${this.#row}, got ${row}`);
    this.#rows += rows;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    for (let at = 0; at < bytes.length; ) at += (await this.#file.write(bytes, at)).bytesWritten;
  }

  /** Writes the header and gives the file's shape and digest. */
  async finish(): Promise<{ readonly shape: readonly number[]; readonly sha256: string }> {
    const shape = [this.#rows, ...(this.#row ?? [])];
    const words = `{'descr': '${this.#type}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
    const header = Buffer.alloc(HEADER_BYTES, " ");
    header.write("\x93NUMPY\x01\x00", "latin1");
    header.writeUInt16LE(HEADER_BYTES - 10, 8);
    header.write(words, 10);
    header.write("\n", HEADER_BYTES - 1);
    await this.#file.write(header, 0, HEADER_BYTES, 0);
    await this.#file.sync();
    await this.#file.close();
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(this.path)) hash.update(chunk as Buffer); // safe: no encoding is set
    return { shape, sha256: hash.digest("hex") };
  }
}
