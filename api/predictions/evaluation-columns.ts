import { groupRows, type RowGroups, type ScoreOrder, sortScores } from "../../compute/index.ts";
import { type ColumnNumbers, numbersOf } from "../datasets/column-numbers.ts";
import { ENCODING_WIDTH } from "../datasets/dataset.table.ts";
import type { Database } from "../db/client.ts";
import { ServiceError } from "../errors.ts";
import { attributesByName, controlValues } from "./control-columns.ts";
import {
  type AttributeInfo,
  columnKey,
  type EvaluationRecord,
  findAttributes,
  findEvaluations,
  findSplits,
  readAttributeValues,
  readScores,
  readSplitMembers,
  type SplitInfo,
} from "./evaluation.queries.ts";
import { EvaluationCache } from "./evaluation-cache.ts";

/** An evaluation and the attributes and splits of its dataset version: all that is needed to plan a question. */
export interface EvaluationPlan {
  readonly evaluation: EvaluationRecord;
  readonly attributes: ReadonlyMap<string, AttributeInfo>;
  readonly splits: ReadonlyMap<string, SplitInfo>;
}

/** The values of one attribute, one per image: codes, numbers or ordinals as its kind says. */
export type ColumnValues = ColumnNumbers;

/** Which patient (or study) every image belongs to. */
export interface UnitColumn {
  /** Length n, below `count`; images of an unknown unit have a number of their own, from `named` on. */
  readonly ordinals: Uint32Array;
  readonly count: number;
  /** Units that the source names. */
  readonly named: number;
}

/** Label of an image whose truth is not known, as compute takes it. */
const UNKNOWN = 255;

/** Scores fetched by one statement, and the most that a group of classes may keep in flight. */
const BATCH_BYTES = 64 * 2 ** 20;

/**
 * The columns of evaluations, from the database or from memory. Everything here is immutable once stored, so it is
 * cached under its row ids and never invalidated; concurrent askers share one load.
 */
export class EvaluationColumns {
  readonly cache: EvaluationCache;
  readonly #database: Database;

  constructor(database: Database, maxBytes: number = 512 * 2 ** 20) {
    this.#database = database;
    this.cache = new EvaluationCache(maxBytes);
  }

