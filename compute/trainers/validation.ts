import type { EpochReport } from "../child/protocol.ts";
import { delongInterval } from "../intervals/delong.ts";
import { bootstrapAuc } from "../intervals/patient-bootstrap.ts";
import { sortScores } from "../metrics/score-order.ts";
import { stratifiedAuc } from "../metrics/stratified-auc.ts";
import { UNKNOWN_LABEL } from "../metrics/stratified-rows.ts";
import type { TrainingRecipe } from "./recipe.ts";
import { lossOf, probabilities, targetRows } from "./targets.ts";

/** What validation needs to know of an image. */
export interface ValidationImage {
  readonly target: number | readonly number[];
  readonly patient: number;
}

const LEVEL = 0.95;
/** Enough for a curve; what is published comes of an evaluation. */
const REPLICATES = 1_000;

/**
 * Loss and one-vs-rest AUC of each class on the validation images: with an interval by resampling patients where a patient
 * has several images, by DeLong where every image is a patient's only one.
 *
 * @param logits - length images * classes, in the order of the images
 * @param threads - absent: all processors
 */
export async function validationMeasures(
  recipe: TrainingRecipe,
  images: readonly ValidationImage[],
  logits: Float32Array,
  threads?: number,
): Promise<Required<Pick<EpochReport, "validationLoss" | "validationAuc">>> {
  const rows = targetRows(
    recipe,
    images.map(({ target }) => target),
  );
  const count = recipe.classes.length;
  const scores = probabilities(recipe.task, logits, count);
  const columns = await Promise.all(
    recipe.classes.map(async (_, k) => ({
      order: await sortScores(Float64Array.from(images, (_image, row) => scores[row * count + k] ?? 0)),
      labels: Uint8Array.from(images, ({ target }) => labelOf(target, k)),
    })),
  );
  const { patients, patientCount } = numbered(images);
  const seed = recipe.seed;
  const course = threads === undefined ? {} : { threads };
  const resampled =
    patientCount < images.length
      ? await bootstrapAuc(
          { columns, patients, patientCount },
          { seed, replicates: REPLICATES, level: LEVEL },
          course,
        )
      : undefined;
  const validationAuc = await Promise.all(
    columns.map(async (column, k) => {
      const [cell] = await stratifiedAuc(column);
      const interval = cell && (resampled?.[k] ?? delongInterval(cell, LEVEL));
      const reason = cell?.reason ?? interval?.reason ?? null;
      return {
        class: recipe.classes[k] ?? "",
        auc: cell?.auc ?? null,
        ciLow: interval?.low ?? null,
        ciHigh: interval?.high ?? null,
        ...(reason === null ? {} : { reason }),
      };
    }),
  );
  return { validationLoss: lossOf(recipe, logits, rows), validationAuc };
}

function labelOf(target: number | readonly number[], k: number): number {
  if (typeof target === "number") return target === k ? 1 : 0;
  const known = target[k] ?? -1;
  return known < 0 ? UNKNOWN_LABEL : known;
}

/** Patients as numbers from 0 on, in the order in which they come. */
function numbered(images: readonly ValidationImage[]): { patients: Uint32Array; patientCount: number } {
  const numbers = new Map<number, number>();
  const patients = Uint32Array.from(images, ({ patient }) => {
    const number = numbers.get(patient) ?? numbers.size;
    numbers.set(patient, number);
    return number;
  });
  return { patients, patientCount: numbers.size };
}
