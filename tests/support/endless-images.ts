import type { ImageFile } from "../../compute/child/protocol.ts";

/** Pages of the same images under ever new ordinals, and how many pages were taken. */
export class EndlessImages implements Iterable<readonly ImageFile[]> {
  taken = 0;
  readonly #files: readonly ImageFile[];
  readonly #pageSize: number;

  constructor(files: readonly ImageFile[], pageSize = 64) {
    this.#files = files;
    this.#pageSize = pageSize;
  }

  *[Symbol.iterator](): Generator<readonly ImageFile[]> {
    for (let ordinal = 0; ; ) {
      this.taken += 1;
      const page: ImageFile[] = [];
      for (const end = ordinal + this.#pageSize; ordinal < end; ordinal++) {
        const file = this.#files[ordinal % this.#files.length];
        if (file) page.push({ ...file, ordinal });
      }
      yield page;
    }
  }
}
