import DataLoader from "dataloader";
import type { DatasetRecord } from "./datasets/dataset.queries.ts";
import type {
  AttributeRecord,
  CategoryMappingEntryRecord,
  CategoryMappingRecord,
  DatasetVersionRecord,
  SplitPartCount,
  SplitRecord,
} from "./datasets/dataset-version.queries.ts";
import type { ExperimentRecord } from "./experiments/experiment.queries.ts";
import type { ModelRecord, ModelVersionRecord } from "./models/model.queries.ts";
import type { TrainingEpochAnswer } from "./models/train/training-history.ts";
import type { EvaluationRecord } from "./predictions/evaluation.queries.ts";
import type { EvaluationLists } from "./predictions/evaluation-lists.ts";
import type { DiscrepancyRecord, PublicationRecord } from "./publications/publication-list.queries.ts";
import type { RunRecord } from "./runs/run.queries.ts";
import type { Services } from "./services.ts";

/** Look-ups by row id, one statement for all that a request asks in one tick. A new noun adds its line. */
export interface Loaders {
  readonly dataset: LinkLoader<DatasetRecord>;
  readonly datasetVersion: DataLoader<number, DatasetVersionRecord>;
  readonly versionsOfDataset: DataLoader<number, readonly DatasetVersionRecord[]>;
  readonly attributesOfVersion: DataLoader<number, readonly AttributeRecord[]>;
  /** Whole columns: four a statement, so that an answer stays small enough to hold. */
  readonly attributeValues: DataLoader<number, { readonly id: number; readonly values: Buffer }>;
  readonly splitsOfVersion: DataLoader<number, readonly SplitRecord[]>;
  readonly patientsOfParts: DataLoader<number, readonly SplitPartCount[]>;
  readonly mapping: DataLoader<number, CategoryMappingRecord>;
  readonly entriesOfMapping: DataLoader<number, readonly CategoryMappingEntryRecord[]>;
  readonly model: LinkLoader<ModelRecord>;
  readonly modelVersion: DataLoader<number, ModelVersionRecord>;
  readonly versionsOfModel: DataLoader<number, readonly ModelVersionRecord[]>;
  readonly publication: LinkLoader<PublicationRecord>;
  readonly discrepanciesOfPublication: DataLoader<number, readonly DiscrepancyRecord[]>;
  readonly experimentsOfPublication: DataLoader<number, readonly ExperimentRecord[]>;
  readonly run: DataLoader<number, RunRecord>;
  readonly datasetsOfRun: DataLoader<
    number,
    readonly { readonly runId: number; readonly datasetId: number }[]
  >;
  readonly progressOfRun: DataLoader<
    number,
    readonly { readonly runId: number; readonly payload: Readonly<Record<string, unknown>> }[]
  >;
  readonly epochsOfRun: DataLoader<
    number,
    readonly { readonly runId: number; readonly epoch: TrainingEpochAnswer }[]
  >;
  readonly modelVersionOfRun: DataLoader<number, ModelVersionRecord | null>;
  readonly evaluation: DataLoader<number, EvaluationRecord>;
  readonly evaluationOfRun: DataLoader<number, EvaluationRecord | null>;
  /** Pages of evaluations by what they belong to. */
  readonly evaluations: EvaluationLists;
}

/** Where the rows that nearly every answer links to come from: some are kept in memory, all can be read. */
interface LinkSource<Row> {
  kept(id: number): Row | undefined;
  byIds(ids: readonly number[]): Promise<readonly Row[]>;
}

/** A loader of rows that must exist, some of which are kept in memory. */
export class LinkLoader<Row extends { readonly id: number }> {
  readonly #source: LinkSource<Row>;
  readonly #read: DataLoader<number, Row>;

  constructor(source: LinkSource<Row>) {
    this.#source = source;
    this.#read = byId((ids) => source.byIds(ids));
  }

  /** The row, at once when it is kept: 150 promises would be a quarter of the time of a page of 50 records. */
  load(id: number): Row | Promise<Row> {
    return this.#source.kept(id) ?? this.#read.load(id);
  }
}

