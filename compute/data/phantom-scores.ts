import { normalCdf } from "../distributions.ts";
import { ComputeError } from "../errors.ts";
import { aucReason } from "../metrics/stratified-auc.ts";
import { UNKNOWN_LABEL } from "../metrics/stratified-rows.ts";
import { type PhantomCohort, phantomLevels, phantomStream } from "./phantom-cohort.ts";

/** What a model may see of an image; codes index `phantomLevels`. */
export interface PhantomTraits {
  readonly race: number;
  readonly sex: number;
  readonly age: number;
  readonly view: number;
  readonly site: number;
}

/** How a made-up model scores. */
export interface PhantomModel {
  /** Models of one cohort with different seeds differ in their own noise only. */
  readonly seed: number;
  /** `race`: one-vs-rest over three categories of self-reported race; `findings`: a yes/no per finding. */
  readonly task: "race" | "findings";
  /** How far positives lie above negatives, in standard deviations: the AUC of a stratum is Phi(separation / sqrt 2). */
  readonly separation: (traits: PhantomTraits, className: string) => number;
  /** Moves positives and negatives alike: leaves AUCs within a stratum alone, opens gaps of FPR and calibration. */
  readonly shift?: (traits: PhantomTraits, className: string) => number;
  /** Share of the noise that images of one patient have in common, in [0, 1]; default 0.3. */
  readonly patientCorrelation?: number;
  /** Share of the noise that models of one cohort have in common, in [0, 1]; default 0.3. */
  readonly modelCorrelation?: number;
}

/** Scores of every class with what is true of them. */
export interface PhantomScores {
  readonly classes: readonly string[];
  /** Class by class: 1, 0, or 255 where no truth is recorded. */
  readonly labels: readonly Uint8Array[];
  /** Class by class: in (0, 1). */
  readonly scores: readonly Float32Array[];
  /** Class by class: the mean of each image's normal score before it is squeezed into (0, 1). */
  readonly means: readonly Float64Array[];
}

const PATIENT_STREAM = 3;
const IMAGE_STREAM = 4;
const MODEL_STREAM = 5;

/**
 * Scores a cohort by the binormal model: a normal score of variance 1 around 0 for negatives and `separation` for
 * positives, put through a logistic function. So the AUC is known in closed form (Dorfman & Alf 1969,
 * doi:10.1016/0022-2496(69)90019-4), see `phantomTruth`, whatever the correlations: they never change a margin.
 *
 * The AUC meant is that of a positive and a negative from different patients. For `race`, which is one per patient,
 * every pair is such a pair; for findings pairs within a patient differ, of which there are few.
 *
 * @throws {ComputeError} INVALID_PARAM when the correlations are negative or above 1 together.
 */
