/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** The bands in which a number attribute divides rows. */
export type AttributeBins = {
  /** Name of the number attribute. */
  attribute: string;
  /** Ascending edges, at most 100: each band includes its lower edge and not its upper; what lies below the first edge and from the last one on are bands too. */
  edges: Array<number>;
};

/** What an attribute holds for each image. */
export type AttributeKind =
  /** One of a list of values, for example self-reported race. */
  | 'CATEGORY'
  /** A number, for example age in years. */
  | 'NUMBER'
  /** The patient it belongs to. */
  | 'PATIENT'
  /** The study (one visit's images) it belongs to. */
  | 'STUDY';

/** A condition on one attribute: levels (in), or a range of a number (gte, lt). */
export type AttributePredicate = {
  /** Name of the attribute, or `split:<name>` for the parts of a split. */
  attribute: string;
  /** Smallest number kept, in the attribute's unit. */
  gte?: number | null | undefined;
  /** Levels that are kept, as cells name them; `unknown` keeps rows without a recorded value. */
  in?: Array<string> | null | undefined;
  /** Numbers below this are kept, in the attribute's unit. */
  lt?: number | null | undefined;
};

/** One side of a comparison. */
export type AucSideInput = {
  /** The class; null on both sides: every class they have in common. */
  class?: string | null | undefined;
  /** Id of the evaluation. */
  evaluation: string | number;
  /** The stratum; of the same attributes on both sides. */
  stratum?: Array<StratumLevelInput>;
};

/** How scores are put into bins. */
export type Binning =
  /** Bins of equal width from 0 to 1. */
  | 'EQUAL_WIDTH'
  /** Bins of nearly equal count in each stratum; equal scores stay together. */
  | 'QUANTILE';

/** How far the scores of which rows are from being probabilities. */
export type CalibrationInput = {
  /** Bins of the curve, 1 to 1,000. ECE depends on them. */
  binCount?: number;
  /** How scores are put into bins. */
  binning?: Binning;
  /** Bands of number attributes; null: those of the study for `age` and `bmi`. */
  bins?: Array<AttributeBins> | null | undefined;
  /** Attributes that divide the rows, at most 8: categories, `age` and `bmi` in the study's bands, other numbers with `bins`, `split:<name>`. None: the whole is one cell a class. */
  by?: Array<string>;
  /** Classes of the task; null: all, in its order. */
  classes?: Array<string> | null | undefined;
  /** Id of the evaluation. */
  evaluation: string | number;
  /** Nominal coverage of the intervals, in (0, 1). */
  level?: number;
  /** What one row is. */
  unit?: UnitOfAnalysis;
  /** Conditions that hold together, at most 8. */
  where?: Array<AttributePredicate> | null | undefined;
};

/** Whether a cell has a number. */
export type CellStatus =
  /** There is none; `reason` says why. */
  | 'NOT_ESTIMABLE'
  /** It has one. */
  | 'OK'
  /** Hidden, since it or a neighbour comes from too few patients. */
  | 'SUPPRESSED';

/** How the interval of an AUC is made. */
export type CiMethod =
  /** Percentiles over resampled patients: a patient's images stay together. */
  | 'BOOTSTRAP'
  /** DeLong's variance, normal, cut at 0 and 1; takes rows as independent. */
  | 'DELONG'
  /** DeLong's variance on the logit scale; takes rows as independent. */
  | 'DELONG_LOGIT'
  /** No interval. */
  | 'NONE';

/** Two AUCs to compare: of two evaluations, two classes or two strata. */
export type CompareAucInput = {
  /** How p-values are adjusted across all cells of the answer. */
  adjustment?: PAdjustment;
  /** Bands of number attributes. */
  bins?: Array<AttributeBins> | null | undefined;
  /** Attributes that divide both sides; the comparison is made in every stratum. */
  by?: Array<string>;
  /** The first side. */
  first: AucSideInput;
  /** Nominal coverage of the intervals, in (0, 1). */
  level?: number;
  /** Whether rows are matched. */
  pairing?: Pairing;
  /** Resamples where the bootstrap is used: 100 to 10,000. */
  replicates?: number | null | undefined;
  /** The second side: the difference is first minus second. */
  second: AucSideInput;
  /** Seed of the resamples. */
  seed?: number | null | undefined;
  /** What tests the difference. */
  test?: ComparisonTest;
  /** What one row is. */
  unit?: UnitOfAnalysis;
  /** Conditions on the rows of both sides. */
  where?: Array<AttributePredicate> | null | undefined;
};

