import { createRequire } from "node:module";
import { ImageError, toImageError } from "../image-error.ts";

/** What the Cornerstone codecs have in common: memory is theirs, views of it die when it grows. */
export interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
    readonly isSigned?: boolean;
  };
  delete(): void;
}

interface WasmModule {
  readonly HEAPU8: Uint8Array;
  readonly [decoder: string]: unknown;
}

/** A new one each time: the factory makes the module out of it. */
const silent = () => ({ print: () => undefined, printErr: () => undefined });
/** Memory of a module never shrinks: one that a large image has swollen beyond this is dropped after it. */
const MAX_IDLE_BYTES = 256 * 1024 * 1024;
const load = createRequire(import.meta.url);

/** Exceptions that were thrown out of a module are never freed in it. */
const MAX_REFUSALS = 1000;

/**
 * One decoder compiled to WebAssembly, instantiated by the first image of each thread and kept. An instance that
 * trapped is dropped: its memory is not to be trusted with the next patient's image.
 */
export class WasmCodec<Decoder extends WasmDecoder> {
  readonly #path: string;
  readonly #decoder: string;
  #module: Promise<WasmModule> | undefined;
  #refusals = 0;

  /**
   * @param path - the module's package and subpath.
   * @param decoder - the name of its decoder's class.
   */
  constructor(path: string, decoder: string) {
    this.#path = path;
    this.#decoder = decoder;
  }

  /**
   * Decodes a stream whose header has been checked, and hands the decoder over before it is deleted.
   *
   * @throws {ImageError} IMAGE_CORRUPT for whatever the codec throws; IMAGE_UNREADABLE when it cannot be loaded
   */
  async decode<Result>(stream: Uint8Array, read: (decoder: Decoder) => Result): Promise<Result> {
    this.#module ??= this.#instantiate();
    const instance = this.#module;
    const module = await instance;
    // Dropped meanwhile, by another image's trap.
    if (this.#module !== instance) return this.decode(stream, read);
    let decoder: Decoder | undefined;
    try {
      // `as`: the class of that name is the package's only export of the kind.
      const Class = module[this.#decoder] as new () => Decoder;
      decoder = new Class();
      decoder.getEncodedBuffer(stream.length).set(stream);
      decoder.decode();
      return read(decoder);
    } catch (cause) {
      this.#refusals += 1;
      // A refusal of the codec is thrown as the address of an exception; anything else is a trap in its midst.
      const isOrderly = typeof cause === "number" || cause instanceof ImageError;
      if (!isOrderly || this.#refusals >= MAX_REFUSALS) this.#drop();
      throw toImageError(
        cause,
        "IMAGE_CORRUPT",
        "Expected a compressed frame that can be decoded, got a damaged one",
      );
    } finally {
      if (this.#module !== undefined) {
        decoder?.delete();
        if (module.HEAPU8.length > MAX_IDLE_BYTES) this.#drop();
      }
    }
  }

  #drop(): void {
    this.#module = undefined;
    this.#refusals = 0;
  }

  async #instantiate(): Promise<WasmModule> {
    try {
      const factory = load(this.#path) as (options: ReturnType<typeof silent>) => Promise<WasmModule>; // its only export
      return await factory(silent());
    } catch (cause) {
      this.#drop();
      throw new ImageError(
        "IMAGE_UNREADABLE",
        `Expected the codec ${this.#decoder} to load, got none; free memory`,
        {
          cause,
        },
      );
    }
  }
}
