import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Mailbox } from "./mailbox.ts";
import type {
  ChildErrorCode,
  ChildMessage,
  ComputeTask,
  ImageFile,
  MoreMessage,
  ParentMessage,
} from "./protocol.ts";

/** How a compute child is held. */
export interface ChildOptions {
  /** Pages of images of an evaluation, in any order; the next is asked for when the child has room. */
  readonly images?: AsyncIterable<readonly ImageFile[]> | Iterable<readonly ImageFile[]>;
  /** SIGKILLs the child. */
  readonly signal?: AbortSignal;
  /** Memory that the child may hold, in MiB; absent: 4096. */
  readonly memoryMiB?: number;
  /** How far evaluations, trainings and confounder models stand back for other processes, 0 to 19; absent: 10. */
  readonly nice?: number;
  /** Seconds without a message from a child at work, after which it is killed; absent: 120. */
  readonly silenceSeconds?: number;
  /** The child's folder: empty, so that no relative path in a model leads anywhere; absent: made and removed. */
  readonly cwd?: string;
  /** What the child's environment holds beside sizes of its own; nothing of the parent's is handed on. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running compute child: its messages, and the way to end it. The last message is always done or failed. */
export interface ComputeChild extends AsyncIterable<ChildMessage> {
  readonly pid: number;
  /** Ends it at once with SIGKILL; the last message is then failed, CHILD_CANCELLED. Calling it twice is harmless. */
  kill(): void;
}

/** Stacks of threads and what V8 and libraries hold without using it; counted by the system, not by us. */
const SLACK_MIB = 1_024;
const LOG_CHARACTERS = 4_000;
/** Messages that wait for a reader before the next page of images is sent. */
const MOST_WAITING = 64;

/**
 * Starts a process that carries out one task and ends.
 * Messages wait until they are read, and a reader that stops stops the child within a page of images.
 */
export function startComputeChild(task: ComputeTask, options: ChildOptions = {}): ComputeChild {
  return new RunningChild(task, options);
}

class RunningChild implements ComputeChild {
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #messages = new Mailbox<ChildMessage>();
  readonly #pages: AsyncIterator<readonly ImageFile[]> | Iterator<readonly ImageFile[]>;
  readonly #silenceMs: number;
  #log = "";
  #silence: NodeJS.Timeout | undefined;
  #isOver = false;
  /** Why it was killed, when it was by us. */
  #killed: { readonly code: ChildErrorCode; readonly message: string } | undefined;

