import { groupRows } from "../../../compute/metrics/patients.ts";
import { encodeCells, type StratifiedRows } from "../../../compute/metrics/stratified-rows.ts";
import { drawPatientWeights } from "./patient-weights.ts";
import type { OracleOrder } from "./score-order.ts";

/** Score columns whose AUCs are resampled together, over orders made in TypeScript. */
export interface OracleBootstrapInput extends Omit<StratifiedRows, "order" | "labels"> {
  readonly columns: readonly { readonly order: OracleOrder; readonly labels: Uint8Array }[];
  readonly patients: Uint16Array | Uint32Array;
  readonly patientCount: number;
}

/** Rows laid out for replicates, in TypeScript. */
export interface OraclePlan {
  readonly columnCount: number;
  readonly stratumCount: number;
  /** Patients with a row inside a stratum: those that are resampled. */
  readonly patientCount: number;
  /** Cell = column * stratumCount + stratum; cell c reads `starts[c] .. starts[c + 1]`. */
  readonly starts: Uint32Array;
  /** Rows of each cell in ascending order of score: their patient ... */
  readonly patients: Uint32Array;
  /** ... and bit 0: positive; bit 1: tied with the next row of the cell. */
  readonly flags: Uint8Array;
  readonly positivePatients: Uint32Array;
  readonly negativePatients: Uint32Array;
}

const POSITIVE = 1;
const TIED = 2;

/** The bootstrap's plan in plain TypeScript. */
export function planOracle(input: OracleBootstrapInput): OraclePlan {
  const { columns, strata, patients, patientCount } = input;
  const stratumCount = input.stratumCount ?? 1;
  const resampled = numberParticipants(patients, patientCount, strata, stratumCount);
  const cellCount = columns.length * stratumCount;
  const capacity = columns.reduce((rows, { order }) => rows + order.rows.length, 0);
  const plan = {
    columnCount: columns.length,
    stratumCount,
    patientCount: resampled.count,
    starts: new Uint32Array(cellCount + 1),
    patients: new Uint32Array(capacity),
    flags: new Uint8Array(capacity),
    positivePatients: new Uint32Array(cellCount),
    negativePatients: new Uint32Array(cellCount),
  };
  for (const [column, { order, labels }] of columns.entries()) {
    const { codes, sizes } = encodeCells({ order, labels, strata, stratumCount });
    layOut(plan, column * stratumCount, order, codes, sizes, resampled.numbers);
  }
  countClusters(plan);
  return plan;
}

/** Numbers the patients that have a row inside a stratum 0, 1, 2, ... per row. */
function numberParticipants(
  patients: Uint16Array | Uint32Array,
  patientCount: number,
  strata: Uint16Array | Uint32Array | undefined,
  stratumCount: number,
): { count: number; numbers: Uint32Array } {
  // `!`: patients are below patientCount by contract; strata were made for the same rows.
  const numberOf = new Int32Array(patientCount).fill(-1);
  const inside = (row: number) => strata === undefined || strata[row]! < stratumCount;
  for (let row = 0; row < patients.length; row += 1) if (inside(row)) numberOf[patients[row]!] = 0;
  let count = 0;
  for (let patient = 0; patient < patientCount; patient += 1) {
    if (numberOf[patient] === 0) numberOf[patient] = count++;
  }
  return { count, numbers: Uint32Array.from(patients, (patient) => Math.max(0, numberOf[patient]!)) };
}

function layOut(
  plan: OraclePlan,
  firstCell: number,
  order: OracleOrder,
  codes: Uint16Array | Int32Array,
  sizes: Int32Array,
  numbers: Uint32Array,
): void {
  // `!`: sizes hold two codes per stratum and the outside pair; next, lastGroup and starts one entry per stratum.
  const { starts, patients, flags, stratumCount } = plan;
  const next = new Uint32Array(stratumCount);
  for (let stratum = 0; stratum < stratumCount; stratum += 1) {
    const cell = firstCell + stratum;
    next[stratum] = starts[cell]!;
    starts[cell + 1] = starts[cell]! + sizes[2 * stratum]! + sizes[2 * stratum + 1]!;
  }
  const lastGroup = new Int32Array(stratumCount).fill(-1);
  let group = 0;
  for (let k = 0; k < order.rows.length; k += 1) {
    const row = order.rows[k]!;
    const code = codes[row]!;
    const stratum = code >> 1;
    if (stratum < stratumCount) {
      const at = next[stratum]!;
      next[stratum] = at + 1;
      if (lastGroup[stratum] === group) flags[at - 1]! |= TIED;
      lastGroup[stratum] = group;
      patients[at] = numbers[row]!;
      flags[at] = code & 1;
    }
    group += 1 - order.tiedWithNext[k]!;
  }
}

function countClusters(plan: OraclePlan): void {
  // `!`: starts has one entry more than there are cells; groups cover the cell's rows.
  for (let cell = 0; cell < plan.positivePatients.length; cell += 1) {
    const start = plan.starts[cell]!;
    const { starts, rows } = groupRows(
      plan.patients.subarray(start, plan.starts[cell + 1]!),
      plan.patientCount,
    );
    for (let patient = 0; patient < plan.patientCount; patient += 1) {
      let seen = 0;
      for (let k = starts[patient]!; k < starts[patient + 1]!; k += 1) {
        seen |= (plan.flags[start + rows[k]!]! & POSITIVE) === 0 ? 1 : 2;
      }
      plan.negativePatients[cell]! += seen & 1;
      plan.positivePatients[cell]! += seen >> 1;
    }
  }
}

/** The replicates in plain TypeScript, one at a time: the definition that the addon reproduces to the bit. */
export function bootstrapOracle(plan: OraclePlan, seed: number, from: number, to: number): Float64Array {
  const cellCount = plan.positivePatients.length;
  const results = new Float64Array((to - from) * cellCount);
  const weights = new Int32Array(plan.patientCount);
  for (let replicate = from; replicate < to; replicate += 1) {
    drawPatientWeights(seed, replicate, weights);
    for (let cell = 0; cell < cellCount; cell += 1) {
      results[(replicate - from) * cellCount + cell] = weightedAuc(plan, weights, cell);
    }
  }
  return results;
}

/** AUC of a cell when each row counts as often as its patient was drawn; ties by mid-rank. */
function weightedAuc(plan: OraclePlan, weights: Int32Array, cell: number): number {
  // `!`: k is inside the cell's bounds; patients are below plan.patientCount = weights.length.
  const { patients, flags } = plan;
  const end = plan.starts[cell + 1]!;
  let doubledWins = 0;
  let positives = 0;
  let negatives = 0;
  for (let k = plan.starts[cell]!; k < end; k += 1) {
    const flag = flags[k]!;
    const weight = weights[patients[k]!]!;
    if (flag < TIED) {
      const positive = weight * flag;
      doubledWins += 2 * positive * negatives;
      positives += positive;
      negatives += weight - positive;
      continue;
    }
    let tiedPositives = weight * (flag & POSITIVE);
    let tiedNegatives = weight - tiedPositives;
    do {
      k += 1;
      const positive = weights[patients[k]!]! * (flags[k]! & POSITIVE);
      tiedPositives += positive;
      tiedNegatives += weights[patients[k]!]! - positive;
    } while (flags[k]! >= TIED);
    doubledWins += tiedPositives * (2 * negatives + tiedNegatives);
    positives += tiedPositives;
    negatives += tiedNegatives;
  }
  return positives === 0 || negatives === 0 ? Number.NaN : doubledWins / (2 * positives * negatives);
}
