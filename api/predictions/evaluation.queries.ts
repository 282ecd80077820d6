import { and, asc, desc, eq, inArray, type SQL, sql } from "drizzle-orm";
import { categoryMappingEntries, categoryMappings } from "../datasets/category-mapping.table.ts";
import { attributes, type ColumnEncoding, datasets, datasetVersions } from "../datasets/dataset.table.ts";
import { splits } from "../datasets/split.table.ts";
import type { Database } from "../db/client.ts";
import type { Db } from "../db/executor.ts";
import { models, modelVersions, type TaskKind } from "../models/model.table.ts";
import type { ControlSource } from "./control-columns.ts";
import { readBinaryRows } from "./evaluation-rows.ts";
import { BLOCK_SIZE, predictionSets } from "./prediction.table.ts";

/** An evaluation with what decides its statistics: task, classes and size of its dataset version. Never changes. */
export interface EvaluationRecord {
  readonly id: number;
  readonly modelVersionId: number;
  readonly modelId: number;
  readonly datasetVersionId: number;
  readonly datasetId: number;
  readonly splitId: number | null;
  readonly transformChain: readonly unknown[];
  readonly scoreKind: "probability" | "logit" | "any";
  readonly scoredCount: number;
  readonly missingScoreCount: number;
  readonly runId: number;
  readonly fingerprint: string;
  readonly recordedAt: Date;
  readonly taskKind: TaskKind;
  readonly taskAttribute: string;
  readonly classes: readonly string[];
  /** Levels of the attribute that each class stands for; null: every class is the level of its name. */
  readonly classLevels: Readonly<Record<string, readonly string[]>> | null;
  readonly imageCount: number;
  /** Null: the source names no patients. */
  readonly patientCount: number | null;
}

const evaluationColumns = {
  id: predictionSets.id,
  modelVersionId: predictionSets.modelVersionId,
  modelId: modelVersions.modelId,
  datasetVersionId: predictionSets.datasetVersionId,
  datasetId: datasetVersions.datasetId,
  splitId: predictionSets.splitId,
  transformChain: predictionSets.transformChain,
  scoreKind: predictionSets.scoreKind,
  scoredCount: predictionSets.scoredCount,
  missingScoreCount: predictionSets.missingScoreCount,
  runId: predictionSets.runId,
  fingerprint: predictionSets.fingerprint,
  recordedAt: predictionSets.recordedAt,
  taskKind: modelVersions.taskKind,
  taskAttribute: modelVersions.taskAttribute,
  classes: modelVersions.classes,
  classLevels: modelVersions.classLevels,
  // A prediction set stands on a frozen version (trigger), and a frozen version has its count (check).
  imageCount: sql<number>`coalesce(${datasetVersions.imageCount}, 0)`,
  patientCount: datasetVersions.patientCount,
};

const fromEvaluations = (db: Db) =>
  db
    .select(evaluationColumns)
    .from(predictionSets)
    .innerJoin(modelVersions, eq(modelVersions.id, predictionSets.modelVersionId))
    .innerJoin(datasetVersions, eq(datasetVersions.id, predictionSets.datasetVersionId));

/** The evaluations with these row ids, in any order; absent ones are missing. */
export function findEvaluations(db: Db, ids: readonly number[]): Promise<EvaluationRecord[]> {
  return fromEvaluations(db).where(inArray(predictionSets.id, [...ids]));
}

/** What a list of evaluations may be narrowed to; every condition given must hold. */
export interface EvaluationFilterValues {
  readonly dataset?: string | null | undefined;
  readonly model?: string | null | undefined;
  readonly taskAttribute?: string | null | undefined;
  readonly className?: string | null | undefined;
}

/** Up to `limit` evaluations, the newest first, starting below row id `before`. One statement. */
export function listEvaluations(
  db: Db,
  filter: EvaluationFilterValues,
  limit: number,
  before: number | undefined,
): Promise<EvaluationRecord[]> {
  return fromEvaluations(db)
    .where(
      and(
        ...evaluationConditions(filter),
        before === undefined ? undefined : sql`${predictionSets.id} < ${before}`,
      ),
    )
    .orderBy(desc(predictionSets.id))
    .limit(limit);
}

