import { getPriority, setPriority } from "node:os";
import { ChildError } from "./child-error.ts";
import { confounders } from "./confounders.ts";
import { evaluate } from "./evaluate.ts";
import { inspect, probe } from "./inspect.ts";
import { findParent } from "./parent.ts";
import type { ComputeTask } from "./protocol.ts";
import { BadImageError } from "./tally.ts";
import { train } from "./train.ts";

/** How often memory is looked at; the system's own limit stands behind it. */
const WATCH_MS = 100;

/** The compute child: one task from the parent, then the end. It opens files and nothing else: no network, no database. */
async function main(): Promise<void> {
  const { parent, first } = await findParent();
  const { task, memoryMiB, nice } = first;
  if (isLong(task)) yieldToOthers(nice);
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > memoryMiB * 2 ** 20) {
      const words = `Expected to stay within ${memoryMiB} MiB of memory, got more`;
      void parent.fail(new ChildError("CHILD_OUT_OF_MEMORY", words));
    }
  }, WATCH_MS);
  try {
    if (task.kind === "evaluate") await evaluate(task, memoryMiB, parent);
    else if (task.kind === "train") await train(task, memoryMiB, parent);
    else if (task.kind === "inspect") await inspect(task, parent);
    else if (task.kind === "confounders") await confounders(task, parent);
    else await probe(task, parent);
  } catch (error) {
    await parent.fail(error, error instanceof BadImageError ? error.ordinal : undefined);
  }
  clearInterval(watch);
  // What is said is said: no thread runs a session any more, and none is worth waiting for.
  process.exit(0);
}

function isLong({ kind }: ComputeTask): boolean {
  return kind === "evaluate" || kind === "train" || kind === "confounders";
}

/** Whoever waits for an answer goes first: threads started from here on inherit it. */
function yieldToOthers(nice: number): void {
  try {
    setPriority(Math.max(getPriority(), nice));
  } catch {
    // A system that does not allow it computes at its own priority.
  }
}

await main();
