import { setImmediate as nextTurn } from "node:timers/promises";
import { ComputeError } from "../errors.ts";
import {
  type BootstrapCourse,
  type BootstrapInput,
  type BootstrapPlan,
  planBootstrap,
  resampleAucs,
} from "./bootstrap-plan.ts";
import { criticalZ, type Interval, noInterval } from "./interval.ts";
import { quantile, standardDeviation } from "./quantile.ts";

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
/** Values sorted between two turns of the event loop: about 10 ms. */
const TURN_VALUES = 100_000;

/**
 * Percentile intervals of AUCs by resampling patients: a patient's images come and go together, so images of one
 * patient may depend on each other as they like (Efron & Tibshirani 1993, An Introduction to the Bootstrap, section
 * 13.3; clusters: Field & Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x).
 *
 * Patients are drawn from all that have a row inside a stratum; quantiles are of R's type 7. The addon does the work off
 * the main thread, in calls of some 60 ms, so that it can be followed and stopped.
 *
 * @returns one interval per cell, column by column, stratum by stratum. TOO_FEW_CLUSTERS where a class comes from
 * fewer than three patients; DEGENERATE where all resamples agree. Resamples that lack a class are left out and counted.
 * @throws {ComputeError} INVALID_PARAM for options out of range; INVALID_INPUT for columns that do not fit; the signal's
 * reason once it is aborted.
 * @throws {KernelError} as `stratifiedAuc`
 */
export async function bootstrapAuc(
  input: BootstrapInput,
  options: BootstrapOptions,
  course: BootstrapCourse = {},
): Promise<BootstrapInterval[]> {
  requireOptions(options);
  const plan = await planBootstrap(input);
  return percentileIntervals(plan, await resampleAucs(plan, options, course), options.level);
}

/** What the rows of every cell, or pair of cells, say of its interval. */
export type CellClusters = Pick<BootstrapPlan, "starts" | "positivePatients" | "negativePatients">;

/**
 * Percentile intervals from the replicates of `resampleAucs`, all of them, in order; a turn of the event loop for
 * everybody else now and then.
 *
 * @param replicates - length replicates * cells, replicate by replicate.
 */
export async function percentileIntervals(
  plan: CellClusters,
  replicates: Float64Array,
  level: number,
): Promise<BootstrapInterval[]> {
  const cellCount = plan.positivePatients.length;
  const replicateCount = replicates.length / cellCount;
  const intervals: BootstrapInterval[] = [];
  for (let cell = 0; cell < cellCount; cell += 1) {
    const values = new Float64Array(replicateCount);
    // `!`: cell and replicate are inside replicates by construction.
    for (let k = 0; k < replicateCount; k += 1) values[k] = replicates[k * cellCount + cell]!;
    intervals.push(percentileInterval(plan, cell, values, level));
    if ((cell + 1) % Math.ceil(TURN_VALUES / replicateCount) === 0) await nextTurn();
  }
  return intervals;
}

function percentileInterval(
  plan: CellClusters,
  cell: number,
  replicates: Float64Array,
  level: number,
): BootstrapInterval {
  // `!`: every cell has its clusters, and starts one entry more.
  const defined = replicates.filter((value) => !Number.isNaN(value)).sort();
  const undefinedReplicates = replicates.length - defined.length;
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
