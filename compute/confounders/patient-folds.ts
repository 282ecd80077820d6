import { ComputeError } from "../errors.ts";
import { RandomStream } from "../random.ts";
import type { ConfounderRows } from "./feature-columns.ts";

/**
 * Deals patients to folds, class by class in random order, so that folds have about equal shares of each class and no
 * patient is in two. A patient's class is that of the first of its rows that has one.
 *
 * @returns length n: the fold of each row, 0..folds-1.
 * @throws {ComputeError} INVALID_INPUT where a class has fewer patients than there are folds.
 */
export function patientFolds(
  { truth, patients, classes }: Pick<ConfounderRows, "truth" | "patients" | "classes">,
  folds: number,
  seed: number,
): Uint8Array {
  const classOf = new Map<number, number>();
  for (const [row, patient] of patients.entries()) {
    const code = truth[row] ?? -1;
    const known = classOf.get(patient);
    if (known === undefined || known === -1) classOf.set(patient, code);
  }
  const byClass = new Map<number, number[]>();
  for (const [patient, code] of [...classOf].sort(([a], [b]) => a - b)) {
    byClass.set(code, [...(byClass.get(code) ?? []), patient]);
  }
  const foldOf = new Map<number, number>();
  for (let code = -1; code < classes.length; code += 1) {
    const members = byClass.get(code) ?? [];
    if (code >= 0 && members.length < folds) {
      throw new ComputeError(
        "INVALID_INPUT",
        `Expected at least ${folds} patients of each class for ${folds} folds, got ${members.length}; use fewer folds or more patients`,
      );
    }
    const stream = new RandomStream(seed, code + 1);
    for (let left = members.length; left > 1; left -= 1) {
      const pick = Math.floor(stream.uniform() * left);
      // `!`: both are below the length.
      [members[left - 1], members[pick]] = [members[pick]!, members[left - 1]!];
    }
    for (const [place, patient] of members.entries()) foldOf.set(patient, (place + code + 1) % folds);
  }
  return Uint8Array.from(patients, (patient) => foldOf.get(patient) ?? 0);
}
