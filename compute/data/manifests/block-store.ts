import { deserialize, serialize } from "node:v8";
import { SpoolFile } from "../predictions/spool-file.ts";

/** Values that are written once and read back in order; only the first few stay in memory. */
export class BlockStore<Block> implements AsyncDisposable {
  readonly #most: number;
  readonly #places: (Block | { readonly position: number; readonly length: number })[] = [];
  #inMemory = 0;
  #file: SpoolFile | undefined;

  /** @param most - values that stay in memory; the others wait in a file without a name. */
  constructor(most = 32) {
    this.#most = most;
  }

  get count(): number {
    return this.#places.length;
  }

  /** Takes a value over; it must be plain data. @throws {SpoolError} */
  async add(block: Block): Promise<void> {
    if (this.#inMemory < this.#most) {
      this.#inMemory++;
      this.#places.push(block);
      return;
    }
    this.#file ??= await SpoolFile.create();
    const bytes = serialize(block);
    this.#places.push({ position: await this.#file.append(bytes), length: bytes.length });
  }

  async read(index: number): Promise<Block> {
    const place = this.#places[index];
    if (place === undefined)
      throw new RangeError(`Expected one of ${this.#places.length} blocks, got ${index}`);
    if (index < this.#inMemory) return place as Block; // safe: the first ones are kept as they are
    const { position, length } = place as { readonly position: number; readonly length: number }; // safe: the others
    if (this.#file === undefined)
      throw new Error("Expected a store that is open, got one that was given back");
    const bytes = Buffer.allocUnsafeSlow(length);
    await this.#file.readAt(bytes, position);
    return deserialize(bytes) as Block; // safe: written by `add`
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Block> {
    for (let index = 0; index < this.#places.length; index++) yield await this.read(index);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}
