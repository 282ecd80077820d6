import { encodeId } from "../graphql/node-id.ts";
import { printJson, printText } from "./program-options.ts";
import type { RunAnswer } from "./run-watching.ts";

/** Says that a run waits in the queue, to a caller that does not. */
export function printQueued(
  run: { readonly id: number; readonly state: string },
  created: boolean,
  { json }: { readonly json?: boolean },
): void {
  const id = encodeId("Run", run.id);
  if (json === true) printJson({ run: { id, state: run.state.toUpperCase() }, created });
  else printText(`Run ${id} is ${run.state}. Follow it with: stratum runs watch ${id}`);
}

/**
 * Says why a run has no result, on the error stream; false, and nothing said, where it has one.
 *
 * @param what - "training", "audit": what people call such a run
 */
export function saidUnfinished({ id, state, failure }: RunAnswer, what: string): boolean {
  if (state === "SUCCEEDED") return false;
  const words =
    state === "FAILED"
      ? `The ${what} failed: ${failure}`
      : state === "CANCELLED"
        ? `The ${what} was cancelled.`
        : `Run ${id} goes on when a worker takes it: stratum runs watch ${id}`;
  process.stderr.write(`${words}\n`);
  return true;
}
