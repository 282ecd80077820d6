import { createRequire } from "node:module";
import { ImageError } from "../image-error.ts";

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

/**
 * One decoder compiled to WebAssembly, instantiated by the first image of each thread and kept. An instance that
 * failed is dropped: it may have aborted half-way, and its memory is not to be trusted with the next patient's image.
 */
export class WasmCodec<Decoder extends WasmDecoder> {
  readonly #path: string;
  readonly #decoder: string;
  #module: Promise<WasmModule> | undefined;

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
   * @throws {ImageError} IMAGE_CORRUPT for whatever the codec throws
   */
  async decode<Result>(stream: Uint8Array, read: (decoder: Decoder) => Result): Promise<Result> {
    this.#module ??= this.#instantiate();
    const module = await this.#module;
    try {
      // `as`: the class of that name is the package's only export of the kind.
      const Class = module[this.#decoder] as new () => Decoder;
      const decoder = new Class();
      decoder.getEncodedBuffer(stream.length).set(stream);
      decoder.decode();
      const result = read(decoder);
      decoder.delete();
      if (module.HEAPU8.length > MAX_IDLE_BYTES) this.#module = undefined;
      return result;
    } catch (cause) {
      this.#module = undefined;
      if (cause instanceof ImageError) throw cause;
      throw new ImageError(
        "IMAGE_CORRUPT",
        "Expected a compressed frame that can be decoded, got a damaged one",
        { cause },
      );
    }
  }

  #instantiate(): Promise<WasmModule> {
    const factory = load(this.#path) as (options: ReturnType<typeof silent>) => Promise<WasmModule>; // the package's only export
    return factory(silent());
  }
}
