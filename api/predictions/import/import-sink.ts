import { createHash } from "node:crypto";
import type { PoolClient } from "pg";
import type {
  IdList,
  NewIds,
  PredictionBlock,
  PredictionMapping,
  ReadReport,
} from "../../../compute/index.ts";
import { BLOCK_SIZE } from "../prediction.table.ts";
import {
  BlockSpool,
  CategoryColumn,
  NumberColumn,
  OrdinalColumn,
  type StoredColumn,
} from "./column-store.ts";
import {
  copyIdRows,
  copyScoreRows,
  encodeIdRows,
  encodeScoreRows,
  type IdTable,
  type ScoreRows,
} from "./copy-rows.ts";

/** A column of the import under its warehouse name, with the recorded values of a category. */
export interface GatheredColumn {
  readonly name: string;
  readonly kind: "category" | "number" | "patient" | "study";
  readonly column: StoredColumn;
  /** Values as recorded, in code order; null for numbers and ordinals. */
  readonly dictionary: readonly string[] | null;
  /** Recorded value to category where the mapping changes any; null: the recorded value is the category. */
  readonly categories: readonly (string | null)[] | null;
  readonly sourceColumn: string | null;
}

/** Names of the open partitions that take the ids of a new version. */
export type Partitions = Readonly<Partial<Record<IdTable, string>>>;

const YES_NO = ["0", "1"] as const;

/**
 * Takes the reader's events: ids go to the database as they come, scores as blocks, attributes into columns that are
 * stored whole at the end. While the server takes one block the reader parses the next one.
 */
