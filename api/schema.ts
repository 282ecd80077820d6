import "reflect-metadata";
import { type GraphQLSchema, isInputObjectType } from "graphql";
import { buildSchemaSync, type NonEmptyArray } from "type-graphql";
import { DatasetResolver } from "./datasets/dataset.resolver.ts";
import { MetricResolver } from "./metrics/metric.resolver.ts";
import { StratifiedAucResolver } from "./metrics/stratified-auc.resolver.ts";
import { EvaluationResolver } from "./predictions/evaluation.resolver.ts";
import { ImportResolver } from "./predictions/import/import.resolver.ts";
import { UploadResolver } from "./predictions/upload.resolver.ts";

/** Every resolver there is. A new noun adds its line. */
const resolvers: NonEmptyArray<new () => object> = [
  DatasetResolver,
  EvaluationResolver,
  StratifiedAucResolver,
  MetricResolver,
  UploadResolver,
  ImportResolver,
];

/** Input types of which exactly one field must be given; TypeGraphQL cannot say @oneOf, graphql-js can. */
const oneOfInputs: readonly string[] = [];

/** Builds the schema from the classes; about 50 ms, once a process. */
export function buildApiSchema(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers,
    // Inputs without class-validator rules are the rule here, so unknown classes must pass it.
    validate: { forbidUnknownValues: false, stopAtFirstError: true },
  });
  for (const name of oneOfInputs) {
    const type = schema.getType(name);
    if (!isInputObjectType(type)) throw new Error(`Expected an input type ${name} to mark @oneOf, got none`);
    type.isOneOf = true;
  }
  return schema;
}
