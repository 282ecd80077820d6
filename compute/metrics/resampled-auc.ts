import { setImmediate as nextTurn } from "node:timers/promises";
import { ComputeError, type NotEstimableReason } from "../errors.ts";
import { criticalZ } from "../intervals/interval.ts";
import { quantile, standardDeviation } from "../intervals/quantile.ts";
import { RandomStream } from "../random.ts";
import { type EvenCell, type EvenStep, evenCells } from "./even-cells.ts";
import { readOrder, type ScoreOrder } from "./score-order.ts";
import { aucReason } from "./stratified-auc.ts";
import { requireLength } from "./stratified-rows.ts";

/** The rows of one class, what they are to be evened out for, and the patient of each. */
export interface ResampledInput {
  readonly order: ScoreOrder;
  /** Length n: 1 positive, 0 negative, 255 unknown. */
  readonly labels: Uint8Array;
  readonly steps: readonly EvenStep[];
  /** Length n, 0..patientCount-1. */
  readonly patients: Uint32Array;
  readonly patientCount: number;
}

/** How the test set is drawn again. */
export interface ResamplingOptions {
  /** Rows of a drawn set, as a multiple of the rows there are. */
  readonly timesSize: number;
  readonly replicates: number;
  readonly seed: number;
  /** Nominal coverage in (0, 1). */
  readonly level: number;
}

