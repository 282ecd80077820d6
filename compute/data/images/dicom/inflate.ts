import { constants, createInflateRaw } from "node:zlib";
import { ImageError } from "../image-error.ts";
import { plainView } from "../image-format.ts";

/**
 * The first `limit` bytes of a raw deflate stream, or all of it; never more memory than that, whatever the stream would
 * expand to. Off this thread.
 *
 * @throws {ImageError} IMAGE_CORRUPT, IMAGE_TRUNCATED when the stream ends before its own end and the limit
 */
export function inflateUpTo(compressed: Uint8Array, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const inflate = createInflateRaw({ finishFlush: constants.Z_FINISH, chunkSize: 256 * 1024 });
    const parts: Buffer[] = [];
    let length = 0;
    const finish = (): void => {
      inflate.destroy();
      resolve(plainView(Buffer.concat(parts, Math.min(length, limit))));
    };
    inflate.on("data", (part: Buffer) => {
      if (length >= limit) return;
      parts.push(part);
      length += part.length;
      if (length >= limit) finish();
    });
    inflate.on("end", finish);
    inflate.on("error", (cause: NodeJS.ErrnoException) => {
      const isCut = cause.code === "Z_BUF_ERROR";
      reject(
        new ImageError(
          isCut ? "IMAGE_TRUNCATED" : "IMAGE_CORRUPT",
          isCut
            ? "Expected the rest of the deflated data set, got its end"
            : "Expected a deflated data set, got other bytes",
          { cause },
        ),
      );
    });
    inflate.end(compressed);
  });
}
