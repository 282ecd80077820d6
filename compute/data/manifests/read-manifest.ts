import type { Frame } from "../predictions/frame.ts";
import { IdIndex } from "../predictions/id-index.ts";
import type { ImportErrorCode } from "../predictions/import-error.ts";
import { ID_CAP } from "../predictions/key-decoder.ts";
import { OLDEST_AGE } from "../predictions/number-decoder.ts";
import { PatientSplits } from "../predictions/patient-splits.ts";
import { UNKNOWN_CODE, UNKNOWN_TRUTH } from "../predictions/types.ts";
import type { TableBatch, TableReader } from "../tabular.ts";
import type { BlockStore } from "./block-store.ts";
import { textOfCell } from "./cell-parts.ts";
import type { DatasetMapping } from "./dataset-mapping.ts";
import type { FileResult } from "./image-file.ts";
import { type JoinedTable, readJoinedTable, settleDisputes } from "./joined-table.ts";
import type { ManifestPlan, PlannedAttribute } from "./manifest-plan.ts";
import { fillTemplate } from "./path-template.ts";
import { normalisePath } from "./safe-path.ts";
import type { Slot, TableSide } from "./table-side.ts";

/** Rows of the manifest, with everything that is known of their images but what their files are. */
export interface ManifestBlock {
  readonly count: number;
  /** Line or row of the manifest. */
  readonly lines: Uint32Array;
  /** Paths below the root; empty where `faults` has the reason. */
  readonly uris: readonly string[];
  readonly faults: ReadonlyMap<number, ImportErrorCode>;
  readonly ids: readonly string[];
  /** Numbers in the plan's registries. */
  readonly patients: Uint32Array | undefined;
  readonly studies: Uint32Array | undefined;
  readonly splits: Uint32Array | undefined;
  /** In the mapping's order: codes of its dictionary, or numbers. */
  readonly attributes: readonly (Uint32Array | Float64Array)[];
  /** One a class: 0, 1, 2 (uncertain) or 255. */
  readonly labels: readonly Uint8Array[];
}

/** What was counted while the tables were read. */
export interface ManifestCounts {
  readonly rows: number;
  readonly patientsInTwoSplits: number;
  readonly implausibleAges: number;
  /** Images without a row in a joined table, by table. */
  readonly unmatched: Readonly<Record<string, number>>;
  /** Cells made unknown because rows of one key disagree, by table and column. */
  readonly conflicts: readonly { readonly table: string; readonly column: string; readonly count: number }[];
}

