import type { SharpConstructor } from "sharp";

let loaded: Promise<SharpConstructor> | undefined;

/** libvips, loaded by the first image of a thread; one thread an image and no cache, since callers decode many at once. */
export function loadSharp(): Promise<SharpConstructor> {
  loaded ??= import("sharp").then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loaded;
}
