import { graphql } from "./generated/gql.js";

/** Every operation of the API's contract, as a client writes it; the results are typed by codegen. */
export const contract = {
  catalogue: graphql(/* GraphQL */ `
    query Catalogue($dataset: String!, $model: String!) {
      dataset(slug: $dataset) {
        id
        slug
        title
        versions { version imageCount patientCount attributes { name kind levels { level imageCount } } splits { name } }
      }
      datasets(first: 5) { pageInfo { hasNextPage endCursor } nodes { slug origin } }
      model(slug: $model) { id slug versions { version taskKind taskAttribute classes } }
      plugins { id kind version doc source }
      experiments { slug title }
      publications(first: 10) { nodes { slug title version } }
    }
  `),
  evaluations: graphql(/* GraphQL */ `
    query Evaluations($id: ID!) {
      evaluation(id: $id) {
        id
        scoredCount
        missingScoreCount
        dataset { slug }
        model { slug }
        run { id kind state }
      }
      evaluations(first: 2) { totalCount nodes { id } }
    }
  `),
  stratifiedAuc: graphql(/* GraphQL */ `
    query StratifiedAuc($input: StratifiedAucInput!) {
      stratifiedAuc(input: $input) {
        suppressed
        cells { class stratum { attribute level } auc se ciLow ciHigh nPositive nNegative nPatients status reason }
      }
    }
  `),
  rocCurve: graphql(/* GraphQL */ `
    query RocCurve($input: RocCurveInput!) {
      rocCurve(input: $input) { class fpr tpr threshold auc status }
    }
  `),
  compareAuc: graphql(/* GraphQL */ `
    query CompareAuc($input: CompareAucInput!) {
      compareAuc(input: $input) { cells { class method difference ciLow ciHigh p status } }
    }
  `),
  gaps: graphql(/* GraphQL */ `
    query Gaps($input: GapsInput!) {
      gaps(input: $input) { thresholds { class threshold } gaps { class rate gap ciLow ciHigh } }
    }
  `),
  calibration: graphql(/* GraphQL */ `
    query Calibration($input: CalibrationInput!) {
      calibration(input: $input) { cells { class brier ece status bins { meanPredicted observed count } } }
    }
  `),
  metaAnalysis: graphql(/* GraphQL */ `
    query MetaAnalysis($input: MetaAnalysisInput!) {
      metaAnalysis(input: $input) {
        k estimate ciLow ciHigh se predictionLow predictionHigh tau2 i2 h2 q qP eggerP forestSvg
        studies { label value ciLow ciHigh weight }
        coefficients { name estimate }
        leaveOneOut { omitted estimate }
      }
    }
  `),
  metrics: graphql(/* GraphQL */ `
    query Metrics($filter: MetricFilter, $first: Int!, $after: String) {
      metrics(filter: $filter, first: $first, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id metric class value ciLow ciHigh status reason printed origin publication { slug } }
      }
    }
  `),
  recordMetrics: graphql(/* GraphQL */ `
    mutation RecordMetrics($input: StratifiedAucInput!) {
      recordMetrics(input: $input) { records { id class value reason } }
    }
  `),
  run: graphql(/* GraphQL */ `
    query Run($id: ID!) {
      run(id: $id) { id kind state plugin pluginVersion fingerprint startedAt finishedAt }
    }
  `),
} as const;
