import type { TableBatch, TableReader } from "../tabular.ts";
import type { Frame } from "./frame.ts";
import { ImportError, type ImportFile } from "./import-error.ts";
import type { FieldRef, FilePlan, ImportPlan } from "./import-plan.ts";
import { ID_CAP } from "./key-decoder.ts";
import { PatientSplits } from "./patient-splits.ts";
import type { ProblemLog } from "./problem-log.ts";
import type {
  AttributeBlock,
  IdList,
  NewIds,
  PredictionBlock,
  PredictionInput,
  ReadOptions,
} from "./types.ts";
import { UNKNOWN_TRUTH } from "./types.ts";

/** What a running import counts. */
export interface Tally {
  rows: number;
  attributeRows: number;
  images: number;
  scores: number;
  readonly unknownScores: number[];
  imagesWithoutScores: number;
  imagesWithoutAttributes: number;
  attributesWithoutImage: number;
}

/** One import under way: what the passes over its files share. */
export class ImportRun {
  readonly input: PredictionInput;
  readonly options: ReadOptions;
  readonly blockRows: number;
  readonly listed: number;
  readonly plan: ImportPlan;
  readonly problems: ProblemLog;
  readonly tally: Tally;
  readonly splits = new PatientSplits();
  readonly #noTruth: Uint8Array;

  constructor(
    input: PredictionInput,
    options: ReadOptions,
    limits: { readonly blockRows: number; readonly listed: number },
    plan: ImportPlan,
    problems: ProblemLog,
    tally: Tally,
  ) {
    this.input = input;
    this.options = options;
    this.blockRows = limits.blockRows;
    this.listed = limits.listed;
    this.plan = plan;
    this.problems = problems;
    this.tally = tally;
    this.#noTruth = new Uint8Array(this.blockRows).fill(UNKNOWN_TRUTH);
  }

  /** The rows of a table, reporting progress; ends the import when it is aborted. */
  async *batches(table: TableReader, file: ImportFile): AsyncGenerator<TableBatch> {
    const source = file === "predictions" ? this.input.predictions : this.input.attributes;
    let rows = 0;
    for (;;) {
      this.options.signal?.throwIfAborted();
      const batch = await table.next().catch((error: unknown) => {
        throw error instanceof ImportError ? error.in(file) : error;
      });
      if (batch === undefined) return;
      rows += batch.rows;
      if (file === "predictions") this.tally.rows = rows;
      else this.tally.attributeRows = rows;
      this.options.onProgress?.({
        file,
        bytesRead: table.bytesRead,
        bytesTotal: source?.bytes.byteLength,
        rows,
      });
      yield batch;
    }
  }

  /** Decodes rows `[from, to)` of a batch into the frame's rows from `at` on, every column but the id. */
  decode(plan: FilePlan, batch: TableBatch, from: number, to: number, frame: Frame, at: number): void {
    plan.decoders.forEach((decoder, index) => {
      const cells = batch.columns[index + 1];
      if (cells !== undefined) decoder.decode(cells, batch.lines, from, to, frame, at);
    });
  }

  /** Calls `use` with each id of rows `[from, to)`; start equals end where the id is refused. */
  eachId(
    plan: FilePlan,
    batch: TableBatch,
    from: number,
    to: number,
    use: (bytes: Uint8Array, start: number, end: number, row: number) => void,
  ): void {
    const cells = batch.columns[0];
    if (cells?.kind !== "text") throw new TypeError("Expected text cells for the column of image ids");
    const { bytes, starts, ends, stride, offset } = cells;
    for (let row = from, cell = from * stride + offset; row < to; row++, cell += stride) {
      // In bounds: the batch has these rows.
      const start = starts[cell] as number;
      let end = ends[cell] as number;
      if (end === start || end - start > ID_CAP) {
        const line = batch.lines[row] as number;
        const { file, idColumn: column } = plan;
        if (end === start) {
          this.problems.add(
            "EMPTY_ID",
            { file, line, column },
            () => "Expected an image id, got an empty cell",
          );
        } else {
          this.problems.add(
            "FIELD_TOO_LONG",
            { file, line, column },
            () => `Expected image ids of at most ${ID_CAP} bytes, got a longer one`,
          );
          end = start;
        }
      }
      use(bytes, start, end, row);
    }
  }

  /** The patients and studies met since the last call, `least` of a kind or more. */
  *freshKeys(least: number): Generator<NewIds> {
    for (const kind of ["patients", "studies"] as const) {
      const registry = this.plan[kind];
      if (registry.fresh.count < Math.max(1, least)) continue;
      if (this.problems.isEmpty) yield { kind, first: registry.delivered, ids: registry.fresh };
      registry.markDelivered();
    }
  }

  /** Counts a block's unknowns, notes its splits and gives it its outer shape. */
  finishBlock(
    firstOrdinal: number,
    rowCount: number,
    ids: IdList | undefined,
    frames: { readonly predictions: Frame; readonly attributes?: Frame },
  ): PredictionBlock {
    const { plan, tally } = this;
    // In bounds: the plan made the layouts that the frames were made from.
    const frameOf = (ref: FieldRef): Frame =>
      ref.file === "attributes" && frames.attributes !== undefined ? frames.attributes : frames.predictions;
    const u32 = (ref: FieldRef | undefined) => ref && (frameOf(ref).u32[ref.index] as Uint32Array);
    const u8 = (ref: FieldRef) => frameOf(ref).u8[ref.index] as Uint8Array;
    const scores = frames.predictions.f32;
    scores.forEach((column, index) => {
      let unknown = 0;
      for (let row = 0; row < rowCount; row++) if (Number.isNaN(column[row])) unknown++;
      tally.unknownScores[index] = (tally.unknownScores[index] ?? 0) + unknown;
      tally.scores += rowCount - unknown;
    });
    tally.images += rowCount;
    const patients = u32(plan.patient);
    const splits = u32(plan.split);
    if (patients !== undefined && splits !== undefined) this.splits.note(patients, splits, rowCount);
    const { truth } = plan;
    return {
      kind: "block",
      firstOrdinal,
      rowCount,
      ids,
      scores,
      truth:
        truth?.kind === "class"
          ? { kind: "class", codes: u8(truth.code), raw: u32(truth.raw) as Uint32Array }
          : truth && { kind: "labels", columns: truth.columns.map((ref) => (ref ? u8(ref) : this.#noTruth)) },
      patients,
      studies: u32(plan.study),
      splits,
      attributes: plan.attributes.map(({ name, kind, field }): AttributeBlock => {
        const frame = frameOf(field);
        return kind === "category"
          ? { kind, name, codes: frame.u32[field.index] as Uint32Array }
          : { kind, name, values: frame.f64[field.index] as Float64Array };
      }),
    };
  }
}
