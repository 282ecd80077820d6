import { KeyDecoder, KeyRegistry } from "../predictions/key-decoder.ts";
import { LabelDecoder } from "../predictions/label-decoder.ts";
import { NumberDecoder } from "../predictions/number-decoder.ts";
import { SPLIT_CAP } from "../predictions/plan-import.ts";
import type { ProblemLog } from "../predictions/problem-log.ts";
import { WordDecoder } from "../predictions/word-decoder.ts";
import { judgeAttribute } from "../predictions/word-judges.ts";
import type { CellRef, DatasetAttribute, DatasetMapping, LabelsMapping } from "./dataset-mapping.ts";
import { ListLabelDecoder } from "./list-label-decoder.ts";
import { parseTemplate, type TemplatePiece } from "./path-template.ts";
import { type Slot, TableSide } from "./table-side.ts";

/** Name of the main table, in problems and counts. */
export const MANIFEST = "manifest";

/** Where the values of an attribute come from. */
export interface PlannedAttribute {
  readonly name: string;
  readonly spec: DatasetAttribute;
  readonly slot: Slot;
  /** Category only. */
  readonly words: WordDecoder | undefined;
  /** Age only. */
  readonly ages: NumberDecoder | undefined;
  readonly anchor: { readonly year: Slot; readonly date: Slot } | undefined;
}

/** A table that is joined: its side, and where the manifest's key for it is. */
export interface PlannedTable {
  readonly name: string;
  readonly side: TableSide;
  readonly on: { readonly wanted: number; readonly parts: readonly [number, number] | undefined };
}

/** Everything that is read of the tables, settled from the mapping and the headers. */
export interface ManifestPlan {
  readonly manifest: TableSide;
  readonly tables: readonly PlannedTable[];
  readonly pieces: readonly TemplatePiece[];
  /** Place among the manifest's wanted columns of each column of the template. */
  readonly pathColumns: readonly number[];
  readonly id: { readonly wanted: number; readonly parts: readonly [number, number] | undefined } | undefined;
  readonly patient: Slot | undefined;
  readonly study: Slot | undefined;
  readonly split: Slot | undefined;
  readonly patients: KeyRegistry;
  readonly studies: KeyRegistry;
  readonly splitWords: WordDecoder | undefined;
  readonly attributes: readonly PlannedAttribute[];
  /** One a class. */
  readonly labels: readonly Slot[];
  /** Decoder of each category, by its place in the frame of its table. */
  wordsOf(side: TableSide): ReadonlyMap<number, WordDecoder>;
}

/**
 * Settles what is read from where. Columns that are missing or ambiguous go to `problems`, all of them; the plan is
 * then undefined.
 *
 * @param headers - of the manifest, and of each table of the mapping
 */
export function planManifest(
  mapping: DatasetMapping,
  headers: { readonly manifest: readonly string[]; readonly tables: ReadonlyMap<string, readonly string[]> },
  problems: ProblemLog,
): ManifestPlan | undefined {
  const manifest = new TableSide(MANIFEST, headers.manifest, problems);
  const sides = new Map(
    Object.keys(mapping.tables).map((name) => [
      name,
      new TableSide(name, headers.tables.get(name) ?? [], problems),
    ]),
  );
  const sideOf = (ref: CellRef) => (ref.table === undefined ? manifest : (sides.get(ref.table) ?? manifest));
  const pieces = parseTemplate(mapping.path.template);
  const pathColumns = pieces.flatMap((piece) =>
    piece.kind === "text" ? [] : [manifest.want(piece.column, "text") ?? -1],
  );
  const place = (ref: CellRef | undefined) =>
    ref === undefined ? undefined : { wanted: manifest.want(ref.column, "text") ?? -1, parts: ref.parts };
  // The key is the first column of a joined table, which `readJoinedTable` relies on.
  const tables = Object.entries(mapping.tables).map(([name, table]): PlannedTable => {
    const side = sides.get(name) ?? manifest;
    side.want(table.key, "text");
    return {
      name,
      side,
      on: { wanted: manifest.want(table.on.column, "text") ?? -1, parts: table.on.parts },
    };
  });
  const id = place(mapping.id);
  const patients = new KeyRegistry();
  const studies = new KeyRegistry();
  const key = (ref: CellRef | undefined, registry: KeyRegistry) =>
    ref && sideOf(ref).decode(ref, "key", "u32", (at, slot) => new KeyDecoder(at, slot, registry));
  const patient = key(mapping.patient, patients);
  const study = key(mapping.study, studies);
  let splitWords: WordDecoder | undefined;
  const split =
    mapping.split &&
    sideOf(mapping.split).decode(mapping.split, "text", "u32", (at, slot) => {
      splitWords = new WordDecoder(at, slot, (word) => ({ kind: "value", meaning: word }), {
        cap: SPLIT_CAP,
      });
      return splitWords;
    });
  const attributes = Object.entries(mapping.attributes).flatMap(([name, spec]) =>
    planAttribute(name, spec, sideOf),
  );
  const labels = mapping.labels === undefined ? [] : planLabels(mapping.labels, sideOf);
  if (!problems.isEmpty) return undefined;
  return {
    manifest,
    tables,
    pieces,
    pathColumns,
    id,
    patient,
    study,
    split,
    patients,
    studies,
    splitWords,
    attributes,
    labels,
    wordsOf: (side) =>
      new Map(
        attributes.flatMap(({ slot, words }) =>
          slot.side === side && words !== undefined ? [[slot.index, words]] : [],
        ),
      ),
  };
}

function planAttribute(
  name: string,
  spec: DatasetAttribute,
  sideOf: (ref: CellRef) => TableSide,
): PlannedAttribute[] {
  const side = sideOf(spec.column);
  let words: WordDecoder | undefined;
  let ages: NumberDecoder | undefined;
  const slot =
    spec.kind === "category"
      ? side.decode(spec.column, "text", "u32", (at, index) => {
          words = new WordDecoder(at, index, judgeAttribute(spec));
          return words;
        })
      : side.decode(spec.column, spec.kind === "number" ? "number" : "any", "f64", (at, index) => {
          ages = new NumberDecoder(at, index, spec);
          return ages;
        });
  const number = (ref: CellRef) =>
    sideOf(ref).decode(ref, "number", "f64", (at, index) => new NumberDecoder(at, index, plainNumber));
  const [year, date] = spec.anchor === undefined ? [] : [number(spec.anchor.year), number(spec.anchor.date)];
  if (slot === undefined) return [];
  return [{ name, spec, slot, words, ages, anchor: year && date && { year, date } }];
}

const plainNumber = { kind: "number", missing: [], implausible: "error" } as const;

function planLabels(labels: LabelsMapping, sideOf: (ref: CellRef) => TableSide): Slot[] {
  const { list, columns, classes } = labels;
  if (list !== undefined) {
    const slot = sideOf(list.column).decode(
      list.column,
      "text",
      "u8",
      (at, index) => new ListLabelDecoder(at, index, { ...labels, list }),
      classes.length,
    );
    return slot === undefined ? [] : classes.map((_name, index) => ({ ...slot, index: slot.index + index }));
  }
  const policy = {
    uncertain: labels.uncertain,
    blank: labels.blank,
    place: 'labels.uncertain: "ones", "zeros", "ignore" or "own"',
  };
  return classes.flatMap((name) => {
    const ref = columns?.[name];
    return (
      (ref && sideOf(ref).decode(ref, "any", "u8", (at, slot) => new LabelDecoder(at, slot, policy))) ?? []
    );
  });
}
