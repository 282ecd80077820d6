import { once } from "node:events";
import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { FileAnswer, FileRequest } from "./file-thread.ts";
import { type FileCheck, FileMemory, type FileResult, readImageFile } from "./image-file.ts";

/** Files a thread is asked for at a time: enough that the message costs nothing, few enough to share the end evenly. */
const REQUEST_FILES = 32;
/** Requests a thread has before it: one at work, one waiting. */
const AHEAD = 2;
const MOST_THREADS = 8;

/** Looks at image files on threads of its own. */
export interface FilePass extends AsyncDisposable {
  /** What the files are, in order. @throws {AbortSignal.reason} */
  check(uris: readonly string[], options?: CheckOptions): Promise<readonly FileResult[]>;
}

export interface CheckOptions {
  /** Told how many files, and bytes of good ones, are done since the last call. */
  readonly onFiles?: ((files: number, bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes ready to look at files.
 *
 * @param threads - how many; default one for each processor, at most 8. 0 does the work here, in turns: for tests.
 */
export function openFilePass(check: FileCheck, threads?: number): FilePass {
  const count = threads ?? Math.min(availableParallelism(), MOST_THREADS);
  return count === 0 ? new InlinePass(check) : new ThreadPass(check, count);
}

class InlinePass implements FilePass {
  readonly #check: FileCheck;
  readonly #memory = new FileMemory();

  constructor(check: FileCheck) {
    this.#check = check;
  }

  async check(
    uris: readonly string[],
    { onFiles, signal }: CheckOptions = {},
  ): Promise<readonly FileResult[]> {
    const results: FileResult[] = [];
    for (const uri of uris) {
      const result = await readImageFile(uri, this.#check, this.#memory);
      results.push(result);
      onFiles?.(1, result.ok ? result.bytes : 0);
      if (results.length % REQUEST_FILES === 0) {
        await nextTurn();
        signal?.throwIfAborted();
      }
    }
    return results;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

interface Waiting {
  readonly resolve: (results: readonly FileResult[]) => void;
  readonly reject: (reason: unknown) => void;
}

class ThreadPass implements FilePass {
  readonly #threads: readonly Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  /** Why a thread ended before its time. */
  #failure: Error | undefined;

  constructor(check: FileCheck, count: number) {
    this.#threads = Array.from({ length: count }, () => {
      const thread = new Worker(threadFile, { workerData: check, name: "image files" });
      thread.on("message", (answer: FileAnswer) => this.#answered(answer));
      thread.on("error", (reason) => this.#failAll(reason));
      thread.on("exit", () => this.#failAll(new Error("Expected a thread that reads files, got its end")));
      return thread;
    });
  }

  async check(
    uris: readonly string[],
    { onFiles, signal }: CheckOptions = {},
  ): Promise<readonly FileResult[]> {
    const results: FileResult[] = new Array(uris.length);
    let next = 0;
    const keepBusy = async (thread: Worker) => {
      while (next < uris.length) {
        signal?.throwIfAborted();
        const first = next;
        next += REQUEST_FILES;
        const found = await this.#ask(thread, uris.slice(first, next));
        let bytes = 0;
        found.forEach((result, index) => {
          results[first + index] = result;
          if (result.ok) bytes += result.bytes;
        });
        onFiles?.(found.length, bytes);
      }
    };
    await Promise.all(
      this.#threads.flatMap((thread) => Array.from({ length: AHEAD }, () => keepBusy(thread))),
    );
    return results;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Asked, not terminated: a decoder of another library may be at work in it.
    await Promise.all(
      this.#threads.map(async (thread) => {
        thread.removeAllListeners("exit");
        if (thread.threadId === -1) return;
        const ended = once(thread, "exit");
        thread.postMessage(undefined);
        await ended;
      }),
    );
  }

  #ask(thread: Worker, uris: readonly string[]): Promise<readonly FileResult[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const request = ++this.#requests;
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { resolve, reject });
      thread.postMessage({ request, uris } satisfies FileRequest);
    });
  }

  #answered(answer: FileAnswer): void {
    const waiting = this.#waiting.get(answer.request);
    this.#waiting.delete(answer.request);
    if ("results" in answer) waiting?.resolve(answer.results);
    else waiting?.reject(answer.failure);
  }

  #failAll(reason: unknown): void {
    this.#failure ??= new Error("Expected threads that read files, got the end of one", { cause: reason });
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

/** Node runs no TypeScript: from the sources, as tests do, the thread is taken from the build. */
const threadFile = import.meta.url.endsWith(".ts")
  ? new URL("../../../dist/compute/data/manifests/file-thread.js", import.meta.url)
  : new URL("./file-thread.js", import.meta.url);