export class ImportSink implements AsyncDisposable {
  readonly #client: PoolClient;
  readonly #versionId: number;
  readonly #predictionSetId: number;
  readonly #partitions: Partitions | undefined;
  readonly #classIndexes: readonly number[];
  readonly #spool = new BlockSpool();
  readonly #columns = new Map<string, CategoryColumn | NumberColumn>();
  readonly #truthLabels: CategoryColumn[] = [];
  readonly #truthClass = new CategoryColumn(this.#spool);
  readonly #patients = new OrdinalColumn(this.#spool);
  readonly #studies = new OrdinalColumn(this.#spool);
  readonly #splits = new CategoryColumn(this.#spool);
  readonly #idDigests = { bytes: createHash("sha256"), lengths: createHash("sha256") };
  readonly #scoreDigests: ReturnType<typeof createHash>[] = [];
  /** One is filled while the other is on its way; a write ends before the next but one begins. */
  readonly #memory: Readonly<Record<"image" | "scores" | NewIds["kind"], Buffer[]>> = {
    scores: [Buffer.alloc(0), Buffer.alloc(0)],
    image: [Buffer.alloc(0), Buffer.alloc(0)],
    patients: [Buffer.alloc(0), Buffer.alloc(0)],
    studies: [Buffer.alloc(0), Buffer.alloc(0)],
  };
  readonly #waiting: { readonly partition: string; readonly rows: Buffer }[] = [];
  #sending: Promise<void> = Promise.resolve();
  #scoredImages = 0;

  constructor(
    client: PoolClient,
    target: {
      versionId: number;
      predictionSetId: number;
      /** Absent when the images are of an earlier import. */
      partitions: Partitions | undefined;
      /** For each class of the task, its column in the blocks; -1 when the file has no score for it. */
      classIndexes: readonly number[];
    },
  ) {
    this.#client = client;
    this.#versionId = target.versionId;
    this.#predictionSetId = target.predictionSetId;
    this.#partitions = target.partitions;
    this.#classIndexes = target.classIndexes;
  }

  /** Images with at least one score. */
  get scoredImages(): number {
    return this.#scoredImages;
  }

  takeIds(event: NewIds): void {
    const partition = this.#partitions?.[event.kind === "patients" ? "patient" : "study"];
    if (partition === undefined) return;
    // Sent with the block that uses them: a write of its own would make the parser wait for it.
    const waits = this.#waiting.some((one) => one.partition === partition);
    // Its memory is spoken for when others of its kind wait already.
    const rows = waits
      ? encodeIdRows(this.#versionId, event.first, event.ids)
      : this.#encode(event.kind, event.first, event.ids);
    this.#waiting.push({ partition, rows });
  }

  async takeBlock(block: PredictionBlock): Promise<void> {
    this.#gather(block);
    await this.#spool.relieve();
    const image = this.#partitions?.image;
    const rows =
      image === undefined || block.ids === undefined
        ? undefined
        : this.#encode("image", block.firstOrdinal, block.ids);
    if (block.ids !== undefined) this.#digestIds(block.ids);
    const { rows: scoreRows, scores } = this.#encodeScores(block);
    scores.forEach((bytes, index) => {
      this.#scoreDigests[index] ??= createHash("sha256");
      this.#scoreDigests[index].update(bytes);
    });
    this.#scoredImages += countScored(block);
    const waiting = this.#waiting.splice(0);
    await this.#send(async () => {
      for (const { partition, rows: ids } of waiting) await copyIdRows(this.#client, partition, ids);
      if (image !== undefined && rows !== undefined) await copyIdRows(this.#client, image, rows);
      await copyScoreRows(this.#client, scoreRows);
    });
  }

  /** Gives back the file that columns may wait in. */
  async [Symbol.asyncDispose](): Promise<void> {
    // A write that was under way when the import failed must end before its connection is given back.
    await this.#sending.catch(() => {});
    await this.#spool[Symbol.asyncDispose]();
  }

  /** Waits until the server has taken everything. */
  async drain(): Promise<void> {
    await this.#sending;
  }

  /** SHA-256 over the scores, class by class. */
  scoresSha256(): string {
    const all = createHash("sha256");
    for (const digest of this.#scoreDigests) all.update(digest.digest());
    return all.digest("hex");
  }

  /** SHA-256 over the image ids in ordinal order. Call once. */
  idsSha256(): string {
    const { bytes, lengths } = this.#idDigests;
    return createHash("sha256").update(bytes.digest()).update(lengths.digest()).digest("hex");
  }

  /** The split's parts by image, as codes into `report.splits`. */
  splitColumn(): StoredColumn {
    return this.#splits.finish();
  }

  patientColumn(): StoredColumn {
    return this.#patients.finish();
  }

  /** Every column that was read, under its warehouse name; the truth is one (or, for many labels, several) of them. */
  columns(mapping: PredictionMapping, report: ReadReport): GatheredColumn[] {
    const gathered: GatheredColumn[] = [];
    if (mapping.patient !== undefined) {
      gathered.push(ordinals("patient", this.#patients.finish(), columnName(mapping.patient)));
    }
    if (mapping.study !== undefined) {
      gathered.push(ordinals("study", this.#studies.finish(), columnName(mapping.study)));
    }
    for (const [name, spec] of Object.entries(mapping.attributes)) {
      const column = (this.#columns.get(name) ?? new NumberColumn(this.#spool)).finish();
      const dictionary = report.dictionaries[name];
      const sourceColumn = columnName(spec.column);
      gathered.push(
        dictionary === undefined
          ? { name, kind: "number", column, dictionary: null, categories: null, sourceColumn }
          : {
              name,
              kind: "category",
              column,
              dictionary: dictionary.raw,
              categories: sameWords(dictionary.raw, dictionary.canonical) ? null : dictionary.canonical,
              sourceColumn,
            },
      );
    }
    gathered.push(...this.#truthColumns(mapping, report));
    return gathered;
  }

  #truthColumns({ truth, task }: PredictionMapping, report: ReadReport): GatheredColumn[] {
    if (truth === undefined) return [];
    if (truth.kind === "class") {
      const classes = report.truthClasses.map((index) => task.classes[index] ?? null);
      return [
        {
          name: task.attribute,
          kind: "category",
          column: this.#truthClass.finish(),
          dictionary: report.truthValues,
          categories: sameWords(report.truthValues, classes) ? null : classes,
          sourceColumn: columnName(truth.column),
        },
      ];
    }
    return task.classes.flatMap((name, index) => {
      const source = truth.columns[name] ?? truth.column;
      const column = this.#truthLabels[index];
      if (source === undefined || column === undefined) return [];
      return [
        {
          name: `${task.attribute}:${name}`,
          kind: "category" as const,
          column: column.finish(),
          dictionary: YES_NO,
          categories: null,
          sourceColumn: columnName(source),
        },
      ];
    });
  }

  #gather(block: PredictionBlock): void {
    const { rowCount, truth } = block;
    if (block.patients !== undefined) this.#patients.append(block.patients, rowCount);
    if (block.studies !== undefined) this.#studies.append(block.studies, rowCount);
    if (block.splits !== undefined) this.#splits.append(block.splits, rowCount);
    if (truth?.kind === "class") this.#truthClass.append(truth.raw, rowCount);
    if (truth?.kind === "labels") {
      truth.columns.forEach((column, index) => {
        this.#truthLabels[index] ??= new CategoryColumn(this.#spool);
        this.#truthLabels[index].append(
          Uint32Array.from(column.subarray(0, rowCount), (label) => (label > 1 ? 0xffffffff : label)),
          rowCount,
        );
      });
    }
    for (const attribute of block.attributes) {
      if (attribute.kind === "category") {
        const column = this.#columns.get(attribute.name) ?? new CategoryColumn(this.#spool);
        this.#columns.set(attribute.name, column);
        (column as CategoryColumn).append(attribute.codes, rowCount); // safe: a name keeps its kind for the whole import
      } else {
        const column = this.#columns.get(attribute.name) ?? new NumberColumn(this.#spool);
        this.#columns.set(attribute.name, column);
        (column as NumberColumn).append(attribute.values, rowCount); // safe: as above
      }
    }
  }

  #digestIds({ bytes, offsets, count }: NonNullable<PredictionBlock["ids"]>): void {
    const lengths = new Uint32Array(count);
    for (let i = 0; i < count; i++) lengths[i] = offsets[i + 1]! - offsets[i]!; // safe: count + 1 offsets by contract
    this.#idDigests.bytes.update(bytes.subarray(offsets[0], offsets[count]));
    this.#idDigests.lengths.update(lengths);
  }

  #encodeScores({ firstOrdinal, rowCount, scores }: PredictionBlock): ScoreRows {
    const place = {
      versionId: this.#versionId,
      predictionSetId: this.#predictionSetId,
      block: firstOrdinal / BLOCK_SIZE,
    };
    const columns = this.#classIndexes.map((index) => scores[index]);
    const memory = this.#memory.scores;
    const encoded = encodeScoreRows(place, columns, rowCount, memory.shift());
    memory.push(Buffer.from(encoded.rows.buffer, encoded.rows.byteOffset));
    return encoded;
  }

  #encode(use: "image" | NewIds["kind"], first: number, ids: IdList): Buffer {
    const memory = this.#memory[use];
    const rows = encodeIdRows(this.#versionId, first, ids, memory.shift());
    memory.push(Buffer.from(rows.buffer, rows.byteOffset));
    return rows;
  }

  /** Starts a write when the one before it is done; waits for the one before, not for this one. */
  async #send(work: () => Promise<void>): Promise<void> {
    await this.#sending;
    this.#sending = work();
    // Its failure is met at the next send or drain; meanwhile it must not count as unhandled.
    this.#sending.catch(() => {});
  }
}

/** The header of a column reference. */
export function columnName(reference: string | { readonly column: string }): string {
  return typeof reference === "string" ? reference : reference.column;
}

function ordinals(name: "patient" | "study", column: StoredColumn, sourceColumn: string): GatheredColumn {
  return { name, kind: name, column, dictionary: null, categories: null, sourceColumn };
}

function sameWords(left: readonly string[], right: readonly (string | null)[]): boolean {
  return left.every((word, index) => word === right[index]);
}

function countScored({ scores, rowCount }: PredictionBlock): number {
  const scored = new Uint8Array(rowCount);
  for (const column of scores) {
    for (let i = 0; i < rowCount; i++) if (!Number.isNaN(column[i])) scored[i] = 1;
  }
  let count = 0;
  for (const mark of scored) count += mark;
  return count;
}
