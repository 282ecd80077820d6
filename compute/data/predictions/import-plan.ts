import type { WantedColumn } from "../tabular.ts";
import type { ColumnDecoder } from "./column-decoder.ts";
import type { FrameLayout } from "./frame.ts";
import type { ImportFile } from "./import-error.ts";
import type { KeyRegistry } from "./key-decoder.ts";
import type { NumberDecoder } from "./number-decoder.ts";
import type { AttributeKind } from "./types.ts";
import type { WordDecoder } from "./word-decoder.ts";

/** A column of the frame of one file. */
export interface FieldRef {
  readonly file: ImportFile;
  readonly index: number;
}

/** What is read of one file, and into which columns of its frame. */
export interface FilePlan {
  readonly file: ImportFile;
  /** Columns to read; the first is the id. */
  readonly wanted: readonly WantedColumn[];
  /** Decoder of each wanted column but the id. */
  readonly decoders: readonly ColumnDecoder[];
  readonly idColumn: string;
  readonly layout: FrameLayout;
  /** Header of the column behind each column of the frame. */
  readonly fieldColumns: FieldColumns;
}

/** Headers by number type and place in the frame. */
export type FieldColumns = Readonly<Record<keyof FrameLayout, readonly string[]>>;

/** Long form only: a row holds one class, a block all of them. */
export interface LongPlan {
  /** Byte columns of the row's frame: the class index, and the label that belongs to it. */
  readonly classIndex: number;
  readonly label: number | undefined;
  /** Byte columns that a row holds for its image, and where the block has them. */
  readonly sharedBytes: readonly { readonly row: number; readonly block: number }[];
}

/** Everything an import does, settled from the mapping and the headers. */
export interface ImportPlan {
  readonly predictions: FilePlan;
  readonly attributesFile: FilePlan | undefined;
  readonly long: LongPlan | undefined;
  /** Layout of the predictions file's columns in a block; equals predictions.layout in wide form. */
  readonly blockLayout: FrameLayout;
  readonly scoredClasses: readonly string[];
  readonly truth:
    | { readonly kind: "class"; readonly code: FieldRef; readonly raw: FieldRef; readonly words: WordDecoder }
    | { readonly kind: "labels"; readonly columns: readonly (FieldRef | undefined)[] }
    | undefined;
  readonly patient: FieldRef | undefined;
  /** The patient again, where the other file names it too. */
  readonly patientAgain: FieldRef | undefined;
  readonly study: FieldRef | undefined;
  readonly split: FieldRef | undefined;
  readonly attributes: readonly {
    readonly name: string;
    readonly kind: AttributeKind;
    readonly field: FieldRef;
  }[];
  readonly patients: KeyRegistry;
  readonly studies: KeyRegistry;
  readonly splitWords: WordDecoder | undefined;
  readonly categoryWords: ReadonlyMap<string, WordDecoder>;
  readonly ages: readonly NumberDecoder[];
}
