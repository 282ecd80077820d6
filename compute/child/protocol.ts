import type { CrossValidation } from "../confounders/cross-validate.ts";
import type { ConfounderRows } from "../confounders/feature-columns.ts";
import type { PixelStatistic } from "../confounders/pixel-statistics.ts";
import type { ModelSignature } from "../onnx/model-signature.ts";
import type { ModelOutput, Preprocessing } from "../onnx/preprocessing.ts";
import type { Provider, SessionRecord } from "../onnx/provider.ts";
import type { SaliencySpec } from "../onnx/saliency/saliency-method.ts";
import type { TrainingRecipe } from "../trainers/recipe.ts";
import type { TransformChain } from "../transforms/chain.ts";
import type { MeanMap } from "./mean-map.ts";
import type { PixelCachePlace } from "./pixel-cache.ts";

/** One image of a dataset version as the child needs it. */
export interface ImageFile {
  readonly ordinal: number;
  /** Path relative to the root. */
  readonly uri: string;
  /** 64 hexadecimal digits: a file that reads otherwise is IMAGE_CHANGED. */
  readonly sha256: string;
  /** By the name of the masks; a mask that the transforms name and that is absent is IMAGE_MASK_MISSING. */
  readonly masks?: Readonly<Record<string, MaskFile>>;
}

/** A file that belongs to an image. */
export interface MaskFile {
  readonly uri: string;
  readonly sha256: string;
}

/** Files that an evaluation leaves in a folder, in NumPy's format, one row an image; `ordinals.npy` says which. */
export interface ExtraOutputs {
  /** Absolute path of a folder that is there and empty. */
  readonly folder: string;
  /** Name of a value or operator within the model: `embeddings.npy`, n x its numbers. */
  readonly embedding?: string;
  /** Maps of what the places of each image do to a class's score: `saliency.npy`, n x rows x cols as the method gives. */
  readonly saliency?: SaliencySpec & { readonly classIndex: number };
}

/** One file that an evaluation left. */
export interface Artefact {
  readonly file: string;
  readonly shape: readonly number[];
  readonly sha256: string;
  /** Of maps: their mean over the images. */
  readonly mean?: MeanMap;
}

/** What the model's own maps blotted out of the images of an evaluation. */
export interface Occluded {
  /** Of pixels, mean over the images, 0 to 1. */
  readonly share: number;
  /** Images whose map marks nothing, so that they stayed as they are. */
  readonly untouched: number;
}

/** Scores of a model on the images of a version. */
export interface EvaluateTask {
  readonly kind: "evaluate";
  readonly modelPath: string;
  readonly modelSha256: string;
  /** Whether the model was trained here, so that its graph may hold any operation. */
  readonly trusted?: boolean;
  readonly preprocessing: Preprocessing;
  readonly output: ModelOutput;
  /** Columns of scores. A model of two classes may have one output: its score s becomes 1 - s and s, or -s and s of a logit. */
  readonly classes: number;
  readonly transforms: TransformChain;
  /** Absolute paths of the transforms of others that the chain may name. */
  readonly plugins?: readonly string[];
  readonly provider: Provider;
  /** Threads of all sessions together; absent: all processors. */
  readonly threads?: number;
  /** Images a batch; absent: by memory and size. */
  readonly batch?: number;
  /** Absolute path of the folder that the uris start from. */
  readonly root: string;
  /** By the name of the masks that the transforms name: absolute path of the folder that their uris start from. */
  readonly maskRoots?: Readonly<Record<string, string>>;
  /** Where decoded images are kept for other runs; absent: nowhere. */
  readonly pixelCache?: PixelCachePlace;
  /** Images in all, for progress. */
  readonly total: number;
  /** What else is to be written of each scored image, besides its scores. */
  readonly extras?: ExtraOutputs;
  readonly onBadImage: "fail" | "skip";
}

/** Signature of a model that nobody vouches for, read without running it. */
export interface InspectTask {
  readonly kind: "inspect";
  readonly modelPath: string;
  /** Longest file in bytes; absent: what Protocol Buffers allow. */
  readonly maxBytes?: number;
}

