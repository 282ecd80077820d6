import type { Config } from "../config.ts";
import { FolderModelStore } from "./folder-model-store.ts";
import { S3ModelStore } from "./s3-model-store.ts";

/** Models by the digest of their bytes. What is stored never changes, and nothing is stored under another's digest. */
export interface ModelStore {
  /**
   * Stores a file. Storing the same bytes again is no work; after a crash half a file is never found.
   *
   * @param path - local path of the bytes; left alone
   * @param sha256 - what they are believed to be
   * @throws {ServiceError} STORAGE_FULL, MODEL_STORE_UNAVAILABLE
   * @throws {ModelError} MODEL_HASH_MISMATCH when the file holds other bytes
   */
  put(path: string, sha256: string): Promise<void>;
  /**
   * A local file with the model's bytes, checked on the way out of the store; whoever loads it checks it once more.
   *
   * @throws {ModelError} MODEL_MISSING, MODEL_HASH_MISMATCH
   * @throws {ServiceError} MODEL_STORE_UNAVAILABLE, STORAGE_FULL
   */
  open(sha256: string): Promise<{ readonly path: string }>;
}

/** The store that the settings name. */
export function modelStoreOf({ modelStore }: Pick<Config, "modelStore">): ModelStore {
  return modelStore.kind === "folder"
    ? new FolderModelStore(modelStore.folder)
    : new S3ModelStore(modelStore);
}
