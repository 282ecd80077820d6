import type { ArchitectureName } from "../onnx/networks/architectures.ts";
import type { Preprocessing } from "../onnx/preprocessing.ts";
import type { OptimiserSpec } from "../onnx/training/optimisers.ts";

/** How the learning rate goes on from `learningRate`. */
export type Schedule =
  | { readonly kind: "constant" }
  /** Times `factor` once the validation loss has not fallen by more than 1e-4 of itself for `patience` epochs. */
  | { readonly kind: "plateau"; readonly factor: number; readonly patience: number; readonly floor?: number }
  /** Times `factor` every `epochs` epochs. */
  | { readonly kind: "step"; readonly factor: number; readonly epochs: number }
  /** Half a cosine from `learningRate` to `floor` (0 when absent) over all epochs, step by step. */
  | { readonly kind: "cosine"; readonly floor?: number };

/** Random changes of each training image, drawn anew each epoch; absent ones are not made. */
export interface Augmentation {
  /** Chance of a left-right mirror, 0 to 1. */
  readonly flip?: number;
  /** Largest angle in degrees, either way; 0 to 180. */
  readonly rotation?: number;
  /** Largest share by which an image is scaled, either way; 0 to below 1. */
  readonly zoom?: number;
  /** A random part of the image, this share of its area at least and of this ratio of its sides (3 / 4 when absent), brought back to the whole size (torchvision's). */
  readonly crop?: { readonly leastArea: number; readonly leastRatio?: number };
}

/** Which training images an epoch sees. */
export type Sampling =
  /** Every image once, in random order. */
  | { readonly kind: "shuffle" }
  /** As many draws as images; every class as likely as any other; of findings each one, and then there and absent alike. */
  | { readonly kind: "balanced" }
  /** As many draws as images; within every class, each level of the images' `stratum` equally likely. */
  | { readonly kind: "equal-strata" }
  /** As many draws as images; within every class, each level of `stratum` as often as among all training images. */
  | { readonly kind: "matched-strata" };

/** Where the first weights come from. */
export type Start =
  | { readonly kind: "architecture"; readonly name: ArchitectureName }
  /** A registered ONNX classifier: its whole graph learns, its last block and head, or a new head on frozen features. */
  | { readonly kind: "model"; readonly learn: "all" | "last-block" | "head" };

/** Everything that decides a training but its images. Plain values: it is part of a run's fingerprint. */
export interface TrainingRecipe {
  readonly start: Start;
  readonly preprocessing: Preprocessing;
  /** Ordered classes; for `multilabel` each one its own yes or no. */
  readonly classes: readonly string[];
  readonly task: "exclusive" | "multilabel";
  readonly optimiser: OptimiserSpec;
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** Images a step. The last batch of an epoch is filled up with further draws, which count like all others. */
  readonly batch: number;
  /** At most. */
  readonly epochs: number;
  /** Ends once the validation measure has not improved for so many epochs; absent: never. */
  readonly patience?: number;
  /** What decides the best weights and early stopping. */
  readonly monitor: "validation-loss" | "validation-auc";
  /** Share of the target spread evenly over all classes, or of each finding over yes and no; 0 when absent. */
  readonly labelSmoothing?: number;
  /** One a class; absent: all 1. */
  readonly classWeights?: readonly number[];
  /** L2 norm that all gradients together are shortened to; absent: never. */
  readonly clipNorm?: number;
  readonly augmentation: Augmentation;
  readonly sampling: Sampling;
  /** Which weights become the model. */
  readonly keep: "best" | "last";
  readonly seed: number;
  /** Steps between checkpoints; one is also made after every epoch. */
  readonly checkpointSteps: number;
  /** Steps within one call of the session. */
  readonly stepsPerCall: number;
  /** Processor only: the graph rewritten for the runtime's blocked layout. */
  readonly lowering: boolean;
}
