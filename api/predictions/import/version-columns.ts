import { createHash } from "node:crypto";
import type { PoolClient } from "pg";
import type { ReadReport } from "../../../compute/index.ts";
import { copyNumbers, numbersOf } from "../../datasets/column-numbers.ts";
import { ENCODING_WIDTH } from "../../datasets/dataset.table.ts";
import type { Db } from "../../db/client.ts";
import { readWhole, type StoredColumn } from "./column-store.ts";
import { copyAttribute } from "./copy-rows.ts";
import {
  type AttributeRow,
  insertMappingOnce,
  selectAttributes,
  selectMappingEntries,
} from "./import.queries.ts";
import type { GatheredColumn } from "./import-sink.ts";

/** Stores the columns of a new version; one that maps recorded values gets its mapping, kept beside the values. */
export async function storeColumns(
  db: Db,
  client: PoolClient,
  versionId: number,
  columns: readonly GatheredColumn[],
  stored: ReadonlyMap<string, number>,
): Promise<void> {
  const mappings = new Map(stored);
  // In one order whatever the columns' order: two imports that need the same new mappings wait for each other in turn.
  for (const { name, dictionary, categories } of inOrder(columns)) {
    if (mappings.has(name) || categories === null) continue;
    mappings.set(name, await storeMapping(db, name, dictionary ?? [], categories));
  }
  for (const { name, kind, column, dictionary, sourceColumn } of columns) {
    await copyAttribute(client, {
      datasetVersionId: versionId,
      name,
      kind,
      dictionary,
      categoryMappingId: mappings.get(name) ?? null,
      sourceColumn,
      column,
    });
  }
}

async function storeMapping(
  db: Db,
  attribute: string,
  recorded: readonly string[],
  categories: readonly (string | null)[],
): Promise<number> {
  const entries = recorded
    .map((value, index) => ({ recorded: value, category: categories[index] ?? null }))
    .sort((left, right) => (left.recorded < right.recorded ? -1 : 1));
  const digest = createHash("sha256")
    .update(JSON.stringify([attribute, entries]))
    .digest("hex");
  return insertMappingOnce(
    db,
    {
      slug: `import-${digest.slice(0, 16)}`,
      version: 1,
      attribute,
      description: "The mapping given with an import, for the values that import holds.",
      source: "import mapping",
      unlisted: "refuse",
    },
    entries,
  );
}

/**
 * SHA-256 that identifies a version: its image ids in ordinal order and every column by name, with dictionaries.
 * Two imports that hold the same images and values give the same digest, whatever files they came in.
 */
export async function manifestSha256(idsSha256: string, columns: readonly GatheredColumn[]): Promise<string> {
  const hash = createHash("sha256").update(idsSha256);
  for (const column of inOrder(columns)) {
    hash.update(
      JSON.stringify([
        column.name,
        column.kind,
        column.column.encoding,
        column.dictionary,
        column.categories,
      ]),
    );
    for await (const part of column.column.parts()) hash.update(part);
  }
  return hash.digest("hex");
}

function inOrder(columns: readonly GatheredColumn[]): readonly GatheredColumn[] {
  return columns.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** How the columns of a later import disagree with the version they line up with. */
export interface ColumnConflict {
  readonly column: string;
  readonly code: "ATTRIBUTE_CONFLICT" | "NEW_ATTRIBUTE" | "OTHER_CATEGORIES";
  /** Images whose value differs; 0 for a column that the version lacks. For categories, recorded values. */
  readonly count: number;
}

/**
 * Compares the columns of a later import with those stored: a frozen version takes no new column and no other value.
 * A value that the later file leaves unknown is no conflict.
 */
export async function compareColumns(
  db: Db,
  versionId: number,
  columns: readonly GatheredColumn[],
  ordinalsOf: Readonly<Record<"patient" | "study", Int32Array>>,
): Promise<ColumnConflict[]> {
  const stored = new Map(
    (
      await selectAttributes(
        db,
        versionId,
        columns.map((column) => column.name),
      )
    ).map((row) => [row.name, row]),
  );
  const conflicts: ColumnConflict[] = [];
  for (const column of columns) {
    const row = stored.get(column.name);
    const source = column.sourceColumn ?? column.name;
    if (row === undefined || row.kind !== column.kind) {
      conflicts.push({ column: source, code: "NEW_ATTRIBUTE", count: 0 });
      continue;
    }
    const count = await countDifferences(column, row, ordinalsOf);
    if (count > 0) {
      conflicts.push({ column: source, code: "ATTRIBUTE_CONFLICT", count });
      continue;
    }
    const others = await countOtherCategories(db, column, row);
    if (others > 0) conflicts.push({ column: source, code: "OTHER_CATEGORIES", count: others });
  }
  return conflicts;
}

/** Recorded values that the import reads as another category than the version does. */
async function countOtherCategories(
  db: Db,
  { dictionary, categories }: GatheredColumn,
  row: AttributeRow,
): Promise<number> {
  if (dictionary === null || (categories === null && row.categoryMappingId === null)) return 0;
  const entries =
    row.categoryMappingId === null ? undefined : await selectMappingEntries(db, row.categoryMappingId);
  return dictionary.filter((recorded, code) => {
    const kept = entries === undefined ? recorded : (entries.get(recorded) ?? null);
    return kept !== (categories === null ? recorded : (categories[code] ?? null));
  }).length;
}

async function countDifferences(
  column: GatheredColumn,
  row: AttributeRow,
  ordinalsOf: Readonly<Record<"patient" | "study", Int32Array>>,
): Promise<number> {
  const given = numbersOf(column.column.encoding, await readWhole(column.column));
  // A Buffer from the driver may not be aligned: numbers need memory of their own.
  const kept = copyNumbers(row.encoding, row.values);
  if (column.kind === "number") return countUnequal(given, kept, (value) => value, Number.isNaN);
  const unknown = unknownCode(column.column.encoding);
  const translate =
    column.kind === "category"
      ? codesIn(column.dictionary ?? [], row.dictionary ?? [])
      : ordinalsOf[column.kind];
  return countUnequal(
    given,
    kept,
    (code) => translate[code] ?? -1,
    (code) => code === unknown,
  );
}

function countUnequal(
  given: ArrayLike<number>,
  kept: ArrayLike<number>,
  translate: (value: number) => number,
  isUnknown: (value: number) => boolean,
): number {
  let count = 0;
  for (let i = 0; i < given.length; i++) {
    const value = given[i]!; // safe: i < length
    if (!isUnknown(value) && translate(value) !== kept[i]) count++;
  }
  return count;
}

function codesIn(words: readonly string[], dictionary: readonly string[]): Int32Array {
  const codes = new Map(dictionary.map((word, code) => [word, code]));
  return Int32Array.from(words, (word) => codes.get(word) ?? -1);
}

function unknownCode(encoding: StoredColumn["encoding"]): number {
  return 2 ** (8 * ENCODING_WIDTH[encoding]) - 1;
}

/** Unknown values by column, for the report of an import. */
export function unknownsByColumn(report: ReadReport): Readonly<Record<string, number>> {
  return Object.fromEntries(report.unknownCells.map((cells) => [cells.column, cells.count]));
}
