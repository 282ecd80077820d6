import { count, desc, eq, inArray, lte, sql } from "drizzle-orm";
import { datasetVersions } from "../datasets/dataset.table.ts";
import type { Db } from "../db/client.ts";
import { modelVersions } from "../models/model.table.ts";
import { predictionSets } from "./prediction.table.ts";

/** What evaluations belong to. */
export type EvaluationParent = "dataset" | "model";

/** A parent and one of its evaluations, by row id. */
export interface ParentEvaluation {
  readonly parent: number;
  readonly id: number;
}

const parentColumn = { dataset: datasetVersions.datasetId, model: modelVersions.modelId } as const;

/** Row ids of the `limit` newest evaluations of each parent, the newest first; one statement for all parents. */
export async function newestEvaluationsOf(
  db: Db,
  parent: EvaluationParent,
  parents: readonly number[],
  limit: number,
): Promise<readonly ParentEvaluation[]> {
  const column = parentColumn[parent];
  const ranked = db
    .select({
      parent: sql<number>`${column}`.mapWith(Number).as("parent"),
      id: predictionSets.id,
      place: sql<number>`row_number() over (partition by ${column} order by ${predictionSets.id} desc)`.as(
        "place",
      ),
    })
    .from(predictionSets)
    .innerJoin(modelVersions, eq(modelVersions.id, predictionSets.modelVersionId))
    .innerJoin(datasetVersions, eq(datasetVersions.id, predictionSets.datasetVersionId))
    .where(inArray(column, [...parents]))
    .as("ranked");
  return db
    .select({ parent: ranked.parent, id: ranked.id })
    .from(ranked)
    .where(lte(ranked.place, limit))
    .orderBy(desc(ranked.id));
}

/** How many evaluations each parent has; parents without any are missing. */
export async function countEvaluationsOf(
  db: Db,
  parent: EvaluationParent,
  parents: readonly number[],
): Promise<readonly { readonly id: number; readonly total: number }[]> {
  const column = parentColumn[parent];
  return db
    .select({ id: column, total: count() })
    .from(predictionSets)
    .innerJoin(modelVersions, eq(modelVersions.id, predictionSets.modelVersionId))
    .innerJoin(datasetVersions, eq(datasetVersions.id, predictionSets.datasetVersionId))
    .where(inArray(column, [...parents]))
    .groupBy(column);
}
