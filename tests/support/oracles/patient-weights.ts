import { RandomStream } from "../../../compute/random.ts";

/**
 * How often each patient is drawn in one bootstrap replicate: `patientCount` draws with replacement.
 *
 * A function of (seed, replicate, patientCount) alone: the same patients are drawn for every class, model and stratum,
 * so differences between them come from the same resamples. As the
 * addon draws them. O(patients).
 *
 * @param into - length patientCount; overwritten.
 */
export function drawPatientWeights(seed: number, replicate: number, into: Int32Array): void {
  const patientCount = into.length;
  into.fill(0);
  const stream = new RandomStream(seed, replicate);
  // `!`: below() is under patientCount.
  for (let draw = 0; draw < patientCount; draw += 1) into[stream.below(patientCount)]! += 1;
}
