import type { TableSource } from "../tabular-source.ts";
import type { ImportErrorCode, ImportFile, ImportProblem } from "./import-error.ts";

/**
 * The shapes that the reader of predictions takes and gives. The reader turns file bytes into typed columns, block
 * by block; it knows nothing of the database that stores them.
 *
 * - `readPredictions(input, options): PredictionReader` in `read-predictions.ts`
 * - `parsePredictionMapping(json: unknown): PredictionMapping` in `parse-mapping.ts`; throws ImportError INVALID_MAPPING
 * - `fileSource(path): Promise<ByteSource>`, `bytesSource(bytes)`, `streamSource(iterable)` in `../tabular-source.ts`
 */

/** A column by its header: looked for in the predictions file first, then in the attributes file, unless `file` says. */
export type ColumnRef = string | { readonly column: string; readonly file: ImportFile };

export const taskKinds = ["multiclass", "multilabel", "binary"] as const;
export type TaskKind = (typeof taskKinds)[number];

/** What the model predicts: an attribute of the warehouse and the classes in the model's order. */
export interface PredictionTask {
  readonly kind: TaskKind;
  /** Warehouse name of what is predicted: `race`, or `finding` for many labels at once. */
  readonly attribute: string;
  /**
   * 1 to 250 distinct names. multiclass: two or more exclusive classes; multilabel: each its own yes/no;
   * binary: `[negative, positive]` (the score of the negative class is optional).
   */
  readonly classes: readonly string[];
}

/** Truth of exclusive classes (multiclass, binary): one column of class names. */
export interface ClassTruth {
  readonly kind: "class";
  readonly column: ColumnRef;
  /** Recorded value to class; values that are class names already need no entry. For binary, 0/1/true/false are known. */
  readonly map: Readonly<Record<string, string>>;
  /** Recorded values of no class, such as "declined": kept as recorded, unknown (255) as truth. */
  readonly ignore: readonly string[];
  /** Every value that is neither a class nor named above is kept as recorded, unknown as truth. Default: refused. */
  readonly unlisted?: "unknown";
}

export const uncertainPolicies = ["ones", "zeros", "ignore"] as const;
export type UncertainPolicy = (typeof uncertainPolicies)[number];

/** Truth of many labels: a 0/1 column per class in wide form, or one 0/1 column beside the score in long form. */
export interface LabelTruth {
  readonly kind: "labels";
  /** Class to column. Classes without a column have unknown truth. Empty in long form. */
  readonly columns: Readonly<Record<string, ColumnRef>>;
  /** Long form only: the column whose value belongs to the class named in the same row. */
  readonly column?: ColumnRef;
  /** What -1 (CheXpert's "uncertain") becomes; without a policy -1 is LABEL_UNPARSABLE. */
  readonly uncertain?: UncertainPolicy;
}

export type TruthMapping = ClassTruth | LabelTruth;