/** A number with its percentile interval; nulls where `reason` says why. */
export interface ResampledEstimate {
  readonly value: number | null;
  readonly se: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** An AUC of a test set that was evened out, beside that of the same rows as they are. */
export interface ResampledAuc {
  /** Each row counting by its weight: what drawn sets come to. */
  readonly resampled: ResampledEstimate;
  /** Of the same rows, each counting once. */
  readonly plain: number | null;
  /** Resampled less plain, resample by resample. */
  readonly difference: ResampledEstimate;
  /** Why there is no AUC, and why no interval although there is one. */
  readonly reason: NotEstimableReason | null;
  readonly intervalReason: NotEstimableReason | null;
  /** Combinations of levels, each of which weighs the same as any other. */
  readonly cells: readonly EvenCell[];
  readonly positives: number;
  readonly negatives: number;
  readonly patients: number;
  /** Rows with a score and a label whose levels are not all known. */
  readonly leftOut: number;
  /** Rows of a drawn set. */
  readonly size: number;
  /** Rows that would be as precise if none counted more than another: Kish's effective size. */
  readonly effectiveSize: number | null;
  /** Resamples in which a cell had no row; they are left out. */
  readonly undefinedReplicates: number;
}

/** Patients a cell needs: from 3 on, at most one resample in twenty lacks it (e^-3). */
const MIN_PATIENTS_OF_CELL = 3;
/** Above this share of resamples without a row in some cell, those that are left speak of another population. */
const MOST_UNDEFINED = 0.2;
/** Draws between two turns of the event loop: about 10 ms. */
const TURN_DRAWS = 400_000;

const none: ResampledEstimate = { value: null, se: null, low: null, high: null };

/**
 * The AUC when every combination of the steps' levels weighs the same, so that groups agree in what the steps are about:
 * each row weighs 1 / (cells * rows of its cell). For the interval each replicate draws patients with replacement, then
 * `timesSize` times as many rows as there are, with replacement, by those weights among the rows of the drawn patients
 * (after Glocker et al. 2023, doi:10.1016/j.ebiom.2023.104467); rows drawn several times carry no new information, so
 * patients are what is resampled. Percentiles are of R's type 7. Replicate r is a function of the seed and r alone.
 *
 * O(replicates * timesSize * n); gives others a turn of the event loop every 10 ms or so.
 *
 * @returns EMPTY_CELL as the reason where a combination of levels has no row; TOO_FEW_CLUSTERS for the interval where a
 * cell has fewer than three patients, or more than a fifth of the resamples lack one.
 * @throws {ComputeError} INVALID_PARAM for options out of range, INVALID_INPUT for lengths that differ; the signal's reason
 * once it is aborted.
 */
export async function resampledAuc(
  input: ResampledInput,
  options: ResamplingOptions,
  signal?: AbortSignal,
): Promise<ResampledAuc> {
  requireOptions(options);
  const rows = new Rows(input);
  const { cells, positives, negatives, patients, leftOut } = rows;
  const size = Math.max(1, Math.round(options.timesSize * rows.count));
  const counts = { cells, positives, negatives, patients: patients.size, leftOut, size };
  const nothing = { plain: null, effectiveSize: null, intervalReason: null, undefinedReplicates: 0 };
  const reason =
    aucReason(positives, negatives) ?? (cells.some((cell) => cell.rows === 0) ? "EMPTY_CELL" : null);
  if (reason !== null) return { resampled: none, difference: none, ...nothing, reason, ...counts };
  const weights = rows.weights();
  const value = rows.auc(weights);
  const plain = rows.auc(rows.used);
  const drawn = await drawAgain(rows, size, options, signal);
  const intervalReason = rows.cellPatients().some((of) => of < MIN_PATIENTS_OF_CELL)
    ? "TOO_FEW_CLUSTERS"
    : drawn.undefinedReplicates > MOST_UNDEFINED * options.replicates
      ? "TOO_FEW_CLUSTERS"
      : drawn.values.every((one) => one === drawn.values[0])
        ? "DEGENERATE"
        : null;
  const estimate = (of: number, replicates: Float64Array): ResampledEstimate => {
    if (intervalReason !== null) return { ...none, value: of };
    const sorted = replicates.sort();
    return {
      value: of,
      se: standardDeviation(sorted),
      low: quantile(sorted, (1 - options.level) / 2),
      high: quantile(sorted, (1 + options.level) / 2),
    };
  };
  const { undefinedReplicates } = drawn;
  return {
    resampled: estimate(value, drawn.values),
    plain,
    difference: estimate(value - plain, drawn.differences),
    reason: null,
    intervalReason,
    ...counts,
    // The weights sum to 1.
    effectiveSize: 1 / weights.reduce((sum, weight) => sum + weight * weight, 0),
    undefinedReplicates,
  };
}

async function drawAgain(
  rows: Rows,
  size: number,
  { replicates, seed }: ResamplingOptions,
  signal: AbortSignal | undefined,
): Promise<{
  readonly values: Float64Array;
  readonly differences: Float64Array;
  readonly undefinedReplicates: number;
}> {
  const values: number[] = [];
  const differences: number[] = [];
  let since = 0;
  for (let replicate = 0; replicate < replicates; replicate += 1) {
    const resample = rows.resample(new RandomStream(seed, replicate), size);
    if (resample !== undefined) {
      const value = rows.auc(resample.drawn);
      values.push(value);
      differences.push(value - rows.auc(resample.times));
    }
    since += size + rows.count;
    if (since < TURN_DRAWS) continue;
    since = 0;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return {
    values: Float64Array.from(values),
    differences: Float64Array.from(differences),
    undefinedReplicates: replicates - values.length,
  };
}

/** The rows that count, sorted by score, and the cell and patient of each. All indexes within are checked once here. */
class Rows {
  readonly cells: readonly EvenCell[];
  readonly positives: number;
  readonly negatives: number;
  readonly leftOut: number;
  readonly count: number;
  /** Of those that count. */
  readonly patients: ReadonlySet<number>;
  /** Length n: 1 for a row that counts. */
  readonly used: Uint8Array;
  readonly #labels: Uint8Array;
  readonly #codes: Uint32Array;
  readonly #sorted: Uint32Array;
  readonly #tied: Uint8Array;
  /** Of those that count, cell after cell. */
  readonly #byCell: Uint32Array;
  readonly #patientOf: Uint32Array;
  readonly #patientCount: number;
  readonly #patientList: Uint32Array;

  constructor({ order, labels, steps, patients, patientCount }: ResampledInput) {
    requireLength("labels", labels.length, order.rowCount);
    requireLength("patients", patients.length, order.rowCount);
    const { rows: sorted, tiedWithNext } = readOrder(order);
    const known = new Uint8Array(labels.length);
    for (const row of sorted) known[row] = (labels[row] ?? 255) <= 1 ? 1 : 0;
    const { codes, cells } = evenCells(steps, known);
    this.cells = cells;
    this.used = known.map((bit, row) => (bit === 1 && (codes[row] ?? 0) < cells.length ? 1 : 0));
    this.#labels = labels;
    this.#codes = codes;
    this.#sorted = sorted;
    this.#tied = tiedWithNext;
    const inside = [...this.used.keys()].filter((row) => this.used[row] === 1);
    this.count = inside.length;
    this.leftOut = known.reduce((sum, bit) => sum + bit, 0) - this.count;
    this.positives = inside.reduce((sum, row) => sum + (labels[row] ?? 0), 0);
    this.negatives = this.count - this.positives;
    this.#byCell = Uint32Array.from(inside).sort((a, b) => (codes[a] ?? 0) - (codes[b] ?? 0) || a - b);
    this.#patientOf = patients;
    this.#patientCount = patientCount;
    this.patients = new Set(inside.map((row) => patients[row] ?? 0));
    this.#patientList = Uint32Array.from(this.patients).sort();
  }

  /** Length n: what each row weighs; they sum to 1. */
  weights(): Float64Array {
    return Float64Array.from(this.used, (bit, row) =>
      bit === 1 ? (this.cells[this.#codes[row] ?? 0]?.weight ?? 0) : 0,
    );
  }

  /** Distinct patients of each cell. */
  cellPatients(): readonly number[] {
    const sets = this.cells.map(() => new Set<number>());
    for (const row of this.#byCell) sets[this.#codes[row] ?? 0]?.add(this.#patientOf[row] ?? 0);
    return sets.map(({ size }) => size);
  }

  /** The AUC when each row counts so often, ties one half. `!`: rows of the order are below n. */
  auc(times: ArrayLike<number>): number {
    let [wins, positives, negatives, tiedPositives, tiedNegatives] = [0, 0, 0, 0, 0];
    for (let k = 0; k < this.#sorted.length; k += 1) {
      const row = this.#sorted[k]!;
      const weight = times[row]!;
      if (weight > 0 && this.used[row] === 1) {
        if (this.#labels[row] === 1) tiedPositives += weight;
        else tiedNegatives += weight;
      }
      if (this.#tied[k] === 1) continue;
      wins += tiedPositives * (negatives + tiedNegatives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
      tiedPositives = 0;
      tiedNegatives = 0;
    }
    return wins / (positives * negatives);
  }

  /** How often each row came with the drawn patients, and how often it was drawn from among those; undefined: a cell is empty. */
  resample(
    stream: RandomStream,
    size: number,
  ): { readonly times: Uint32Array; readonly drawn: Uint32Array } | undefined {
    const ofPatient = new Uint32Array(this.#patientCount);
    const people = this.#patientList.length;
    // `!` throughout: indexes come from the same lists.
    for (let i = 0; i < people; i += 1) ofPatient[this.#patientList[stream.below(people)]!]! += 1;
    const times = new Uint32Array(this.used.length);
    const starts = new Uint32Array(this.cells.length + 1);
    for (const row of this.#byCell) {
      times[row] = ofPatient[this.#patientOf[row]!]!;
      starts[this.#codes[row]! + 1]! += times[row]!;
    }
    for (let cell = 0; cell < this.cells.length; cell += 1) {
      if (starts[cell + 1] === 0) return undefined;
      starts[cell + 1]! += starts[cell]!;
    }
    const pool = new Uint32Array(starts[this.cells.length]!);
    let at = 0;
    for (const row of this.#byCell) {
      pool.fill(row, at, at + times[row]!);
      at += times[row]!;
    }
    const drawn = new Uint32Array(this.used.length);
    for (let i = 0; i < size; i += 1) {
      const cell = stream.below(this.cells.length);
      const from = starts[cell]!;
      drawn[pool[from + Math.floor(stream.uniform() * (starts[cell + 1]! - from))]!]! += 1;
    }
    return { times, drawn };
  }
}

function requireOptions({ timesSize, replicates, seed, level }: ResamplingOptions): void {
  criticalZ(level); // refuses a level out of range
  if (!(timesSize > 0 && timesSize <= 100)) {
    throw new ComputeError("INVALID_PARAM", `Expected timesSize above 0, at most 100, got ${timesSize}`);
  }
  if (!Number.isInteger(replicates) || replicates < 100 || replicates > 1_000_000) {
    throw new ComputeError("INVALID_PARAM", `Expected 100 to 1000000 replicates, got ${replicates}`);
  }
  if (!Number.isSafeInteger(seed)) {
    throw new ComputeError("INVALID_PARAM", `Expected a whole number as seed, got ${seed}`);
  }
}