/** Whether a model loads and scores one grey image, within limits of memory and time. */
export interface ProbeTask {
  readonly kind: "probe";
  readonly modelPath: string;
  readonly modelSha256: string;
  readonly trusted?: boolean;
  readonly preprocessing: Preprocessing;
  readonly output: ModelOutput;
  readonly classes: number;
  /** Absent: cpu. */
  readonly provider?: Provider;
  /** Longest wait for the model to load, and again for its scores; absent: 10, and more for large files. */
  readonly seconds?: number;
}

/** An image to learn from, or to validate on. */
export interface TrainingImage extends ImageFile {
  readonly part: "train" | "validation";
  /** Index of the class; for `multilabel` one number a class: 1 yes, 0 no, -1 unknown. */
  readonly target: number | readonly number[];
  /** Ordinal of the patient: intervals are clustered by it. */
  readonly patient: number;
  /** Level that `equal-strata` and `matched-strata` sampling even out. */
  readonly stratum?: number;
}

/** A network trained on the images that follow. */
export interface TrainTask {
  readonly kind: "train";
  readonly recipe: TrainingRecipe;
  /** The registered model that training starts from, where the recipe says so. */
  readonly initial?: {
    readonly modelPath: string;
    readonly modelSha256: string;
    readonly output: ModelOutput;
    /** Names of its classes in order; other names than the recipe's give it a new head. Absent: as many are the same. */
    readonly classes?: readonly string[];
    /** Whether it was trained here, so that its graph may hold any operation. */
    readonly trusted?: boolean;
  };
  readonly transforms: TransformChain;
  readonly plugins?: readonly string[];
  readonly provider: Provider;
  /** Threads of one operator; absent: all processors. */
  readonly threads?: number;
  readonly root: string;
  /** As of an evaluation. */
  readonly maskRoots?: Readonly<Record<string, string>>;
  /** As of an evaluation. */
  readonly pixelCache?: PixelCachePlace;
  /** Images in all. */
  readonly total: number;
  readonly onBadImage: "fail" | "skip";
  /**
   * Absolute path of the folder of this run's checkpoints. What lies there from an earlier attempt of the same run is
   * verified and gone on from; the finished model is left there too.
   */
  readonly folder: string;
}

/** How an epoch went. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps so far, over all epochs. */
  readonly step: number;
  readonly learningRate: number;
  /** Mean over the epoch's images. */
  readonly trainingLoss: number;
  /** Absent where there are no validation images. */
  readonly validationLoss?: number;
  /** One-vs-rest AUC of each class on the validation images with its patient-clustered or DeLong interval; null with a reason where it is not estimable. */
  readonly validationAuc?: readonly {
    readonly class: string;
    readonly auc: number | null;
    readonly ciLow: number | null;
    readonly ciHigh: number | null;
    readonly reason?: string;
  }[];
  /** Whether these weights are the best so far. */
  readonly best: boolean;
  readonly seconds: number;
}

/** Scores of a model of what is recorded about images and patients, by rows in the place of ordinals. */
export interface ConfoundersTask {
  readonly kind: "confounders";
  /** Row i is the image of ordinal i. */
  readonly rows: ConfounderRows;
  /** Numbers about grey levels that are read off the images' files, beside what is recorded; absent: no file is opened. */
  readonly pixels?: {
    readonly statistic: PixelStatistic;
    /** Absolute path of the folder that the uris start from. */
    readonly root: string;
    /** An image that cannot be read ends it, or is neither learnt from nor scored. */
    readonly onBadImage: "fail" | "skip";
  };
  readonly validation: CrossValidation;
}

/** What a compute child may be asked. */
export type ComputeTask = EvaluateTask | InspectTask | ProbeTask | TrainTask | ConfoundersTask;

/** Scores of some images; `images` are not in order over several messages. */
export interface ScoresMessage {
  readonly kind: "scores";
  /** Length n. */
  readonly ordinals: Uint32Array;
  /** Length n * classes, image after image; all finite. */
  readonly scores: Float32Array;
}

/**
 * What a compute child says. Of an evaluation: started, then scores, problem and progress, then done; of an inspection:
 * inspected; of a probe: started, then done; of confounders: problem, progress by fold, scores, then done; of any: failed, and
 * then nothing.
 */
