import { parseChain } from "../transforms/chain.ts";
import { loadTransforms } from "../transforms/load-transforms.ts";
import { PixelCache, type PixelCachePlace } from "./pixel-cache.ts";
import { type BatchFiles, type BatchMaker, type PreparedBatch, prepareBatch } from "./prepare-batch.ts";
import { serveThread } from "./thread.ts";

/** Asks a decoding thread to make itself ready, or for a batch. */
export type DecodeRequest =
  | {
      readonly kind: "open";
      readonly maker: Omit<BatchMaker, "pixelCache">;
      readonly plugins: readonly string[];
      /** What this thread may keep of decoded images. */
      readonly cache?: PixelCachePlace;
    }
  | { readonly kind: "prepare"; readonly files: BatchFiles };

/** Nothing for "open". */
export type DecodeAnswer = PreparedBatch | undefined;

let maker: BatchMaker | undefined;

serveThread<DecodeRequest, DecodeAnswer>(async (request) => {
  if (request.kind === "open") {
    await loadTransforms(request.plugins);
    const { cache } = request;
    const { preprocessing } = request.maker;
    maker = {
      ...request.maker,
      transforms: parseChain(request.maker.transforms),
      ...(cache === undefined ? {} : { pixelCache: new PixelCache(cache, preprocessing) }),
    };
    return { value: undefined };
  }
  if (maker === undefined) throw new Error("Expected to be opened first");
  const value = await prepareBatch(maker, request.files);
  return { value, transfer: [value.pixels.buffer, value.ordinals.buffer] };
});
