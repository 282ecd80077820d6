import { setImmediate as nextTurn } from "node:timers/promises";
import { ComputeError } from "../errors.ts";
import { type BootstrapInput, type BootstrapPlan, bootstrapChunk, planBootstrap } from "./bootstrap-plan.ts";
import { criticalZ, type Interval, noInterval } from "./interval.ts";

/** How many resamples, of which seed. */
export interface BootstrapOptions {
  /** Any safe integer; the same seed gives the same interval, however the work is split. */
  readonly seed: number;
  /** At least 100; 2,000 is usual. */
  readonly replicates: number;
  /** Nominal coverage in (0, 1). */
  readonly level: number;
}

/** The percentile interval of one cell, with what the resamples say beside it. */
export interface BootstrapInterval extends Interval {
  /** Standard deviation of the resampled AUCs; null exactly when there is no interval. */
  readonly se: number | null;
  /** Resamples that lacked a class in this cell and were left out. */
  readonly undefinedReplicates: number;
}

/** Patients a class needs: from 3 on, at most one resample in twenty lacks the class (e^-3). */
const MIN_PATIENTS_OF_CLASS = 3;

/**
 * Percentile intervals of AUCs by resampling patients: a patient's images come and go together, so images of one
 * patient may depend on each other as they like (Efron & Tibshirani 1993, An Introduction to the Bootstrap, section
 * 13.3; clusters: Field & Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x).
 *
 * Patients are drawn from all that have a row inside a stratum; quantiles are of R's type 7. Blocks the thread: 6
 * to 8 ns per row and replicate. On a server use `bootstrapAucInTurns`.
 *
 * @returns one interval per cell, column by column, stratum by stratum. TOO_FEW_CLUSTERS where a class comes from
 * fewer than three patients; DEGENERATE where all resamples agree. Resamples that lack a class are left out and counted.
 * @throws {ComputeError} INVALID_PARAM for options out of range; INVALID_INPUT for columns that do not fit.
 */
export function bootstrapAuc(input: BootstrapInput, options: BootstrapOptions): BootstrapInterval[] {
  requireOptions(options);
  const plan = planBootstrap(input);
  return percentileIntervals(plan, bootstrapChunk(plan, options.seed, 0, options.replicates), options.level);
}

/**
 * The same intervals as `bootstrapAuc`, in slices of about `sliceMs`, so that an event loop stays responsive.
 *
 * @param onProgress - called after every slice with the share done, in (0, 1].
 * @throws the signal's reason once it is aborted; otherwise as `bootstrapAuc`.
 */
export async function bootstrapAucInTurns(
  input: BootstrapInput,
  options: BootstrapOptions,
  turns: {
    readonly onProgress?: (share: number) => void;
    readonly signal?: AbortSignal;
    readonly sliceMs?: number;
  } = {},
): Promise<BootstrapInterval[]> {
  requireOptions(options);
  const plan = planBootstrap(input);
  const cellCount = plan.positivePatients.length;
  const results = new Float64Array(options.replicates * cellCount);
  let slice = 1;
  for (let from = 0; from < options.replicates; ) {
    turns.signal?.throwIfAborted();
    const to = Math.min(options.replicates, from + slice);
    const began = performance.now();
    results.set(bootstrapChunk(plan, options.seed, from, to), from * cellCount);
    // The slice never enters the numbers, only the pauses between them.
    const perReplicate = Math.max(1e-3, (performance.now() - began) / (to - from));
    slice = Math.max(1, Math.floor((turns.sliceMs ?? 8) / perReplicate));
    from = to;
    turns.onProgress?.(to / options.replicates);
    await nextTurn();
  }
  return percentileIntervals(plan, results, options.level);
}

/**
 * Percentile intervals from the replicates of `bootstrapChunk`, all of them, in order.
 *
 * @param replicates - length replicates * cells, replicate by replicate.
 */
export function percentileIntervals(
  plan: BootstrapPlan,
  replicates: Float64Array,
  level: number,
): BootstrapInterval[] {
  const cellCount = plan.positivePatients.length;
  const replicateCount = replicates.length / cellCount;
  return Array.from({ length: cellCount }, (_, cell) => {
    const values = new Float64Array(replicateCount);
    // `!`: cell and replicate are inside replicates by construction.
    for (let k = 0; k < replicateCount; k += 1) values[k] = replicates[k * cellCount + cell]!;
    const defined = values.filter((value) => !Number.isNaN(value)).sort();
    const undefinedReplicates = replicateCount - defined.length;
    const none = { se: null, undefinedReplicates };
    const rows = plan.starts[cell + 1]! - plan.starts[cell]!;
    if (rows === 0) return { ...noInterval(level, "NO_ROWS"), ...none };
    const fewest = Math.min(plan.positivePatients[cell]!, plan.negativePatients[cell]!);
    if (fewest < MIN_PATIENTS_OF_CLASS) return { ...noInterval(level, "TOO_FEW_CLUSTERS"), ...none };
    if (defined[0] === defined.at(-1)) return { ...noInterval(level, "DEGENERATE"), ...none };
    return {
      low: quantile(defined, (1 - level) / 2),
      high: quantile(defined, (1 + level) / 2),
      level,
      reason: null,
      se: standardDeviation(defined),
      undefinedReplicates,
    };
  });
}

/** Type 7 quantile (Hyndman & Fan 1996, doi:10.1080/00031305.1996.10473566) of ascending, non-empty values. */
function quantile(sorted: Float64Array, probability: number): number {
  const position = (sorted.length - 1) * probability;
  const below = Math.floor(position);
  // `!`: 0 <= below <= above <= length - 1.
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (position - below) * (high - low);
}

function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1));
}

function requireOptions({ seed, replicates, level }: BootstrapOptions): void {
  criticalZ(level); // refuses a level out of range
  if (!Number.isSafeInteger(seed)) {
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected a whole number as seed, got ${seed}; pass 0 if any will do`,
    );
  }
  if (!Number.isInteger(replicates) || replicates < 100 || replicates > 1_000_000) {
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected 100 to 1000000 replicates, got ${replicates}; 2000 is usual`,
    );
  }
}
