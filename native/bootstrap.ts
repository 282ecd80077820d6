import { type PlanHandle, requireBinding } from "./binding.ts";
import { requireObject, toKernelError } from "./errors.ts";
import { threadsOf } from "./images.ts";
import { allocate, own, requireArray } from "./ownership.ts";
import { ownStrata, requireColumn, requireStrata, requireWhole } from "./ranks.ts";
import { lengthOf, requireOrder, type ScoreOrder } from "./score-order.ts";

/** Score columns whose AUCs are resampled together, and the patient of every row. */
export interface BootstrapInput {
  /** One per class (or model): same rows, each with its own scores and truth. */
  readonly columns: readonly { readonly order: ScoreOrder; readonly labels: Uint8Array }[];
  readonly strata?: Uint16Array | Uint32Array | undefined;
  readonly stratumCount?: number | undefined;
  /** Length n: the patient of each row, 0..patientCount-1. */
  readonly patients: Uint16Array | Uint32Array;
  /** At most 1e8. */
  readonly patientCount: number;
}

/** Everything a replicate needs, laid out by the addon for one linear read. Immutable. */
export interface BootstrapPlan {
  readonly columnCount: number;
  readonly stratumCount: number;
  /** Patients with a row inside a stratum: those that are resampled. */
  readonly patientCount: number;
  /** Cell = column * stratumCount + stratum; cell c has `starts[c + 1] - starts[c]` rows. */
  readonly starts: Uint32Array;
  /** Distinct patients among the positives, and among the negatives, of each cell. */
  readonly positivePatients: Uint32Array;
  readonly negativePatients: Uint32Array;
  readonly handle: PlanHandle;
}

/** The most patients a column may number, with rows or without: each takes memory. */
const MAX_NUMBERED = 1e8;
/** The most patients one resample may draw from; above it the draw would lose its exact fairness. */
const MAX_PATIENTS = 2 ** 21;

/**
 * Lays rows out once for all replicates, off the main thread: no replicate sorts anything. O(columns * n + patients).
 * A row without a score (NaN) is in no cell of its column, but its patient is resampled all the same.
 *
 * @throws {KernelError} BAD_BUFFER_LENGTH when columns differ in length; BAD_PARAMETER for a label that is not 0, 1 or
 * 255 and a patient out of range; otherwise as `sortScores`.
 */
export async function planBootstrap(input: BootstrapInput): Promise<BootstrapPlan> {
  requireObject("the input", input);
  const { columns, strata, stratumCount = 1, patients, patientCount } = input;
  requireObject("the columns", columns, "array");
  requireArray(patients, ["Uint16Array", "Uint32Array"]);
  requireStrata(stratumCount, strata);
  requireWhole("patientCount", patientCount, 0, MAX_NUMBERED);
  const rows = patients.length;
  for (const column of columns) {
    requireObject("a column", column);
    const { order, labels } = column;
    requireOrder(order);
    requireArray(labels, ["Uint8Array"]);
    requireColumn("scores", lengthOf(order), rows);
    requireColumn("labels", labels.length, rows);
  }
  if (strata !== undefined) requireColumn("strata", strata.length, rows);
  try {
    const binding = requireBinding();
    const ordinals = own(patients, ["Uint16Array", "Uint32Array"]);
    const handle = await binding.planBootstrap(
      columns.map(({ order }) => order.handle),
      columns.map(({ labels }) => own(labels, ["Uint8Array"])),
      ownStrata(strata),
      stratumCount,
      ordinals instanceof Uint32Array ? ordinals : new Uint32Array(ordinals),
      patientCount,
    );
    return Object.freeze({
      columnCount: columns.length,
      stratumCount,
      ...binding.readPlan(handle),
      handle,
    });
  } catch (cause) {
    throw toKernelError(cause);
  }
}

/**
 * The AUC of every cell in replicates `from` to `to` (excluded) of the patient bootstrap: a function of the plan, the
 * seed and the replicate's number alone, whatever the number of threads. O(rows) per replicate; 16 replicates share
 * each read of a row, so ask for many at once.
 *
 * Patients are drawn with replacement by xoshiro128** (as `RandomStream` in compute), one stream a replicate; a row
 * counts as often as its patient was drawn, ties by mid-rank.
 *
 * @returns length (to - from) * cells, replicate by replicate; NaN where a resample lacks a class.
 * @throws {KernelError} BAD_PARAMETER above 2,097,152 patients and for a seed or range that is no whole number; otherwise
 * as `sortScores`.
 */
export async function rankBootstrap(
  plan: BootstrapPlan,
  seed: number,
  from: number,
  to: number,
  options: { readonly threads?: number } = {},
): Promise<Float64Array> {
  requireObject("the plan", plan);
  requireObject("options", options);
  requireWhole("seed", seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  requireWhole("patientCount", plan.patientCount, 0, MAX_PATIENTS);
  for (const count of [plan.columnCount, plan.stratumCount]) {
    requireWhole("a count of the plan", count, 0, Number.MAX_SAFE_INTEGER);
  }
  requireWhole("from", from, 0, Number.MAX_SAFE_INTEGER);
  requireWhole("to", to, from, Number.MAX_SAFE_INTEGER);
  const cells = plan.columnCount * plan.stratumCount;
  const threads = threadsOf(options);
  const output = allocate("Float64Array", (to - from) * cells);
  if (output.length === 0) return output;
  try {
    return await requireBinding().bootstrapAuc(plan.handle, seed, from, to, output, threads);
  } catch (cause) {
    throw toKernelError(cause);
  }
}
