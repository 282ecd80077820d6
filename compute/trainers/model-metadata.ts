import { PREPROCESSING_KEY } from "../onnx/parse-preprocessing.ts";
import type { SessionRecord } from "../onnx/provider.ts";
import type { TrainingProgress } from "./checkpoint.ts";
import type { TrainingRecipe } from "./recipe.ts";

/** What a model says of its training, beside its recipe. */
export interface TrainingRecord {
  readonly fingerprint: string;
  readonly progress: TrainingProgress;
  /** Images that training and validation went over. */
  readonly images: { readonly train: number; readonly validation: number };
  readonly session: SessionRecord;
  /** Whether steps were rewritten for the processor's blocked layout. */
  readonly lowered: boolean;
}

/** Keys of a model's metadata that a training writes, beside that of preprocessing; their values are JSON. */
export const metadataKeys = {
  classes: "stratum.classes",
  recipe: "stratum.recipe",
  training: "stratum.training",
  history: "stratum.history",
} as const;

/** What a model's file carries beside its graph: no times and paths, so that equal trainings give equal files. */
export function modelMetadata(
  recipe: TrainingRecipe,
  { fingerprint, progress, images, session, lowered }: TrainingRecord,
  weightsSha256: string,
): Readonly<Record<string, string>> {
  const history = progress.history.map(({ seconds: _, ...report }) => report);
  return {
    [PREPROCESSING_KEY]: JSON.stringify(recipe.preprocessing),
    [metadataKeys.classes]: JSON.stringify(recipe.classes),
    [metadataKeys.recipe]: JSON.stringify(recipe),
    [metadataKeys.training]: JSON.stringify({
      fingerprint,
      images,
      steps: progress.step,
      epochs: history.length,
      epoch: recipe.keep === "best" ? progress.best.epoch : history.length,
      ended: progress.ended,
      session,
      lowered,
      weightsSha256,
    }),
    [metadataKeys.history]: JSON.stringify(history),
  };
}
