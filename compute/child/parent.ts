import type { ChildMessage, ImageFile, MoreMessage, ParentMessage, TrainingImage } from "./protocol.ts";
import { failureOf } from "./thread.ts";

/** The process that started this one, as the child sees it. */
export interface Parent {
  /** Resolves once the message has left this process, so that a slow reader slows the sender. */
  send(message: ChildMessage): Promise<void>;
  /** The pages of an evaluation's images, each asked for when it is needed. */
  pages(): AsyncIterable<readonly (ImageFile | TrainingImage)[]>;
  /** Says that the task failed and ends this process at once, whatever its threads are doing. */
  fail(error: unknown, ordinal?: number): Promise<never>;
}

/** Waits for the task, and ends this process when its parent dies. */
export async function findParent(): Promise<{ parent: Parent; first: ParentMessage & { kind: "task" } }> {
  const inbox: ParentMessage[] = [];
  let wake: (() => void) | undefined;
  process.on("message", (message: ParentMessage) => {
    inbox.push(message);
    wake?.();
  });
  // Nobody is left to read a result, and a session cannot be interrupted: the whole process goes.
  process.on("disconnect", () => endAtOnce());
  const receive = async (): Promise<ParentMessage> => {
    while (inbox.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return inbox.shift() ?? receive();
  };
  const first = await receive();
  if (first.kind !== "task") throw new Error("Expected a task first");
  const parent: Parent = {
    send,
    async *pages() {
      for (;;) {
        await send({ kind: "more" });
        const page = await receive();
        if (page.kind !== "images") return;
        yield page.images;
      }
    },
    async fail(error, ordinal) {
      const { message, code } = ownFailure(error);
      // What has no code of ours is our own fault: its words are for the log, which is the error stream.
      if (code === undefined)
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      await send({
        kind: "failed",
        code: code ?? "CHILD_CRASHED",
        message:
          code === undefined ? "Expected the compute child to finish, got a fault of its own" : message,
        ...(ordinal === undefined ? {} : { ordinal }),
      });
      return endAtOnce();
    },
  };
  return { parent, first };
}

/** Codes of Node and of libraries come with words that hold paths: they are no codes of ours, but for a full disk. */
function ownFailure(error: unknown): { readonly message: string; readonly code?: string } {
  const { name, message, code } = failureOf(error);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return { code: "STORAGE_FULL", message: "Expected room for the files of a run, got a full disk" };
  }
  return code === undefined || !ownErrors.includes(name) ? { message } : { code, message };
}

const ownErrors: readonly string[] = [
  "BadImageError",
  "ChildError",
  "ComputeError",
  "ImageChangedError",
  "ImageError",
  "KernelError",
  "ModelError",
  "TrainingError",
];

function send(message: ChildMessage | MoreMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve());
  });
}

/** Without a word to any thread: tearing one down in a session's run aborts the process with noise. */
export function endAtOnce(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("Expected to be gone");
}
