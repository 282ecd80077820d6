import type { ModelSignature } from "../onnx/model-signature.ts";
import type { ModelOutput, Preprocessing } from "../onnx/preprocessing.ts";
import type { Provider, SessionRecord } from "../onnx/provider.ts";
import type { TransformChain } from "../transforms/chain.ts";

/** One image of a dataset version as the child needs it. */
export interface ImageFile {
  readonly ordinal: number;
  /** Path relative to the root. */
  readonly uri: string;
  /** 64 hexadecimal digits: a file that reads otherwise is IMAGE_CHANGED. */
  readonly sha256: string;
}

/** Files that an evaluation leaves in a folder, in NumPy's format, one row an image; `ordinals.npy` says which. */
export interface ExtraOutputs {
  /** Absolute path of a folder that is there and empty. */
  readonly folder: string;
  /** Name of a value or operator within the model: `embeddings.npy`, n x its numbers. */
  readonly embedding?: string;
  /** Index of a class: `saliency.npy`, its class activation maps, n x rows x cols of the last features. */
  readonly saliency?: number;
}

/** One file that an evaluation left. */
export interface Artefact {
  readonly file: string;
  readonly shape: readonly number[];
  readonly sha256: string;
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
  /** Threads of one operator; absent: all processors. */
  readonly threads?: number;
  /** Images a batch; absent: by memory and size. */
  readonly batch?: number;
  /** Absolute path of the folder that the uris start from. */
  readonly root: string;
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

/** What a compute child may be asked. */
export type ComputeTask = EvaluateTask | InspectTask | ProbeTask;

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
 * inspected; of a probe: started, then done; of any: failed, and then nothing.
 */
export type ChildMessage =
  | ({ readonly kind: "started"; readonly batch: number } & SessionRecord)
  | ScoresMessage
  /** An image that was left out. */
  | { readonly kind: "problem"; readonly ordinal: number; readonly code: string }
  | { readonly kind: "progress"; readonly done: number; readonly total: number; readonly perSecond: number }
  | { readonly kind: "inspected"; readonly sha256: string; readonly signature: ModelSignature }
  | {
      readonly kind: "done";
      /** Images with scores, and left out. */
      readonly done: number;
      readonly leftOut: number;
      /** Wall clock in all, inside the session's runs, and that the session stood ready without pixels. */
      readonly seconds: number;
      readonly sessionSeconds: number;
      readonly waitingSeconds: number;
      /** Largest resident memory of the child in MiB. */
      readonly peakMiB: number;
      /** Largest difference from the processor's scores on the first batch, where another provider ran. */
      readonly disagreement?: number;
      /** What was asked for by `extras`. */
      readonly artefacts?: readonly Artefact[];
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
  | { readonly kind: "task"; readonly task: ComputeTask; readonly memoryMiB: number }
  | { readonly kind: "images"; readonly images: readonly ImageFile[] }
  | { readonly kind: "images-end" };

/** The child asks for the next page of images. */
export interface MoreMessage {
  readonly kind: "more";
}