/** How many evaluations a filter holds. */
export async function countEvaluations(db: Db, filter: EvaluationFilterValues): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(predictionSets)
    .innerJoin(modelVersions, eq(modelVersions.id, predictionSets.modelVersionId))
    .innerJoin(datasetVersions, eq(datasetVersions.id, predictionSets.datasetVersionId))
    .where(and(...evaluationConditions(filter)));
  return row?.count ?? 0;
}

function evaluationConditions(filter: EvaluationFilterValues): (SQL | undefined)[] {
  const { dataset, model, taskAttribute, className } = filter;
  return [
    dataset == null
      ? undefined
      : sql`${datasetVersions.datasetId} = (select ${datasets.id} from ${datasets} where ${datasets.slug} = ${dataset})`,
    model == null
      ? undefined
      : sql`${modelVersions.modelId} = (select ${models.id} from ${models} where ${models.slug} = ${model})`,
    taskAttribute == null ? undefined : eq(modelVersions.taskAttribute, taskAttribute),
    className == null ? undefined : sql`${className} = any (${modelVersions.classes})`,
  ];
}

/** What an attribute's codes stand for: recorded value to category; null leaves the value out as unknown. */
export interface AttributeMapping {
  readonly slug: string;
  readonly version: number;
  readonly categories: ReadonlyMap<string, string | null>;
}

/** An attribute of a dataset version without its column of values. Never changes. */
export interface AttributeInfo {
  readonly id: number;
  readonly name: string;
  readonly kind: "category" | "number" | "patient" | "study";
  readonly encoding: ColumnEncoding;
  readonly dictionary: readonly string[] | null;
  readonly mapping: AttributeMapping | null;
  readonly unit: string | null;
  readonly unknownCount: number;
  /** Of a control's attribute, which is not stored: what it follows from. */
  readonly control?: ControlSource;
}

/** What tells the column of an attribute from every other one. */
export function columnKey({ id, name, control }: AttributeInfo): string {
  return control === undefined ? String(id) : `${id}/${name}`;
}

/** The attributes of a dataset version by name, with the mappings they are read through. Two statements. */
export async function findAttributes(db: Db, datasetVersionId: number): Promise<AttributeInfo[]> {
  const rows = await db
    .select({
      id: attributes.id,
      name: attributes.name,
      kind: attributes.kind,
      encoding: attributes.encoding,
      dictionary: attributes.dictionary,
      unit: attributes.unit,
      unknownCount: attributes.unknownCount,
      mappingId: attributes.categoryMappingId,
      mappingSlug: categoryMappings.slug,
      mappingVersion: categoryMappings.version,
    })
    .from(attributes)
    .leftJoin(categoryMappings, eq(categoryMappings.id, attributes.categoryMappingId))
    .where(eq(attributes.datasetVersionId, datasetVersionId))
    .orderBy(asc(attributes.name));
  const mappingIds = rows.flatMap(({ mappingId }) => mappingId ?? []);
  const entries = mappingIds.length === 0 ? [] : await findMappingEntries(db, mappingIds);
  return rows.map(({ mappingId, mappingSlug, mappingVersion, ...info }) => ({
    ...info,
    mapping:
      mappingSlug === null || mappingVersion === null
        ? null
        : {
            slug: mappingSlug,
            version: mappingVersion,
            categories: new Map(
              entries
                .filter((entry) => entry.mappingId === mappingId)
                .map(({ recorded, category }) => [recorded, category]),
            ),
          },
  }));
}

function findMappingEntries(db: Db, mappingIds: readonly number[]) {
  return db
    .select({
      mappingId: categoryMappingEntries.mappingId,
      recorded: categoryMappingEntries.recorded,
      category: categoryMappingEntries.category,
    })
    .from(categoryMappingEntries)
    .where(inArray(categoryMappingEntries.mappingId, [...mappingIds]));
}