/** Fresh loaders for one request, so that nothing is remembered across requests. */
export function createLoaders(services: Services): Loaders {
  const { datasets, versions, models, publications, experiments, runs } = services;
  const evaluation = byId((ids) => services.evaluations.byIds(ids));
  const modelVersion = byId((ids) => models.versionsByIds(ids));
  return {
    dataset: new LinkLoader(datasets),
    datasetVersion: byId((ids) => versions.byIds(ids)),
    versionsOfDataset: byParent(
      (ids) => versions.ofDatasets(ids),
      (row) => row.datasetId,
    ),
    attributesOfVersion: byParent(
      (ids) => versions.attributesOf(ids),
      (row) => row.datasetVersionId,
    ),
    attributeValues: byId((ids) => versions.attributeValues(ids), 4),
    splitsOfVersion: byParent(
      (ids) => versions.splitsOf(ids),
      (row) => row.datasetVersionId,
    ),
    patientsOfParts: byParent(
      (ids) => versions.patientsOfParts(ids),
      (row) => row.splitId,
    ),
    mapping: byId((ids) => versions.mappingsByIds(ids)),
    entriesOfMapping: byParent(
      (ids) => versions.entriesOf(ids),
      (row) => row.mappingId,
    ),
    model: new LinkLoader(models),
    modelVersion,
    versionsOfModel: byParent(
      (ids) => models.versionsOf(ids),
      (row) => row.modelId,
    ),
    publication: new LinkLoader(publications),
    discrepanciesOfPublication: byParent(
      (ids) => publications.discrepanciesOf(ids),
      (row) => row.publicationId,
    ),
    experimentsOfPublication: byParent(
      (ids) => experiments.ofPublications(ids),
      (row) => row.publicationId ?? 0,
    ),
    run: byId((ids) => runs.byIds(ids)),
    datasetsOfRun: byParent(
      (ids) => runs.datasetsOf(ids),
      (row) => row.runId,
    ),
    progressOfRun: byParent(
      (ids) => runs.progressOf(ids),
      (row) => row.runId,
    ),
    epochsOfRun: byParent(
      (ids) => runs.historiesOf(ids),
      (row) => row.runId,
    ),
    modelVersionOfRun: byMaker((ids) => runs.trainedModelsOf(ids), modelVersion),
    evaluation,
    evaluationOfRun: byMaker((ids) => runs.evaluationsOf(ids), evaluation),
    evaluations: services.evaluationLists.open(evaluation),
  };
}

/**
 * A loader of rows that must exist (foreign keys say so).
 *
 * @param fetch - rows with these ids, in any order
 * @param atOnce - how many ids one statement may ask for
 */
export function byId<Row extends { readonly id: number }>(
  fetch: (ids: readonly number[]) => Promise<readonly Row[]>,
  atOnce = 1_000,
): DataLoader<number, Row> {
  return new DataLoader(
    async (ids) => {
      const rows = new Map((await fetch(ids)).map((row) => [row.id, row] as const));
      return ids.map((id) => rows.get(id) ?? new Error("Expected a row that a foreign key names, got none"));
    },
    { maxBatchSize: atOnce },
  );
}

/**
 * A loader of the one thing that a run made, if it made one.
 *
 * @param fetch - row ids of what these runs made
 */
function byMaker<Row>(
  fetch: (runIds: readonly number[]) => Promise<readonly { readonly runId: number; readonly id: number }[]>,
  rows: DataLoader<number, Row>,
): DataLoader<number, Row | null> {
  return new DataLoader(async (runIds: readonly number[]) => {
    const made = new Map((await fetch(runIds)).map(({ runId, id }) => [runId, id]));
    return Promise.all(runIds.map((id) => (made.has(id) ? rows.load(made.get(id) ?? 0) : null)));
  });
}

/**
 * A loader of the rows that belong to one parent: an empty list where there are none.
 *
 * @param fetch - rows of these parents, in the order they are to have
 * @param parentOf - the parent's id of a row
 */
export function byParent<Row>(
  fetch: (parents: readonly number[]) => Promise<readonly Row[]>,
  parentOf: (row: Row) => number,
): DataLoader<number, readonly Row[]> {
  return new DataLoader(async (parents) => {
    const groups = new Map<number, Row[]>(parents.map((parent) => [parent, []]));
    for (const row of await fetch(parents)) groups.get(parentOf(row))?.push(row);
    return parents.map((parent) => groups.get(parent) ?? []);
  });
}
