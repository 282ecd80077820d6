import { ComputeError } from "../errors.ts";
import type { Parent } from "./parent.ts";
import type { TrainTask } from "./protocol.ts";

/** Trains a network on the images of a task. */
export async function train(task: TrainTask, _memoryMiB: number, _parent: Parent): Promise<void> {
  throw new ComputeError("INVALID_INPUT", `Expected a task that this child can do, got ${task.kind}`);
}
