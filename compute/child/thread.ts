import { parentPort, Worker } from "node:worker_threads";

/** What went wrong in a thread, as plain data. */
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** A failure that came over from another thread or process with its code. */
export class RemoteError extends Error {
  override readonly name: string;
  readonly code: string | undefined;

  constructor({ name, message, code }: Failure) {
    super(message);
    this.name = name;
    this.code = code;
  }
}

/** A thread that answers requests one after the other, in the order they came. */
export class Thread<Request, Answer> {
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve: (value: Answer) => void; reject: (error: unknown) => void }
  >();
  #lastId = 0;
  #ended: Error | undefined;

  /** @param file - of this folder, without its ending. */
  constructor(file: string) {
    // From dist/ this file ends in .js, from the sources in .ts.
    const ending = import.meta.url.slice(import.meta.url.lastIndexOf("."));
    this.#worker = new Worker(new URL(file + ending, import.meta.url));
    this.#worker.on("message", (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ("failure" in reply) waiting?.reject(new RemoteError(reply.failure));
      else waiting?.resolve(reply.value as Answer); // safe: what serveThread's handler returned
    });
    this.#worker.on("error", (error) => this.#end(error));
    this.#worker.on("exit", () => this.#end(new Error("Expected a thread that answers, got its end")));
  }

  /** Sends a request; `transfer` moves memory over instead of copying it. */
  ask(request: Request, transfer: readonly ArrayBuffer[] = []): Promise<Answer> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, request }, transfer);
    });
  }

  /** Lets the thread end by itself after its last answer: one that runs a session must never be torn down. */
  close(): void {
    this.#worker.postMessage({ id: 0 });
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

/** What a thread answers: a value and the memory in it that moves instead of being copied. */
export interface Answered<Answer> {
  readonly value: Answer;
  readonly transfer?: readonly ArrayBuffer[];
}

/** Makes this thread answer requests with `handle`, one after the other. */
export function serveThread<Request, Answer>(handle: (request: Request) => Promise<Answered<Answer>>): void {
  const port = parentPort;
  if (port === null) throw new Error("Expected to run as a thread, got the main thread");
  let last: Promise<void> = Promise.resolve();
  port.on("message", ({ id, request }: { readonly id: number; readonly request?: Request }) => {
    last = last.then(async () => {
      if (request === undefined) return port.close();
      try {
        const { value, transfer = [] } = await handle(request);
        port.postMessage({ id, value } satisfies Reply, transfer);
      } catch (error) {
        port.postMessage({ id, failure: failureOf(error) } satisfies Reply);
      }
    });
  });
}

/** An error as plain data. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message } = error;
  return "code" in error && typeof error.code === "string"
    ? { name, message, code: error.code }
    : { name, message };
}
