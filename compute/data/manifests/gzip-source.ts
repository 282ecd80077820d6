import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { ImportError } from "../predictions/import-error.ts";
import { type ByteSource, fileSource } from "../tabular-source.ts";

/** Tables pack about ten to one. What unpacks to more than two hundred times its size is no table. */
const MOST_RATIO = 200;
/** Below so many bytes the ratio does not matter. */
const HARMLESS = 64 * 1024 ** 2;

/** The bytes of a table's file, unpacked on the way where it is gzip, told by its first bytes. */
export async function tableSource(path: string): Promise<ByteSource> {
  return (await isGzip(path)) ? gzipSource(path) : fileSource(path);
}

async function isGzip(path: string): Promise<boolean> {
  await using handle = await open(path);
  const magic = new Uint8Array(2);
  const { bytesRead } = await handle.read(magic, 0, 2, 0);
  return bytesRead === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
}

async function gzipSource(path: string): Promise<ByteSource> {
  const { size } = await stat(path);
  const most = Math.max(HARMLESS, size * MOST_RATIO);
  return {
    byteLength: undefined,
    replayable: true,
    async open() {
      const unpacked = createGunzip();
      // Errors of the file reach the reader through the unpacker.
      pipeline(createReadStream(path), unpacked, () => {});
      const chunks: AsyncIterator<Uint8Array> = unpacked[Symbol.asyncIterator]();
      let rest: Uint8Array = new Uint8Array(0);
      let total = 0;
      return {
        async read(into) {
          while (rest.length === 0) {
            const next = await chunks.next().catch(refuse);
            if (next.done === true) return 0;
            rest = next.value;
            total += rest.length;
            if (total > most) {
              throw new ImportError(
                "DECOMPRESSION_LIMIT",
                `Expected a table that unpacks to at most ${most} bytes, got more; unpack it first`,
              );
            }
          }
          const piece = rest.subarray(0, into.length);
          into.set(piece);
          rest = rest.subarray(piece.length);
          return piece.length;
        },
        async close() {
          unpacked.destroy();
        },
      };
    },
  };
}

function refuse(cause: unknown): never {
  throw new ImportError("BAD_ENCODING", "Expected a whole gzip file, got one that does not unpack", {
    cause,
  });
}
