import { RandomStream } from "../../compute/index.ts";
import type { DatasetSpec } from "./evaluation-builder.ts";

/** A small made-up cohort: ties, unknowns, several images a patient, categories and numbers. */
export interface Cohort {
  readonly imageCount: number;
  readonly scores: readonly Float32Array[];
  /** 1, 0, or -1 for unknown, for each class. */
  readonly labels: readonly Int8Array[];
  readonly sex: Int8Array;
  readonly age: Float64Array;
  readonly view: Int8Array;
  readonly patients: Int32Array;
}

export const SEXES = ["M", "F"] as const;
export const VIEWS = ["PA", "AP"] as const;

/** A cohort of `patientCount` patients with one to four images each, two labels, scores with ties. */
export function makeCohort(seed: number, patientCount: number): Cohort {
  const random = new RandomStream(seed, 0);
  const chance = () => random.below(1_000_000) / 1_000_000;
  const patientOf: number[] = [];
  for (let patient = 0; patient < patientCount; patient += 1) {
    for (let image = 0; image <= random.below(4); image += 1) patientOf.push(patient);
  }
  const imageCount = patientOf.length;
  // Six patients: few enough to be hidden from those without row-level rights.
  const sexOf = Array.from({ length: patientCount }, (_, patient) =>
    patient % Math.floor(patientCount / 6) === 1 ? -1 : random.below(2),
  );
  const ageOf = Array.from({ length: patientCount }, () => (chance() < 0.05 ? Number.NaN : random.below(96)));
  const labels = [0, 1].map(() =>
    Int8Array.from(patientOf, () => (chance() < 0.04 ? -1 : Number(chance() < 0.35))),
  );
  const scores = labels.map((column) =>
    Float32Array.from(column, (label) =>
      chance() < 0.03 ? Number.NaN : Math.round(20 * (chance() * 0.8 + (label === 1 ? 0.2 : 0))) / 20,
    ),
  );
  return {
    imageCount,
    scores,
    labels,
    sex: Int8Array.from(patientOf, (patient) => sexOf[patient] ?? -1),
    age: Float64Array.from(patientOf, (patient) => ageOf[patient] ?? Number.NaN),
    view: Int8Array.from(patientOf, () => random.below(2)),
    patients: Int32Array.from(patientOf),
  };
}

/** The cohort as a dataset with a multi-label task `finding` of the classes A and B. */
export function cohortDataset(cohort: Cohort): DatasetSpec {
  const yesNo = (codes: Int8Array | undefined) => ({ dictionary: ["0", "1"], codes: codes ?? [] });
  return {
    imageCount: cohort.imageCount,
    categories: {
      "finding:A": yesNo(cohort.labels[0]),
      "finding:B": yesNo(cohort.labels[1]),
      sex: { dictionary: SEXES, codes: cohort.sex },
      view: { dictionary: VIEWS, codes: cohort.view },
    },
    numbers: { age: cohort.age },
    patients: cohort.patients,
  };
}

/** The cohort with its images in another order. */
export function permute(cohort: Cohort, seed: number): Cohort {
  const random = new RandomStream(seed, 1);
  const from = Array.from({ length: cohort.imageCount }, (_, i) => i);
  for (let i = from.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    [from[i], from[j]] = [from[j] ?? 0, from[i] ?? 0];
  }
  const patientNumbers = new Map<number, number>();
  const at = (column: ArrayLike<number>) => from.map((i) => column[i] ?? Number.NaN);
  return {
    imageCount: cohort.imageCount,
    scores: cohort.scores.map((column) => Float32Array.from(at(column))),
    labels: cohort.labels.map((column) => Int8Array.from(at(column))),
    sex: Int8Array.from(at(cohort.sex)),
    age: Float64Array.from(at(cohort.age)),
    view: Int8Array.from(at(cohort.view)),
    patients: Int32Array.from(at(cohort.patients), (patient) => {
      const known = patientNumbers.get(patient) ?? patientNumbers.size;
      patientNumbers.set(patient, known);
      return known;
    }),
  };
}

/** The chance that a random positive outranks a random negative, pair by pair; null without both. */
export function naiveAuc(scores: readonly number[], labels: readonly number[]): number | null {
  const positives = scores.filter((score, i) => labels[i] === 1 && !Number.isNaN(score));
  const negatives = scores.filter((score, i) => labels[i] === 0 && !Number.isNaN(score));
  if (positives.length < 2 || negatives.length < 2) return null;
  const wins = positives.flatMap((p) => negatives.map((n) => (p > n ? 1 : p === n ? 0.5 : 0)));
  return wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
}
