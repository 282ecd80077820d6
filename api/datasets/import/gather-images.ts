import { createHash } from "node:crypto";
import {
  BlockStore,
  type DatasetBlock,
  type DatasetMapping,
  type DatasetReport,
  UNKNOWN_CODE,
  UNKNOWN_TRUTH,
} from "../../../compute/index.ts";
import {
  BlockSpool,
  CategoryColumn,
  NumberColumn,
  OrdinalColumn,
  type StoredColumn,
} from "../../predictions/import/column-store.ts";
import type { GatheredColumn } from "../../predictions/import/import-sink.ts";
import type { ImageRows } from "./image-rows.ts";

/** What a label column's codes stand for; the last only where uncertainty is a category of its own. */
const LABEL_WORDS = ["0", "1", "uncertain"] as const;

/**
 * Gathers a dataset outside of any transaction: reading the files may take hours, storing what they are takes seconds.
 * What does not fit in memory waits in files without names.
 */
export class ImageGatherer implements AsyncDisposable {
  readonly #mapping: DatasetMapping;
  readonly #spool = new BlockSpool();
  readonly #rows = new BlockStore<ImageRows>(2);
  readonly #digest = createHash("sha256");
  readonly #patients = new OrdinalColumn(this.#spool);
  readonly #studies = new OrdinalColumn(this.#spool);
  readonly #splits = new CategoryColumn(this.#spool);
  readonly #attributes: readonly (CategoryColumn | NumberColumn)[];
  readonly #labels: readonly CategoryColumn[];

  constructor(mapping: DatasetMapping) {
    this.#mapping = mapping;
    this.#attributes = Object.values(mapping.attributes).map(({ kind }) =>
      kind === "category" ? new CategoryColumn(this.#spool) : new NumberColumn(this.#spool),
    );
    this.#labels = (mapping.labels?.classes ?? []).map(() => new CategoryColumn(this.#spool));
  }

  /** Takes images over, in order. @throws {SpoolError} */
  async take(block: DatasetBlock): Promise<void> {
    const { count, ids, uris, sha256, rows, cols } = block;
    // The length of each text goes in too: nothing else keeps "ab", "c" from "a", "bc".
    ids.forEach((id, row) => {
      const uri = uris[row] ?? "";
      this.#digest.update(`${Buffer.byteLength(id)} ${Buffer.byteLength(uri)} ${id}${uri}`);
    });
    this.#digest.update(sha256);
    if (block.patients !== undefined) this.#patients.append(block.patients, count);
    if (block.studies !== undefined) this.#studies.append(block.studies, count);
    if (block.splits !== undefined) this.#splits.append(block.splits, count);
    block.attributes.forEach((values, index) => {
      const column = this.#attributes[index];
      // Safe: an attribute of a category comes as codes, every other one as numbers.
      if (column instanceof CategoryColumn) column.append(values as Uint32Array, count);
      else column?.append(values as Float64Array, count);
    });
    block.labels.forEach((values, index) => {
      const codes = Uint32Array.from(values, (label) => (label === UNKNOWN_TRUTH ? UNKNOWN_CODE : label));
      this.#labels[index]?.append(codes, count);
    });
    await this.#spool.relieve();
    await this.#rows.add({ ids, uris, sha256, rows, cols });
  }

  /** Images in order, block by block; may be read again. */
  rows(): AsyncIterable<ImageRows> {
    return this.#rows;
  }

  /** SHA-256 over ids, paths and files in order. Call once. */
  imagesSha256(): string {
    return this.#digest.digest("hex");
  }

  /** Parts by image, as codes into the report's splits. */
  splitColumn(): StoredColumn {
    return this.#splits.finish();
  }

  patientColumn(): StoredColumn {
    return this.#patients.finish();
  }

  /** Every column under its warehouse name. */
  columns(report: DatasetReport): GatheredColumn[] {
    const { patient, study, attributes, labels } = this.#mapping;
    const ordinals = (
      name: "patient" | "study",
      column: StoredColumn,
      sourceColumn: string,
    ): GatheredColumn => ({
      name,
      kind: name,
      column,
      dictionary: null,
      categories: null,
      sourceColumn,
    });
    const gathered: GatheredColumn[] = [];
    if (patient !== undefined) gathered.push(ordinals("patient", this.#patients.finish(), patient.column));
    if (study !== undefined) gathered.push(ordinals("study", this.#studies.finish(), study.column));
    Object.entries(attributes).forEach(([name, { column: ref }], index) => {
      const column = this.#attributes[index];
      if (column === undefined) return;
      const dictionary = report.dictionaries[name];
      gathered.push({
        name,
        kind: dictionary === undefined ? "number" : "category",
        column: column.finish(),
        dictionary: dictionary?.raw ?? null,
        categories: dictionary === undefined || isPlain(dictionary) ? null : dictionary.canonical,
        sourceColumn: ref.column,
      });
    });
    const words = labels?.uncertain === "own" ? LABEL_WORDS : LABEL_WORDS.slice(0, 2);
    labels?.classes.forEach((name, index) => {
      const column = this.#labels[index];
      if (column === undefined) return;
      const sourceColumn = labels.columns?.[name]?.column ?? labels.list?.column.column ?? null;
      gathered.push({
        name: `${labels.attribute}:${name}`,
        kind: "category",
        column: column.finish(),
        dictionary: words,
        categories: null,
        sourceColumn,
      });
    });
    return gathered;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spool[Symbol.asyncDispose]();
    await this.#rows[Symbol.asyncDispose]();
  }
}

function isPlain({
  raw,
  canonical,
}: {
  readonly raw: readonly string[];
  readonly canonical: readonly (string | null)[];
}) {
  return raw.every((word, index) => word === canonical[index]);
}
