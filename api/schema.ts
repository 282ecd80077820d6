import "reflect-metadata";
import { type GraphQLSchema, isInputObjectType, isObjectType } from "graphql";
import { buildSchemaSync, type NonEmptyArray } from "type-graphql";
import { AuditResolver, AuditStepResolver, RunAuditPayloadResolver } from "./audits/audit.resolver.ts";
import { DatasetResolver } from "./datasets/dataset.resolver.ts";
import {
  AttributeResolver,
  CategoryMappingResolver,
  DatasetVersionResolver,
  SplitResolver,
} from "./datasets/dataset-version.resolver.ts";
import { DatasetImportResolver } from "./datasets/import/dataset-import.resolver.ts";
import { MaskImportResolver } from "./datasets/masks/mask-import.resolver.ts";
import { ExperimentResolver } from "./experiments/experiment.resolver.ts";
import { declareTransformInputs, TransformInput } from "./graphql/transform-input.ts";
import { MetaAnalysisResolver } from "./meta-analyses/meta-analysis.resolver.ts";
import { CalibrationResolver } from "./metrics/calibration.resolver.ts";
import { CompareAucResolver } from "./metrics/compare-auc.resolver.ts";
import { GapsResolver } from "./metrics/gaps.resolver.ts";
import { MetricResolver } from "./metrics/metric.resolver.ts";
import { metricFields } from "./metrics/metric-fields.ts";
import { RocCurveResolver } from "./metrics/roc-curve.resolver.ts";
import { StratifiedAucResolver } from "./metrics/stratified-auc.resolver.ts";
import { ModelResolver, ModelVersionResolver } from "./models/model.resolver.ts";
import { RegisterModelResolver } from "./models/register-model.resolver.ts";
import { TrainResolver } from "./models/train/train.resolver.ts";
import { PluginResolver } from "./plugins/plugin.resolver.ts";
import { ConfounderResolver } from "./predictions/confounders/confounder.resolver.ts";
import { EvaluateResolver } from "./predictions/evaluate/evaluate.resolver.ts";
import { EvaluationResolver } from "./predictions/evaluation.resolver.ts";
import { EvaluationLinksResolver } from "./predictions/evaluation-links.resolver.ts";
import { ImportResolver } from "./predictions/import/import.resolver.ts";
import { UploadResolver } from "./predictions/upload.resolver.ts";
import { DiscrepancyResolver, PublicationResolver } from "./publications/publication.resolver.ts";
import { RunResolver } from "./runs/run.resolver.ts";
import { RunRequestsResolver } from "./runs/run-requests.resolver.ts";

/** Every resolver there is. A new noun adds its line. */
const resolvers: NonEmptyArray<new () => object> = [
  DatasetResolver,
  DatasetVersionResolver,
  DatasetImportResolver,
  MaskImportResolver,
  AttributeResolver,
  CategoryMappingResolver,
  SplitResolver,
  ModelResolver,
  ModelVersionResolver,
  RegisterModelResolver,
  TrainResolver,
  AuditResolver,
  AuditStepResolver,
  RunAuditPayloadResolver,
  ConfounderResolver,
  PublicationResolver,
  DiscrepancyResolver,
  ExperimentResolver,
  RunResolver,
  RunRequestsResolver,
  EvaluateResolver,
  PluginResolver,
  EvaluationLinksResolver,
  EvaluationResolver,
  StratifiedAucResolver,
  RocCurveResolver,
  CompareAucResolver,
  GapsResolver,
  CalibrationResolver,
  MetricResolver,
  MetaAnalysisResolver,
  UploadResolver,
  ImportResolver,
];

/** Input types of which exactly one field must be given; TypeGraphQL cannot say @oneOf, graphql-js can. */
const oneOfInputs: readonly string[] = ["TransformInput"];

/** Fields that are resolved as they are, without TypeGraphQL: those of types that come by the page. */
const plainFields = { MetricRecord: metricFields } as const;

/** Builds the schema from the classes; about 50 ms, once a process. */
export function buildApiSchema(): GraphQLSchema {
  declareTransformInputs();
  const schema = buildSchemaSync({
    resolvers,
    orphanedTypes: [TransformInput],
    // Inputs without class-validator rules are the rule here, so unknown classes must pass it.
    validate: { forbidUnknownValues: false, stopAtFirstError: true },
    // Subscriptions read the database; TypeGraphQL wants something to publish to all the same.
    pubSub: { publish() {}, subscribe: () => neverHeard() },
  });
  for (const name of oneOfInputs) {
    const type = schema.getType(name);
    if (!isInputObjectType(type)) throw new Error(`Expected an input type ${name} to mark @oneOf, got none`);
    type.isOneOf = true;
  }
  for (const [name, resolvers] of Object.entries(plainFields)) {
    const type = schema.getType(name);
    if (!isObjectType(type)) throw new Error(`Expected an object type ${name} to resolve, got none`);
    for (const [field, resolve] of Object.entries(resolvers)) {
      const known = type.getFields()[field];
      if (known === undefined) throw new Error(`Expected a field ${name}.${field} to resolve, got none`);
      known.resolve = resolve;
    }
  }
  return schema;
}

function neverHeard(): never {
  throw new Error("Expected subscriptions to read events of the database, got one by topic");
}
