import type { GraphQLFieldResolver } from "graphql";
import type { Context } from "../context.ts";
import { encodeId } from "../graphql/node-id.ts";
import { type MetricView, statusOf } from "./metric-disclosure.ts";

type Resolve = GraphQLFieldResolver<MetricView, Context>;

/**
 * The fields of a record that are more than a column. They are called for every record of a page, so the schema takes
 * them as they are: a call through TypeGraphQL leaves a kilobyte of garbage.
 */
export const metricFields: Readonly<Record<string, Resolve>> = {
  id: ({ id }) => encodeId("MetricRecord", id),
  class: ({ className }) => className,
  status: (record) => statusOf(record),
  dataset: ({ datasetId }, _, { load }) => (datasetId === null ? null : load.dataset.load(datasetId)),
  trainDataset: ({ trainDatasetId }, _, { load }) =>
    trainDatasetId === null ? null : load.dataset.load(trainDatasetId),
  evaluation: ({ predictionSetId }, _, { load }) =>
    predictionSetId === null ? null : load.evaluation.load(predictionSetId),
  run: ({ runId }, _, { load }) => (runId === null ? null : load.run.load(runId)),
  model: ({ modelId }, _, { load }) => (modelId === null ? null : load.model.load(modelId)),
  publication: ({ publicationId }, _, { load }) =>
    publicationId === null ? null : load.publication.load(publicationId),
};