/** How two AUCs were compared. */
export type ComparisonMethod =
  /** Percentiles of the difference over resampled patients. */
  | 'BOOTSTRAP_PAIRED'
  /** DeLong's test of correlated AUCs. */
  | 'DELONG_PAIRED'
  /** DeLong's variances added, Welch's degrees of freedom. */
  | 'DELONG_UNPAIRED';

/** What tests the difference of two AUCs. */
export type ComparisonTest =
  /** Resampled patients: the sides may share patients as they like. */
  | 'BOOTSTRAP'
  /** DeLong's test, which takes rows as independent; BOOTSTRAP in its place where two classes of the same images are paired. */
  | 'DELONG';

/** Where a dataset comes from. */
export type DatasetOrigin =
  /** Its images or predictions were imported here. */
  | 'IMPORTED'
  /** Known only from a publication; no images here. */
  | 'PUBLISHED';

/** One study: a value with its interval (or se), or an effect yi with its variance vi on the scale of pooling. */
export type EstimateInput = {
  /** Upper end of its 95 % interval. */
  ciHigh?: number | null | undefined;
  /** Lower end of its 95 % interval. */
  ciLow?: number | null | undefined;
  /** Name of the study. */
  label: string;
  /** Moderators of the study. */
  moderators?: Array<ModeratorInput> | null | undefined;
  /** Standard error of the value, where an end of the interval is missing. */
  se?: number | null | undefined;
  /** The value; in (0, 1) for LOGIT. */
  value?: number | null | undefined;
  /** Its sampling variance, above 0. */
  vi?: number | null | undefined;
  /** The effect on the scale of pooling, in place of value. */
  yi?: number | null | undefined;
};

/** Rates of decisions by stratum, at a threshold by rule. */
export type GapsInput = {
  /** Bands of number attributes; null: those of the study for `age` and `bmi`. */
  bins?: Array<AttributeBins> | null | undefined;
  /** Attributes that divide the rows, at most 8: categories, `age` and `bmi` in the study's bands, other numbers with `bins`, `split:<name>`. None: the whole is one cell a class. */
  by?: Array<string>;
  /** Classes of the task; null: all, in its order. */
  classes?: Array<string> | null | undefined;
  /** Id of the evaluation. */
  evaluation: string | number;
  /** Nominal coverage of the intervals, in (0, 1). */
  level?: number;
  /** Which rates. */
  rates?: Array<OperatingRate>;
  /** How the threshold of each class is found. */
  threshold: ThresholdInput;
  /** What one row is. */
  unit?: UnitOfAnalysis;
  /** Conditions that hold together, at most 8. */
  where?: Array<AttributePredicate> | null | undefined;
};

/** What to pool, and how: stored records (metrics) or given numbers (estimates), one of them. */
export type MetaAnalysisInput = {
  /** Pool these numbers, at most 1,000. */
  estimates?: Array<EstimateInput> | null | undefined;
  /** Nominal coverage of the intervals, in (0, 1). */
  level?: number;
  /** Pool the records of this filter, at most 1,000. */
  metrics?: MetricFilter | null | undefined;
  /** The model. */
  model?: MetaModel;
  /** Moderators of a meta-regression, at most 20. Of records: dataset, trainDataset, model, class, unit, experiment, n, nPositive, nPatients, an attribute of the stratum or a parameter. */
  moderators?: Array<string> | null | undefined;
  /** The scale of pooling. */
  scale?: MetaScale;
  /** The test. */
  test?: MetaTest;
};

/** How the spread of the true effects is modelled. */
export type MetaModel =
  /** One common true effect. */
  | 'COMMON'
  /** Random effects, DerSimonian & Laird. */
  | 'DL'
  /** Random effects, Hedges. */
  | 'HE'
  /** Random effects, maximum likelihood. */
  | 'ML'
  /** Random effects, Paule & Mandel. */
  | 'PM'
  /** Random effects, restricted maximum likelihood. */
  | 'REML'
  /** Random effects, Sidik & Jonkman. */
  | 'SJ';

