import { join } from "node:path";
import type { ExtraRows } from "./extra-values.ts";
import { MapSum } from "./mean-map.ts";
import { NpyFile } from "./npy-file.ts";
import type { Artefact } from "./protocol.ts";

/** The files that an evaluation leaves besides scores: one row an image in each, in the same order. */
export class ArtefactFiles {
  readonly #folder: string;
  readonly #files = new Map<string, Promise<NpyFile>>();
  #maps: MapSum | undefined;
  /** Batches are written one after the other. */
  #last: Promise<void> = Promise.resolve();

  /** @param folder - absolute path of a folder that is there */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Adds the rows of a batch.
   *
   * @param places - of the batch's images that count
   */
  add(ordinals: Uint32Array, extras: readonly ExtraRows[], places: readonly number[]): Promise<void> {
    this.#last = this.#last.then(async () => {
      await this.#append(
        "ordinals.npy",
        Uint32Array.from(places, (place) => ordinals[place] ?? 0),
        places,
        [],
      );
      for (const { file, values, row } of extras) {
        const size = row.reduce((product, side) => product * side, 1);
        const kept = new Float32Array(places.length * size);
        for (const [i, place] of places.entries()) {
          kept.set(values.subarray(place * size, (place + 1) * size), i * size);
        }
        await this.#append(file, kept, places, row);
        if (file !== "saliency.npy") continue;
        const [rows = 0, cols = 0] = row;
        this.#maps ??= new MapSum(rows, cols);
        this.#maps.add(kept);
      }
    });
    return this.#last;
  }

  /** Ends all files; what they hold, by name. */
  async finish(): Promise<readonly Artefact[]> {
    await this.#last;
    const artefacts: Artefact[] = [];
    for (const [file, opened] of this.#files) {
      const mean = file === "saliency.npy" ? this.#maps?.mean : undefined;
      artefacts.push({ file, ...(await (await opened).finish()), ...(mean === undefined ? {} : { mean }) });
    }
    return artefacts;
  }

  async #append(
    file: string,
    values: Float32Array | Uint32Array,
    places: readonly number[],
    row: readonly number[],
  ): Promise<void> {
    const type = values instanceof Uint32Array ? "<u4" : "<f4";
    const opened = this.#files.get(file) ?? NpyFile.create(join(this.#folder, file), type);
    this.#files.set(file, opened);
    await (await opened).append(values, places.length, row);
  }
}
