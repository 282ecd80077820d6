import { ComputeError } from "../errors.ts";
import { RandomStream } from "../random.ts";

/** The most patients one resample may draw from; above it the draw would lose its exact fairness. */
const MAX_PATIENTS = 2 ** 21;

/**
 * How often each patient is drawn in one bootstrap replicate: `patientCount` draws with replacement.
 *
 * A function of (seed, replicate, patientCount) alone: the same patients are drawn for every class, model and stratum,
 * so differences between them come from the same resamples. O(patients).
 *
 * @param into - length patientCount; overwritten.
 * @throws {ComputeError} INVALID_INPUT above 2,097,152 patients.
 */
export function drawPatientWeights(seed: number, replicate: number, into: Int32Array): void {
  const patientCount = into.length;
  if (patientCount > MAX_PATIENTS) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected at most ${MAX_PATIENTS} patients, got ${patientCount}; use DELONG`,
    );
  }
  into.fill(0);
  const stream = new RandomStream(seed, replicate);
  // `!`: below() is under patientCount.
  for (let draw = 0; draw < patientCount; draw += 1) into[stream.below(patientCount)]! += 1;
}
