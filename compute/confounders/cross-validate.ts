import { ComputeError } from "../errors.ts";
import type { ConfounderModelId } from "../protocols/schema.ts";
import { forestScores, LEAST_OF_CLASS } from "./decision-forests.ts";
import { fitDesign } from "./design.ts";
import { type ConfounderRows, requireRows } from "./feature-columns.ts";
import { fitLogistic, predictLogistic } from "./logistic-regression.ts";
import { patientFolds } from "./patient-folds.ts";

/** Version of the confounder models: raised whenever a score may change. */
export const CONFOUNDER_VERSION = 2;

/**
 * Which patients train the model that scores a fold: those of all `folds` but this, or, `progressive`ly, those of the folds
 * before it, so that the first only trains; more than one where those before it are too few for the model.
 */
export const validationSchemes = ["folds", "progressive"] as const;
export type ValidationScheme = (typeof validationSchemes)[number];

/** How confounder models are cross-validated. */
export interface CrossValidation {
  readonly model: ConfounderModelId;
  /** 2 to 20. */
  readonly folds: number;
  /** Default: `folds`. */
  readonly scheme?: ValidationScheme | undefined;
  /** Seed of the folds. */
  readonly seed: number;
  /** Of logistic regression, on standardised columns; 1 where absent. */
  readonly ridge?: number;
}

/**
 * Scores every row by a model that has seen no row of its patient.
 *
 * Where every fold is scored by all others, each patient trains the models that score the rest, and an interval that takes
 * the scores as given is too narrow where there is little to be found; its variance has no unbiased estimate (Bengio and
 * Grandvalet 2004, JMLR 5:1089-1105). Progressive validation (Blum, Kalai and Langford 1999,
 * doi:10.1145/307400.307439) gives each fold to a model of earlier folds alone: what a fold adds has, given those, the
 * expectation it has on new patients, so that such intervals hold what they say. It costs the first fold's scores, and those of
 * further ones until the rows before them hold what the model needs of each class, which no score decides.
 *
 * @param onFold - called after each fold with how many are done.
 * @returns n * classes chances, row by row, each row's sum 1; NaN for folds that only train where validation is progressive.
 * @throws {ComputeError} INVALID_INPUT as `requireRows` and `patientFolds`; where a fold, or progressively the last one,
 *   has too few rows of a class to learn from.
 */
export async function crossValidate(
  rows: ConfounderRows,
  { model, folds, seed, scheme = "folds", ridge = 1 }: CrossValidation,
  onFold: (done: number) => Promise<void> | void = () => {},
): Promise<Float32Array> {
  requireRows(rows);
  const { columns, truth, classes } = rows;
  const foldOf = patientFolds(rows, folds, seed);
  const scores = new Float32Array(truth.length * classes.length).fill(Number.NaN);
  for (let fold = 0; fold < folds; fold += 1) {
    const training: number[] = [];
    const wanted: number[] = [];
    for (const [row, its] of foldOf.entries()) {
      if (its === fold) wanted.push(row);
      else if ((truth[row] ?? -1) >= 0 && (scheme === "folds" || its < fold)) training.push(row);
    }
    const least = model === "logistic_regression" ? 1 : LEAST_OF_CLASS;
    const counts = new Uint32Array(classes.length);
    for (const row of training) counts[truth[row] ?? -1]! += 1; // `!`: training rows have a class
    const rarest = Math.min(...counts);
    if (rarest < least) {
      if (scheme === "folds" || fold === folds - 1) {
        throw new ComputeError(
          "INVALID_INPUT",
          `Expected at least ${least} images of each class for ${model} to learn from, got ${rarest}; use logistic regression or more images`,
        );
      }
      await onFold(fold + 1);
      continue;
    }
    const given =
      model === "logistic_regression"
        ? logisticScores(rows, training, wanted, ridge)
        : await forestScores(model, columns, truth, classes.length, training, wanted);
    for (const [place, row] of wanted.entries()) {
      for (let code = 0; code < classes.length; code += 1) {
        scores[row * classes.length + code] = given[place * classes.length + code] ?? Number.NaN;
      }
    }
    await onFold(fold + 1);
  }
  return scores;
}

/** One regression of each class against the rest, the chances scaled to a sum of 1; one alone of two classes. */
function logisticScores(
  { columns, truth, classes }: ConfounderRows,
  training: readonly number[],
  wanted: readonly number[],
  ridge: number,
): Float64Array {
  const design = fitDesign(columns, training);
  const [known, asked] = [design.matrix(training), design.matrix(wanted)];
  const fitted = (code: number) => {
    const labels = Uint8Array.from(training, (row) => (truth[row] === code ? 1 : 0));
    const fit = fitLogistic(known, labels, design.width, ridge);
    // Without a column that varies there is nothing to tell rows apart by.
    if (design.width === 0) return Float64Array.from(wanted, () => 1 / (1 + Math.exp(-fit.intercept)));
    return predictLogistic(fit, asked);
  };
  const scores = new Float64Array(wanted.length * classes.length);
  if (classes.length === 2) {
    for (const [row, chance] of fitted(1).entries()) {
      scores[2 * row] = 1 - chance;
      scores[2 * row + 1] = chance;
    }
    return scores;
  }
  const each = classes.map((_, code) => fitted(code));
  for (let row = 0; row < wanted.length; row += 1) {
    const sum = each.reduce((total, chances) => total + (chances[row] ?? 0), 0);
    for (const [code, chances] of each.entries()) {
      scores[row * classes.length + code] = (chances[row] ?? 0) / sum;
    }
  }
  return scores;
}