export type ChildMessage =
  /** With the sessions that run side by side, each of so many threads; absent: one. */
  | ({ readonly kind: "started"; readonly batch: number; readonly sessions?: number } & SessionRecord)
  | ScoresMessage
  /** An image that was left out. */
  | { readonly kind: "problem"; readonly ordinal: number; readonly code: string }
  | { readonly kind: "progress"; readonly done: number; readonly total: number; readonly perSecond: number }
  /**
   * Of a training: where it goes on from, once the checkpoints were looked at. Told where there was one, whole or not;
   * without a whole one it begins at step 0, and `file` is empty.
   */
  | {
      readonly kind: "resumed";
      readonly epoch: number;
      readonly step: number;
      readonly file: string;
      /** Newer checkpoints that were passed over, since they are torn or were changed. */
      readonly damaged: number;
      /** The epochs behind it: a parent that died may not have kept all that it was told. */
      readonly history: readonly EpochReport[];
    }
  /** Of a training, at most one a second: the mean loss of the steps since the last one. */
  | {
      readonly kind: "step";
      readonly epoch: number;
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      /** Images a second. */
      readonly perSecond: number;
    }
  | ({ readonly kind: "epoch" } & EpochReport)
  | {
      readonly kind: "checkpoint";
      readonly epoch: number;
      readonly step: number;
      readonly file: string;
      readonly sha256: string;
    }
  /** Of a training that came to its end, before done: the finished model within the folder. */
  | {
      readonly kind: "trained";
      readonly file: string;
      readonly sha256: string;
      readonly output: ModelOutput;
      /** Epoch of the weights kept; why training ended. */
      readonly epoch: number;
      readonly ended: "epochs" | "patience";
      readonly steps: number;
      /** SHA-256 over all weights and statistics kept, in the order of their names. */
      readonly weightsSha256: string;
      /** Whether steps were rewritten for the processor's blocked layout: asked for, there, and in agreement. */
      readonly lowered: boolean;
    }
  | { readonly kind: "inspected"; readonly sha256: string; readonly signature: ModelSignature }
  | {
      readonly kind: "done";
      /** Images with scores, and left out. */
      readonly done: number;
      readonly leftOut: number;
      /** Of those left out: they train only, in progressive validation. */
      readonly onlyTrained?: number;
      /** Wall clock in all; inside a session's runs, and that it stood ready without pixels, means of the sessions. */
      readonly seconds: number;
      readonly sessionSeconds: number;
      readonly waitingSeconds: number;
      /** Largest resident memory of the child in MiB. */
      readonly peakMiB: number;
      /** Largest difference from the processor's scores on the first batch, where another provider ran. */
      readonly disagreement?: number;
      /** What was asked for by `extras`. */
      readonly artefacts?: readonly Artefact[];
      /** Of images from which the model's own maps blotted something out. */
      readonly occluded?: Occluded;
    }
  | {
      readonly kind: "failed";
      readonly code: ChildFailureCode;
      readonly message: string;
      /** The image at fault, where it was one. */
      readonly ordinal?: number;
      /** What ended the process, where it did not end by itself. */
      readonly signal?: NodeJS.Signals;
      /** The end of its error stream, for the operator's log only: it may hold paths. */
      readonly log?: string;
    };

/** Every way a child can fail that is neither the model's fault nor an image's. */
export const childErrorCodes = [
  "CHILD_CANCELLED",
  "CHILD_TIMEOUT",
  "CHILD_OUT_OF_MEMORY",
  "CHILD_CRASHED",
] as const;
export type ChildErrorCode = (typeof childErrorCodes)[number];

/** A code of this table, of `modelErrorCodes`, of the image readers or of a transform. */
export type ChildFailureCode = string;

/** What the parent says after the task. */
export type ParentMessage =
  | { readonly kind: "task"; readonly task: ComputeTask; readonly memoryMiB: number; readonly nice: number }
  | { readonly kind: "images"; readonly images: readonly (ImageFile | TrainingImage)[] }
  | { readonly kind: "images-end" };

/** The child asks for the next page of images. */
export interface MoreMessage {
  readonly kind: "more";
}