/** The scale on which numbers are pooled. */
export type MetaScale =
  /** log(x / (1 - x)), for AUCs and other numbers in (0, 1); reported back on (0, 1). */
  | 'LOGIT'
  /** As given. */
  | 'RAW';

/** How coefficients are tested. */
export type MetaTest =
  /** Standard errors scaled by the studies' scatter: Student's t. */
  | 'HARTUNG_KNAPP'
  /** Standard errors as known: normal. */
  | 'Z';

/** Which metric records; all given conditions hold together. */
export type MetricFilter = {
  /** Only strata by exactly these attributes; empty for the whole set. */
  by?: Array<string> | null | undefined;
  /** Only of this class. */
  class?: string | null | undefined;
  /** Only on this dataset (slug). */
  dataset?: string | null | undefined;
  /** Only on these datasets (slugs). */
  datasets?: Array<string> | null | undefined;
  /** Only of this evaluation. */
  evaluation?: string | number | null | undefined;
  /** Only of this experiment, by its name. */
  experiment?: string | null | undefined;
  /** Only of this group of experiments. */
  experimentGroup?: string | null | undefined;
  /** Only records with this remark. */
  flag?: string | null | undefined;
  /** Only records with (without) an interval. */
  hasInterval?: boolean | null | undefined;
  /** Only records with (without) a value. */
  hasValue?: boolean | null | undefined;
  /** Only these records; at most 200. */
  ids?: Array<string | number> | null | undefined;
  /** Only this metric, for example auroc. */
  metric?: string | null | undefined;
  /** Only of this model (slug). */
  model?: string | null | undefined;
  /** Only of these models (slugs). */
  models?: Array<string> | null | undefined;
  /** Only computed or only published numbers. */
  origin?: MetricOrigin | null | undefined;
  /** Only of this publication (slug), in its newest version here. */
  publication?: string | null | undefined;
  /** Only from places that begin so, for example `Table 3`. */
  source?: string | null | undefined;
  /** Only from this kind of source, for example paper_table. */
  sourceKind?: string | null | undefined;
  /** Only strata with these levels; they may have other attributes too, unless `by` says which. */
  stratum?: Array<StratumLevelInput> | null | undefined;
  /** Only of models trained on this dataset (slug), where that is known. */
  trainDataset?: string | null | undefined;
  /** Only with this unit of analysis. */
  unit?: UnitOfAnalysis | null | undefined;
};

/** Where a number comes from. */
export type MetricOrigin =
  /** Computed here from an evaluation. */
  | 'COMPUTED'
  /** Printed in a publication, as it stands there. */
  | 'PUBLISHED';

/** A moderator of a study: a number or a category. */
export type ModeratorInput = {
  /** Its value, when it is a category. */
  category?: string | null | undefined;
  /** Name of the moderator. */
  name: string;
  /** Its value, when it is a number. */
  number?: number | null | undefined;
};

/** A share of rows that a threshold decides. */
export type OperatingRate =
  /** Positives called negative: underdiagnosis, when the class is a disease. */
  | 'FNR'
  /** Negatives called positive. */
  | 'FPR'
  /** Calls of negative that are right. */
  | 'NPV'
  /** Calls of positive that are right. */
  | 'PPV'
  /** Rows that are positive, whatever the threshold. */
  | 'PREVALENCE'
  /** Negatives called negative: specificity. */
  | 'TNR'
  /** Positives called positive: sensitivity. */
  | 'TPR';

/** How p-values are adjusted for the number of cells. */
export type PAdjustment =
  /** The share of false findings, for independent or positively dependent tests. */
  | 'BENJAMINI_HOCHBERG'
  /** The share of false findings, whatever the dependence. */
  | 'BENJAMINI_YEKUTIELI'
  /** Holm: the chance of any false finding, whatever the dependence. */
  | 'HOLM'
  /** Not at all. */
  | 'NONE';

