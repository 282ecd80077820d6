import { asc, inArray } from "drizzle-orm";
import type { Db } from "../db/executor.ts";
import { experiments } from "./experiment.table.ts";

/** An experiment's row. */
export type ExperimentRecord = typeof experiments.$inferSelect;

/** Every experiment in order of slug. */
export async function listExperiments(db: Db): Promise<readonly ExperimentRecord[]> {
  return db.select().from(experiments).orderBy(asc(experiments.slug)).limit(1_000);
}

/** Experiments of these publications in order of slug. */
export async function experimentsOf(
  db: Db,
  publicationIds: readonly number[],
): Promise<readonly ExperimentRecord[]> {
  return db
    .select()
    .from(experiments)
    .where(inArray(experiments.publicationId, [...publicationIds]))
    .orderBy(asc(experiments.slug));
}
