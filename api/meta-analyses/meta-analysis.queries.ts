import { eq, inArray } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { datasets } from "../datasets/dataset.table.ts";
import type { Db } from "../db/executor.ts";
import { metricRecords } from "../metrics/metric.table.ts";
import { models } from "../models/model.table.ts";

/** What a study is called after. */
export interface RecordNames {
  readonly id: number;
  readonly dataset: string | null;
  readonly trainDataset: string | null;
  readonly model: string | null;
}

const trainDatasets = alias(datasets, "train_dataset");

/** The slugs that records refer to. One statement. */
export function findRecordNames(db: Db, ids: readonly number[]): Promise<RecordNames[]> {
  return db
    .select({
      id: metricRecords.id,
      dataset: datasets.slug,
      trainDataset: trainDatasets.slug,
      model: models.slug,
    })
    .from(metricRecords)
    .leftJoin(datasets, eq(datasets.id, metricRecords.datasetId))
    .leftJoin(trainDatasets, eq(trainDatasets.id, metricRecords.trainDatasetId))
    .leftJoin(models, eq(models.id, metricRecords.modelId))
    .where(inArray(metricRecords.id, [...ids]));
}