/** Whether the rows of the two sides are matched one to one. */
export type Pairing =
  /** PAIRED where both sides are of the same images, else UNPAIRED. */
  | 'AUTO'
  /** The same images twice: two models, or two classes. */
  | 'PAIRED'
  /** Different rows: two strata, or two datasets. */
  | 'UNPAIRED';

/** What a plugin computes. */
export type PluginKind =
  /** A confidence interval. */
  | 'INTERVAL'
  /** A model of meta-analysis. */
  | 'META'
  /** A number about scores and truth, for each stratum. */
  | 'METRIC'
  /** A change of images before a model sees them. */
  | 'TRANSFORM';

/** Which curve: one class of an evaluation, in the whole or in one stratum. */
export type RocCurveInput = {
  /** Bands of number attributes. */
  bins?: Array<AttributeBins> | null | undefined;
  /** The class, against the rest of the task's classes. */
  class: string;
  /** Id of the evaluation. */
  evaluation: string | number;
  /** Most points of the curve: 3 to 10,000. */
  maxPoints?: number | null | undefined;
  /** The stratum by attribute; none: the whole. */
  stratum?: Array<StratumLevelInput>;
  /** What one row is. */
  unit?: UnitOfAnalysis;
  /** Conditions that hold together, at most 8. */
  where?: Array<AttributePredicate> | null | undefined;
};

/** What a run does. */
export type RunKind =
  /** Computes metrics. */
  | 'AUDIT'
  /** Scores images with a model. */
  | 'EVALUATION'
  /** Takes data in. */
  | 'IMPORT'
  /** Trains a model. */
  | 'TRAINING';

/** How far a run got. */
export type RunState =
  /** Stopped by request. */
  | 'CANCELLED'
  /** Ended without results; see failure. */
  | 'FAILED'
  /** Waits for a worker. */
  | 'QUEUED'
  /** A worker has it. */
  | 'RUNNING'
  /** Done; its results are stored. */
  | 'SUCCEEDED';

/** One part of a split. */
export type SplitPartInput = {
  /** Name of its part, for example validate. */
  part: string;
  /** Name of the split. */
  split: string;
};

/** AUCs of which evaluation and classes, divided how, with which interval. */
export type StratifiedAucInput = {
  /** Bands of number attributes; null: those of the study for `age` and `bmi`. */
  bins?: Array<AttributeBins> | null | undefined;
  /** Attributes that divide the rows, at most 8: categories, `age` and `bmi` in the study's bands, other numbers with `bins`, `split:<name>`. None: the whole is one cell a class. */
  by?: Array<string>;
  /** How the intervals are made. */
  ci?: CiMethod;
  /** Classes of the task; null: all, in its order. */
  classes?: Array<string> | null | undefined;
  /** Id of the evaluation. */
  evaluation: string | number;
  /** Nominal coverage of the intervals, in (0, 1). */
  level?: number;
  /** Resamples for BOOTSTRAP: 100 to 10,000. */
  replicates?: number | null | undefined;
  /** Seed for BOOTSTRAP: the same seed gives the same interval. */
  seed?: number | null | undefined;
  /** What one row is. */
  unit?: UnitOfAnalysis;
  /** Conditions that hold together, at most 8. */
  where?: Array<AttributePredicate> | null | undefined;
};

/** One attribute and its level. */
export type StratumLevelInput = {
  /** Name of the attribute. */
  attribute: string;
  /** Its level, as cells name it. */
  level: string;
};

/** What kind of classes a model tells apart. */
export type TaskKind =
  /** Two classes, negative first; the score of the positive one is enough. */
  | 'BINARY'
  /** Exclusive classes; each is read one-vs-rest. */
  | 'MULTICLASS'
  /** Many findings, each its own yes or no. */
  | 'MULTILABEL';

/** How a threshold is found, and on which rows. */
export type ThresholdInput = {
  /** The rate for SPECIFICITY and SENSITIVITY, 0 to 1. */
  at?: number | null | undefined;
  /** Choose on these rows only; null: on all rows of the question, which flatters the rates. */
  on?: SplitPartInput | null | undefined;
  /** The rule. */
  rule?: ThresholdRule;
  /** The threshold for VALUE, on the scale of the scores. */
  value?: number | null | undefined;
};

