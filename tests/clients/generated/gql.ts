/* eslint-disable */
import * as types from './graphql.js';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n    query Catalogue($dataset: String!, $model: String!) {\n      dataset(slug: $dataset) {\n        id\n        slug\n        title\n        versions { version imageCount patientCount attributes { name kind levels { level imageCount } } splits { name } }\n      }\n      datasets(first: 5) { pageInfo { hasNextPage endCursor } nodes { slug origin } }\n      model(slug: $model) { id slug versions { version taskKind taskAttribute classes } }\n      plugins { id kind version doc source }\n      experiments { slug title }\n      publications(first: 10) { nodes { slug title version } }\n    }\n  ": typeof types.CatalogueDocument,
    "\n    query Evaluations($id: ID!) {\n      evaluation(id: $id) {\n        id\n        scoredCount\n        missingScoreCount\n        dataset { slug }\n        model { slug }\n        run { id kind state }\n      }\n      evaluations(first: 2) { totalCount nodes { id } }\n    }\n  ": typeof types.EvaluationsDocument,
    "\n    query StratifiedAuc($input: StratifiedAucInput!) {\n      stratifiedAuc(input: $input) {\n        suppressed\n        cells { class stratum { attribute level } auc se ciLow ciHigh nPositive nNegative nPatients status reason }\n      }\n    }\n  ": typeof types.StratifiedAucDocument,
    "\n    query RocCurve($input: RocCurveInput!) {\n      rocCurve(input: $input) { class fpr tpr threshold auc status }\n    }\n  ": typeof types.RocCurveDocument,
    "\n    query CompareAuc($input: CompareAucInput!) {\n      compareAuc(input: $input) { cells { class method difference ciLow ciHigh p status } }\n    }\n  ": typeof types.CompareAucDocument,
    "\n    query Gaps($input: GapsInput!) {\n      gaps(input: $input) { thresholds { class threshold } gaps { class rate gap ciLow ciHigh } }\n    }\n  ": typeof types.GapsDocument,
    "\n    query Calibration($input: CalibrationInput!) {\n      calibration(input: $input) { cells { class brier ece status bins { meanPredicted observed count } } }\n    }\n  ": typeof types.CalibrationDocument,
    "\n    query MetaAnalysis($input: MetaAnalysisInput!) {\n      metaAnalysis(input: $input) {\n        k estimate ciLow ciHigh se predictionLow predictionHigh tau2 i2 h2 q qP eggerP forestSvg\n        studies { label value ciLow ciHigh weight }\n        coefficients { name estimate }\n        leaveOneOut { omitted estimate }\n      }\n    }\n  ": typeof types.MetaAnalysisDocument,
    "\n    query Metrics($filter: MetricFilter, $first: Int!, $after: String) {\n      metrics(filter: $filter, first: $first, after: $after) {\n        pageInfo { hasNextPage endCursor }\n        nodes { id metric class value ciLow ciHigh status reason printed origin publication { slug } }\n      }\n    }\n  ": typeof types.MetricsDocument,
    "\n    mutation RecordMetrics($input: StratifiedAucInput!) {\n      recordMetrics(input: $input) { records { id class value reason } }\n    }\n  ": typeof types.RecordMetricsDocument,
    "\n    query Run($id: ID!) {\n      run(id: $id) { id kind state plugin pluginVersion fingerprint startedAt finishedAt }\n    }\n  ": typeof types.RunDocument,
};
const documents: Documents = {
    "\n    query Catalogue($dataset: String!, $model: String!) {\n      dataset(slug: $dataset) {\n        id\n        slug\n        title\n        versions { version imageCount patientCount attributes { name kind levels { level imageCount } } splits { name } }\n      }\n      datasets(first: 5) { pageInfo { hasNextPage endCursor } nodes { slug origin } }\n      model(slug: $model) { id slug versions { version taskKind taskAttribute classes } }\n      plugins { id kind version doc source }\n      experiments { slug title }\n      publications(first: 10) { nodes { slug title version } }\n    }\n  ": types.CatalogueDocument,
    "\n    query Evaluations($id: ID!) {\n      evaluation(id: $id) {\n        id\n        scoredCount\n        missingScoreCount\n        dataset { slug }\n        model { slug }\n        run { id kind state }\n      }\n      evaluations(first: 2) { totalCount nodes { id } }\n    }\n  ": types.EvaluationsDocument,
    "\n    query StratifiedAuc($input: StratifiedAucInput!) {\n      stratifiedAuc(input: $input) {\n        suppressed\n        cells { class stratum { attribute level } auc se ciLow ciHigh nPositive nNegative nPatients status reason }\n      }\n    }\n  ": types.StratifiedAucDocument,
    "\n    query RocCurve($input: RocCurveInput!) {\n      rocCurve(input: $input) { class fpr tpr threshold auc status }\n    }\n  ": types.RocCurveDocument,
    "\n    query CompareAuc($input: CompareAucInput!) {\n      compareAuc(input: $input) { cells { class method difference ciLow ciHigh p status } }\n    }\n  ": types.CompareAucDocument,
    "\n    query Gaps($input: GapsInput!) {\n      gaps(input: $input) { thresholds { class threshold } gaps { class rate gap ciLow ciHigh } }\n    }\n  ": types.GapsDocument,
    "\n    query Calibration($input: CalibrationInput!) {\n      calibration(input: $input) { cells { class brier ece status bins { meanPredicted observed count } } }\n    }\n  ": types.CalibrationDocument,
    "\n    query MetaAnalysis($input: MetaAnalysisInput!) {\n      metaAnalysis(input: $input) {\n        k estimate ciLow ciHigh se predictionLow predictionHigh tau2 i2 h2 q qP eggerP forestSvg\n        studies { label value ciLow ciHigh weight }\n        coefficients { name estimate }\n        leaveOneOut { omitted estimate }\n      }\n    }\n  ": types.MetaAnalysisDocument,
    "\n    query Metrics($filter: MetricFilter, $first: Int!, $after: String) {\n      metrics(filter: $filter, first: $first, after: $after) {\n        pageInfo { hasNextPage endCursor }\n        nodes { id metric class value ciLow ciHigh status reason printed origin publication { slug } }\n      }\n    }\n  ": types.MetricsDocument,
    "\n    mutation RecordMetrics($input: StratifiedAucInput!) {\n      recordMetrics(input: $input) { records { id class value reason } }\n    }\n  ": types.RecordMetricsDocument,
    "\n    query Run($id: ID!) {\n      run(id: $id) { id kind state plugin pluginVersion fingerprint startedAt finishedAt }\n    }\n  ": types.RunDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Catalogue($dataset: String!, $model: String!) {\n      dataset(slug: $dataset) {\n        id\n        slug\n        title\n        versions { version imageCount patientCount attributes { name kind levels { level imageCount } } splits { name } }\n      }\n      datasets(first: 5) { pageInfo { hasNextPage endCursor } nodes { slug origin } }\n      model(slug: $model) { id slug versions { version taskKind taskAttribute classes } }\n      plugins { id kind version doc source }\n      experiments { slug title }\n      publications(first: 10) { nodes { slug title version } }\n    }\n  "): (typeof documents)["\n    query Catalogue($dataset: String!, $model: String!) {\n      dataset(slug: $dataset) {\n        id\n        slug\n        title\n        versions { version imageCount patientCount attributes { name kind levels { level imageCount } } splits { name } }\n      }\n      datasets(first: 5) { pageInfo { hasNextPage endCursor } nodes { slug origin } }\n      model(slug: $model) { id slug versions { version taskKind taskAttribute classes } }\n      plugins { id kind version doc source }\n      experiments { slug title }\n      publications(first: 10) { nodes { slug title version } }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Evaluations($id: ID!) {\n      evaluation(id: $id) {\n        id\n        scoredCount\n        missingScoreCount\n        dataset { slug }\n        model { slug }\n        run { id kind state }\n      }\n      evaluations(first: 2) { totalCount nodes { id } }\n    }\n  "): (typeof documents)["\n    query Evaluations($id: ID!) {\n      evaluation(id: $id) {\n        id\n        scoredCount\n        missingScoreCount\n        dataset { slug }\n        model { slug }\n        run { id kind state }\n      }\n      evaluations(first: 2) { totalCount nodes { id } }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query StratifiedAuc($input: StratifiedAucInput!) {\n      stratifiedAuc(input: $input) {\n        suppressed\n        cells { class stratum { attribute level } auc se ciLow ciHigh nPositive nNegative nPatients status reason }\n      }\n    }\n  "): (typeof documents)["\n    query StratifiedAuc($input: StratifiedAucInput!) {\n      stratifiedAuc(input: $input) {\n        suppressed\n        cells { class stratum { attribute level } auc se ciLow ciHigh nPositive nNegative nPatients status reason }\n      }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query RocCurve($input: RocCurveInput!) {\n      rocCurve(input: $input) { class fpr tpr threshold auc status }\n    }\n  "): (typeof documents)["\n    query RocCurve($input: RocCurveInput!) {\n      rocCurve(input: $input) { class fpr tpr threshold auc status }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query CompareAuc($input: CompareAucInput!) {\n      compareAuc(input: $input) { cells { class method difference ciLow ciHigh p status } }\n    }\n  "): (typeof documents)["\n    query CompareAuc($input: CompareAucInput!) {\n      compareAuc(input: $input) { cells { class method difference ciLow ciHigh p status } }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Gaps($input: GapsInput!) {\n      gaps(input: $input) { thresholds { class threshold } gaps { class rate gap ciLow ciHigh } }\n    }\n  "): (typeof documents)["\n    query Gaps($input: GapsInput!) {\n      gaps(input: $input) { thresholds { class threshold } gaps { class rate gap ciLow ciHigh } }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Calibration($input: CalibrationInput!) {\n      calibration(input: $input) { cells { class brier ece status bins { meanPredicted observed count } } }\n    }\n  "): (typeof documents)["\n    query Calibration($input: CalibrationInput!) {\n      calibration(input: $input) { cells { class brier ece status bins { meanPredicted observed count } } }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query MetaAnalysis($input: MetaAnalysisInput!) {\n      metaAnalysis(input: $input) {\n        k estimate ciLow ciHigh se predictionLow predictionHigh tau2 i2 h2 q qP eggerP forestSvg\n        studies { label value ciLow ciHigh weight }\n        coefficients { name estimate }\n        leaveOneOut { omitted estimate }\n      }\n    }\n  "): (typeof documents)["\n    query MetaAnalysis($input: MetaAnalysisInput!) {\n      metaAnalysis(input: $input) {\n        k estimate ciLow ciHigh se predictionLow predictionHigh tau2 i2 h2 q qP eggerP forestSvg\n        studies { label value ciLow ciHigh weight }\n        coefficients { name estimate }\n        leaveOneOut { omitted estimate }\n      }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Metrics($filter: MetricFilter, $first: Int!, $after: String) {\n      metrics(filter: $filter, first: $first, after: $after) {\n        pageInfo { hasNextPage endCursor }\n        nodes { id metric class value ciLow ciHigh status reason printed origin publication { slug } }\n      }\n    }\n  "): (typeof documents)["\n    query Metrics($filter: MetricFilter, $first: Int!, $after: String) {\n      metrics(filter: $filter, first: $first, after: $after) {\n        pageInfo { hasNextPage endCursor }\n        nodes { id metric class value ciLow ciHigh status reason printed origin publication { slug } }\n      }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    mutation RecordMetrics($input: StratifiedAucInput!) {\n      recordMetrics(input: $input) { records { id class value reason } }\n    }\n  "): (typeof documents)["\n    mutation RecordMetrics($input: StratifiedAucInput!) {\n      recordMetrics(input: $input) { records { id class value reason } }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Run($id: ID!) {\n      run(id: $id) { id kind state plugin pluginVersion fingerprint startedAt finishedAt }\n    }\n  "): (typeof documents)["\n    query Run($id: ID!) {\n      run(id: $id) { id kind state plugin pluginVersion fingerprint startedAt finishedAt }\n    }\n  "];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;