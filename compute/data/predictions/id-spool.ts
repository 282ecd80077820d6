import { IdListBuilder } from "./id-list.ts";
import { SpoolFile } from "./spool-file.ts";
import type { IdList } from "./types.ts";

/** Ids in ordinal order that wait on disk, to be read back once in chunks of a fixed count. */
export class IdSpool {
  readonly #file: SpoolFile;
  readonly #chunkIds: number;
  readonly #pending = new IdListBuilder();
  readonly #chunks: { readonly at: number; readonly count: number; readonly bytes: number }[] = [];

  private constructor(file: SpoolFile, chunkIds: number) {
    this.#file = file;
    this.#chunkIds = chunkIds;
  }

  static async create(directory: string | undefined, chunkIds: number): Promise<IdSpool> {
    return new IdSpool(await SpoolFile.create(directory), chunkIds);
  }

  /** Appends all of `ids`. */
  async append({ count, bytes, offsets }: IdList): Promise<void> {
    for (let at = 0; at < count; at++) {
      // In bounds: offsets has count + 1 entries.
      this.#pending.append(bytes, offsets[at] as number, offsets[at + 1] as number);
      if (this.#pending.count === this.#chunkIds) await this.flush();
    }
  }

  /** Writes what is pending; call it once more after the last id. */
  async flush(): Promise<void> {
    const { count, bytes, offsets } = this.#pending;
    if (count === 0) return;
    const length = offsets[count] as number;
    const header = new Uint8Array(offsets.buffer, offsets.byteOffset, (count + 1) * 4);
    const at = await this.#file.append(header);
    await this.#file.append(bytes.subarray(0, length));
    this.#chunks.push({ at, count, bytes: length });
    this.#pending.clear();
  }

  get chunks(): number {
    return this.#chunks.length;
  }

  /** Chunk `index`: ids index * chunkIds and on. */
  async read(index: number): Promise<IdList> {
    const chunk = this.#chunks[index];
    if (chunk === undefined)
      throw new RangeError(`Expected one of ${this.#chunks.length} chunks, got ${index}`);
    const offsets = new Uint32Array(chunk.count + 1);
    await this.#file.readAt(new Uint8Array(offsets.buffer), chunk.at);
    const bytes = new Uint8Array(chunk.bytes);
    await this.#file.readAt(bytes, chunk.at + offsets.byteLength);
    return { count: chunk.count, bytes, offsets };
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