/** How a threshold is found. Of equally good ones the highest. */
export type ThresholdRule =
  /** Largest F1. */
  | 'F1'
  /** Smallest false positive rate among those with at least the sensitivity `at`. */
  | 'SENSITIVITY'
  /** Largest sensitivity among those with at least the specificity `at`. */
  | 'SPECIFICITY'
  /** The number `value`. */
  | 'VALUE'
  /** Largest true positive rate minus false positive rate. */
  | 'YOUDEN';

/** What one row of an analysis is. */
export type UnitOfAnalysis =
  /** Every image by itself. */
  | 'IMAGE'
  /** Every patient once, with the mean score of the images. */
  | 'PATIENT'
  /** Every study once, with the mean score of its images. */
  | 'STUDY';

export type CatalogueQueryVariables = Exact<{
  dataset: string;
  model: string;
}>;


export type CatalogueQuery = { dataset: { id: string, slug: string, title: string, versions: Array<{ version: number, imageCount: number, patientCount: number | null, attributes: Array<{ name: string, kind: AttributeKind, levels: Array<{ level: string, imageCount: number | null }> }>, splits: Array<{ name: string }> }> } | null, datasets: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ slug: string, origin: DatasetOrigin }> }, model: { id: string, slug: string, versions: Array<{ version: number, taskKind: TaskKind, taskAttribute: string, classes: Array<string> }> } | null, plugins: Array<{ id: string, kind: PluginKind, version: number, doc: string, source: string }>, experiments: Array<{ slug: string, title: string }>, publications: { nodes: Array<{ slug: string, title: string, version: number }> } };

export type EvaluationsQueryVariables = Exact<{
  id: string | number;
}>;


export type EvaluationsQuery = { evaluation: { id: string, scoredCount: number, missingScoreCount: number, dataset: { slug: string }, model: { slug: string }, run: { id: string, kind: RunKind, state: RunState } } | null, evaluations: { totalCount: number, nodes: Array<{ id: string }> } };

export type StratifiedAucQueryVariables = Exact<{
  input: StratifiedAucInput;
}>;


export type StratifiedAucQuery = { stratifiedAuc: { suppressed: number, cells: Array<{ class: string, auc: number | null, se: number | null, ciLow: number | null, ciHigh: number | null, nPositive: number | null, nNegative: number | null, nPatients: number | null, status: CellStatus, reason: string | null, stratum: Array<{ attribute: string, level: string }> }> } };

export type RocCurveQueryVariables = Exact<{
  input: RocCurveInput;
}>;


export type RocCurveQuery = { rocCurve: { class: string, fpr: Array<number>, tpr: Array<number>, threshold: Array<number | null>, auc: number | null, status: CellStatus } };

export type CompareAucQueryVariables = Exact<{
  input: CompareAucInput;
}>;


export type CompareAucQuery = { compareAuc: { cells: Array<{ class: string, method: ComparisonMethod, difference: number | null, ciLow: number | null, ciHigh: number | null, p: number | null, status: CellStatus }> } };

export type GapsQueryVariables = Exact<{
  input: GapsInput;
}>;


export type GapsQuery = { gaps: { thresholds: Array<{ class: string, threshold: number | null }>, gaps: Array<{ class: string, rate: OperatingRate, gap: number | null, ciLow: number | null, ciHigh: number | null }> } };

export type CalibrationQueryVariables = Exact<{
  input: CalibrationInput;
}>;


export type CalibrationQuery = { calibration: { cells: Array<{ class: string, brier: number | null, ece: number | null, status: CellStatus, bins: Array<{ meanPredicted: number, observed: number, count: number }> | null }> } };

export type MetaAnalysisQueryVariables = Exact<{
  input: MetaAnalysisInput;
}>;


export type MetaAnalysisQuery = { metaAnalysis: { k: number, estimate: number, ciLow: number, ciHigh: number, se: number, predictionLow: number | null, predictionHigh: number | null, tau2: number, i2: number, h2: number, q: number, qP: number, eggerP: number | null, forestSvg: string, studies: Array<{ label: string, value: number, ciLow: number, ciHigh: number, weight: number }>, coefficients: Array<{ name: string, estimate: number }>, leaveOneOut: Array<{ omitted: string, estimate: number | null }> } };

