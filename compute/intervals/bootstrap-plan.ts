import {
  type BootstrapInput,
  type BootstrapPlan,
  planBootstrap as planNatively,
  rankBootstrap,
} from "../../native/index.ts";
import { refusingInput } from "../native-refusal.ts";

export type { BootstrapInput, BootstrapPlan } from "../../native/index.ts";

/** How long one call of the addon should take: a stopped bootstrap ends within about this. */
const CALL_MS = 60;
/** Replicates that the addon weighs side by side. */
const ABREAST = 16;

/**
 * Lays rows out once for all replicates, off the main thread: no replicate sorts anything. O(columns * n).
 *
 * @throws {ComputeError} INVALID_INPUT when lengths differ or a label is not 0, 1 or 255.
 * @throws {KernelError} as `stratifiedAuc`
 */
export function planBootstrap(input: BootstrapInput): Promise<BootstrapPlan> {
  return refusingInput(planNatively(input));
}

/** How replicates are computed; never changes their numbers. */
export interface BootstrapCourse {
  /** Told the share that is done, in (0, 1]. */
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
  /** Threads that share the replicates; all the machine has when absent. */
  readonly threads?: number;
}

/**
 * The AUC of every cell in replicates 0 to `replicates` (excluded): replicate r is a function of the plan, the seed and r
 * alone. Off the main thread; O(rows) per replicate, about half a nanosecond a row on each thread.
 *
 * @returns length replicates * cells, replicate by replicate; NaN where a resample lacks a class.
 * @throws {ComputeError} INVALID_INPUT above 2,097,152 patients; the signal's reason once it is aborted.
 */
export async function resampleAucs(
  plan: BootstrapPlan,
  { seed, replicates }: { readonly seed: number; readonly replicates: number },
  { onProgress, signal, threads }: BootstrapCourse = {},
): Promise<Float64Array> {
  const cellCount = plan.positivePatients.length;
  const results = new Float64Array(replicates * cellCount);
  let next = ABREAST;
  for (let from = 0; from < replicates; ) {
    signal?.throwIfAborted();
    const to = Math.min(replicates, from + next);
    const began = performance.now();
    const options = threads === undefined ? {} : { threads };
    results.set(await refusingInput(rankBootstrap(plan, seed, from, to, options)), from * cellCount);
    // The time never enters the numbers, only how many are asked for at once.
    const perReplicate = Math.max(1e-4, (performance.now() - began) / (to - from));
    next = ABREAST * Math.max(1, Math.floor(CALL_MS / perReplicate / ABREAST));
    from = to;
    onProgress?.(to / replicates);
  }
  signal?.throwIfAborted();
  return results;
}
