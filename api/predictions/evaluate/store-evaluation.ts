import type { Db } from "../../db/client.ts";
import { insertMetricsOnce, type NewMetricRow } from "../../metrics/metric.queries.ts";
import { insertPredictionSet } from "../import/import.queries.ts";
import { BLOCK_SIZE, type predictionSets, scoreBlocks } from "../prediction.table.ts";

/** A whole evaluation on its way into the database. */
export interface NewEvaluation {
  readonly set: typeof predictionSets.$inferInsert & { id: number };
  /** A column a class, as long as the version; NaN where there is no score. */
  readonly columns: readonly Float32Array[];
  readonly metrics: readonly (NewMetricRow & { fingerprint: string })[];
}

/** Stores an evaluation with its scores and its first metric records, within the caller's transaction. */
export async function storeEvaluation(tx: Db, { set, columns, metrics }: NewEvaluation): Promise<void> {
  await insertPredictionSet(tx, set);
  for (const [classIndex, column] of columns.entries()) {
    for (let block = 0; block * BLOCK_SIZE < column.length; block += 1) {
      const part = column.subarray(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE);
      await tx.insert(scoreBlocks).values({
        datasetVersionId: set.datasetVersionId,
        predictionSetId: set.id,
        classIndex,
        block,
        scores: Buffer.from(part.buffer, part.byteOffset, part.byteLength),
      });
    }
  }
  await insertMetricsOnce(tx, metrics);
}