/** Wide form: one score column per class. */
export interface WideScores {
  readonly form: "wide";
  /** Class to column, always of the predictions file. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Long form: one row per image and class. */
export interface LongScores {
  readonly form: "long";
  readonly classColumn: string;
  readonly scoreColumn: string;
  /** Recorded class word to class; words that are class names already need no entry. */
  readonly classMap: Readonly<Record<string, string>>;
}

export type ScoreMapping = WideScores | LongScores;

/** probability: refused outside 0..1; logit and any: every finite number. */
export const scoreKinds = ["probability", "logit", "any"] as const;
export type ScoreKind = (typeof scoreKinds)[number];

/** category: text kept as recorded; number; age: years, or DICOM AS ("058Y", "006M", "003W", "015D"). */
export const attributeKinds = ["category", "number", "age"] as const;
export type AttributeKind = (typeof attributeKinds)[number];

/** How one attribute is read. */
export interface AttributeMapping {
  readonly column: ColumnRef;
  readonly kind: AttributeKind;
  /** Canonical values allowed after `map`; anything else is UNKNOWN_ATTRIBUTE_VALUE. Category only. */
  readonly vocabulary?: readonly string[];
  /** Recorded value to canonical value, null: no category; the recorded one is kept beside it. Category only. */
  readonly map: Readonly<Record<string, string | null>>;
  /** Values that `map` does not name are kept as recorded, without a category. Default: they are their own category. */
  readonly unlisted?: "unknown";
  /** Recorded values that mean unknown. Default: only the empty cell. */
  readonly missing: readonly string[];
  /** Ages above 120 years or below 0: refuse (default), or record as unknown and count. Age only. */
  readonly implausible: "error" | "unknown";
}

/** The second file, joined by image id. */
export interface AttributesFileMapping {
  /** Header of its id column. */
  readonly id: string;
  /** What a prediction without a row here is: attributes unknown and counted (default), or UNMATCHED_ID. */
  readonly unmatched: "unknown" | "error";
}

/** Everything needed to read an import again in the same way; plain data, made by `parsePredictionMapping`. */
export interface PredictionMapping {
  readonly id: string;
  readonly patient?: ColumnRef;
  readonly study?: ColumnRef;
  readonly split?: ColumnRef;
  readonly task: PredictionTask;
  /** Absent when the dataset version already holds the truth as an attribute. */
  readonly truth?: TruthMapping;
  readonly scores: ScoreMapping;
  readonly scoreKind: ScoreKind;
  /** Warehouse attribute name to its reading, in the order of the blocks' columns. */
  readonly attributes: Readonly<Record<string, AttributeMapping>>;
  readonly attributesFile?: AttributesFileMapping;
}

/**
 * `count` byte strings packed end to end: string i is `bytes[offsets[i], offsets[i + 1])`, valid UTF-8 without NUL.
 * Both arrays may be longer than what is used.
 */
export interface IdList {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Length at least count + 1, non-decreasing. */
  readonly offsets: Uint32Array;
}

/** Code of a category that is not known: an empty cell, a `missing` word, or no row for this image. */
export const UNKNOWN_CODE = 0xffffffff;
/** Truth that is not known. */
export const UNKNOWN_TRUTH = 255;

/** Truth of exclusive classes: `codes[i]` is an index into task.classes or 255; `raw[i]` indexes report.truthValues. */
export interface ClassTruthBlock {
  readonly kind: "class";
  readonly codes: Uint8Array;
  readonly raw: Uint32Array;
}

/** Truth of many labels: one column per class of the task, each 0, 1 or 255. */
export interface LabelTruthBlock {
  readonly kind: "labels";
  readonly columns: readonly Uint8Array[];
}

/** A category: codes into `report.dictionaries[name]`, UNKNOWN_CODE when unknown. */
export interface CategoryBlock {
  readonly kind: "category";
  readonly name: string;
  readonly codes: Uint32Array;
}

/** A number or an age in years; NaN is a recorded unknown. */
export interface NumberBlock {
  readonly kind: "number" | "age";
  readonly name: string;
  readonly values: Float64Array;
}

export type AttributeBlock = CategoryBlock | NumberBlock;

/**
 * Up to 65,536 consecutive images. Every array has at least `rowCount` entries, the first `rowCount` count.
 * The arrays are reused: they hold until the next event is asked for, so copy what must live longer.
 */
export interface PredictionBlock {
  readonly kind: "block";
  /** Ordinal of the first image: 0, 65,536, ... */
  readonly firstOrdinal: number;
  readonly rowCount: number;
  /** Image ids; undefined when `existing` gave them. */
  readonly ids: IdList | undefined;
  /** One float32 column per entry of `reader.scoredClasses`; NaN is a recorded unknown. */
  readonly scores: readonly Float32Array[];
  readonly truth: ClassTruthBlock | LabelTruthBlock | undefined;
  /** Ordinals delivered by earlier `patients` / `studies` events; UNKNOWN_CODE when unknown. */
  readonly patients: Uint32Array | undefined;
  readonly studies: Uint32Array | undefined;
  /** Codes into report.splits; UNKNOWN_CODE when unknown. */
  readonly splits: Uint32Array | undefined;
  /** In the order of mapping.attributes. */
  readonly attributes: readonly AttributeBlock[];
}

/** Ids first met: they get the ordinals first, first + 1, ... Comes before the first block that uses them. */
export interface NewIds {
  readonly kind: "patients" | "studies";
  readonly first: number;
  readonly ids: IdList;
}

export type PredictionEvent = NewIds | PredictionBlock;

/** The images of a dataset version that an import must line up with. */
export interface ExistingImages {
  readonly count: number;
  /** Their ids in ordinal order, in batches of any size. */
  readonly ids: AsyncIterable<IdList>;
}

export interface PredictionInput {
  readonly predictions: TableSource;
  /** Needed exactly when mapping.attributesFile is there. */
  readonly attributes?: TableSource;
  readonly mapping: PredictionMapping;
  /** Absent: the images are new and are numbered by first appearance. */
  readonly existing?: ExistingImages;
}

export interface ReadProgress {
  readonly file: ImportFile;
  readonly bytesRead: number;
  readonly bytesTotal: number | undefined;
  readonly rows: number;
}

export interface ReadOptions {
  /** Images a block; default 65,536. */
  readonly blockRows?: number;
  /** Problems listed one by one, the first by line; the rest are counted. Default 20. */
  readonly listed?: number;
  /** Where rows out of order wait, in files that are deleted while open; default the system's temporary folder. */
  readonly spoolDirectory?: string;
  /** Record a split that puts a patient on two sides instead of refusing it; the count stays in the report. */
  readonly allowPatientsInTwoSplits?: boolean;
  readonly onProgress?: (progress: ReadProgress) => void;
  readonly signal?: AbortSignal;
}

/** The values of a category column, by code. */
export interface Dictionary {
  /** As recorded in the file. */
  readonly raw: readonly string[];
  /** After the mapping's `map`; equal to raw where it has no entry, null where it gives no category. */
  readonly canonical: readonly (string | null)[];
}

/** Cells of one column that were empty or held a `missing` word. */
export interface UnknownCells {
  readonly file: string;
  readonly column: string;
  readonly count: number;
}

/** What was read, complete when the iteration has ended. Store nothing unless `errors` is empty. */
export interface ReadReport {
  /** Data rows of the predictions file, and of the attributes file. */
  readonly rows: number;
  readonly attributeRows: number;
  /** Lines with nothing on them, skipped. */
  readonly blankLines: number;
  readonly bytes: number;
  readonly images: number;
  readonly patients: number;
  readonly studies: number;
  /** Finite scores, and those that are recorded as unknown (empty cell, no row for this image or class). */
  readonly scores: number;
  readonly unknownScores: number;
  /** The unknown scores by class, in the order of scoredClasses. */
  readonly unknownScoresByClass: readonly number[];
  readonly unknownCells: readonly UnknownCells[];
  /** Images of `existing` that the predictions file does not hold. */
  readonly imagesWithoutScores: number;
  /** Images without a row in the attributes file, and rows there without an image. */
  readonly imagesWithoutAttributes: number;
  readonly attributesWithoutImage: number;
  /** Ages recorded as unknown because `implausible` is "unknown". */
  readonly implausibleAges: number;
  readonly patientsInTwoSplits: number;
  readonly dictionaries: Readonly<Record<string, Dictionary>>;
  readonly splits: readonly string[];
  /** Truth as recorded (exclusive classes), by code of ClassTruthBlock.raw, and the class index or 255 of each. */
  readonly truthValues: readonly string[];
  readonly truthClasses: readonly number[];
  /** The first problems by line. */
  readonly errors: readonly ImportProblem[];
  /** All problems by code. */
  readonly errorTotals: Readonly<Partial<Record<ImportErrorCode, number>>>;
  /** Whether a problem ended the reading before the end of a file. */
  readonly stoppedEarly: boolean;
}

/**
 * A running import: iterate once, then ask for the report. After the first problem no further event comes, but the
 * files are read to the end so that all problems are counted. Leaving the loop early closes every file.
 */
export interface PredictionReader extends AsyncIterable<PredictionEvent> {
  /** Classes that have a score column, in the task's order. */
  readonly scoredClasses: readonly string[];
  /** @throws {Error} before the iteration has ended. */
  report(): ReadReport;
}
