import type {
  BadFile,
  BadFilePolicy,
  DatasetProgress,
  DatasetReport,
  ImportProblem,
  LayoutName,
  TableFormat,
  Verification,
} from "../../../compute/index.ts";

/** What to import, and how it lies on the disk. */
export interface ImportDatasetRequest {
  /** Slug of the dataset; made when there is none. */
  readonly dataset: string;
  /** Folder that every path starts from. */
  readonly root: string;
  readonly layout: LayoutName;
  /** Tables by name where the layout does not find them; `manifest` is the table of images. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  readonly format?: TableFormat | undefined;
  /** The JSON that `parseDatasetMapping` takes, where stored mappings may be named; over what the layout says. */
  readonly mapping?: unknown;
  /** What -1 becomes, and an empty label, where the layout has labels. */
  readonly uncertain?: string | undefined;
  readonly blank?: string | undefined;
  /** Stored mapping for self-reported race instead of the layout's; "none": as recorded. */
  readonly raceMapping?: string | undefined;
  readonly classFromFolder?: string | undefined;
  readonly studyIs?: "series" | "study" | undefined;
  readonly onBadFile?: BadFilePolicy | undefined;
  readonly verify?: Verification | undefined;
  readonly maxFileBytes?: number | undefined;
  readonly allowHardLinks?: boolean | undefined;
  /** Records a split that puts patients on two sides, flagged for ever with this reason. */
  readonly overrideLeakReason?: string | undefined;
}

export interface ImportDatasetOptions {
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
  /** Told of every bad file by its path: for the operator at this machine, never for an answer. */
  readonly onBad?: ((file: BadFile) => void) | undefined;
  readonly onWait?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Threads that read files; default one a processor. */
  readonly threads?: number | undefined;
}

/** What came of an import: a version, or the problems for which nothing was stored. */
export type ImportDatasetOutcome =
  | {
      readonly status: "stored";
      readonly datasetId: number;
      readonly versionId: number;
      readonly version: number;
      /** The import's run; that of an earlier one where this one stored nothing. */
      readonly runId: number;
      /** False when the same images with the same attributes were stored before. */
      readonly created: boolean;
      /** Whether a split was recorded that was not there. */
      readonly newSplit: boolean;
      readonly report: DatasetReport;
      /** Files below the root that are no images by their names. */
      readonly otherFiles: number;
    }
  | {
      readonly status: "rejected";
      readonly problems: readonly ImportProblem[];
      /** All problems by code; `problems` lists the first of them. */
      readonly totals: Readonly<Record<string, number>>;
      readonly report: DatasetReport | undefined;
    };
