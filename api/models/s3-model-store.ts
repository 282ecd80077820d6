import { openAsBlob } from "node:fs";
import { AwsClient } from "aws4fetch";
import type { ModelStoreConfig } from "../config.ts";
import { ServiceError } from "../errors.ts";
import { FolderModelStore, missing } from "./folder-model-store.ts";
import type { ModelStore } from "./model-store.ts";

/** A request that has not begun to answer by then is repeated by the caller or not at all. */
const ANSWER_MS = 60_000;

/** Models as objects `<prefix>ab/<sha256>.onnx` of a bucket; what was fetched stays in a folder. */
export class S3ModelStore implements ModelStore {
  readonly #client: AwsClient;
  readonly #base: string;
  readonly #cache: FolderModelStore;

  constructor(config: Extract<ModelStoreConfig, { kind: "s3" }>) {
    const { accessKeyId, secretAccessKey, region, endpoint, bucket, prefix, cache } = config;
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3", retries: 3 });
    // Path style: every compatible store knows it.
    this.#base = `${endpoint.replace(/\/$/, "")}/${bucket}/${prefix}`;
    this.#cache = new FolderModelStore(cache);
  }

  async put(path: string, sha256: string): Promise<void> {
    // Into the cache first: that checks the digest before anything leaves this machine.
    await this.#cache.put(path, sha256);
    const body = await openAsBlob((await this.#cache.open(sha256)).path);
    const answer = await this.#ask("PUT", sha256, body);
    await answer.arrayBuffer();
    if (!answer.ok) throw unavailable(answer.status);
  }

  async open(sha256: string): Promise<{ readonly path: string }> {
    if (await this.#cache.has(sha256)) {
      // A damaged copy is fetched again.
      const found = await this.#cache.open(sha256).catch(() => undefined);
      if (found !== undefined) return found;
    }
    const answer = await this.#ask("GET", sha256);
    if (!answer.ok || answer.body === null) {
      await answer.arrayBuffer();
      throw answer.status === 404 ? missing(undefined) : unavailable(answer.status);
    }
    await this.#cache.write(answer.body, sha256);
    return this.#cache.open(sha256);
  }

  async #ask(method: "GET" | "PUT", sha256: string, body?: Blob): Promise<Response> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw missing(undefined);
    const url = `${this.#base}${sha256.slice(0, 2)}/${sha256}.onnx`;
    try {
      return await this.#client.fetch(url, {
        method,
        // Signed with the digest that we know, so that the store refuses a body that changed on the way.
        ...(body === undefined ? {} : { body, headers: { "X-Amz-Content-Sha256": sha256 } }),
        ...(body === undefined ? { signal: AbortSignal.timeout(ANSWER_MS) } : {}),
      });
    } catch (cause) {
      throw unavailable("no answer", cause);
    }
  }
}

function unavailable(status: number | string, cause?: unknown): ServiceError {
  return new ServiceError(
    "MODEL_STORE_UNAVAILABLE",
    `Expected the S3 store to answer, got ${status}; check STRATUM_MODEL_STORE and its keys`,
    { cause },
  );
}