  /** @throws {ServiceError} NOT_FOUND when there is no such evaluation. */
  plan(evaluationId: number): Promise<EvaluationPlan> {
    return this.cache.get(
      `plan/${evaluationId}`,
      ({ attributes }) => 1_000 + 200 * attributes.size,
      async () => {
        const [evaluation] = await findEvaluations(this.#database.db, [evaluationId]);
        if (evaluation === undefined) {
          throw new ServiceError("NOT_FOUND", "Expected the id of an evaluation, got one that is not here");
        }
        const [attributes, splits] = await Promise.all([
          findAttributes(this.#database.db, evaluation.datasetVersionId),
          findSplits(this.#database.db, evaluation.datasetVersionId),
        ]);
        return {
          evaluation,
          attributes: attributesByName(
            attributes,
            { id: evaluation.datasetVersionId, imageCount: evaluation.imageCount },
            evaluation.taskAttribute,
          ),
          splits: new Map(splits.map((split) => [split.name, split])),
        };
      },
    );
  }

  /**
   * Class indexes in groups that may be worked on together without holding much more than 64 MB of scores; the scores
   * of a group come in one statement.
   */
  classGroups({ evaluation }: EvaluationPlan, classIndexes: readonly number[]): number[][] {
    const size = Math.max(1, Math.floor(BATCH_BYTES / (4 * Math.max(1, evaluation.imageCount))));
    return Array.from({ length: Math.ceil(classIndexes.length / size) }, (_, group) =>
      classIndexes.slice(group * size, (group + 1) * size),
    );
  }

  /**
   * The sorted score columns of some classes over images; `order.scores` is the column itself, NaN where unknown.
   * Those not in memory come in one statement.
   */
  orders({ evaluation }: EvaluationPlan, classIndexes: readonly number[]): Promise<ScoreOrder[]> {
    const keyOf = (index: number) => `order/${evaluation.id}/${index}`;
    const missing = classIndexes.filter((index) => !this.cache.has(keyOf(index)));
    const loading =
      missing.length === 0
        ? Promise.resolve([])
        : readScores(this.#database, evaluation, missing, BATCH_BYTES);
    // Every class waits for the same statement; its rejection is each one's own.
    return Promise.all(
      classIndexes.map((index) =>
        this.cache.get(keyOf(index), orderBytes, async () => {
          const scores = (await loading)[missing.indexOf(index)];
          return sortScores(scores ?? new Float32Array(evaluation.imageCount).fill(Number.NaN));
        }),
      ),
    );
  }

  /** The values of one attribute. */
  async values(info: AttributeInfo): Promise<ColumnValues> {
    const [values] = await this.allValues([info]);
    return values ?? new Uint8Array(0);
  }

  /**
   * The values of several attributes. Those not in memory come in one statement: a connection each would take all
   * there are.
   */
  allValues(infos: readonly AttributeInfo[]): Promise<ColumnValues[]> {
    const keyOf = (info: AttributeInfo) => `attribute/${columnKey(info)}`;
    const missing = infos.filter((info) => info.control === undefined && !this.cache.has(keyOf(info)));
    const loading = readAttributeValues(
      this.#database,
      missing.map(({ id }) => id),
    );
    return Promise.all(
      infos.map((info) =>
        this.cache.get(
          keyOf(info),
          (values) => values.byteLength,
          async () =>
            info.control === undefined
              ? toColumn(info, (await loading).get(info.id) ?? new ArrayBuffer(0))
              : controlValues(info.control, (columns) => this.allValues(columns), numberUnits),
        ),
      ),
    );
  }

  /** Patients or studies of all images, or undefined when the source names none. */
  async units(plan: EvaluationPlan, kind: "patient" | "study"): Promise<UnitColumn | undefined> {
    const info = [...plan.attributes.values()].find((attribute) => attribute.kind === kind);
    if (info === undefined) return undefined;
    return this.cache.get(
      `units/${info.id}`,
      ({ ordinals }) => ordinals.byteLength,
      async () => numberUnits(await this.values(info)),
    );
  }

  /** The images of every named patient, and those of unknown patients as if of one: a count never overstates. */
  async patientGroups(plan: EvaluationPlan): Promise<RowGroups | undefined> {
    const units = await this.units(plan, "patient");
    if (units === undefined) return undefined;
    return this.cache.get(
      `patients/${plan.evaluation.datasetVersionId}`,
      ({ starts, rows }) => starts.byteLength + rows.byteLength,
      async () => groupPatients(units.ordinals, units.named),
    );
  }

  /** The truth of some classes: 1, 0, or 255 where it is not known. */
  async truths(plan: EvaluationPlan, classIndexes: readonly number[]): Promise<Uint8Array[]> {
    const wanted = classIndexes.map((classIndex) => truthOf(plan, classIndex));
    const unread = wanted.filter(({ key }) => !this.cache.has(key));
    const infos = [...new Set(unread.flatMap(({ info }) => info ?? []))];
    // Held here until they are used: the cache may be too small for all of them.
    const columns = this.allValues(infos);
    return Promise.all(
      wanted.map(({ key, info, labelOfCode }) =>
        this.cache.get(
          key,
          (labels) => labels.byteLength,
          async () => {
            const values = info && (await columns)[infos.indexOf(info)];
            if (values === undefined) return new Uint8Array(plan.evaluation.imageCount).fill(UNKNOWN);
            return labelsOf(values, labelOfCode);
          },
        ),
      ),
    );
  }

  /** The part of every image in a split of the dataset version, 255 for none. */
  splitParts(plan: EvaluationPlan, split: SplitInfo): Promise<Uint8Array> {
    return this.cache.get(
      `split/${split.id}`,
      (parts) => parts.byteLength,
      async () => {
        if (split.imageParts !== null) return Uint8Array.from(split.imageParts);
        const units = await this.units(plan, "patient");
        if (units === undefined) return new Uint8Array(plan.evaluation.imageCount).fill(UNKNOWN);
        const parts = await readSplitMembers(this.#database, split.id, units.named);
        return labelsOf(units.ordinals, parts);
      },
    );
  }
}

/** What a sorted column costs to keep, with its scores. */
export function orderBytes({ scores, bytes }: ScoreOrder): number {
  return scores.byteLength + bytes;
}

/** The category a recorded value stands for; null leaves it out as unknown. */
export function categoryOf({ mapping }: AttributeInfo, recorded: string): string | null {
  return mapping === null ? recorded : (mapping.categories.get(recorded) ?? null);
}

/** Where the truth of a class is: the attribute, the label of each of its codes, and a name for the column. */
function truthOf(
  { evaluation, attributes }: EvaluationPlan,
  classIndex: number,
): { key: string; info: AttributeInfo | undefined; labelOfCode: readonly number[] } {
  const { taskKind, taskAttribute, classes, classLevels, datasetVersionId } = evaluation;
  const className = classes[classIndex] ?? "";
  const multilabel = taskKind === "multilabel";
  const name = multilabel ? `${taskAttribute}:${className}` : taskAttribute;
  const found = attributes.get(name);
  const info = found?.dictionary == null ? undefined : found;
  const labelOf = (recorded: string) =>
    multilabel || info === undefined
      ? binaryLabel(recorded)
      : classLabel(classOf(categoryOf(info, recorded), classLevels), className, classes);
  return {
    key: `truth/${datasetVersionId}/${JSON.stringify([name, multilabel ? null : [className, classes, classLevels]])}`,
    info,
    labelOfCode: (info?.dictionary ?? []).map(labelOf),
  };
}

function binaryLabel(recorded: string): number {
  if (recorded === "1") return 1;
  return recorded === "0" ? 0 : UNKNOWN;
}

/** The class that a category belongs to, where classes stand for several of them. */
function classOf(category: string | null, levels: EvaluationRecord["classLevels"]): string | null {
  if (levels === null || category === null) return category;
  return Object.entries(levels).find(([, of]) => of.includes(category))?.[0] ?? null;
}

/** A category that is none of the task's classes takes no part: one against the rest of the classes. */
function classLabel(category: string | null, className: string, classes: readonly string[]): number {
  if (category === className) return 1;
  return category !== null && classes.includes(category) ? 0 : UNKNOWN;
}

/** The label of each code, 255 for a code without one. A plain loop: `from` with a function takes fifteen times as long. */
function labelsOf(codes: ColumnValues, labelOfCode: ArrayLike<number>): Uint8Array {
  const labels = new Uint8Array(codes.length);
  for (let row = 0; row < labels.length; row++) {
    const code = codes[row]!; // safe: row < length
    labels[row] = labelOfCode[code] ?? UNKNOWN;
  }
  return labels;
}

function toColumn({ encoding }: AttributeInfo, bytes: ArrayBuffer): ColumnValues {
  const whole = bytes.byteLength - (bytes.byteLength % ENCODING_WIDTH[encoding]);
  const held = whole === bytes.byteLength ? bytes : bytes.slice(0, whole);
  return numbersOf(encoding, held);
}

/** Gives images of an unknown unit numbers of their own, after the named ones. */
function numberUnits(values: ColumnValues): UnitColumn {
  const unknown = 0xffffffff;
  let named = 0;
  for (const ordinal of values) if (ordinal !== unknown && ordinal >= named) named = ordinal + 1;
  let next = named;
  const ordinals = new Uint32Array(values.length);
  for (let row = 0; row < ordinals.length; row++) {
    const ordinal = values[row]!; // safe: row < length
    ordinals[row] = ordinal === unknown ? next++ : ordinal;
  }
  return { ordinals, count: next, named };
}

function capped(ordinals: Uint32Array, most: number): Uint32Array {
  const result = new Uint32Array(ordinals.length);
  for (let row = 0; row < result.length; row++) {
    const ordinal = ordinals[row]!; // safe: row < length
    result[row] = ordinal < most ? ordinal : most;
  }
  return result;
}

function groupPatients(ordinals: Uint32Array, named: number): RowGroups {
  return groupRows(capped(ordinals, named), named + 1);
}
