import { and, asc, count, desc, eq, gt, inArray, type SQL, sql } from "drizzle-orm";
import type { Db } from "../db/client.ts";
import { models, modelVersions } from "./model.table.ts";

/** A model's row. */
export type ModelRecord = typeof models.$inferSelect;

/** A model version's row. */
export type ModelVersionRecord = typeof modelVersions.$inferSelect;

/** Which models a list holds; all conditions together. */
export interface ModelSelection {
  readonly origin?: ModelRecord["origin"] | null;
  readonly architecture?: string | null;
  readonly taskAttribute?: string | null;
  readonly slugs?: readonly string[] | null;
}

/** The model with this slug, or undefined. */
export async function findModelBySlug(db: Db, slug: string): Promise<ModelRecord | undefined> {
  const [row] = await db.select().from(models).where(eq(models.slug, slug));
  return row;
}

/** The models with these row ids, in no particular order. */
export async function modelsByIds(db: Db, ids: readonly number[]): Promise<readonly ModelRecord[]> {
  return db
    .select()
    .from(models)
    .where(inArray(models.id, [...ids]));
}

/** The model versions with these row ids, in no particular order. */
export async function modelVersionsByIds(
  db: Db,
  ids: readonly number[],
): Promise<readonly ModelVersionRecord[]> {
  return db
    .select()
    .from(modelVersions)
    .where(inArray(modelVersions.id, [...ids]));
}

/** Versions of these models, the newest first. */
export async function versionsOfModels(
  db: Db,
  modelIds: readonly number[],
): Promise<readonly ModelVersionRecord[]> {
  return db
    .select()
    .from(modelVersions)
    .where(inArray(modelVersions.modelId, [...modelIds]))
    .orderBy(desc(modelVersions.version));
}

/** What a registered version says of itself. */
export type RegisteredColumns = Required<
  Pick<
    typeof modelVersions.$inferInsert,
    "onnxSha256" | "taskKind" | "taskAttribute" | "classes" | "inputs" | "outputs" | "graph" | "normalisation"
  >
>;

/**
 * The version of this model with exactly these columns, made if there was none; and the model, if there was none. Locks
 * the model's row, so that two callers make one version.
 */
export async function insertRegisteredVersion(
  db: Db,
  { model: slug, title, description, architecture }: RegisteredModelWords,
  columns: RegisteredColumns,
): Promise<{ readonly modelVersion: ModelVersionRecord; readonly created: boolean }> {
  const words = {
    title: title ?? slug,
    description: description ?? null,
    architecture: architecture ?? null,
  };
  await db
    .insert(models)
    .values({ slug, ...words, origin: "registered" })
    .onConflictDoNothing();
  const [model] = await db.select().from(models).where(eq(models.slug, slug)).for("no key update");
  const modelId = model!.id; // safe: inserted or found in the statement before, and models are never deleted
  const versions = await versionsOfModels(db, [modelId]);
  // As jsonb: the order of keys says nothing.
  const [same] = await db
    .select()
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.modelId, modelId),
        eq(modelVersions.onnxSha256, columns.onnxSha256 ?? ""),
        eq(modelVersions.taskKind, columns.taskKind),
        eq(modelVersions.taskAttribute, columns.taskAttribute),
        eq(modelVersions.classes, columns.classes),
        eq(modelVersions.outputs, columns.outputs ?? []),
        sql`${modelVersions.normalisation} = ${JSON.stringify(columns.normalisation)}::jsonb`,
      ),
    );
  if (same !== undefined) return { modelVersion: same, created: false };
  const [made] = await db
    .insert(modelVersions)
    .values({ modelId, version: (versions[0]?.version ?? 0) + 1, ...columns })
    .returning();
  return { modelVersion: made!, created: true }; // safe: an insert of one row returns one row or throws
}

/** How a registered model is named; only a new model takes more than the slug. */
export interface RegisteredModelWords {
  readonly model: string;
  readonly title?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly architecture?: string | null | undefined;
}

/** Up to `limit` models in order of slug, those after `afterSlug`. */
export async function listModels(
  db: Db,
  selection: ModelSelection,
  limit: number,
  afterSlug: string | undefined,
): Promise<readonly ModelRecord[]> {
  const after = afterSlug === undefined ? undefined : gt(models.slug, afterSlug);
  return db
    .select()
    .from(models)
    .where(and(matching(selection), after))
    .orderBy(asc(models.slug))
    .limit(limit);
}

/** How many models a selection holds. */
export async function countModels(db: Db, selection: ModelSelection): Promise<number> {
  const [row] = await db.select({ total: count() }).from(models).where(matching(selection));
  return row?.total ?? 0;
}

function matching({ origin, architecture, taskAttribute, slugs }: ModelSelection): SQL | undefined {
  return and(
    origin == null ? undefined : eq(models.origin, origin),
    architecture == null ? undefined : eq(models.architecture, architecture),
    taskAttribute == null
      ? undefined
      : sql`exists (select from ${modelVersions} where ${modelVersions.modelId} = ${models.id} and ${modelVersions.taskAttribute} = ${taskAttribute})`,
    slugs == null ? undefined : inArray(models.slug, [...slugs]),
  );
}