  constructor(task: ComputeTask, options: ChildOptions) {
    const { images = [], memoryMiB = 4_096, silenceSeconds = 120, nice = 10, signal } = options;
    const cwd = options.cwd ?? mkdtempSync(join(tmpdir(), "stratum-child-"));
    this.#pages = Symbol.asyncIterator in images ? images[Symbol.asyncIterator]() : images[Symbol.iterator]();
    this.#silenceMs = silenceSeconds * 1_000;
    const child = spawnLimited(memoryMiB, isOnProcessor(task), cwd, options.env ?? {});
    this.#process = child;
    // Safe to show as 0: without a pid the error event below ends it.
    this.pid = child.pid ?? 0;
    const onAbort = () => this.kill();
    signal?.addEventListener("abort", onAbort, { once: true });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_CHARACTERS);
    });
    child.on("message", (message: ChildMessage | MoreMessage) => this.#take(message));
    child.on("error", (error) => {
      this.#log += error.message;
      if (child.pid === undefined) this.#finish(null, null);
    });
    child.on("close", (code, signalName) => {
      signal?.removeEventListener("abort", onAbort);
      if (options.cwd === undefined) rmSync(cwd, { recursive: true, force: true });
      this.#finish(code, signalName);
    });
    this.#send({ kind: "task", task, memoryMiB, nice });
    this.#watch();
    if (signal?.aborted) this.kill();
  }

  kill(): void {
    this.#kill("CHILD_CANCELLED", "Expected to finish, got cancelled");
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChildMessage> {
    try {
      yield* this.#messages;
    } finally {
      // A reader that leaves early wants no more of it.
      if (!this.#isOver) this.kill();
    }
  }

  #take(message: ChildMessage | MoreMessage): void {
    this.#watch();
    if (message.kind === "more") {
      void this.#sendPage();
      return;
    }
    this.#isOver ||= message.kind === "done" || message.kind === "failed";
    this.#messages.put(message);
  }

  async #sendPage(): Promise<void> {
    // The child stands still on purpose meanwhile: its silence is ours.
    clearTimeout(this.#silence);
    try {
      await this.#messages.fewerThan(MOST_WAITING);
      const page = await this.#pages.next();
      this.#send(page.done === true ? { kind: "images-end" } : { kind: "images", images: page.value });
    } catch (error) {
      this.#messages.fail(error);
      this.kill();
    }
    this.#watch();
  }

  #send(message: ParentMessage): void {
    // A child that has died meanwhile says so by its close event.
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  #watch(): void {
    clearTimeout(this.#silence);
    if (this.#killed || this.#isOver) return;
    const words = `Expected a sign of life every ${this.#silenceMs / 1_000} s, got none`;
    this.#silence = setTimeout(() => this.#kill("CHILD_TIMEOUT", words), this.#silenceMs);
  }

  #kill(code: ChildErrorCode, message: string): void {
    if (this.#killed) return;
    this.#killed = { code, message };
    clearTimeout(this.#silence);
    this.#process.kill("SIGKILL");
  }

  #finish(exitCode: number | null, signal: NodeJS.Signals | null): void {
    clearTimeout(this.#silence);
    if (!this.#isOver) {
      const why = this.#killed ?? diagnose(exitCode, signal, this.#log);
      const how = signal === null ? {} : { signal };
      this.#messages.put({ kind: "failed", ...why, ...how, ...(this.#log === "" ? {} : { log: this.#log }) });
    }
    this.#isOver = true;
    this.#messages.end();
  }
}

/** Why a process ended that said nothing of it. */
function diagnose(
  exitCode: number | null,
  signal: NodeJS.Signals | null,
  log: string,
): { readonly code: ChildErrorCode; readonly message: string } {
  // The kernel's own way to end what takes too much; V8 and C++ say so first.
  if (signal === "SIGKILL" || /heap out of memory|bad_alloc|Cannot allocate memory|ENOMEM/.test(log)) {
    return {
      code: "CHILD_OUT_OF_MEMORY",
      message: "Expected the compute child to fit its memory, got it killed; use a smaller batch",
    };
  }
  const how = signal ?? `exit code ${exitCode}`;
  return { code: "CHILD_CRASHED", message: `Expected the compute child to finish, got ${how}` };
}

/** Graphics drivers map far more than they use, so only the child's own watch bounds them. */
function isOnProcessor(task: ComputeTask): boolean {
  return !("provider" in task) || (task.provider ?? "cpu") === "cpu";
}

function spawnLimited(
  memoryMiB: number,
  isLimited: boolean,
  cwd: string,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  // Node 20 runs no TypeScript: from the sources, too, the child comes from dist/.
  const here = fileURLToPath(import.meta.url);
  const main = here.endsWith(".ts")
    ? join(here, "../../../dist/compute/child/main.js")
    : join(here, "../main.js");
  const options = {
    cwd,
    // Reading, decoding and resizing wait on libuv's threads; each of them keeps memory of its own otherwise.
    env: {
      UV_THREADPOOL_SIZE: String(Math.max(4, availableParallelism() + 2)),
      MALLOC_ARENA_MAX: "2",
      ...env,
    },
    stdio: ["ignore", "ignore", "pipe", "ipc"] as ["ignore", "ignore", "pipe", "ipc"], // a tuple, not a list
    serialization: "advanced" as const,
  };
  if (!isLimited || process.platform !== "linux") return spawn(process.execPath, [main], options);
  // Private writable memory, so that what V8 and WebAssembly merely reserve does not count.
  const limit = String((memoryMiB + SLACK_MIB) * 1_024);
  return spawn("/bin/sh", ["-c", 'ulimit -d "$0"; exec "$@"', limit, process.execPath, main], options);
}
