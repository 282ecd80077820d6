import { encodeCells, requireLength, type StratifiedRows } from "./stratified-rows.ts";

/** The rows of each group (patient, study), laid out group by group; cache it per dataset version. */
export interface RowGroups {
  /** Length groups + 1: group g owns `rows[starts[g] .. starts[g + 1]]`. */
  readonly starts: Uint32Array;
  /** Every row once, ascending within its group. */
  readonly rows: Uint32Array;
}

/** How many distinct patients a stratum's evaluated rows come from. */
export interface PatientCounts {
  readonly patients: number;
  /** With at least one positive row; a patient may count here and under negatives. */
  readonly positivePatients: number;
  readonly negativePatients: number;
}

/**
 * Groups rows by ordinal with a counting sort; O(n + groups).
 *
 * @param ordinals - length n: the group of each row, 0..groupCount-1.
 */
export function groupRows(ordinals: Uint16Array | Uint32Array, groupCount: number): RowGroups {
  // `!`: ordinals are below groupCount by contract; a wrong one would only write outside, which typed arrays ignore.
  const starts = new Uint32Array(groupCount + 1);
  for (const ordinal of ordinals) starts[ordinal + 1]! += 1;
  for (let group = 0; group < groupCount; group += 1) starts[group + 1]! += starts[group]!;
  const next = starts.slice(0, groupCount);
  const rows = new Uint32Array(ordinals.length);
  for (let row = 0; row < ordinals.length; row += 1) rows[next[ordinals[row]!]!++] = row;
  return { starts, rows };
}

/**
 * Distinct patients behind every stratum, in all and by class, over the rows that the AUC uses (score and label known).
 *
 * Walks the rows patient by patient and stamps each cell with the last patient seen there; O(n + strata).
 *
 * @param patients - from `groupRows` over the patient ordinals.
 * @throws {ComputeError} INVALID_INPUT when lengths differ or a label is not 0, 1 or 255.
 */
export function countPatients(input: StratifiedRows, patients: RowGroups): PatientCounts[] {
  const { codes, stratumCount } = encodeCells(input);
  requireLength("grouped rows", patients.rows.length, codes.length);
  const { starts, rows } = patients;
  const outside = 2 * stratumCount;
  const counts = new Uint32Array(outside + 2);
  const either = new Uint32Array(stratumCount);
  const lastOfCode = new Int32Array(outside + 2).fill(-1);
  const lastOfStratum = new Int32Array(stratumCount).fill(-1);
  // `!`: starts bound the rows, rows and codes were held to one length, codes are below outside + 2.
  for (let patient = 0; patient + 1 < starts.length; patient += 1) {
    const end = starts[patient + 1]!;
    for (let k = starts[patient]!; k < end; k += 1) {
      const code = codes[rows[k]!]!;
      if (lastOfCode[code] === patient) continue;
      lastOfCode[code] = patient;
      counts[code]! += 1;
      const stratum = code >> 1;
      if (code === outside || lastOfStratum[stratum] === patient) continue;
      lastOfStratum[stratum] = patient;
      either[stratum]! += 1;
    }
  }
  return Array.from(either, (count, stratum) => ({
    patients: count,
    positivePatients: counts[2 * stratum + 1]!,
    negativePatients: counts[2 * stratum]!,
  }));
}
