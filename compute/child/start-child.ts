import type { ChildMessage, ComputeTask, ImageFile } from "./protocol.ts";

/** How a compute child is held. */
export interface ChildOptions {
  /** Pages of images of an evaluation, in any order; the next is asked for when the child has room. */
  readonly images?: AsyncIterable<readonly ImageFile[]> | Iterable<readonly ImageFile[]>;
  /** SIGKILLs the child. */
  readonly signal?: AbortSignal;
  /** Private memory that the child may hold, in MiB; absent: 4096. */
  readonly memoryMiB?: number;
  /** Wall clock in seconds without any message from a working child, after which it is killed; absent: 600. */
  readonly silenceSeconds?: number;
  /** The child's folder: empty, so that no relative path in a model leads anywhere; absent: made and removed. */
  readonly cwd?: string;
  /** The child's whole environment: nothing of the parent's is handed on. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running compute child: its messages, and the way to end it. The last message is always done, inspected or failed. */
export interface ComputeChild extends AsyncIterable<ChildMessage> {
  readonly pid: number;
  /** Ends it at once with SIGKILL; the last message is then failed, CHILD_CANCELLED. Calling it twice is harmless. */
  kill(): void;
}

/**
 * Starts a process that carries out one task and ends.
 * Messages wait until they are read, so a reader that stops reading stops the child after a while.
 */
export function startComputeChild(_task: ComputeTask, _options: ChildOptions = {}): ComputeChild {
  throw new Error("Expected the compute child, which is being built");
}
