import type { AttributeMapping, UncertainPolicy } from "../predictions/types.ts";

/**
 * How the tables of a dataset are read: plain data, made by `parseDatasetMapping`, that repeats the import.
 * Layouts write one; an operator writes one for a table of their own.
 */

/** A cell of the manifest's row, or of the row that it is joined to; of a path, some of its segments. */
export interface CellRef {
  readonly column: string;
  /** Name of a joined table; absent: the manifest. */
  readonly table?: string;
  /** First and last segment between slashes, from 0; negative counts from the end. Manifest only. */
  readonly parts?: readonly [number, number];
}

/** Where an image's file is, below the root. */
export interface PathMapping {
  /** Text with `{column}` or `{column:2}` (the first two characters) in it. */
  readonly template: string;
  /** The template gives a file's name only, to be found in any folder below the root. */
  readonly search: boolean;
  /** Leading segments to leave off. */
  readonly drop: number;
}

/** How an attribute is read. */
export interface DatasetAttribute extends Omit<AttributeMapping, "column"> {
  readonly column: CellRef;
  /**
   * Ages only: the column is the age in the year of `year`, the image was made at `date` (YYYYMMDD), as MIMIC-IV has
   * it. The years between are added.
   */
  readonly anchor?: { readonly year: CellRef; readonly date: CellRef };
}

export const labelUncertainPolicies = ["ones", "zeros", "ignore", "own"] as const;
export const labelBlankPolicies = ["unknown", "zeros"] as const;

/** Many labels, each a category of its own: attribute `finding:<class>` with 0, 1 and, where asked for, uncertain. */
export interface LabelsMapping {
  /** Common name of the labels: finding. */
  readonly attribute: string;
  readonly classes: readonly string[];
  /** A 0/1 column for each class. */
  readonly columns?: Readonly<Record<string, CellRef>>;
  /** Or one column that lists the classes of an image. */
  readonly list?: {
    readonly column: CellRef;
    readonly separator: string;
    /** Recorded word to class. */
    readonly map: Readonly<Record<string, string>>;
    /** Classes that no other may stand beside, such as No Finding. */
    readonly alone: readonly string[];
  };
  /** What -1 becomes; own: a category "uncertain". Without a policy, -1 is refused. */
  readonly uncertain?: UncertainPolicy | "own";
  /** What an empty cell becomes. */
  readonly blank: (typeof labelBlankPolicies)[number];
}

export const severalPolicies = ["agree", "first", "refuse"] as const;

/** A table joined to the manifest by a key. */
export interface TableMapping {
  /** Column of this table that holds the key. */
  readonly key: string;
  /** Cell of the manifest that holds the same. */
  readonly on: CellRef;
  /**
   * When several rows have one key. agree: values that differ make the cell unknown, counted; a category that is left
   * out does not disagree with another. first: the first row counts. refuse: DUPLICATE_ID.
   */
  readonly several: (typeof severalPolicies)[number];
  /** What an image without a row here is: its cells unknown and counted, or UNMATCHED_ID. */
  readonly unmatched: "unknown" | "error";
}

/** Everything needed to read a dataset again in the same way. */
export interface DatasetMapping {
  readonly path: PathMapping;
  /** Absent: the path is the image's id. */
  readonly id?: CellRef;
  readonly patient?: CellRef;
  readonly study?: CellRef;
  readonly split?: CellRef;
  /** Warehouse name to reading, in order of the columns of a block. */
  readonly attributes: Readonly<Record<string, DatasetAttribute>>;
  readonly labels?: LabelsMapping;
  readonly tables: Readonly<Record<string, TableMapping>>;
}