/** What goes into reading a manifest. */
export interface ManifestInput {
  readonly mapping: DatasetMapping;
  readonly plan: ManifestPlan;
  readonly manifest: TableReader;
  readonly tables: ReadonlyMap<string, TableReader>;
  /** Looks a name up below the root; only for a mapping that searches. */
  readonly search?: ((name: string) => string | "FILE_MISSING" | "FILE_AMBIGUOUS") | undefined;
  /** Files that were looked at already: those at fault need no id. */
  readonly known?: ReadonlyMap<string, FileResult> | undefined;
  readonly onRows?: ((rows: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads the tables of a dataset into blocks. Problems go to the plan's log. */
export async function readManifest(
  input: ManifestInput,
  into: BlockStore<ManifestBlock>,
): Promise<ManifestCounts> {
  const { mapping, plan, manifest } = input;
  const joined = new Map<TableSide, JoinedTable>();
  const conflicts: { table: string; column: string; count: number }[] = [];
  for (const { name, side } of plan.tables) {
    input.signal?.throwIfAborted();
    const reader = input.tables.get(name);
    const spec = mapping.tables[name];
    if (reader === undefined || spec === undefined)
      throw new Error("Expected a reader for each table, got none");
    const table = await readJoinedTable(side, reader, spec, plan.wordsOf(side));
    settleDisputes(table.frame);
    for (const [column, count] of table.conflicts) conflicts.push({ table: name, column, count });
    joined.set(side, table);
  }
  const rows = new RowReader(input, joined);
  for (;;) {
    input.signal?.throwIfAborted();
    const batch = await manifest.next();
    if (batch === undefined) break;
    await into.add(rows.read(batch));
    input.onRows?.(rows.rows);
  }
  return {
    rows: rows.rows,
    patientsInTwoSplits: rows.splits.leaking,
    implausibleAges:
      rows.implausible + plan.attributes.reduce((sum, { ages }) => sum + (ages?.implausible ?? 0), 0),
    unmatched: Object.fromEntries(rows.unmatched),
    conflicts,
  };
}

/** Turns batches of the manifest into blocks. */
class RowReader {
  readonly #input: ManifestInput;
  readonly #joined: ReadonlyMap<TableSide, JoinedTable>;
  readonly #ids = new IdIndex();
  readonly #lineOfId: number[] = [];
  /** Patient of each study, UNKNOWN_CODE before the first image. */
  #patientOfStudy = new Uint32Array(1_024).fill(UNKNOWN_CODE);
  readonly splits = new PatientSplits();
  readonly unmatched = new Map<string, number>();
  rows = 0;
  implausible = 0;

  constructor(input: ManifestInput, joined: ReadonlyMap<TableSide, JoinedTable>) {
    this.#input = input;
    this.#joined = joined;
  }

  read(batch: TableBatch): ManifestBlock {
    const { plan } = this.#input;
    const { manifest } = plan;
    const frame = manifest.decodeBatch(batch);
    const { uris, faults } = this.#paths(batch);
    const ids = this.#takeIds(batch, uris);
    const rowOf = this.#matches(batch);
    const column = (slot: Slot | undefined) =>
      slot === undefined ? undefined : this.#column(slot, frame, rowOf, batch.rows);
    // Safe: keys and splits lie in u32 columns.
    const patients = column(plan.patient) as Uint32Array | undefined;
    const studies = column(plan.study) as Uint32Array | undefined;
    const splits = column(plan.split) as Uint32Array | undefined;
    if (patients !== undefined && splits !== undefined) this.splits.note(patients, splits, batch.rows);
    if (patients !== undefined && studies !== undefined) this.#checkStudies(batch, patients, studies);
    this.rows += batch.rows;
    return {
      count: batch.rows,
      lines: batch.lines.slice(0, batch.rows),
      uris,
      faults,
      ids,
      patients,
      studies,
      splits,
      attributes: plan.attributes.map((attribute) => this.#attribute(attribute, column, batch)),
      labels: plan.labels.map((slot) => column(slot) as Uint8Array), // safe: labels lie in u8 columns
    };
  }

  #paths(batch: TableBatch): { uris: string[]; faults: Map<number, ImportErrorCode> } {
    const { plan, mapping, search } = this.#input;
    const cells = plan.pathColumns.map((wanted) => plan.manifest.cells(batch, wanted, undefined));
    const faults = new Map<number, ImportErrorCode>();
    const uris = Array.from({ length: batch.rows }, (_, row) => {
      const text = fillTemplate(
        plan.pieces,
        cells.map((column) => textOfCell(column, row)),
      );
      const path = normalisePath(text, mapping.path.drop);
      if (path === undefined) {
        faults.set(row, "PATH_INVALID");
        return "";
      }
      if (search === undefined) return path;
      const found = search(path);
      if (found !== "FILE_MISSING" && found !== "FILE_AMBIGUOUS") return found;
      faults.set(row, found);
      return "";
    });
    return { uris, faults };
  }

  #takeIds(batch: TableBatch, uris: readonly string[]): string[] {
    const { plan } = this.#input;
    const { id, manifest } = plan;
    const cells = id === undefined ? undefined : manifest.cells(batch, id.wanted, id.parts);
    const column = this.#input.mapping.id?.column ?? this.#input.mapping.path.template;
    return Array.from({ length: batch.rows }, (_, row) => {
      const line = batch.lines[row] ?? 0;
      const text = cells === undefined ? (uris[row] ?? "") : textOfCell(cells, row);
      if (text === "") {
        // A file that is left out needs no id; without a column of ids, a path at fault is counted as that.
        if (cells !== undefined && this.#input.known?.get(uris[row] ?? "")?.ok !== false)
          manifest.problem("EMPTY_ID", line, column, () => "Expected an id, got an empty cell");
        return "";
      }
      const bytes = Buffer.from(text);
      if (bytes.length > ID_CAP) {
        const words = () => `Expected ids of at most ${ID_CAP} bytes, got a longer one`;
        manifest.problem("FIELD_TOO_LONG", line, column, words);
        return text;
      }
      const known = this.#ids.size;
      const ordinal = this.#ids.add(bytes, 0, bytes.length);
      if (ordinal === known) this.#lineOfId.push(line);
      else {
        const words = () =>
          `Expected each image once, got one again that line ${this.#lineOfId[ordinal]} holds; keep one of the two`;
        manifest.problem("DUPLICATE_ID", line, column, words);
      }
      return text;
    });
  }

  /** Row of each joined table for each row of the batch. */
  #matches(batch: TableBatch): ReadonlyMap<TableSide, Uint32Array> {
    const { plan, mapping } = this.#input;
    return new Map(
      plan.tables.map(({ name, side, on }) => {
        const cells = plan.manifest.cells(batch, on.wanted, on.parts);
        const table = this.#joined.get(side);
        const found = new Uint32Array(batch.rows);
        let none = 0;
        for (let row = 0; row < batch.rows; row++) {
          found[row] = table?.rowOf(cells, row) ?? UNKNOWN_CODE;
          if (found[row] !== UNKNOWN_CODE) continue;
          none++;
          if (mapping.tables[name]?.unmatched !== "error") continue;
          const words = () => `Expected a row of ${name} for every image, got none`;
          plan.manifest.problem("UNMATCHED_ID", batch.lines[row], mapping.tables[name].on.column, words);
        }
        if (none > 0) this.unmatched.set(name, (this.unmatched.get(name) ?? 0) + none);
        return [side, found];
      }),
    );
  }

  #checkStudies(batch: TableBatch, patients: Uint32Array, studies: Uint32Array): void {
    for (let row = 0; row < batch.rows; row++) {
      // In bounds: row < rows; the array grows to hold the study.
      const study = studies[row] as number;
      const patient = patients[row] as number;
      if (study === UNKNOWN_CODE || patient === UNKNOWN_CODE) continue;
      if (study >= this.#patientOfStudy.length) {
        const larger = new Uint32Array(Math.max(study + 1, this.#patientOfStudy.length * 2)).fill(
          UNKNOWN_CODE,
        );
        larger.set(this.#patientOfStudy);
        this.#patientOfStudy = larger;
      }
      const known = this.#patientOfStudy[study] as number;
      if (known === UNKNOWN_CODE) this.#patientOfStudy[study] = patient;
      else if (known !== patient) {
        const words = () =>
          "Expected the images of a study to be of one patient, got another; if studies are numbered within a patient, map both parts of the path";
        const column = this.#input.mapping.study?.column ?? "";
        this.#input.plan.manifest.problem("PATIENT_CONFLICT", batch.lines[row], column, words);
      }
    }
  }

  #column(
    { side, type, index }: Slot,
    frame: Frame,
    rowOf: ReadonlyMap<TableSide, Uint32Array>,
    count: number,
  ): Uint32Array | Float64Array | Uint8Array {
    const joined = this.#joined.get(side);
    const rows = rowOf.get(side);
    // Safe: a slot's index is a column of its table's frame, and `found` is a row of it or UNKNOWN_CODE.
    if (joined === undefined || rows === undefined)
      return (frame[type][index] as Uint32Array).slice(0, count);
    const from = joined.frame[type][index] as Uint32Array;
    const unknown = type === "f64" ? Number.NaN : type === "u32" ? UNKNOWN_CODE : UNKNOWN_TRUTH;
    const out = new columnTypes[type](count);
    for (let row = 0; row < count; row++) {
      const found = rows[row] as number;
      out[row] = found === UNKNOWN_CODE ? unknown : (from[found] as number);
    }
    return out;
  }

  #attribute(
    { slot, spec, anchor, name }: PlannedAttribute,
    column: (slot: Slot) => Uint32Array | Float64Array | Uint8Array | undefined,
    batch: TableBatch,
  ): Uint32Array | Float64Array {
    const values = column(slot) as Uint32Array | Float64Array; // safe: attributes are words or numbers
    if (anchor === undefined) return values;
    // Safe: numbers lie in f64 columns; row < rows below.
    const years = column(anchor.year) as Float64Array;
    const dates = column(anchor.date) as Float64Array;
    const ages = Float64Array.from(values);
    for (let row = 0; row < ages.length; row++) {
      const age =
        (ages[row] as number) + Math.floor((dates[row] as number) / 10_000) - (years[row] as number);
      ages[row] = age;
      if (Number.isNaN(age) || (age >= 0 && age <= OLDEST_AGE)) continue;
      ages[row] = Number.NaN;
      if (spec.implausible === "unknown") this.implausible++;
      else {
        const words = () =>
          `Expected "${name}" from 0 to ${OLDEST_AGE} years, got one outside; correct it or set implausible: "unknown"`;
        this.#input.plan.manifest.problem("AGE_IMPLAUSIBLE", batch.lines[row], spec.column.column, words);
      }
    }
    return ages;
  }
}

const columnTypes = { f64: Float64Array, u32: Uint32Array, u8: Uint8Array } as const;
