import type { ImportErrorCode, ImportProblem } from "../predictions/import-error.ts";
import type { Dictionary, IdList } from "../predictions/types.ts";
import type { RowProblem, TableReader } from "../tabular.ts";
import type { DatasetMapping } from "./dataset-mapping.ts";
import type { FileResult, Verification } from "./image-file.ts";

/** Opens a table for one pass. */
export type OpenTable = (onRow: RowProblem) => Promise<TableReader>;

/** What a dataset is read from. */
export interface DatasetInput {
  /** Absolute path of the folder that paths start from, its links resolved. */
  readonly root: string;
  readonly mapping: DatasetMapping;
  readonly manifest: OpenTable;
  /** The mapping's tables, by name. */
  readonly tables: ReadonlyMap<string, OpenTable>;
  /** Files that were looked at already, by path below the root. */
  readonly known?: ReadonlyMap<string, FileResult> | undefined;
}

/** What to do about a file that is no usable image: refuse the import, or leave the image out, counted. */
export const badFilePolicies = ["fail", "skip"] as const;
export type BadFilePolicy = (typeof badFilePolicies)[number];

/** How far the reading is. */
export interface DatasetProgress {
  /** tables: rows of the manifest, total unknown. files: image files. */
  readonly phase: "tables" | "files";
  readonly done: number;
  readonly total: number | undefined;
  /** Bytes of the files so far. */
  readonly bytes: number;
}

/** A file that is left out or at fault. */
export interface BadFile {
  readonly line: number;
  /** Path below the root; empty where the manifest gives none that can be followed. For the operator only. */
  readonly uri: string;
  readonly code: ImportErrorCode;
}

export interface DatasetOptions {
  readonly onBadFile?: BadFilePolicy | undefined;
  readonly verify?: Verification | undefined;
  /** Most bytes of a file; default 512 MiB. */
  readonly maxFileBytes?: number | undefined;
  readonly allowHardLinks?: boolean | undefined;
  /** Threads that read files; default one a processor. 0 reads here. */
  readonly threads?: number | undefined;
  readonly allowPatientsInTwoSplits?: boolean | undefined;
  /** How many problems are listed one by one; default 20. */
  readonly listed?: number | undefined;
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
  /** Told of every bad file, also of those that are not listed. */
  readonly onBad?: ((file: BadFile) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Images of a dataset in order of ordinal; arrays have one value an image. */
export interface DatasetBlock {
  readonly count: number;
  readonly ids: readonly string[];
  readonly uris: readonly string[];
  /** 32 bytes an image. */
  readonly sha256: Uint8Array;
  readonly rows: Uint32Array;
  readonly cols: Uint32Array;
  /** Ordinals in order of first appearance, UNKNOWN_CODE for none; undefined where the mapping names none. */
  readonly patients: Uint32Array | undefined;
  readonly studies: Uint32Array | undefined;
  readonly splits: Uint32Array | undefined;
  /** In the mapping's order: codes of the report's dictionaries, or numbers with NaN for unknown. */
  readonly attributes: readonly (Uint32Array | Float64Array)[];
  /** One a class of the labels: 0, 1, 2 (uncertain, where it is its own) or 255 (unknown). */
  readonly labels: readonly Uint8Array[];
}

/** What was read; store nothing unless `errors` is empty. */
export interface DatasetReport {
  /** Rows of the manifest. */
  readonly rows: number;
  readonly images: number;
  readonly patients: number;
  readonly studies: number;
  readonly files: {
    readonly formats: Readonly<Record<string, number>>;
    readonly bytes: number;
    readonly rows: readonly [number, number];
    readonly cols: readonly [number, number];
    readonly sizes: number;
    readonly duplicates: number;
    readonly duplicatesAcrossPatients: number;
    readonly duplicatesAcrossParts: number;
    /** Files left out, by code. */
    readonly leftOut: Readonly<Record<string, number>>;
    readonly verified: Verification;
  };
  /** The first files that were left out, and the first images of one patient whose file is another's too. */
  readonly remarks: readonly ImportProblem[];
  readonly patientsInTwoSplits: number;
  readonly implausibleAges: number;
  /** Images without a row in a joined table, by table. */
  readonly unmatched: Readonly<Record<string, number>>;
  readonly conflicts: readonly { readonly table: string; readonly column: string; readonly count: number }[];
  /** Images with an unknown value, by attribute or label. */
  readonly unknown: Readonly<Record<string, number>>;
  readonly dictionaries: Readonly<Record<string, Dictionary>>;
  readonly splits: readonly string[];
  readonly errors: readonly ImportProblem[];
  readonly errorTotals: Readonly<Partial<Record<ImportErrorCode, number>>>;
}

/**
 * A dataset being read: iterate once, then ask for the rest. After the first problem no block comes, but everything is
 * read to the end, so that all problems are counted; files are only looked at when the tables are in order.
 */
export interface DatasetReader extends AsyncIterable<DatasetBlock> {
  /** @throws {Error} before the iteration has ended, as do `patientIds` and `studyIds`. */
  report(): DatasetReport;
  /** Ids in order of ordinal. */
  patientIds(): IdList;
  studyIds(): IdList;
}
