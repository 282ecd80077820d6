import { type FileHandle, open } from "node:fs/promises";
import { ComputeError } from "../errors.ts";

/** What a file of NumPy's format holds, as `NpyFile` writes them. */
export interface NpyShape {
  readonly type: "<f4" | "<u4";
  readonly shape: readonly number[];
}

/** A file of NumPy's format that is read row by row, so that files larger than memory can be. */
export class NpyRows implements AsyncDisposable {
  readonly type: NpyShape["type"];
  /** Rows, and the sizes of one. */
  readonly shape: readonly number[];
  readonly #file: FileHandle;
  readonly #start: number;

  private constructor(file: FileHandle, start: number, { type, shape }: NpyShape) {
    this.#file = file;
    this.#start = start;
    this.type = type;
    this.shape = shape;
  }

  /** @throws {ComputeError} INVALID_INPUT for a file that is none, or of other numbers than float32 and uint32 */
  static async open(path: string): Promise<NpyRows> {
    const file = await open(path, "r");
    try {
      const head = Buffer.alloc(10);
      await file.read(head, 0, 10, 0);
      const length = head.readUInt16LE(8);
      const words = Buffer.alloc(length);
      await file.read(words, 0, length, 10);
      const found = /^\{'descr': '(<[fu]4)', 'fortran_order': False, 'shape': \(([\d, ]*)\),? \} *\n?$/.exec(
        words.toString("latin1"),
      );
      if (head.toString("latin1", 0, 8) !== "\x93NUMPY\x01\x00" || found === null) {
        throw new ComputeError(
          "INVALID_INPUT",
          "Expected a file of float32 or uint32 as written here, got another",
        );
      }
      const [, type, sides = ""] = found;
      const shape = sides.split(",").flatMap((side) => (side.trim() === "" ? [] : [Number(side)]));
      return new NpyRows(file, 10 + length, { type: type === "<f4" ? "<f4" : "<u4", shape });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Rows from `first` on, one after the other.
   *
   * @throws {ComputeError} INVALID_INPUT for rows that are not there
   */
  async read(first: number, rows: number): Promise<Float32Array | Uint32Array> {
    const [all = 0, ...row] = this.shape;
    const bytes = row.reduce((product, side) => product * side, 4);
    const buffer = new ArrayBuffer(rows * bytes);
    const into = new Uint8Array(buffer);
    for (let at = 0; at < into.length; ) {
      const { bytesRead } = await this.#file.read(
        into,
        at,
        into.length - at,
        this.#start + first * bytes + at,
      );
      if (bytesRead === 0 || first + rows > all) {
        throw new ComputeError(
          "INVALID_INPUT",
          `Expected rows up to ${first + rows}, got a file that ends before`,
        );
      }
      at += bytesRead;
    }
    return this.type === "<f4" ? new Float32Array(buffer) : new Uint32Array(buffer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
