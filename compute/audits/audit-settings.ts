import type { ArchitectureName } from "../onnx/networks/architectures.ts";
import type { ProtocolMode } from "../protocols/conditions.ts";
import type { Protocol } from "../protocols/schema.ts";

/** How the networks of an audit are trained; what is absent is as trainings have it by default. */
export interface AuditTraining {
  readonly architecture?: ArchitectureName;
  /** Side of the square that images are brought to, in pixels. */
  readonly side?: number;
  readonly epochs?: number;
  readonly batch?: number;
  readonly learningRate?: number;
  /** Epochs without improvement after which it ends; 0: never. */
  readonly patience?: number;
  /** False: training images are not flipped, turned and zoomed by chance. */
  readonly augment?: false;
  readonly seed: number;
}

/** A registered model of findings that an audit uses in place of one of its own. */
export interface GivenFindingModel {
  readonly slug: string;
  readonly version: number;
  readonly onnxSha256: string;
  /** What it tells, each its own yes or no; none where it does not tell findings so. */
  readonly findings: readonly string[];
  /** False: it came from elsewhere, and nobody here can tell what it has learnt from. */
  readonly isTrainedHere: boolean;
  /** Indexes of the datasets of which it may have learnt from the images that thresholds are chosen on. */
  readonly knowsValidationOf: readonly number[];
}

/** Everything that decides an audit but its images. Plain values: it is part of the run's fingerprint. */
export interface AuditSettings {
  /** The attribute that is asked about, as the datasets name it. */
  readonly attribute: string;
  /** Its classes, in the order of the models' outputs. */
  readonly classes: readonly string[];
  readonly protocols: readonly Protocol[];
  readonly mode: ProtocolMode;
  /** Whether every dataset trains a network that the others are tested with, or the first alone. */
  readonly reciprocal: boolean;
  /** Patients are divided into so many parts, of which the first is tested on, where a dataset has no split. */
  readonly folds: number;
  readonly splitSeed: number;
  readonly training: AuditTraining;
  /** A registered model of findings; absent: the audit trains one where a protocol needs it. */
  readonly findingModel?: GivenFindingModel;
  /** For the protocol of several architectures. */
  readonly architectures: readonly ArchitectureName[];
  /** Index of the dataset that holds patients of the first one, digitised otherwise; absent: there is none. */
  readonly digitised?: number;
  /** Most values of a numeric axis of a grid, spread over it; null: all of them. */
  readonly mostGridValues: number | null;
  /** Confidence level, replicates and seed of the intervals. */
  readonly level: number;
  readonly replicates: number;
  readonly seed: number;
}

/** A level of an attribute, and how many images and patients have it. */
export interface LevelFacts {
  readonly level: string;
  readonly images: number;
  /** Null: the source names no patients. */
  readonly patients: number | null;
}

/** What a plan needs to know of a dataset version. */
export interface DatasetFacts {
  readonly slug: string;
  readonly version: number;
  readonly images: number;
  readonly patients: number | null;
  /** Longest side of an image, in pixels. */
  readonly longestSide: number;
  readonly attributes: readonly {
    readonly name: string;
    readonly kind: "category" | "number" | "patient" | "study";
    /** Of categories, without unknown. */
    readonly levels: readonly LevelFacts[];
  }[];
  /**
   * Of the dataset that was digitised otherwise: its patients that the first dataset has by the same name; null where one of
   * the two names none.
   */
  readonly sharedPatients?: number | null;
  /** Names of the masks that its images have. */
  readonly masks: readonly string[];
  /** The split that is used; null: patients are divided anew. */
  readonly split: {
    readonly name: string;
    readonly train: string;
    readonly validation: string | null;
    readonly test: string;
    /** Images of its parts for training and for the test. */
    readonly trainImages: number;
    readonly testImages: number;
  } | null;
}
