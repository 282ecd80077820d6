import { parentPort, workerData } from "node:worker_threads";
import { type FileCheck, FileMemory, type FileResult, readImageFile } from "./image-file.ts";

/** Some files for a thread to look at, and the number of the request. */
export interface FileRequest {
  readonly request: number;
  readonly uris: readonly string[];
}

/** What a thread found, in order; or that it broke. */
export type FileAnswer =
  | { readonly request: number; readonly results: readonly FileResult[] }
  | { readonly request: number; readonly failure: Error };

// The entry of a thread of `openFilePass`; no message ends it.
const check = workerData as FileCheck; // safe: made by openFilePass
const memory = new FileMemory();

// One request at a time: the next file is read into the same memory, which a decoder on other threads may still read.
let last = Promise.resolve();

parentPort?.on("message", (asked: FileRequest | undefined) => {
  last = last.then(() => (asked === undefined ? parentPort?.close() : answer(asked)));
});

async function answer({ request, uris }: FileRequest): Promise<void> {
  try {
    const results: FileResult[] = [];
    for (const uri of uris) results.push(await readImageFile(uri, check, memory));
    parentPort?.postMessage({ request, results } satisfies FileAnswer);
  } catch (error) {
    const failure = error instanceof Error ? error : new Error("Expected an error, got another value thrown");
    parentPort?.postMessage({ request, failure } satisfies FileAnswer);
  }
}
