import { and, desc, eq, inArray } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { runEvents, runs } from "../../runs/run.table.ts";
import type { EventPayload } from "../../runs/run-events.ts";
import { models, modelVersions } from "../model.table.ts";

/** A trained model on its way into the database. */
export interface NewTrainedModel {
  readonly slug: string;
  readonly title: string | null;
  readonly architecture: string | null;
  /** All of the version but its number. */
  readonly version: Omit<typeof modelVersions.$inferInsert, "modelId" | "version">;
}

/**
 * Stores a trained model as the next version of its slug, within the caller's transaction; locks the model's row, so that
 * two trainings make two versions.
 *
 * @returns undefined when the slug belongs to a model that was not trained here
 */
export async function insertTrainedVersion(
  tx: Db,
  { slug, title, architecture, version }: NewTrainedModel,
): Promise<{ readonly id: number; readonly modelId: number; readonly version: number } | undefined> {
  await tx
    .insert(models)
    .values({ slug, title: title ?? slug, architecture, origin: "trained" })
    .onConflictDoNothing();
  const [model] = await tx.select().from(models).where(eq(models.slug, slug)).for("no key update");
  if (model === undefined || model.origin !== "trained") return undefined;
  const [newest] = await tx
    .select({ version: modelVersions.version })
    .from(modelVersions)
    .where(eq(modelVersions.modelId, model.id))
    .orderBy(desc(modelVersions.version))
    .limit(1);
  const [made] = await tx
    .insert(modelVersions)
    .values({ ...version, modelId: model.id, version: (newest?.version ?? 0) + 1 })
    .returning({ id: modelVersions.id, modelId: modelVersions.modelId, version: modelVersions.version });
  return made;
}

/** The model versions that these runs trained, by row id. */
export async function modelVersionsOfRuns(
  db: Db,
  runIds: readonly number[],
): Promise<readonly { readonly runId: number; readonly id: number }[]> {
  const rows = await db
    .select({ runId: modelVersions.trainedByRunId, id: modelVersions.id })
    .from(modelVersions)
    .where(inArray(modelVersions.trainedByRunId, [...runIds]));
  return rows.map(({ runId, id }) => ({ runId: runId ?? 0, id }));
}

/** The epoch events of these runs in order; an epoch that was gone through again after a crash comes again. */
export async function epochEventsOfRuns(
  db: Db,
  runIds: readonly number[],
): Promise<readonly { readonly runId: number; readonly payload: EventPayload }[]> {
  return db
    .select({ runId: runEvents.runId, payload: runEvents.payload })
    .from(runEvents)
    .where(and(inArray(runEvents.runId, [...runIds]), eq(runEvents.kind, "epoch")))
    .orderBy(runEvents.runId, runEvents.sequence);
}

/** The states of the runs with these fingerprints. */
export async function statesByFingerprint(
  db: Db,
  fingerprints: readonly string[],
): Promise<readonly { readonly fingerprint: string; readonly state: (typeof runs.$inferSelect)["state"] }[]> {
  return db
    .select({ fingerprint: runs.fingerprint, state: runs.state })
    .from(runs)
    .where(inArray(runs.fingerprint, [...fingerprints]));
}
