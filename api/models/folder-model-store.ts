import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ModelError } from "../../compute/index.ts";
import { ServiceError } from "../errors.ts";
import type { ModelStore } from "./model-store.ts";

/** Models as files `ab/<sha256>.onnx` of one folder, which several machines may share. */
export class FolderModelStore implements ModelStore {
  readonly #folder: string;

  /** @param folder - absolute path; made when it is needed */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(path: string, sha256: string): Promise<void> {
    await this.write(createReadStream(path), sha256);
  }

  /** As `put`, from a stream of bytes. */
  async write(content: AsyncIterable<Uint8Array>, sha256: string): Promise<void> {
    const target = this.#pathOf(sha256);
    const temporary = `${target}.${randomUUID()}.part`;
    const hash = createHash("sha256");
    try {
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      {
        await using file = await open(temporary, "wx", 0o400);
        for await (const chunk of content) {
          hash.update(chunk);
          await file.writeFile(chunk);
        }
        await file.sync();
      }
      if (hash.digest("hex") !== sha256) throw changed();
      // Over the same bytes where they are there already: a damaged file is so replaced.
      await rename(temporary, target);
      await syncFolder(dirname(target));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw toStoreError(error);
    }
  }

  async open(sha256: string): Promise<{ readonly path: string }> {
    const path = this.#pathOf(sha256);
    const hash = createHash("sha256");
    try {
      for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer); // safe: no encoding is set
    } catch (cause) {
      throw missing(cause);
    }
    if (hash.digest("hex") !== sha256) throw changed();
    return { path };
  }

  /** Whether there is a file of that name, whatever it holds. */
  async has(sha256: string): Promise<boolean> {
    return stat(this.#pathOf(sha256)).then(
      (status) => status.isFile(),
      () => false,
    );
  }

  #pathOf(sha256: string): string {
    // It becomes a path: digits and nothing else.
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw missing(undefined);
    return join(this.#folder, sha256.slice(0, 2), `${sha256}.onnx`);
  }
}

/** Until the folder is on the disk, its new name may be gone after a power cut. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}

/** What `open` answers when there is no such model. */
export function missing(cause: unknown): ModelError {
  return new ModelError(
    "MODEL_MISSING",
    "Expected the model's bytes in the store, got none; register it again",
    { cause },
  );
}

function changed(): ModelError {
  return new ModelError(
    "MODEL_HASH_MISMATCH",
    "Expected the bytes that were registered, got others; register the model again",
  );
}

/** A failure of the file system as one of ours, without its path. */
export function toStoreError(error: unknown): unknown {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new ServiceError(
      "STORAGE_FULL",
      "Expected room for the model, got a full disk; free some space and send it again",
      { cause: error },
    );
  }
  if (typeof code === "string" && /^E[A-Z]+$/.test(code)) {
    return new ServiceError(
      "MODEL_STORE_UNAVAILABLE",
      `Expected a store of models that can be written, got ${code}; check STRATUM_MODEL_STORE`,
      { cause: error },
    );
  }
  return error;
}
