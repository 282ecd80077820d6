import type { ImportProblem, ReadProgress, ReadReport, TableFormat } from "../../../compute/index.ts";

/** A file of an import, on this machine's disk. */
export interface ImportFileInput {
  readonly path: string;
  readonly format?: TableFormat | undefined;
}

/** What to import, into which dataset, of which model. */
export interface ImportPredictionsRequest {
  /** Slug of the dataset; made when there is none. */
  readonly dataset: string;
  /** Slug of the model; made when there is none. */
  readonly model: string;
  /** How to read the files: the JSON that `parsePredictionMapping` takes, where stored mappings may be named. */
  readonly mapping: unknown;
  readonly predictions: ImportFileInput;
  readonly attributes?: ImportFileInput | undefined;
  /** Make a new version of the dataset from these files instead of lining up with the newest. */
  readonly newVersion?: boolean | undefined;
  /** Records a split that puts patients on two sides, flagged for ever with this reason. */
  readonly overrideLeakReason?: string | undefined;
}

export interface ImportOptions {
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called once when the import waits for another one into the same dataset, or for an identical one. */
  readonly onWait?: (() => void) | undefined;
}

/** What came of an import: an evaluation, or the problems for which nothing was stored. */
export type ImportOutcome =
  | {
      readonly status: "stored";
      readonly evaluationId: number;
      /** False when an identical import was stored before: then this one stored nothing. */
      readonly created: boolean;
      /** Absent when the same files with the same mapping were imported before, and nothing was read. */
      readonly report: ReadReport | undefined;
    }
  | {
      readonly status: "rejected";
      readonly problems: readonly ImportProblem[];
      /** All problems by code; `problems` lists the first of them. */
      readonly totals: Readonly<Record<string, number>>;
      readonly report: ReadReport | undefined;
    };