export type MetricsQueryVariables = Exact<{
  filter?: MetricFilter | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type MetricsQuery = { metrics: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, metric: string, class: string | null, value: number | null, ciLow: number | null, ciHigh: number | null, status: CellStatus, reason: string | null, printed: string | null, origin: MetricOrigin, publication: { slug: string } | null }> } };

export type RecordMetricsMutationVariables = Exact<{
  input: StratifiedAucInput;
}>;


export type RecordMetricsMutation = { recordMetrics: { records: Array<{ id: string, class: string | null, value: number | null, reason: string | null }> } };

export type RunQueryVariables = Exact<{
  id: string | number;
}>;


export type RunQuery = { run: { id: string, kind: RunKind, state: RunState, plugin: string, pluginVersion: number, fingerprint: string, startedAt: string | null, finishedAt: string | null } | null };


export const CatalogueDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Catalogue"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"dataset"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"model"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"dataset"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"slug"},"value":{"kind":"Variable","name":{"kind":"Name","value":"dataset"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"versions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"imageCount"}},{"kind":"Field","name":{"kind":"Name","value":"patientCount"}},{"kind":"Field","name":{"kind":"Name","value":"attributes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"levels"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"level"}},{"kind":"Field","name":{"kind":"Name","value":"imageCount"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"splits"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"datasets"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"origin"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"model"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"slug"},"value":{"kind":"Variable","name":{"kind":"Name","value":"model"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"versions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"taskKind"}},{"kind":"Field","name":{"kind":"Name","value":"taskAttribute"}},{"kind":"Field","name":{"kind":"Name","value":"classes"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"plugins"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"doc"}},{"kind":"Field","name":{"kind":"Name","value":"source"}}]}},{"kind":"Field","name":{"kind":"Name","value":"experiments"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"title"}}]}},{"kind":"Field","name":{"kind":"Name","value":"publications"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]}}]}}]} as unknown as DocumentNode<CatalogueQuery, CatalogueQueryVariables>;
export const EvaluationsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Evaluations"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"evaluation"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"scoredCount"}},{"kind":"Field","name":{"kind":"Name","value":"missingScoreCount"}},{"kind":"Field","name":{"kind":"Name","value":"dataset"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}}]}},{"kind":"Field","name":{"kind":"Name","value":"model"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}}]}},{"kind":"Field","name":{"kind":"Name","value":"run"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"evaluations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"2"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<EvaluationsQuery, EvaluationsQueryVariables>;
export const StratifiedAucDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"StratifiedAuc"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"StratifiedAucInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stratifiedAuc"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"suppressed"}},{"kind":"Field","name":{"kind":"Name","value":"cells"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"class"}},{"kind":"Field","name":{"kind":"Name","value":"stratum"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"attribute"}},{"kind":"Field","name":{"kind":"Name","value":"level"}}]}},{"kind":"Field","name":{"kind":"Name","value":"auc"}},{"kind":"Field","name":{"kind":"Name","value":"se"}},{"kind":"Field","name":{"kind":"Name","value":"ciLow"}},{"kind":"Field","name":{"kind":"Name","value":"ciHigh"}},{"kind":"Field","name":{"kind":"Name","value":"nPositive"}},{"kind":"Field","name":{"kind":"Name","value":"nNegative"}},{"kind":"Field","name":{"kind":"Name","value":"nPatients"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]}}]} as unknown as DocumentNode<StratifiedAucQuery, StratifiedAucQueryVariables>;
export const RocCurveDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"RocCurve"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RocCurveInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rocCurve"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"class"}},{"kind":"Field","name":{"kind":"Name","value":"fpr"}},{"kind":"Field","name":{"kind":"Name","value":"tpr"}},{"kind":"Field","name":{"kind":"Name","value":"threshold"}},{"kind":"Field","name":{"kind":"Name","value":"auc"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]} as unknown as DocumentNode<RocCurveQuery, RocCurveQueryVariables>;
export const CompareAucDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CompareAuc"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CompareAucInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"compareAuc"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cells"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"class"}},{"kind":"Field","name":{"kind":"Name","value":"method"}},{"kind":"Field","name":{"kind":"Name","value":"difference"}},{"kind":"Field","name":{"kind":"Name","value":"ciLow"}},{"kind":"Field","name":{"kind":"Name","value":"ciHigh"}},{"kind":"Field","name":{"kind":"Name","value":"p"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]}}]} as unknown as DocumentNode<CompareAucQuery, CompareAucQueryVariables>;
export const GapsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Gaps"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"GapsInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"gaps"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"thresholds"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"class"}},{"kind":"Field","name":{"kind":"Name","value":"threshold"}}]}},{"kind":"Field","name":{"kind":"Name","value":"gaps"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"class"}},{"kind":"Field","name":{"kind":"Name","value":"rate"}},{"kind":"Field","name":{"kind":"Name","value":"gap"}},{"kind":"Field","name":{"kind":"Name","value":"ciLow"}},{"kind":"Field","name":{"kind":"Name","value":"ciHigh"}}]}}]}}]}}]} as unknown as DocumentNode<GapsQuery, GapsQueryVariables>;
export const CalibrationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Calibration"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CalibrationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"calibration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cells"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"class"}},{"kind":"Field","name":{"kind":"Name","value":"brier"}},{"kind":"Field","name":{"kind":"Name","value":"ece"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"bins"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"meanPredicted"}},{"kind":"Field","name":{"kind":"Name","value":"observed"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CalibrationQuery, CalibrationQueryVariables>;
export const MetaAnalysisDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"MetaAnalysis"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"MetaAnalysisInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"metaAnalysis"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"k"}},{"kind":"Field","name":{"kind":"Name","value":"estimate"}},{"kind":"Field","name":{"kind":"Name","value":"ciLow"}},{"kind":"Field","name":{"kind":"Name","value":"ciHigh"}},{"kind":"Field","name":{"kind":"Name","value":"se"}},{"kind":"Field","name":{"kind":"Name","value":"predictionLow"}},{"kind":"Field","name":{"kind":"Name","value":"predictionHigh"}},{"kind":"Field","name":{"kind":"Name","value":"tau2"}},{"kind":"Field","name":{"kind":"Name","value":"i2"}},{"kind":"Field","name":{"kind":"Name","value":"h2"}},{"kind":"Field","name":{"kind":"Name","value":"q"}},{"kind":"Field","name":{"kind":"Name","value":"qP"}},{"kind":"Field","name":{"kind":"Name","value":"eggerP"}},{"kind":"Field","name":{"kind":"Name","value":"forestSvg"}},{"kind":"Field","name":{"kind":"Name","value":"studies"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"ciLow"}},{"kind":"Field","name":{"kind":"Name","value":"ciHigh"}},{"kind":"Field","name":{"kind":"Name","value":"weight"}}]}},{"kind":"Field","name":{"kind":"Name","value":"coefficients"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"estimate"}}]}},{"kind":"Field","name":{"kind":"Name","value":"leaveOneOut"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"omitted"}},{"kind":"Field","name":{"kind":"Name","value":"estimate"}}]}}]}}]}}]} as unknown as DocumentNode<MetaAnalysisQuery, MetaAnalysisQueryVariables>;
export const MetricsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Metrics"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"MetricFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"metrics"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"metric"}},{"kind":"Field","name":{"kind":"Name","value":"class"}},{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"ciLow"}},{"kind":"Field","name":{"kind":"Name","value":"ciHigh"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"printed"}},{"kind":"Field","name":{"kind":"Name","value":"origin"}},{"kind":"Field","name":{"kind":"Name","value":"publication"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}}]}}]}}]}}]}}]} as unknown as DocumentNode<MetricsQuery, MetricsQueryVariables>;
export const RecordMetricsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecordMetrics"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"StratifiedAucInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordMetrics"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"records"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"class"}},{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]}}]} as unknown as DocumentNode<RecordMetricsMutation, RecordMetricsMutationVariables>;
export const RunDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Run"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"run"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"plugin"}},{"kind":"Field","name":{"kind":"Name","value":"pluginVersion"}},{"kind":"Field","name":{"kind":"Name","value":"fingerprint"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}}]}}]}}]} as unknown as DocumentNode<RunQuery, RunQueryVariables>;