/** The raw columns of attributes by row id, little-endian; absent attributes are missing. One statement. */
export async function readAttributeValues(
  database: Pick<Database, "pool">,
  attributeIds: readonly number[],
): Promise<ReadonlyMap<number, ArrayBuffer>> {
  const columns = new Map<number, ArrayBuffer>();
  if (attributeIds.length === 0) return columns;
  await readBinaryRows(
    database,
    `select id, "values" from attribute where id in (${attributeIds.map(whole).join(", ")})`,
    ([id, values]) => {
      if (id && values) columns.set(Number(id.readBigInt64BE(0)), copyOf(values));
    },
  );
  return columns;
}

/**
 * The scores of some classes of an evaluation, one column of `imageCount` values each, NaN where unknown.
 * One statement per `maxBytes` of scores, so that each stays well within the statement timeout.
 */
export async function readScores(
  database: Pick<Database, "pool">,
  evaluation: EvaluationRecord,
  classIndexes: readonly number[],
  maxBytes = 64 * 2 ** 20,
): Promise<Float32Array[]> {
  const { id, datasetVersionId, imageCount } = evaluation;
  const columns = new Map(
    classIndexes.map((index) => [index, new Float32Array(imageCount).fill(Number.NaN)]),
  );
  const classesAtOnce = Math.max(1, Math.floor(maxBytes / (4 * Math.max(1, imageCount))));
  const blocksAtOnce = Math.max(1, Math.floor(maxBytes / (4 * BLOCK_SIZE)));
  for (let first = 0; first < classIndexes.length; first += classesAtOnce) {
    const wanted = classIndexes.slice(first, first + classesAtOnce).map(whole);
    for (let block = 0; block * BLOCK_SIZE < imageCount; block += blocksAtOnce) {
      await readBinaryRows(
        database,
        `select class_index, block, scores from score_block
         where dataset_version_id = ${whole(datasetVersionId)} and prediction_set_id = ${whole(id)}
           and class_index in (${wanted.join(", ")}) and block >= ${block} and block < ${block + blocksAtOnce}`,
        ([classIndex, place, scores]) => {
          const column = classIndex && columns.get(classIndex.readInt16BE(0));
          if (!column || !place || !scores) return;
          const bytes = new Uint8Array(column.buffer, 4 * BLOCK_SIZE * place.readInt32BE(0));
          bytes.set(scores);
        },
      );
    }
  }
  return classIndexes.map((index) => columns.get(index) ?? new Float32Array(0));
}

/** A split as a question needs it: the names of its parts, and how it says who is in which. */
export interface SplitInfo {
  readonly id: number;
  readonly name: string;
  readonly parts: readonly string[];
  readonly leakingPatients: number;
  /** Parts by image, 255 for none; null: by patient, see readSplitMembers. */
  readonly imageParts: Buffer | null;
}

/** The splits of a dataset version by name. */
export function findSplits(db: Db, datasetVersionId: number): Promise<SplitInfo[]> {
  return db
    .select({
      id: splits.id,
      name: splits.name,
      parts: splits.parts,
      leakingPatients: splits.leakingPatients,
      imageParts: splits.imageParts,
    })
    .from(splits)
    .where(eq(splits.datasetVersionId, datasetVersionId))
    .orderBy(asc(splits.name));
}

/** The part of every patient in a split held by patient: `parts[patientOrdinal]`, 255 for none. */
export async function readSplitMembers(
  database: Pick<Database, "pool">,
  splitId: number,
  patientCount: number,
): Promise<Uint8Array> {
  const parts = new Uint8Array(patientCount).fill(255);
  await readBinaryRows(
    database,
    `select patient_ordinal, part from split_member where split_id = ${whole(splitId)}`,
    ([patient, part]) => {
      if (patient && part) parts[patient.readInt32BE(0)] = part.readInt16BE(0);
    },
  );
  return parts;
}

/** A number that is safe to write into a statement. */
function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new TypeError("Expected a whole number for a statement");
  return value;
}

/** The bytes in memory of their own, aligned for any typed array. */
function copyOf(bytes: Buffer): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}