export function scorePhantomCohort(cohort: PhantomCohort, model: PhantomModel): PhantomScores {
  const patientShare = model.patientCorrelation ?? 0.3;
  const imageShare = model.modelCorrelation ?? 0.3;
  if (!(patientShare >= 0 && imageShare >= 0 && patientShare + imageShare <= 1)) {
    const got = `${patientShare} and ${imageShare}`;
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected correlations from 0 to 1 together, got ${got}; lower them`,
    );
  }
  const names = model.task === "race" ? [...phantomLevels.race] : Object.keys(cohort.findings);
  const labels = names.map((name, index) => labelsOf(cohort, model.task, name, index));
  const means = names.map((name, index) => meansOf(cohort, model, name, labels[index] ?? new Uint8Array(0)));
  const scores = names.map(() => new Float32Array(cohort.imageCount));
  const shares = [patientShare, imageShare, Math.max(0, 1 - patientShare - imageShare)].map(Math.sqrt);
  const [fromPatient = 0, fromImage = 0, fromModel = 0] = shares;
  let patient = -1;
  let patientNoise: number[] = [];
  let imageStream = phantomStream(cohort.seed, IMAGE_STREAM, 0);
  let modelStream = phantomStream(model.seed, MODEL_STREAM, 0);
  for (let row = 0; row < cohort.imageCount; row += 1) {
    // `!`: every column has imageCount rows, and there is one of each per class.
    if (cohort.patients[row] !== patient) {
      patient = cohort.patients[row]!;
      const stream = phantomStream(cohort.seed, PATIENT_STREAM, patient);
      patientNoise = names.map(() => stream.normal());
      imageStream = phantomStream(cohort.seed, IMAGE_STREAM, patient);
      modelStream = phantomStream(model.seed, MODEL_STREAM, patient);
    }
    for (let index = 0; index < names.length; index += 1) {
      const noise =
        fromPatient * patientNoise[index]! +
        fromImage * imageStream.normal() +
        fromModel * modelStream.normal();
      scores[index]![row] = 1 / (1 + Math.exp(1 - means[index]![row]! - noise));
    }
  }
  return { classes: names, labels, scores, means };
}

function labelsOf(
  cohort: PhantomCohort,
  task: PhantomModel["task"],
  name: string,
  index: number,
): Uint8Array {
  if (task === "findings")
    return cohort.findings[name] ?? new Uint8Array(cohort.imageCount).fill(UNKNOWN_LABEL);
  return cohort.races.map((race) => (race === UNKNOWN_LABEL ? UNKNOWN_LABEL : Number(race === index)));
}

function meansOf(cohort: PhantomCohort, model: PhantomModel, name: string, labels: Uint8Array): Float64Array {
  const { races, sexes, ages, views, sites } = cohort;
  return Float64Array.from(labels, (label, row) => {
    // `!`: every column has a value per row.
    const traits = {
      race: races[row]!,
      sex: sexes[row]!,
      age: ages[row]!,
      view: views[row]!,
      site: sites[row]!,
    };
    return (model.shift?.(traits, name) ?? 0) + (label === 1 ? model.separation(traits, name) : 0);
  });
}

/** The true AUC of a class in a stratum; null where a sample AUC would not be estimable either. */
export interface PhantomTruth {
  readonly className: string;
  readonly stratum: number;
  readonly auc: number | null;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * The truth table: the AUC that a sample's AUC is expected to have, given the attributes of its images.
 *
 * Where all positives of a stratum share one separation and all rows one shift it is Phi(separation / sqrt 2);
 * otherwise the mean of Phi((a - b) / sqrt 2) over the means a of positives and b of negatives.
 *
 * @param strata - length imageCount; a code of `stratumCount` or more is outside; absent: one stratum of all.
 * @returns class by class, stratum by stratum.
 */
export function phantomTruth(
  { classes, labels, means }: PhantomScores,
  strata?: Uint16Array | Uint32Array,
  stratumCount = 1,
): PhantomTruth[] {
  return classes.flatMap((className, index) =>
    Array.from({ length: stratumCount }, (_, stratum) => {
      const inside = (row: number) => (strata === undefined ? stratum === 0 : strata[row] === stratum);
      const positives = new Map<number, number>();
      const negatives = new Map<number, number>();
      for (const [row, label] of (labels[index] ?? new Uint8Array(0)).entries()) {
        if (label === UNKNOWN_LABEL || !inside(row)) continue;
        const side = label === 1 ? positives : negatives;
        const mean = means[index]?.[row] ?? 0;
        side.set(mean, (side.get(mean) ?? 0) + 1);
      }
      const positiveCount = total(positives);
      const negativeCount = total(negatives);
      let wins = 0;
      for (const [a, countA] of positives) {
        for (const [b, countB] of negatives) wins += countA * countB * normalCdf((a - b) / Math.SQRT2);
      }
      const auc =
        aucReason(positiveCount, negativeCount) === null ? wins / (positiveCount * negativeCount) : null;
      return { className, stratum, auc, positives: positiveCount, negatives: negativeCount };
    }),
  );
}

function total(counts: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
