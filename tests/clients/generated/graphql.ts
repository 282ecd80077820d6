/* eslint-disable */
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A date-time string at UTC, such as 2007-12-03T10:15:30Z, compliant with the `date-time` format outlined in section 5.6 of the RFC 3339 profile of the ISO 8601 standard for representation of dates and times using the Gregorian calendar. */
  DateTime: { input: string; output: string; }
  /** The `JSONObject` scalar type represents JSON objects as specified by [ECMA-404](http://www.ecma-international.org/publications/files/ECMA-ST/ECMA-404.pdf). */
  JSONObject: { input: Record<string, unknown>; output: Record<string, unknown>; }
  /** The `SafeInt` scalar type represents non-fractional signed whole numeric values that are considered safe as defined by the ECMAScript specification. */
  SafeInt: { input: number; output: number; }
};

/** One attribute of every image of a version. */
export type Attribute = {
  __typename?: 'Attribute';
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** What it holds. */
  kind: AttributeKind;
  /** Levels with the images and patients at each: categories in natural order, numbers in the study's bands, then unknown. None for patients, studies and other numbers. */
  levels: Array<AttributeLevel>;
  /** The mapping that its categories come from; null where they are as recorded. */
  mapping?: Maybe<CategoryMapping>;
  /** Name to use in `by` and `where`. Canonical names are race (self-reported), sex, age, bmi, breast_density, view, site, equipment and finding:<name>. */
  name: Scalars['String']['output'];
  /** Column of the source it came from. */
  sourceColumn?: Maybe<Scalars['String']['output']>;
  /** Unit of a number, for example years. */
  unit?: Maybe<Scalars['String']['output']>;
  /** Images without a value; to the nearest 5 without row-level rights; null when suppressed. */
  unknownCount?: Maybe<Scalars['SafeInt']['output']>;
};

/** The bands in which a number attribute divides rows. */
export type AttributeBins = {
  /** Name of the number attribute. */
  attribute: Scalars['String']['input'];
  /** Ascending edges, at most 100: each band includes its lower edge and not its upper; what lies below the first edge and from the last one on are bands too. */
  edges: Array<Scalars['Float']['input']>;
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

/** A value that an attribute takes, and how often. */
export type AttributeLevel = {
  __typename?: 'AttributeLevel';
  /** Images at this level; to the nearest 5 without row-level rights; null when suppressed. */
  imageCount?: Maybe<Scalars['SafeInt']['output']>;
  /** The level as strata name it: a category, a band of a number, or unknown. Ages over 89 read 90+. */
  level: Scalars['String']['output'];
  /** Distinct patients at this level; to the nearest 5 without row-level rights; null when suppressed or where the source names no patients. */
  patientCount?: Maybe<Scalars['SafeInt']['output']>;
  /** Values of the source that are this level, exactly as recorded. */
  recorded: Array<Scalars['String']['output']>;
  /** Whether the counts are withheld: fewer than 11 patients, none, or enough to tell such a level by subtraction. */
  suppressed: Scalars['Boolean']['output'];
};

/** How one attribute is read. */
export type AttributeMappingInput = {
  /** Header of the column. */
  column: Scalars['String']['input'];
  /** How the values are read. */
  kind: AttributeReading;
  /** Recorded values to categories; both are kept. */
  map?: InputMaybe<Array<RecordedValueInput>>;
  /** A stored mapping of recorded values, such as chexpert-race-three-class@1. */
  mapping?: InputMaybe<Scalars['String']['input']>;
  /** Recorded values that mean unknown, beside the empty cell. */
  missing?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Name in the warehouse: race (self-reported), sex, age, bmi, view, site, or a name of your own. */
  name: Scalars['String']['input'];
  /** The only values allowed, after the mapping. */
  vocabulary?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** A condition on one attribute: levels (in), or a range of a number (gte, lt). */
export type AttributePredicate = {
  /** Name of the attribute, or `split:<name>` for the parts of a split. */
  attribute: Scalars['String']['input'];
  /** Smallest number kept, in the attribute's unit. */
  gte?: InputMaybe<Scalars['Float']['input']>;
  /** Levels that are kept, as cells name them; `unknown` keeps rows without a recorded value. */
  in?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Numbers below this are kept, in the attribute's unit. */
  lt?: InputMaybe<Scalars['Float']['input']>;
};

/** How the values of an attribute are read. */
export type AttributeReading =
  /** Years, or a DICOM age such as 058Y, 006M, 003W, 015D; up to 120 years. */
  | 'AGE'
  /** Words, kept as recorded. */
  | 'CATEGORY'
  /** Numbers. */
  | 'NUMBER';

/** The AUC of one class in one stratum. */
export type AucCell = {
  __typename?: 'AucCell';
  /** Area under the ROC curve, 0 to 1, ties counting one half; null unless status is OK. */
  auc?: Maybe<Scalars['Float']['output']>;
  /** Upper end of the interval, 0 to 1. */
  ciHigh?: Maybe<Scalars['Float']['output']>;
  /** Lower end of the interval, 0 to 1. */
  ciLow?: Maybe<Scalars['Float']['output']>;
  /** The class, against the rest of the task's classes. */
  class: Scalars['String']['output'];
  /** Why there is no interval although there is an AUC, as a code, for example DEGENERATE. */
  intervalReason?: Maybe<Scalars['String']['output']>;
  /** Rows of the stratum left out: truth or score unknown, or a truth of none of the classes. */
  nLeftOut?: Maybe<Scalars['Int']['output']>;
  /** Rows of the other classes with a score. */
  nNegative?: Maybe<Scalars['Int']['output']>;
  /** Distinct patients behind those rows; null when the source names none. */
  nPatients?: Maybe<Scalars['Int']['output']>;
  /** Rows of the class with a score. */
  nPositive?: Maybe<Scalars['Int']['output']>;
  /** Why there is no AUC, as a code, for example NO_POSITIVES; null when status is OK. */
  reason?: Maybe<Scalars['String']['output']>;
  /** Standard error of the AUC; null without an interval. */
  se?: Maybe<Scalars['Float']['output']>;
  /** Whether the cell has an AUC. */
  status: CellStatus;
  /** The levels that make the stratum, in the order of `by`. */
  stratum: Array<StratumLevel>;
};

/** Differences of AUCs by class and stratum. */
export type AucComparison = {
  __typename?: 'AucComparison';
  /** By class, then by stratum. */
  cells: Array<AucComparisonCell>;
  /** What a reader should know, one sentence each. */
  remarks: Array<Scalars['String']['output']>;
  /** Cells whose status is SUPPRESSED. */
  suppressed: Scalars['Int']['output'];
};

/** Two AUCs and their difference, in one stratum. */
export type AucComparisonCell = {
  __typename?: 'AucComparisonCell';
  /** AUC of the first side; when paired by DeLong, over rows with both scores. */
  aucFirst?: Maybe<Scalars['Float']['output']>;
  /** AUC of the second side. */
  aucSecond?: Maybe<Scalars['Float']['output']>;
  /** Upper end of its interval. */
  ciHigh?: Maybe<Scalars['Float']['output']>;
  /** Lower end of its interval. */
  ciLow?: Maybe<Scalars['Float']['output']>;
  /** The class of the first side. */
  class: Scalars['String']['output'];
  /** Degrees of freedom of Student's t; null for the normal. */
  df?: Maybe<Scalars['Float']['output']>;
  /** First minus second, -1 to 1. */
  difference?: Maybe<Scalars['Float']['output']>;
  /** How they were compared. */
  method: ComparisonMethod;
  /** Negative rows of the first side. */
  nNegativeFirst?: Maybe<Scalars['SafeInt']['output']>;
  /** Negative rows of the second side. */
  nNegativeSecond?: Maybe<Scalars['SafeInt']['output']>;
  /** Positive rows of the first side. */
  nPositiveFirst?: Maybe<Scalars['SafeInt']['output']>;
  /** Positive rows of the second side. */
  nPositiveSecond?: Maybe<Scalars['SafeInt']['output']>;
  /** Two-sided, of the hypothesis that the AUCs are equal. */
  p?: Maybe<Scalars['Float']['output']>;
  /** The same, adjusted for the number of cells. */
  pAdjusted?: Maybe<Scalars['Float']['output']>;
  /** Why there is none; or DEGENERATE where it cannot be tested. */
  reason?: Maybe<Scalars['String']['output']>;
  /** Standard error of the difference. */
  se?: Maybe<Scalars['Float']['output']>;
  /** The class of the second side. */
  secondClass: Scalars['String']['output'];
  /** Difference over standard error; null without row-level rights. */
  statistic?: Maybe<Scalars['Float']['output']>;
  /** Whether there is a difference. */
  status: CellStatus;
  /** The stratum by `by`, without what sets the sides apart. */
  stratum: Array<StratumLevel>;
};

/** What an answer was computed with. */
export type AucOrigin = {
  __typename?: 'AucOrigin';
  /** How the intervals were made. */
  ci: CiMethod;
  /** Fingerprint of the evaluation's scores: 64 hexadecimal digits. */
  evaluationFingerprint: Scalars['String']['output'];
  /** SHA-256 of everything that decides the answer: equal requests have equal fingerprints. */
  fingerprint: Scalars['String']['output'];
  /** Id of the interval plugin; null for NONE. */
  interval?: Maybe<Scalars['String']['output']>;
  /** Version of the interval plugin. */
  intervalVersion?: Maybe<Scalars['Int']['output']>;
  /** Nominal coverage of the intervals. */
  level: Scalars['Float']['output'];
  /** Id of the metric plugin. */
  metric: Scalars['String']['output'];
  /** Version of the metric plugin: raised whenever a number may change. */
  metricVersion: Scalars['Int']['output'];
  /** What one row was. */
  unit: UnitOfAnalysis;
};

/** One side of a comparison. */
export type AucSideInput = {
  /** The class; null on both sides: every class they have in common. */
  class?: InputMaybe<Scalars['String']['input']>;
  /** Id of the evaluation. */
  evaluation: Scalars['ID']['input'];
  /** The stratum; of the same attributes on both sides. */
  stratum?: Array<StratumLevelInput>;
};

/** The study's experiments on a dataset: its run, its steps, its report. */
export type Audit = {
  __typename?: 'Audit';
  /** The attribute that is asked about, as the dataset names it. */
  attribute: Scalars['String']['output'];
  /** Its classes. */
  classes: Array<Scalars['String']['output']>;
  /** Slugs of its datasets; the first is the one that is asked about. */
  datasets: Array<Scalars['String']['output']>;
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** What is left out, once it has ended. */
  leftOut: Array<AuditGap>;
  /** Ids of its protocols. */
  protocols: Array<Scalars['String']['output']>;
  /** Its report as one HTML page without scripts; null before it has succeeded. */
  report?: Maybe<Scalars['String']['output']>;
  /** Its run. */
  run: Run;
  /** How it is done: seeds, network, intervals, split. */
  settings: Scalars['JSONObject']['output'];
  /** Its trainings and evaluations, each after what it needs; none before a worker has begun it. */
  steps: Array<AuditStep>;
  /** Everything that its report says, as values: cohorts, results, sweeps, patches, strata, pooled estimates, each number with its interval and the id of its record, published numbers beside them; null before it has succeeded. */
  values?: Maybe<Scalars['JSONObject']['output']>;
};

/** Something that was asked for and is not done, with the reason. */
export type AuditGap = {
  __typename?: 'AuditGap';
  /** What of it; null: all. */
  part?: Maybe<Scalars['String']['output']>;
  /** Id of the protocol. */
  protocol: Scalars['String']['output'];
  /** Why. */
  reason: Scalars['String']['output'];
};

/** How an audit's transforms are done. */
export type AuditMode =
  /** As the study's words say. */
  | 'CORRECTED'
  /** As the study's published code does them. */
  | 'LEGACY';

/** What an audit would do, and what it costs. Nothing is queued. */
export type AuditPlan = {
  __typename?: 'AuditPlan';
  /** Bytes of models and scores. */
  bytes: Scalars['Float']['output'];
  /** Evaluations to be done. */
  evaluations: Scalars['Int']['output'];
  /** Models of recorded attributes to be cross-validated. */
  fits: Scalars['Int']['output'];
  /** What is left out. */
  leftOut: Array<AuditGap>;
  /** Steps whose result is there already. */
  reused: Scalars['Int']['output'];
  /** Seconds with one worker, at most, by the rates of earlier runs here. */
  seconds: Scalars['Float']['output'];
  /** Its steps; SUCCEEDED are those whose result is there already. */
  steps: Array<AuditStep>;
  /** Trainings to be done. */
  trainings: Scalars['Int']['output'];
};

/** One training or evaluation of an audit. */
export type AuditStep = {
  __typename?: 'AuditStep';
  /** What it does. */
  kind: AuditStepKind;
  /** Short name within the audit. */
  name: Scalars['String']['output'];
  /** Why it failed or was left out. */
  reason?: Maybe<Scalars['String']['output']>;
  /** Its run; null where none was asked for. */
  run?: Maybe<Run>;
  /** How far it is. */
  state: AuditStepState;
  /** What it is, for people. */
  title: Scalars['String']['output'];
};

/** What a step of an audit does. */
export type AuditStepKind =
  /** Scores images with it. */
  | 'EVALUATE'
  /** Cross-validates a model of recorded attributes, or of grey levels wherever they lie. */
  | 'FIT'
  /** Trains a network. */
  | 'TRAIN';

/** How far a step of an audit is. */
export type AuditStepState =
  /** Its run was stopped by request. */
  | 'CANCELLED'
  /** It ended without a result, or was refused; see reason. */
  | 'FAILED'
  /** What it needs has no result. */
  | 'LEFT_OUT'
  /** Its run waits for a worker. */
  | 'QUEUED'
  /** A worker has its run. */
  | 'RUNNING'
  /** Its result is stored. */
  | 'SUCCEEDED'
  /** For the step that it needs, or to be asked for. */
  | 'WAITING';

/** Random changes of each training image, drawn anew each epoch; absent ones are not made. */
export type AugmentationInput = {
  /** A random part of this share of the area at least, brought back to the whole size. */
  cropLeastArea?: InputMaybe<Scalars['Float']['input']>;
  /** Least ratio of such a part's sides; default 3/4. */
  cropLeastRatio?: InputMaybe<Scalars['Float']['input']>;
  /** Chance of a left-right mirror, 0 to 1. */
  flip?: InputMaybe<Scalars['Float']['input']>;
  /** Largest angle in degrees, either way; 0 to 180. */
  rotation?: InputMaybe<Scalars['Float']['input']>;
  /** Largest share by which it is scaled, either way; below 1. */
  zoom?: InputMaybe<Scalars['Float']['input']>;
};

/** What to do about a file that is no usable image. */
export type BadFilePolicy =
  /** Refuse the import. */
  | 'FAIL'
  /** Leave the image out, counted by code. */
  | 'SKIP';

/** Whether to do what the study's text says or what its published code does. */
export type BandPassMode =
  /** What the study's text says. */
  | 'CORRECTED'
  /** What the study's published code does, to the bit. */
  | 'LEGACY';

/** Parameters of the transform BandPass. */
export type BandPassParams = {
  /** Inner radius of the ring; its own distance is inside. In frequency bins, from 0 to 65536. */
  inner: Scalars['Float']['input'];
  /** Whether to do what the study's text says or what its published code does. */
  mode?: BandPassMode;
  /** Outer radius of the ring; its own distance is outside. In frequency bins, from 0 to 65536. */
  outer: Scalars['Float']['input'];
};

/** Which way a metric is good. */
export type BetterDirection =
  /** Larger values are better. */
  | 'HIGHER'
  /** Smaller values are better. */
  | 'LOWER'
  /** Neither. */
  | 'NEITHER';

/** How scores are put into bins. */
export type Binning =
  /** Bins of equal width from 0 to 1. */
  | 'EQUAL_WIDTH'
  /** Bins of nearly equal count in each stratum; equal scores stay together. */
  | 'QUANTILE';

/** What an empty label becomes in a dataset. */
export type BlankLabels =
  /** Unknown, counted. */
  | 'UNKNOWN'
  /** Negative: not mentioned is taken for absent. */
  | 'ZEROS';

/** Whether to do what the study's text says or what its published code does. */
export type BlurMode =
  /** What the study's text says. */
  | 'CORRECTED'
  /** What the study's published code does, to the bit. */
  | 'LEGACY';

/** Parameters of the transform Blur. */
export type BlurParams = {
  /** Standard deviation of the blur. In pixels, from 0 to 1000. */
  deviation?: Scalars['Float']['input'];
  /** Whether to do what the study's text says or what its published code does. */
  mode?: BlurMode;
};

/** Calibration by class and stratum. */
export type CalibrationAnalysis = {
  __typename?: 'CalibrationAnalysis';
  /** By class, then by stratum. */
  cells: Array<CalibrationCell>;
  /** What a reader should know, one sentence each. */
  remarks: Array<Scalars['String']['output']>;
  /** Cells whose status is SUPPRESSED. */
  suppressed: Scalars['Int']['output'];
};

/** One bin of a calibration curve. */
export type CalibrationBin = {
  __typename?: 'CalibrationBin';
  /** Upper end of Wilson's interval of that share. */
  ciHigh?: Maybe<Scalars['Float']['output']>;
  /** Lower end of Wilson's interval of that share. */
  ciLow?: Maybe<Scalars['Float']['output']>;
  /** Rows in the bin. */
  count: Scalars['SafeInt']['output'];
  /** Smallest score in the bin. */
  from: Scalars['Float']['output'];
  /** Mean score of the bin. */
  meanPredicted: Scalars['Float']['output'];
  /** Share of positive rows. */
  observed: Scalars['Float']['output'];
  /** Positive rows in the bin. */
  positives: Scalars['SafeInt']['output'];
  /** Largest score in the bin. */
  to: Scalars['Float']['output'];
};

/** Calibration of one class in one stratum. */
export type CalibrationCell = {
  __typename?: 'CalibrationCell';
  /** The curve, without empty bins; null without row-level rights. */
  bins?: Maybe<Array<CalibrationBin>>;
  /** Mean squared difference of score and truth, 0 to 1; 0 is best. */
  brier?: Maybe<Scalars['Float']['output']>;
  /** The class. */
  class: Scalars['String']['output'];
  /** Expected calibration error over the bins, 0 to 1; 0 is best. */
  ece?: Maybe<Scalars['Float']['output']>;
  /** Calibration in the large, in log odds: 0 is ideal, above 0 the scores are too low. */
  intercept?: Maybe<CalibrationCoefficient>;
  /** Rows left out: truth or score unknown. */
  nLeftOut?: Maybe<Scalars['SafeInt']['output']>;
  /** Rows of the other classes with a score. */
  nNegative?: Maybe<Scalars['SafeInt']['output']>;
  /** Distinct patients behind those rows. */
  nPatients?: Maybe<Scalars['SafeInt']['output']>;
  /** Rows of the class with a score. */
  nPositive?: Maybe<Scalars['SafeInt']['output']>;
  /** Why there are none, as a code. */
  reason?: Maybe<Scalars['String']['output']>;
  /** Why there is no intercept and slope, as a code. */
  recalibrationReason?: Maybe<Scalars['String']['output']>;
  /** Calibration slope: 1 is ideal, below 1 the scores are too extreme. */
  slope?: Maybe<CalibrationCoefficient>;
  /** Whether there are numbers. */
  status: CellStatus;
  /** The stratum; empty for the whole. */
  stratum: Array<StratumLevel>;
};

/** A coefficient with its Wald interval. */
export type CalibrationCoefficient = {
  __typename?: 'CalibrationCoefficient';
  /** Upper end of its interval. */
  ciHigh?: Maybe<Scalars['Float']['output']>;
  /** Lower end of its interval. */
  ciLow?: Maybe<Scalars['Float']['output']>;
  /** The coefficient. */
  value?: Maybe<Scalars['Float']['output']>;
};

/** How far the scores of which rows are from being probabilities. */
export type CalibrationInput = {
  /** Bins of the curve, 1 to 1,000. ECE depends on them. */
  binCount?: Scalars['Int']['input'];
  /** How scores are put into bins. */
  binning?: Binning;
  /** Bands of number attributes; null: those of the study for `age` and `bmi`. */
  bins?: InputMaybe<Array<AttributeBins>>;
  /** Attributes that divide the rows, at most 8: categories, `age` and `bmi` in the study's bands, other numbers with `bins`, `split:<name>`. None: the whole is one cell a class. */
  by?: Array<Scalars['String']['input']>;
  /** Classes of the task; null: all, in its order. */
  classes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Id of the evaluation. */
  evaluation: Scalars['ID']['input'];
  /** Nominal coverage of the intervals, in (0, 1). */
  level?: Scalars['Float']['input'];
  /** What one row is. */
  unit?: UnitOfAnalysis;
  /** Conditions that hold together, at most 8. */
  where?: InputMaybe<Array<AttributePredicate>>;
};

/** A versioned mapping from the values a source records to a study's categories, for example of self-reported race. */
export type CategoryMapping = {
  __typename?: 'CategoryMapping';
  /** The attribute it is for. */
  attribute: Scalars['String']['output'];
  /** What it does. */
  description: Scalars['String']['output'];
  /** Every value it lists, in order of the value. */
  entries: Array<CategoryMappingEntry>;
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** Rules in words, in order. */
  rules?: Maybe<Array<Scalars['String']['output']>>;
  /** Name of the mapping. */
  slug: Scalars['String']['output'];
  /** Who says so. */
  source: Scalars['String']['output'];
  /** What becomes of recorded values it does not list. */
  unlisted: UnlistedValues;
  /** Version, from 1; a change of any entry is a new version. */
  version: Scalars['Int']['output'];
};

/** One recorded value and its category. */
export type CategoryMappingEntry = {
  __typename?: 'CategoryMappingEntry';
  /** Its category; null leaves it out of the analysis, counted. */
  category?: Maybe<Scalars['String']['output']>;
  /** A remark. */
  note?: Maybe<Scalars['String']['output']>;
  /** The value exactly as the source records it. */
  recorded: Scalars['String']['output'];
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

/** A class of the task and the column of the file that belongs to it. */
export type ClassColumnInput = {
  /** Class name. */
  class: Scalars['String']['input'];
  /** Header of the column. */
  column: Scalars['String']['input'];
};

/** Whether to do what the study's text says or what its published code does. */
export type ClipMode =
  /** What the study's text says. */
  | 'CORRECTED'
  /** What the study's published code does, to the bit. */
  | 'LEGACY';

/** Parameters of the transform Clip. */
export type ClipParams = {
  /** The largest value left. In brightness, or normalised value in legacy, from -10 to 10. */
  ceiling?: Scalars['Float']['input'];
  /** Whether to do what the study's text says or what its published code does. */
  mode?: ClipMode;
};

/** A file in NumPy's format that an evaluation left beside its scores, below the worker's home. */
export type Companion = {
  __typename?: 'Companion';
  /** What it holds: ordinals.npy says which image each row of the others is. */
  file: Scalars['String']['output'];
  /** Folder below the home of the worker that evaluated. */
  folder: Scalars['String']['output'];
  /** SHA-256 of the file: 64 hexadecimal digits. */
  sha256: Scalars['String']['output'];
  /** Sizes, rows first: one row an image. */
  shape: Array<Scalars['Int']['output']>;
};

/** Two AUCs to compare: of two evaluations, two classes or two strata. */
export type CompareAucInput = {
  /** How p-values are adjusted across all cells of the answer. */
  adjustment?: PAdjustment;
  /** Bands of number attributes. */
  bins?: InputMaybe<Array<AttributeBins>>;
  /** Attributes that divide both sides; the comparison is made in every stratum. */
  by?: Array<Scalars['String']['input']>;
  /** The first side. */
  first: AucSideInput;
  /** Nominal coverage of the intervals, in (0, 1). */
  level?: Scalars['Float']['input'];
  /** Whether rows are matched. */
  pairing?: Pairing;
  /** Resamples where the bootstrap is used: 100 to 10,000. */
  replicates?: InputMaybe<Scalars['Int']['input']>;
  /** The second side: the difference is first minus second. */
  second: AucSideInput;
  /** Seed of the resamples. */
  seed?: InputMaybe<Scalars['Int']['input']>;
  /** What tests the difference. */
  test?: ComparisonTest;
  /** What one row is. */
  unit?: UnitOfAnalysis;
  /** Conditions on the rows of both sides. */
  where?: InputMaybe<Array<AttributePredicate>>;
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

/** A model of what is recorded about images and patients. */
export type ConfounderModel =
  /** Gradient boosted trees of Yggdrasil Decision Forests, with its settings. */
  | 'BOOSTED_TREES'
  /** Logistic regression with a ridge of 1 on standardised columns. */
  | 'LOGISTIC_REGRESSION'
  /** A random forest of Yggdrasil Decision Forests, with its settings. */
  | 'RANDOM_FOREST';

/** Which attribute, from which others, by which model. */
export type ConfoundersInput = {
  /** The attribute to be recovered. */
  attribute: Scalars['String']['input'];
  /** Its levels that are told apart; default: every one. Rows of others are scored, not learnt from. */
  classes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Slug of the dataset. */
  dataset: Scalars['String']['input'];
  /** Version of the dataset; default: the newest. */
  datasetVersion?: InputMaybe<Scalars['Int']['input']>;
  /** Attributes that it is recovered from; `finding:*` is every finding. */
  features?: Array<Scalars['String']['input']>;
  /** Folds by patient, 2 to 20. */
  folds?: Scalars['Int']['input'];
  /** Beside them, shares of so many grey levels of the images; where the levels lie plays no part. */
  histogramBins?: InputMaybe<Scalars['Int']['input']>;
  /** By which model. */
  model?: ConfounderModel;
  /** Who trains for whom. */
  scheme?: ValidationScheme;
  /** Seed of the folds. */
  seed?: Scalars['Int']['input'];
};

/** The run that makes the model and its evaluation. */
export type ConfoundersPayload = {
  __typename?: 'ConfoundersPayload';
  /** Whether this request made the run; false: it was asked for before. */
  created: Scalars['Boolean']['output'];
  /** The run; its evaluation holds the out-of-fold scores. */
  run: Run;
};

/** A file to announce. */
export type CreateUploadInput = {
  /** Length of the file in bytes; when given, a file of another length is refused. */
  byteLength?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Name of the file, 1 to 255 characters: for people, and to tell its format by the ending. */
  fileName: Scalars['String']['input'];
};

/** A collection of images; what it holds is in its versions. */
export type Dataset = {
  __typename?: 'Dataset';
  /** How the images may be had from their source. */
  access: DatasetAccess;
  /** Part of the body, for example chest. */
  bodyPart?: Maybe<Scalars['String']['output']>;
  /** What the images are and where they come from. */
  description?: Maybe<Scalars['String']['output']>;
  /** Evaluations on it, the newest first. */
  evaluations: EvaluationConnection;
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** Licence or agreement under which the images may be used. */
  licence?: Maybe<Scalars['String']['output']>;
  /** Imaging modality, for example CXR, CT or MG. */
  modality?: Maybe<Scalars['String']['output']>;
  /** What the caller may see of it. */
  myRole: Role;
  /** Whether it was imported here or is known from a publication only. */
  origin: DatasetOrigin;
  /** Facts as a publication prints them, such as cohort counts; never used in a computation. */
  printedFacts?: Maybe<Scalars['JSONObject']['output']>;
  /** When it was first recorded here. */
  recordedAt: Scalars['DateTime']['output'];
  /** Short name, unique for ever: use it in requests and links. */
  slug: Scalars['String']['output'];
  /** Name for people. */
  title: Scalars['String']['output'];
  /** Its frozen versions, the newest first. */
  versions: Array<DatasetVersion>;
};


/** A collection of images; what it holds is in its versions. */
export type DatasetEvaluationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** How the images may be had from their source. What a caller sees here is decided by roles, not by this. */
export type DatasetAccess =
  /** On application, under a data use agreement. */
  | 'CREDENTIALED'
  /** They stay with their owner. */
  | 'PRIVATE'
  /** Anyone may download them. */
  | 'PUBLIC';

/** How one attribute of a dataset is read. */
export type DatasetAttributeInput = {
  /** Where it stands. */
  cell: DatasetCellInput;
  /** Ages outside 0 to 120 years are unknown, counted; else they are refused. */
  implausibleIsUnknown?: Scalars['Boolean']['input'];
  /** How the values are read. */
  kind: AttributeReading;
  /** Recorded values to categories; both are kept. */
  map?: InputMaybe<Array<RecordedValueInput>>;
  /** A stored mapping of recorded values, such as chexpert-race-three-class@1. */
  mapping?: InputMaybe<Scalars['String']['input']>;
  /** Recorded values that mean unknown, beside the empty cell. */
  missing?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Name in the warehouse: race (self-reported), sex, age, bmi, view, site, or a name of your own. */
  name: Scalars['String']['input'];
  /** The only values allowed, after the mapping. */
  vocabulary?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** A cell of the manifest's row, or of the row it is joined to. */
export type DatasetCellInput = {
  /** Header of the column. */
  column: Scalars['String']['input'];
  /** First segment of a path to take, from 0; negative counts from the end. */
  firstPart?: InputMaybe<Scalars['Int']['input']>;
  /** Last segment to take; default the first. */
  lastPart?: InputMaybe<Scalars['Int']['input']>;
  /** The joined table; null is the manifest. */
  table?: InputMaybe<Scalars['String']['input']>;
};

/** One page of a list of Dataset nodes. */
export type DatasetConnection = {
  __typename?: 'DatasetConnection';
  /** The page's nodes with their cursors. */
  edges: Array<DatasetEdge>;
  /** The page's nodes without cursors. */
  nodes: Array<Dataset>;
  /** Where the page lies in the list. */
  pageInfo: PageInfo;
  /** Nodes in the whole list; counted only when asked for. */
  totalCount: Scalars['SafeInt']['output'];
};

/** A Dataset in a list, with its cursor. */
export type DatasetEdge = {
  __typename?: 'DatasetEdge';
  /** Opaque place of the node in this list, filter and order. */
  cursor: Scalars['String']['output'];
  /** The node. */
  node: Dataset;
};

/** Where an image's file is, below the folder: a column or a template. */
export type DatasetFilesInput = {
  /** Column of paths. */
  column?: InputMaybe<Scalars['String']['input']>;
  /** Leading segments to leave off. */
  drop?: Scalars['Int']['input'];
  /** It is a name, to be found in any folder below. */
  search?: Scalars['Boolean']['input'];
  /** Text with columns in braces: files/{study}/{id:2}.jpg, where {id:2} is the first two characters. */
  template?: InputMaybe<Scalars['String']['input']>;
};

/** Which datasets to list; all given conditions hold together. */
export type DatasetFilter = {
  /** Only datasets with this access at their source. */
  access?: InputMaybe<DatasetAccess>;
  /** Only this part of the body, exactly as recorded. */
  bodyPart?: InputMaybe<Scalars['String']['input']>;
  /** Only this imaging modality, exactly as recorded. */
  modality?: InputMaybe<Scalars['String']['input']>;
  /** Only datasets of this origin. */
  origin?: InputMaybe<DatasetOrigin>;
  /** Only datasets with these slugs; at most 200. */
  slugs?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** What an import of a dataset read, counted; nothing is dropped in silence. */
export type DatasetImportReport = {
  __typename?: 'DatasetImportReport';
  /** Images with the file of an earlier one. */
  duplicates: Scalars['SafeInt']['output'];
  /** Those of another patient than the earlier one. */
  duplicatesAcrossPatients: Scalars['SafeInt']['output'];
  /** Images that can be used. */
  images: Scalars['SafeInt']['output'];
  /** Ages outside 0 to 120 years, recorded as unknown. */
  implausibleAges: Scalars['SafeInt']['output'];
  /** Files left out, by code. */
  leftOut: Array<ImportProblemCount>;
  /** Distinct patients; 0 when the source names none. */
  patients: Scalars['SafeInt']['output'];
  /** Patients on two sides of the split. */
  patientsInTwoSplits: Scalars['Int']['output'];
  /** The first files left out, and the first images of one patient that another one has too. */
  remarks: Array<ImportProblem>;
  /** Rows of the manifest. */
  rows: Scalars['SafeInt']['output'];
  /** Distinct studies; 0 when the source names none. */
  studies: Scalars['SafeInt']['output'];
  /** Images without a known value, by attribute or label. */
  unknown: Array<UnknownCellCount>;
  /** Images without a row in a joined table, by table. */
  unmatched: Array<UnknownCellCount>;
};

/** How a table is joined to the manifest. */
export type DatasetJoinInput = {
  /** Its column that holds the key. */
  key: Scalars['String']['input'];
  /** The manifest's cell that holds the same; default the column of the same name. */
  on?: InputMaybe<DatasetCellInput>;
  /** What several rows of one key mean. */
  several?: SeveralRows;
  /** Name of the table. */
  table: Scalars['String']['input'];
};

/** A class of the labels and the 0/1 cell that belongs to it. */
export type DatasetLabelInput = {
  /** Where it stands. */
  cell: DatasetCellInput;
  /** Class name. */
  class: Scalars['String']['input'];
};

/** A cell that lists the classes of an image, as Edema|Effusion. */
export type DatasetLabelListInput = {
  /** Classes that no other may stand beside, such as No Finding. */
  alone?: Array<Scalars['String']['input']>;
  /** Where it stands. */
  cell: DatasetCellInput;
  /** Every class there is. */
  classes: Array<Scalars['String']['input']>;
  /** What stands between two classes. */
  separator?: Scalars['String']['input'];
};

/** Many labels of an image, each an attribute of its own: a cell for each, or a list. */
export type DatasetLabelsInput = {
  /** Common name: attributes are finding:<class>. */
  attribute?: Scalars['String']['input'];
  /** What an empty cell becomes. */
  blank?: BlankLabels;
  /** A 0/1 cell for each class. */
  columns?: InputMaybe<Array<DatasetLabelInput>>;
  /** Or one cell that lists classes. */
  list?: InputMaybe<DatasetLabelListInput>;
  /** What -1 becomes; without it, -1 is refused. */
  uncertain?: InputMaybe<LabelUncertainty>;
};

/** How the folder of a dataset is laid out. */
export type DatasetLayout =
  /** CheXpert: train.csv, and a table `demographics`. */
  | 'CHEXPERT'
  /** A tree of DICOM files; attributes come from their headers. */
  | 'DICOM'
  /** A plain folder of images, in any sub-folders. */
  | 'FOLDER'
  /** A table of images (CSV, TSV or Parquet) and a mapping of its columns. */
  | 'MANIFEST'
  /** MIMIC-CXR-JPG, and MIMIC-IV's tables `patients` and `admissions`. */
  | 'MIMIC_CXR_JPG'
  /** NIH ChestX-ray14: Data_Entry_2017*.csv. */
  | 'NIH_CHEST_XRAY14';

/** How the tables of a dataset are read; the same mapping repeats the import. */
export type DatasetMappingInput = {
  /** Attributes to take. */
  attributes?: Array<DatasetAttributeInput>;
  /** Where the files are. */
  files?: InputMaybe<DatasetFilesInput>;
  /** The image's id; default its path. */
  id?: InputMaybe<DatasetCellInput>;
  /** Tables to join. */
  joins?: Array<DatasetJoinInput>;
  /** Labels to take. */
  labels?: InputMaybe<DatasetLabelsInput>;
  /** The patient's id. */
  patient?: InputMaybe<DatasetCellInput>;
  /** The part of the split. */
  split?: InputMaybe<DatasetCellInput>;
  /** The study's id. */
  study?: InputMaybe<DatasetCellInput>;
  /** Leave the layout's split out. */
  withoutSplit?: Scalars['Boolean']['input'];
};

/** Where a dataset comes from. */
export type DatasetOrigin =
  /** Its images or predictions were imported here. */
  | 'IMPORTED'
  /** Known only from a publication; no images here. */
  | 'PUBLISHED';

/** A table of a dataset: an upload, or a file below the folder. Exactly one of the two. */
export type DatasetTableInput = {
  /** Its place below the folder, with slashes. */
  file?: InputMaybe<Scalars['String']['input']>;
  /** Name of the table: manifest is the table of images; others as the layout or mapping names them. */
  name: Scalars['String']['input'];
  /** The upload that holds it. */
  upload?: InputMaybe<Scalars['ID']['input']>;
};

/** What a dataset held at one time. Frozen: it never changes. */
export type DatasetVersion = {
  __typename?: 'DatasetVersion';
  /** Attributes of its images, by name. */
  attributes: Array<Attribute>;
  /** The dataset it is a version of. */
  dataset: Dataset;
  /** What its image files are; null without row-level rights, and where images have no files here. */
  files?: Maybe<VersionFiles>;
  /** When it was frozen. */
  frozenAt: Scalars['DateTime']['output'];
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** Images; to the nearest 5 without row-level rights. */
  imageCount: Scalars['SafeInt']['output'];
  /** The import that made it from files; null where predictions brought its images. */
  importRun?: Maybe<Run>;
  /** Where its image files lie; null without row-level rights, and where images have no files here. */
  location?: Maybe<VersionLocation>;
  /** SHA-256 over the image ids in order and every attribute column: 64 hexadecimal digits. */
  manifestSha256: Scalars['String']['output'];
  /** Patients; to the nearest 5 without row-level rights; null where the source names none. */
  patientCount?: Maybe<Scalars['SafeInt']['output']>;
  /** When it was first recorded here. */
  recordedAt: Scalars['DateTime']['output'];
  /** Its splits, by name. */
  splits: Array<Split>;
  /** Studies; to the nearest 5 without row-level rights; null where the source names none. */
  studyCount?: Maybe<Scalars['SafeInt']['output']>;
  /** Number of the version, from 1. */
  version: Scalars['Int']['output'];
};

/** An inconsistency of a publication, kept as found; nothing is corrected. */
export type Discrepancy = {
  __typename?: 'Discrepancy';
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** Every place where it shows. */
  instances: Array<DiscrepancyInstance>;
  /** Kind, as a word. */
  kind: Scalars['String']['output'];
  /** Number in its publication's list, from 1. */
  number: Scalars['Int']['output'];
  /** Where in the publication. */
  place: Scalars['String']['output'];
  /** Sources that were compared. */
  sources: Array<Scalars['String']['output']>;
  /** Whether it is understood. */
  status: DiscrepancyStatus;
  /** What does not fit, in words. */
  summary: Scalars['String']['output'];
};

/** One place where a discrepancy shows. */
export type DiscrepancyInstance = {
  __typename?: 'DiscrepancyInstance';
  /** How it was recomputed. */
  how: Scalars['String']['output'];
  /** What it reads as: a number or a word. */
  parsed?: Maybe<Scalars['String']['output']>;
  /** Exactly what is printed. */
  printed?: Maybe<Scalars['String']['output']>;
  /** What a computation from the other numbers gives. */
  recomputed?: Maybe<Scalars['String']['output']>;
  /** Where in the publication. */
  where: Scalars['String']['output'];
};

/** Whether a discrepancy is understood. */
export type DiscrepancyStatus =
  /** It is known where it comes from. */
  | 'EXPLAINED'
  /** Nobody has explained it. */
  | 'OPEN';

/** Something that `by` and `where` of a statistic can name. */
export type DividingAttribute = {
  __typename?: 'DividingAttribute';
  /** How it divides rows. */
  kind: DividingKind;
  /** Its categories or parts, as cells name them; none for numbers. */
  levels: Array<Scalars['String']['output']>;
  /** The name to use. */
  name: Scalars['String']['output'];
  /** Unit of a number, for example years. */
  unit?: Maybe<Scalars['String']['output']>;
};

/** How an attribute divides rows. */
export type DividingKind =
  /** By its categories. */
  | 'CATEGORY'
  /** By bands of the number. */
  | 'NUMBER'
  /** By the parts of a split, such as train and test. */
  | 'SPLIT';

/** The AUC of one class against the rest after an epoch. */
export type EpochAuc = {
  __typename?: 'EpochAuc';
  /** Area under the ROC curve; null: not estimable. */
  auc?: Maybe<Scalars['Float']['output']>;
  /** Upper end. */
  ciHigh?: Maybe<Scalars['Float']['output']>;
  /** Lower end of its 95 % interval, clustered by patient where the source names patients. */
  ciLow?: Maybe<Scalars['Float']['output']>;
  /** The class. */
  class: Scalars['String']['output'];
  /** Why there is none. */
  reason?: Maybe<Scalars['String']['output']>;
};

/** One study: a value with its interval (or se), or an effect yi with its variance vi on the scale of pooling. */
export type EstimateInput = {
  /** Upper end of its 95 % interval. */
  ciHigh?: InputMaybe<Scalars['Float']['input']>;
  /** Lower end of its 95 % interval. */
  ciLow?: InputMaybe<Scalars['Float']['input']>;
  /** Name of the study. */
  label: Scalars['String']['input'];
  /** Moderators of the study. */
  moderators?: InputMaybe<Array<ModeratorInput>>;
  /** Standard error of the value, where an end of the interval is missing. */
  se?: InputMaybe<Scalars['Float']['input']>;
  /** The value; in (0, 1) for LOGIT. */
  value?: InputMaybe<Scalars['Float']['input']>;
  /** Its sampling variance, above 0. */
  vi?: InputMaybe<Scalars['Float']['input']>;
  /** The effect on the scale of pooling, in place of value. */
  yi?: InputMaybe<Scalars['Float']['input']>;
};

/** Which model on which images, seen how. */
export type EvaluateInput = {
  /** Slug of the dataset. */
  dataset: Scalars['String']['input'];
  /** Version of the dataset; default: the newest with image files. */
  datasetVersion?: InputMaybe<Scalars['Int']['input']>;
  /** Name of a value or operator within the model: what it is of each image is left as embeddings.npy in the worker's home; the run's summary says where. */
  embedding?: InputMaybe<Scalars['String']['input']>;
  /** Slug of the model. */
  model: Scalars['String']['input'];
  /** Version of the model; default: the newest whose bytes are here. */
  modelVersion?: InputMaybe<Scalars['Int']['input']>;
  /** What to do with an image that cannot be read. */
  onBadImage?: OnBadImage;
  /** What runs the model; default: the server's setting. */
  provider?: InputMaybe<ExecutionProvider>;
  /** Maps of what the places of each image do to the score of a class: left as saliency.npy in the worker's home, as companions of the evaluation. */
  saliency?: InputMaybe<SaliencyInput>;
  /** Only this part of a split: `test`, or `<split>:test` where several splits have such a part. */
  split?: InputMaybe<Scalars['String']['input']>;
  /** What is done to each image before the model sees it, in order. */
  transforms?: Array<TransformInput>;
  /** Only images that meet all of these. */
  where?: Array<AttributePredicate>;
};

/** The run that makes the evaluation. */
export type EvaluatePayload = {
  __typename?: 'EvaluatePayload';
  /** Whether this request made the run; false: it was asked for before. */
  created: Scalars['Boolean']['output'];
  /** The evaluation, where the run has made it already; else null, and later `evaluation` of the run. */
  evaluation?: Maybe<Evaluation>;
  /** The run; watch it with runEvents, or ask for it again. */
  run: Run;
};

/** The scores of one model version on the images of one dataset version. Never changes. */
export type Evaluation = {
  __typename?: 'Evaluation';
  /** What `by` and `where` can name, by name. */
  attributes: Array<DividingAttribute>;
  /** Classes of the task in the model's order. */
  classes: Array<Scalars['String']['output']>;
  /** Files that the run left beside the scores, such as saliency maps; how they were made is in its `params`. None without row-level rights. */
  companions: Array<Companion>;
  /** The dataset whose images were scored. */
  dataset: Dataset;
  /** The version of the dataset whose images were scored. */
  datasetVersion: DatasetVersion;
  /** SHA-256 of what was evaluated on what: 64 hexadecimal digits. */
  fingerprint: Scalars['String']['output'];
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** Metric records computed from it, the newest first unless ordered. */
  metrics: MetricConnection;
  /** Scores recorded as unknown, over all images and classes; to the nearest 5 without row-level rights. */
  missingScoreCount: Scalars['SafeInt']['output'];
  /** The model that gave the scores. */
  model: Model;
  /** The version of the model that gave the scores. */
  modelVersion: ModelVersion;
  /** When it was recorded here. */
  recordedAt: Scalars['DateTime']['output'];
  /** The run that recorded it: what was imported or evaluated, and how. */
  run: Run;
  /** What the scores are. */
  scoreKind: ScoreKind;
  /** Images with at least one score; to the nearest 5 without row-level rights. */
  scoredCount: Scalars['SafeInt']['output'];
  /** What the model decides. */
  task: Task;
  /** Transforms applied to the images before the model saw them, in order; none for the originals. */
  transformChain: Array<Scalars['JSONObject']['output']>;
};


/** The scores of one model version on the images of one dataset version. Never changes. */
export type EvaluationMetricsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<MetricOrder>;
};

/** One page of a list of Evaluation nodes. */
export type EvaluationConnection = {
  __typename?: 'EvaluationConnection';
  /** The page's nodes with their cursors. */
  edges: Array<EvaluationEdge>;
  /** The page's nodes without cursors. */
  nodes: Array<Evaluation>;
  /** Where the page lies in the list. */
  pageInfo: PageInfo;
  /** Nodes in the whole list; counted only when asked for. */
  totalCount: Scalars['SafeInt']['output'];
};

/** A Evaluation in a list, with its cursor. */
export type EvaluationEdge = {
  __typename?: 'EvaluationEdge';
  /** Opaque place of the node in this list, filter and order. */
  cursor: Scalars['String']['output'];
  /** The node. */
  node: Evaluation;
};

/** Which evaluations to list; all given conditions hold together. */
export type EvaluationFilter = {
  /** Only of tasks that have this class. */
  className?: InputMaybe<Scalars['String']['input']>;
  /** Only on this dataset (slug). */
  dataset?: InputMaybe<Scalars['String']['input']>;
  /** Only of this model (slug). */
  model?: InputMaybe<Scalars['String']['input']>;
  /** Only of tasks that predict this attribute. */
  taskAttribute?: InputMaybe<Scalars['String']['input']>;
};

/** What runs a model. None is put in another's place: one that is not there fails the run. */
export type ExecutionProvider =
  /** The processor. */
  | 'CPU'
  /** An NVIDIA device, where its libraries are installed. */
  | 'CUDA'
  /** A graphics device by Vulkan, Metal or Direct3D. */
  | 'WEBGPU';

/** A protocol: one question put to models and data, with the published numbers it is compared with. */
export type Experiment = {
  __typename?: 'Experiment';
  /** Group of experiments it belongs to. */
  group: Scalars['String']['output'];
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** The protocol: hypothesis, procedure, grid, transforms in corrected and legacy mode, units, metrics, what would count as an answer, cautions (docs/protocols.md). */
  protocol: Scalars['JSONObject']['output'];
  /** The publication that describes it. */
  publication?: Maybe<Publication>;
  /** When it was recorded here. */
  recordedAt: Scalars['DateTime']['output'];
  /** The numbers that publications print for it, each with those computed here of the same. */
  results: Array<ExperimentResult>;
  /** Id of the protocol, unique for ever. */
  slug: Scalars['String']['output'];
  /** Name for people. */
  title: Scalars['String']['output'];
};


/** A protocol: one question put to models and data, with the published numbers it is compared with. */
export type ExperimentResultsArgs = {
  source?: InputMaybe<Scalars['String']['input']>;
};

/** A published number, and what this warehouse computed of the same. */
export type ExperimentResult = {
  __typename?: 'ExperimentResult';
  /** Numbers computed here of the same model, dataset, class, stratum, unit and transform, the newest first; empty where there is none. */
  computed: Array<MetricRecord>;
  /** The number as printed. */
  published: MetricRecord;
};

/** Parameters of the transform FieldOfView. */
export type FieldOfViewParams = {
  /** How much of each side stays, to the nearest pixel; 1 changes nothing. In share of the side, from 0.05 to 1. */
  share: Scalars['Float']['input'];
};

/** Whether the folder of a version's files is there, as seen by the server that answers. */
export type FilesStatus =
  /** It is not: the folder was moved, or another machine has it. */
  | 'ABSENT'
  /** The folder is there; files are checked one by one when they are read. */
  | 'PRESENT';

/** One of k trainings, each of which holds back another part of the patients. The division is stored as the split `folds-<k>-seed-<splitSeed>` with the parts `fold-1` and on. */
export type FoldsInput = {
  /** Which part is held back, from 1. */
  fold: Scalars['Int']['input'];
  /** How many parts, 2 to 100. */
  k: Scalars['Int']['input'];
};

/** What a threshold does in every stratum, and how far they lie apart. */
export type GapAnalysis = {
  __typename?: 'GapAnalysis';
  /** By class, then by rate, then by stratum. */
  cells: Array<RateCell>;
  /** By class, then by rate. */
  gaps: Array<RateGap>;
  /** What a reader should know, one sentence each. */
  remarks: Array<Scalars['String']['output']>;
  /** Cells whose status is SUPPRESSED. */
  suppressed: Scalars['Int']['output'];
  /** The threshold of each class. */
  thresholds: Array<OperatingThreshold>;
};

/** Rates of decisions by stratum, at a threshold by rule. */
export type GapsInput = {
  /** Bands of number attributes; null: those of the study for `age` and `bmi`. */
  bins?: InputMaybe<Array<AttributeBins>>;
  /** Attributes that divide the rows, at most 8: categories, `age` and `bmi` in the study's bands, other numbers with `bins`, `split:<name>`. None: the whole is one cell a class. */
  by?: Array<Scalars['String']['input']>;
  /** Classes of the task; null: all, in its order. */
  classes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Id of the evaluation. */
  evaluation: Scalars['ID']['input'];
  /** Nominal coverage of the intervals, in (0, 1). */
  level?: Scalars['Float']['input'];
  /** Which rates. */
  rates?: Array<OperatingRate>;
  /** How the threshold of each class is found. */
  threshold: ThresholdInput;
  /** What one row is. */
  unit?: UnitOfAnalysis;
  /** Conditions that hold together, at most 8. */
  where?: InputMaybe<Array<AttributePredicate>>;
};

/** What the number measures: the study calls it a diameter, its code uses it as a radius. */
export type HighPassMeasure =
  /** As the study's text: twice the radius. */
  | 'DIAMETER'
  /** As the study's code. */
  | 'RADIUS';

/** Whether to do what the study's text says or what its published code does. */
export type HighPassMode =
  /** What the study's text says. */
  | 'CORRECTED'
  /** What the study's published code does, to the bit. */
  | 'LEGACY';

/** Parameters of the transform HighPass. */
export type HighPassParams = {
  /** What the number measures: the study calls it a diameter, its code uses it as a radius. */
  measure?: HighPassMeasure;
  /** Whether to do what the study's text says or what its published code does. */
  mode?: HighPassMode;
  /** Size of the circle in the shifted spectrum; a bin passes when its distance from the centre is below it. In frequency bins, from 0 to 65536. */
  radius: Scalars['Float']['input'];
};

/** How many image files have a format. */
export type ImageFormatCount = {
  __typename?: 'ImageFormatCount';
  /** Files, 1 or more. */
  count: Scalars['SafeInt']['output'];
  /** png, jpeg or dicom, as told from the bytes. */
  format: Scalars['String']['output'];
};

/** How closely image files are looked at. */
export type ImageVerification =
  /** Every pixel decoded too. */
  | 'FULL'
  /** Digest, header, and whether the end of the file is there. */
  | 'HEADER';

/** A folder of images on the server, its tables, and how to read them. */
export type ImportDatasetInput = {
  /** What empty labels of a layout become. */
  blankLabels?: InputMaybe<BlankLabels>;
  /** Layout FOLDER: the attribute that the first folder of a path is. */
  classFromFolder?: InputMaybe<Scalars['String']['input']>;
  /** Slug of the dataset; made when there is none. */
  dataset: Scalars['String']['input'];
  /** Folder below the root that paths start from. */
  folder?: Scalars['String']['input'];
  /** How the folder is laid out. */
  layout?: DatasetLayout;
  /** How to read the tables; over what the layout says. */
  mapping?: InputMaybe<DatasetMappingInput>;
  /** What to do about bad files. */
  onBadFile?: BadFilePolicy;
  /** Record a split that puts patients on two sides, flagged for ever with this reason. */
  overrideLeakReason?: InputMaybe<Scalars['String']['input']>;
  /** Whether a worker does it, as a run to watch, cancel and retry: the answer then has the run alone. Tables lie below the folder. */
  queue?: Scalars['Boolean']['input'];
  /** Stored mapping for self-reported race instead of the layout's; none keeps it as recorded. */
  raceMapping?: InputMaybe<Scalars['String']['input']>;
  /** Name of an image root that the operator has set (STRATUM_IMAGE_ROOTS). */
  root: Scalars['String']['input'];
  /** Layout DICOM: what a study is; default by modality. */
  studyIs?: InputMaybe<StudyIs>;
  /** Tables, where they are not where the layout finds them. */
  tables?: Array<DatasetTableInput>;
  /** What uncertain labels of a layout become; without it they are refused. */
  uncertain?: InputMaybe<LabelUncertainty>;
  /** How closely to look at files. */
  verify?: ImageVerification;
};

/** A dataset's version, or the problems for which nothing was stored. */
export type ImportDatasetPayload = {
  __typename?: 'ImportDatasetPayload';
  /** False when the version was stored before, or the import was rejected. */
  created: Scalars['Boolean']['output'];
  /** The dataset; null when the import was rejected. */
  dataset?: Maybe<Dataset>;
  /** All problems by code. */
  problemCounts: Array<ImportProblemCount>;
  /** The first problems by line; empty when the import was stored. */
  problems: Array<ImportProblem>;
  /** What was read; null when no table could be read. */
  report?: Maybe<DatasetImportReport>;
  /** The import's run, queued where that was asked for; null when the import was rejected. */
  run?: Maybe<Run>;
  /** The frozen version; null when the import was rejected. */
  version?: Maybe<DatasetVersion>;
};

/** Masks of one kind, lungs say, of the images of a dataset version. */
export type ImportMasksInput = {
  /** Takes what is there; images without a mask cannot be evaluated or trained on under it. */
  allowMissing?: Scalars['Boolean']['input'];
  /** Slug of the dataset. */
  dataset: Scalars['String']['input'];
  /** Its version; default: the newest with image files. */
  datasetVersion?: InputMaybe<Scalars['Int']['input']>;
  /** Folder below the root that masks' paths start from. */
  folder?: Scalars['String']['input'];
  /** What transforms and protocols call them: lungs. */
  name: Scalars['String']['input'];
  /** Name of an image root that the operator has set (STRATUM_IMAGE_ROOTS). */
  root: Scalars['String']['input'];
  /** Which mask is whose; default: files of the images' names but for the ending. */
  table?: InputMaybe<MaskTableInput>;
};

/** The masks that a version has now. */
export type ImportMasksPayload = {
  __typename?: 'ImportMasksPayload';
  /** False where the same masks were there. */
  created: Scalars['Boolean']['output'];
  /** Its images. */
  images: Scalars['Int']['output'];
  /** Images that have a mask. */
  masks: Scalars['Int']['output'];
  /** SHA-256 over all of them: part of what runs under them are known by. */
  sha256: Scalars['String']['output'];
  /** Number of the dataset's version. */
  version: Scalars['Int']['output'];
};

/** Uploaded files of predictions, and how to read them. */
export type ImportPredictionsInput = {
  /** An upload with attributes, truth or patients, joined by image id. */
  attributesUpload?: InputMaybe<Scalars['ID']['input']>;
  /** Slug of the dataset; made when there is none. */
  dataset: Scalars['String']['input'];
  /** How to read the columns. */
  mapping: PredictionMappingInput;
  /** Slug of the model; made when there is none. */
  model: Scalars['String']['input'];
  /** Make a new version of the dataset instead of lining up with the newest by image id. */
  newVersion?: Scalars['Boolean']['input'];
  /** Record a split that puts patients on two sides, flagged for ever with this reason. */
  overrideLeakReason?: InputMaybe<Scalars['String']['input']>;
  /** The upload that holds the predictions: CSV, TSV or Parquet, told by its content. */
  upload: Scalars['ID']['input'];
};

/** An evaluation, or the problems for which nothing was stored. */
export type ImportPredictionsPayload = {
  __typename?: 'ImportPredictionsPayload';
  /** False when the same predictions were stored before, or the import was rejected. */
  created: Scalars['Boolean']['output'];
  /** The evaluation; null when the import was rejected. */
  evaluation?: Maybe<Evaluation>;
  /** All problems by code. */
  problemCounts: Array<ImportProblemCount>;
  /** The first problems by line; empty when the import was stored. */
  problems: Array<ImportProblem>;
  /** What was read; null when nothing had to be read. */
  report?: Maybe<ImportReport>;
};

/** One problem of an imported file; it never holds ids of patients or images. */
export type ImportProblem = {
  __typename?: 'ImportProblem';
  /** Code of the closed table of import problems (docs/errors.md). */
  code: Scalars['String']['output'];
  /** Header of the column at fault. */
  column?: Maybe<Scalars['String']['output']>;
  /** The file at fault: predictions or attributes. */
  file: Scalars['String']['output'];
  /** Line of a CSV file, or row of a Parquet file, counted from 1. */
  line?: Maybe<Scalars['Int']['output']>;
  /** What was expected, what came, what to do. */
  message: Scalars['String']['output'];
};

/** How often a problem came in all. */
export type ImportProblemCount = {
  __typename?: 'ImportProblemCount';
  /** Code of the problem. */
  code: Scalars['String']['output'];
  /** Times it came, 1 or more. */
  count: Scalars['SafeInt']['output'];
};

/** What an import read, counted; nothing is dropped in silence. */
export type ImportReport = {
  __typename?: 'ImportReport';
  /** Rows of the attributes file without an image. */
  attributesWithoutImage: Scalars['SafeInt']['output'];
  /** Images. */
  images: Scalars['SafeInt']['output'];
  /** Images without a row in the attributes file. */
  imagesWithoutAttributes: Scalars['SafeInt']['output'];
  /** Images of the dataset without a row in the file. */
  imagesWithoutScores: Scalars['SafeInt']['output'];
  /** Distinct patients; 0 when the files name none. */
  patients: Scalars['SafeInt']['output'];
  /** Data rows of the predictions file. */
  rows: Scalars['SafeInt']['output'];
  /** Finite scores. */
  scores: Scalars['SafeInt']['output'];
  /** Unknown cells by column. */
  unknownCells: Array<UnknownCellCount>;
  /** Scores recorded as unknown. */
  unknownScores: Scalars['SafeInt']['output'];
};

/** What of an image is black and what is white. */
export type Intensity =
  /** All values that the format can hold. */
  | 'FULL_RANGE'
  /** The darkest and the brightest pixel of each image. */
  | 'MIN_MAX'
  /** Nothing: recorded values reach the model as they are. */
  | 'RAW'
  /** The file's own window, where it has one. */
  | 'WINDOW';

/** Which weights become the model. */
export type Keep =
  /** Those of the best epoch, by `monitor`. */
  | 'BEST'
  /** Those of the last epoch. */
  | 'LAST';

/** What an uncertain label (-1, as CheXpert writes it) becomes in a dataset. */
export type LabelUncertainty =
  /** Unknown, counted. */
  | 'IGNORE'
  /** Positive. */
  | 'ONES'
  /** A category of its own, uncertain; as truth it is unknown. */
  | 'OWN'
  /** Negative. */
  | 'ZEROS';

/** What of a registered model learns. */
export type Learn =
  /** All of it. */
  | 'ALL'
  /** A new head on its features, which stay as they are. */
  | 'HEAD'
  /** Its last block and its head; the rest stays as it is. */
  | 'LAST_BLOCK';

/** The analysis without one study. */
export type LeaveOneOut = {
  __typename?: 'LeaveOneOut';
  /** Upper end of its interval. */
  ciHigh?: Maybe<Scalars['Float']['output']>;
  /** Lower end of its interval. */
  ciLow?: Maybe<Scalars['Float']['output']>;
  /** Pooled estimate of the others. */
  estimate?: Maybe<Scalars['Float']['output']>;
  /** Percent of variance between the others. */
  i2?: Maybe<Scalars['Float']['output']>;
  /** The study that is left out. */
  omitted: Scalars['String']['output'];
  /** Why there is no estimate, as a code. */
  reason?: Maybe<Scalars['String']['output']>;
  /** Between-study variance of the others. */
  tau2?: Maybe<Scalars['Float']['output']>;
};

/** Files that were left out of a version for one reason. */
export type LeftOutCount = {
  __typename?: 'LeftOutCount';
  /** Code of the closed table of import problems (docs/errors.md). */
  code: Scalars['String']['output'];
  /** Files, 1 or more. */
  count: Scalars['SafeInt']['output'];
};

/** A study that takes no part, and why. */
export type LeftOutStudy = {
  __typename?: 'LeftOutStudy';
  /** Name of the study. */
  label: Scalars['String']['output'];
  /** Why, as a code, for example NO_PRECISION. */
  reason: Scalars['String']['output'];
};

/** What the number measures: the study calls it a diameter, its code uses it as a radius. */
export type LowPassMeasure =
  /** As the study's text: twice the radius. */
  | 'DIAMETER'
  /** As the study's code. */
  | 'RADIUS';

/** Whether to do what the study's text says or what its published code does. */
export type LowPassMode =
  /** What the study's text says. */
  | 'CORRECTED'
  /** What the study's published code does, to the bit. */
  | 'LEGACY';

/** Parameters of the transform LowPass. */
export type LowPassParams = {
  /** What the number measures: the study calls it a diameter, its code uses it as a radius. */
  measure?: LowPassMeasure;
  /** Whether to do what the study's text says or what its published code does. */
  mode?: LowPassMode;
  /** Size of the circle in the shifted spectrum; a bin passes when its distance from the centre is below it. In frequency bins, from 0 to 65536. */
  radius: Scalars['Float']['input'];
};

/** Parameters of the transform Mark. */
export type MarkParams = {
  /** Seed; the same image and seed have the same mark in any batch, and the attribute `marked:SEED` tells its kind. In 1, from 0 to 9007199254740991. */
  seed?: Scalars['SafeInt']['input'];
  /** Side of the square. In share of the side, from 0.01 to 1. */
  size?: Scalars['Float']['input'];
  /** Distance of the two means, d': no observer's AUC exceeds Phi(d' / sqrt 2). In standard deviations, from 0 to 6. */
  strength?: Scalars['Float']['input'];
};

/** What is put there. */
export type MaskFill =
  /** Brightness 0. */
  | 'BLACK'
  /** The mean of the image. */
  | 'MEAN'
  /** Normal noise of the image's mean and deviation. */
  | 'NOISE';

/** Parameters of the transform Mask. */
export type MaskParams = {
  /** What is put there. */
  fill?: MaskFill;
  /** Which masks of the dataset; `stratum import masks` adds them. */
  name: Scalars['String']['input'];
  /** Seed of the noise; each image has its own. In 1, from 0 to 9007199254740991. */
  seed?: Scalars['SafeInt']['input'];
  /** Whether the region is blotted out, or all else. */
  what?: MaskWhat;
};

/** A CSV that says which file is the mask of which image. */
export type MaskTableInput = {
  /** Its place below the folder, with slashes. */
  file?: InputMaybe<Scalars['String']['input']>;
  /** Its column of images' ids or paths. */
  id?: Scalars['String']['input'];
  /** Its column of masks' paths below the folder. */
  mask?: Scalars['String']['input'];
  /** The upload that holds it. */
  upload?: InputMaybe<Scalars['ID']['input']>;
};

/** Whether the region is blotted out, or all else. */
export type MaskWhat =
  /** All else goes. */
  | 'KEEP'
  /** The region goes. */
  | 'REMOVE';

/** A pooled estimate: on the reporting scale (0 to 1 for LOGIT), but for se, tau2 and coefficients, which are on the scale of pooling. */
export type MetaAnalysis = {
  __typename?: 'MetaAnalysis';
  /** Upper end of its interval. */
  ciHigh: Scalars['Float']['output'];
  /** Lower end of its interval. */
  ciLow: Scalars['Float']['output'];
  /** The intercept, then the moderators. */
  coefficients: Array<MetaCoefficient>;
  /** p-value of Egger's test for small-study effects; null with too few studies. */
  eggerP?: Maybe<Scalars['Float']['output']>;
  /** The pooled estimate; with moderators, the expectation at their means. */
  estimate: Scalars['Float']['output'];
  /** The forest plot as an SVG document, safe to inline. */
  forestSvg: Scalars['String']['output'];
  /** Total over within-study variance. */
  h2: Scalars['Float']['output'];
  /** Percent of the total variance that is between studies. */
  i2: Scalars['Float']['output'];
  /** Studies pooled. */
  k: Scalars['Int']['output'];
  /** The analysis without each study in turn; empty above 200 studies. */
  leaveOneOut: Array<LeaveOneOut>;
  /** Studies that take no part. */
  leftOut: Array<LeftOutStudy>;
  /** Nominal coverage of the intervals. */
  level: Scalars['Float']['output'];
  /** The model. */
  model: MetaModel;
  /** The test of all moderators; null without any. */
  moderatorTest?: Maybe<ModeratorTest>;
  /** Upper end of where one more study's true effect is expected. */
  predictionHigh?: Maybe<Scalars['Float']['output']>;
  /** Lower end of where one more study's true effect is expected; null for COMMON. */
  predictionLow?: Maybe<Scalars['Float']['output']>;
  /** Cochran's Q. */
  q: Scalars['Float']['output'];
  /** Its degrees of freedom. */
  qDf: Scalars['Int']['output'];
  /** Its p-value. */
  qP: Scalars['Float']['output'];
  /** What a reader should know, one sentence each. */
  remarks: Array<Scalars['String']['output']>;
  /** The scale of pooling. */
  scale: MetaScale;
  /** Its standard error, on the scale of pooling. */
  se: Scalars['Float']['output'];
  /** The studies pooled, in the order given or recorded. */
  studies: Array<MetaStudy>;
  /** Between-study variance, on the scale of pooling. */
  tau2: Scalars['Float']['output'];
  /** Upper end of its Q-profile interval. */
  tau2High?: Maybe<Scalars['Float']['output']>;
  /** Lower end of its Q-profile interval. */
  tau2Low?: Maybe<Scalars['Float']['output']>;
  /** The test. */
  test: MetaTest;
};


/** A pooled estimate: on the reporting scale (0 to 1 for LOGIT), but for se, tau2 and coefficients, which are on the scale of pooling. */
export type MetaAnalysisForestSvgArgs = {
  dark?: Scalars['Boolean']['input'];
  title?: InputMaybe<Scalars['String']['input']>;
};

/** What to pool, and how: stored records (metrics) or given numbers (estimates), one of them. */
export type MetaAnalysisInput = {
  /** Pool these numbers, at most 1,000. */
  estimates?: InputMaybe<Array<EstimateInput>>;
  /** Nominal coverage of the intervals, in (0, 1). */
  level?: Scalars['Float']['input'];
  /** Pool the records of this filter, at most 1,000. */
  metrics?: InputMaybe<MetricFilter>;
  /** The model. */
  model?: MetaModel;
  /** Moderators of a meta-regression, at most 20. Of records: dataset, trainDataset, model, class, unit, experiment, n, nPositive, nPatients, an attribute of the stratum or a parameter. */
  moderators?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The scale of pooling. */
  scale?: MetaScale;
  /** The test. */
  test?: MetaTest;
};

/** A coefficient on the scale of pooling. */
export type MetaCoefficient = {
  __typename?: 'MetaCoefficient';
  /** Upper end of its interval. */
  ciHigh: Scalars['Float']['output'];
  /** Lower end of its interval. */
  ciLow: Scalars['Float']['output'];
  /** Degrees of freedom of t; null for z. */
  df?: Maybe<Scalars['Float']['output']>;
  /** The coefficient. */
  estimate: Scalars['Float']['output'];
  /** Its name; the intercept first. */
  name: Scalars['String']['output'];
  /** Two-sided p-value. */
  p: Scalars['Float']['output'];
  /** Its standard error. */
  se: Scalars['Float']['output'];
  /** z or t. */
  statistic: Scalars['Float']['output'];
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

/** A study with its place in the model. */
export type MetaStudy = {
  __typename?: 'MetaStudy';
  /** Upper end of its interval on the reporting scale. */
  ciHigh: Scalars['Float']['output'];
  /** Lower end of its interval on the reporting scale. */
  ciLow: Scalars['Float']['output'];
  /** The model's expectation for studies like this one, on the reporting scale. */
  fitted: Scalars['Float']['output'];
  /** Name of the study. */
  label: Scalars['String']['output'];
  /** Remarks on its numbers, as codes. */
  remarks: Array<Scalars['String']['output']>;
  /** Effect minus expectation, on the scale of pooling. */
  residual: Scalars['Float']['output'];
  /** The residual in units of its standard error; null where the model passes through the study. */
  standardizedResidual?: Maybe<Scalars['Float']['output']>;
  /** Its value on the reporting scale. */
  value: Scalars['Float']['output'];
  /** Its sampling variance on the scale of pooling. */
  vi: Scalars['Float']['output'];
  /** Percent of the total weight. */
  weight: Scalars['Float']['output'];
  /** Its effect on the scale of pooling. */
  yi: Scalars['Float']['output'];
};

/** How coefficients are tested. */
export type MetaTest =
  /** Standard errors scaled by the studies' scatter: Student's t. */
  | 'HARTUNG_KNAPP'
  /** Standard errors as known: normal. */
  | 'Z';

/** One page of a list of Metric nodes. */
export type MetricConnection = {
  __typename?: 'MetricConnection';
  /** The page's nodes with their cursors. */
  edges: Array<MetricEdge>;
  /** The page's nodes without cursors. */
  nodes: Array<MetricRecord>;
  /** Where the page lies in the list. */
  pageInfo: PageInfo;
  /** Nodes in the whole list; counted only when asked for. */
  totalCount: Scalars['SafeInt']['output'];
};

/** A Metric in a list, with its cursor. */
export type MetricEdge = {
  __typename?: 'MetricEdge';
  /** Opaque place of the node in this list, filter and order. */
  cursor: Scalars['String']['output'];
  /** The node. */
  node: MetricRecord;
};

/** Which metric records; all given conditions hold together. */
export type MetricFilter = {
  /** Only strata by exactly these attributes; empty for the whole set. */
  by?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Only of this class. */
  class?: InputMaybe<Scalars['String']['input']>;
  /** Only on this dataset (slug). */
  dataset?: InputMaybe<Scalars['String']['input']>;
  /** Only on these datasets (slugs). */
  datasets?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Only of this evaluation. */
  evaluation?: InputMaybe<Scalars['ID']['input']>;
  /** Only of this experiment, by its name. */
  experiment?: InputMaybe<Scalars['String']['input']>;
  /** Only of this group of experiments. */
  experimentGroup?: InputMaybe<Scalars['String']['input']>;
  /** Only records with this remark. */
  flag?: InputMaybe<Scalars['String']['input']>;
  /** Only records with (without) an interval. */
  hasInterval?: InputMaybe<Scalars['Boolean']['input']>;
  /** Only records with (without) a value. */
  hasValue?: InputMaybe<Scalars['Boolean']['input']>;
  /** Only these records; at most 200. */
  ids?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Only this metric, for example auroc. */
  metric?: InputMaybe<Scalars['String']['input']>;
  /** Only of this model (slug). */
  model?: InputMaybe<Scalars['String']['input']>;
  /** Only of these models (slugs). */
  models?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Only computed or only published numbers. */
  origin?: InputMaybe<MetricOrigin>;
  /** Only of this publication (slug), in its newest version here. */
  publication?: InputMaybe<Scalars['String']['input']>;
  /** Only from places that begin so, for example `Table 3`. */
  source?: InputMaybe<Scalars['String']['input']>;
  /** Only from this kind of source, for example paper_table. */
  sourceKind?: InputMaybe<Scalars['String']['input']>;
  /** Only strata with these levels; they may have other attributes too, unless `by` says which. */
  stratum?: InputMaybe<Array<StratumLevelInput>>;
  /** Only of models trained on this dataset (slug), where that is known. */
  trainDataset?: InputMaybe<Scalars['String']['input']>;
  /** Only with this unit of analysis. */
  unit?: InputMaybe<UnitOfAnalysis>;
};

/** An order of metric records. */
export type MetricOrder = {
  /** Which way. */
  direction?: OrderDirection;
  /** What to order by. */
  field?: MetricOrderField;
  /** Where records without the number stand. */
  nulls?: NullsOrder;
};

/** What records are ordered by; equal ones by when they were recorded. */
export type MetricOrderField =
  /** Rows behind it. */
  | 'N'
  /** Distinct patients behind it. */
  | 'N_PATIENTS'
  /** When they were recorded. */
  | 'RECORDED'
  /** Its standard error. */
  | 'SE'
  /** The value. */
  | 'VALUE';

/** Where a number comes from. */
export type MetricOrigin =
  /** Computed here from an evaluation. */
  | 'COMPUTED'
  /** Printed in a publication, as it stands there. */
  | 'PUBLISHED';

/** One number and its whole origin, computed here or published elsewhere. Never changes. */
export type MetricRecord = {
  __typename?: 'MetricRecord';
  /** Upper end of its interval. */
  ciHigh?: Maybe<Scalars['Float']['output']>;
  /** Nominal coverage of the interval, in (0, 1). */
  ciLevel?: Maybe<Scalars['Float']['output']>;
  /** Lower end of its interval. */
  ciLow?: Maybe<Scalars['Float']['output']>;
  /** How the interval was made; null where a publication does not say. */
  ciMethod?: Maybe<Scalars['String']['output']>;
  /** The class, against the rest of the task's classes. */
  class?: Maybe<Scalars['String']['output']>;
  /** The dataset it was measured on; null where it spans several. */
  dataset?: Maybe<Dataset>;
  /** The evaluation it was computed from; null for published numbers. */
  evaluation?: Maybe<Evaluation>;
  /** Name of the experiment. */
  experiment?: Maybe<Scalars['String']['output']>;
  /** Group of experiments it belongs to. */
  experimentGroup?: Maybe<Scalars['String']['output']>;
  /** SHA-256 of everything that decides the number: 64 hexadecimal digits. */
  fingerprint: Scalars['String']['output'];
  /** Remarks as codes. */
  flags: Array<Scalars['String']['output']>;
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** Id of the metric plugin; for published numbers the metric's name. */
  metric: Scalars['String']['output'];
  /** Version of the metric plugin; 0 for published numbers. */
  metricVersion: Scalars['Int']['output'];
  /** The model; null where a publication does not say. */
  model?: Maybe<Model>;
  /** Rows used; null without row-level rights. */
  n?: Maybe<Scalars['SafeInt']['output']>;
  /** Rows left out: truth or score unknown. */
  nLeftOut?: Maybe<Scalars['SafeInt']['output']>;
  /** Rows of the other classes. */
  nNegative?: Maybe<Scalars['SafeInt']['output']>;
  /** Distinct patients behind the rows. */
  nPatients?: Maybe<Scalars['SafeInt']['output']>;
  /** Rows of the class. */
  nPositive?: Maybe<Scalars['SafeInt']['output']>;
  /** Computed here, or published. */
  origin: MetricOrigin;
  /** Conditions, bands, interval plugin and other parameters. */
  params: Scalars['JSONObject']['output'];
  /** The number exactly as printed. */
  printed?: Maybe<Scalars['String']['output']>;
  /** The publication it is printed in; null for computed numbers. */
  publication?: Maybe<Publication>;
  /** Key of the record in its publication's data file. */
  publicationKey?: Maybe<Scalars['String']['output']>;
  /** Why there is none, as a code. */
  reason?: Maybe<Scalars['String']['output']>;
  /** When it was recorded here. */
  recordedAt: Scalars['DateTime']['output'];
  /** A remark in words. */
  remark?: Maybe<Scalars['String']['output']>;
  /** The run that computed it; null for published numbers, and for those that were asked for. */
  run?: Maybe<Run>;
  /** Its standard error. */
  se?: Maybe<Scalars['Float']['output']>;
  /** Table, page, figure or notebook. */
  source?: Maybe<Scalars['String']['output']>;
  /** Kind of source, for example paper_table. */
  sourceKind?: Maybe<Scalars['String']['output']>;
  /** Whether there is a number. */
  status: CellStatus;
  /** The stratum by attribute; empty for the whole set. */
  stratum: Array<StratumLevel>;
  /** The dataset the model was trained on, where that is known. */
  trainDataset?: Maybe<Dataset>;
  /** What one row was: image, study or patient; null where a publication does not say. */
  unit?: Maybe<Scalars['String']['output']>;
  /** The number, in the metric's unit; null unless status is OK. */
  value?: Maybe<Scalars['Float']['output']>;
};

/** A model; what it computes is in its versions. */
export type Model = {
  __typename?: 'Model';
  /** Architecture, for example DenseNet-121. */
  architecture?: Maybe<Scalars['String']['output']>;
  /** What it is and where it comes from. */
  description?: Maybe<Scalars['String']['output']>;
  /** Its evaluations, the newest first. */
  evaluations: EvaluationConnection;
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** How it came here. */
  origin: ModelOrigin;
  /** When it was first recorded here. */
  recordedAt: Scalars['DateTime']['output'];
  /** Short name, unique for ever: use it in requests and links. */
  slug: Scalars['String']['output'];
  /** Name for people. */
  title: Scalars['String']['output'];
  /** Its versions, the newest first. */
  versions: Array<ModelVersion>;
};


/** A model; what it computes is in its versions. */
export type ModelEvaluationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** One page of a list of Model nodes. */
export type ModelConnection = {
  __typename?: 'ModelConnection';
  /** The page's nodes with their cursors. */
  edges: Array<ModelEdge>;
  /** The page's nodes without cursors. */
  nodes: Array<Model>;
  /** Where the page lies in the list. */
  pageInfo: PageInfo;
  /** Nodes in the whole list; counted only when asked for. */
  totalCount: Scalars['SafeInt']['output'];
};

/** A Model in a list, with its cursor. */
export type ModelEdge = {
  __typename?: 'ModelEdge';
  /** Opaque place of the node in this list, filter and order. */
  cursor: Scalars['String']['output'];
  /** The node. */
  node: Model;
};

/** Which models to list; all given conditions hold together. */
export type ModelFilter = {
  /** Only this architecture, exactly as recorded. */
  architecture?: InputMaybe<Scalars['String']['input']>;
  /** Only models that came here this way. */
  origin?: InputMaybe<ModelOrigin>;
  /** Only models with these slugs; at most 200. */
  slugs?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Only models with a version that predicts this attribute. */
  taskAttribute?: InputMaybe<Scalars['String']['input']>;
};

/** What a model's graph holds, read without running it. */
export type ModelGraph = {
  __typename?: 'ModelGraph';
  /** Length of the file. */
  byteLength: Scalars['SafeInt']['output'];
  /** Its operators, by name. */
  operators: Array<OperatorCount>;
  /** Version of ONNX's own operator set. */
  opset?: Maybe<Scalars['Int']['output']>;
  /** Numbers in its weights. */
  parameters: Scalars['SafeInt']['output'];
  /** What wrote the file, as it says; may be empty. */
  producer: Scalars['String']['output'];
};

/** How a model came here. */
export type ModelOrigin =
  /** Its predictions were imported; its bytes are not here. */
  | 'IMPORTED'
  /** Known only from a publication. */
  | 'PUBLISHED'
  /** Its bytes were registered. */
  | 'REGISTERED'
  /** It was trained here. */
  | 'TRAINED';

/** A tensor that goes into a model or comes out of it. */
export type ModelTensor = {
  __typename?: 'ModelTensor';
  /** Of the output that holds the scores, what makes scores of it; null of every other tensor. */
  activation?: Maybe<OutputActivation>;
  /** Of an output, the operator that makes it. */
  madeBy?: Maybe<Scalars['String']['output']>;
  /** Its name in the model. */
  name: Scalars['String']['output'];
  /** Its sizes: numbers, symbols such as batch, or ? where the model does not say; null: unknown. */
  shape?: Maybe<Array<Scalars['String']['output']>>;
  /** Its element type, for example float. */
  type: Scalars['String']['output'];
};

/** One state of a model. It never changes. */
export type ModelVersion = {
  __typename?: 'ModelVersion';
  /** Names of its classes in the order of its outputs. */
  classes: Array<Scalars['String']['output']>;
  /** What its graph holds; null when its bytes are not here. */
  graph?: Maybe<ModelGraph>;
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** What goes in, by the model's own word; null when its bytes are not here. */
  inputs?: Maybe<Array<ModelTensor>>;
  /** The model it is a version of. */
  model: Model;
  /** SHA-256 of its ONNX bytes: 64 hexadecimal digits; null when only its predictions are here. */
  onnxSha256?: Maybe<Scalars['String']['output']>;
  /** What comes out, by the model's own word; null when its bytes are not here. */
  outputs?: Maybe<Array<ModelTensor>>;
  /** How pixels become its input; null when its bytes are not here. */
  preprocessing?: Maybe<Preprocessing>;
  /** When it was recorded here. */
  recordedAt: Scalars['DateTime']['output'];
  /** The attribute it predicts, for example race or finding. */
  taskAttribute: Scalars['String']['output'];
  /** What it decides. */
  taskKind: TaskKind;
  /** The run that trained it; null when it came from elsewhere. */
  trainedBy?: Maybe<Run>;
  /** Number of the version, from 1. */
  version: Scalars['Int']['output'];
};

/** A moderator of a study: a number or a category. */
export type ModeratorInput = {
  /** Its value, when it is a category. */
  category?: InputMaybe<Scalars['String']['input']>;
  /** Name of the moderator. */
  name: Scalars['String']['input'];
  /** Its value, when it is a number. */
  number?: InputMaybe<Scalars['Float']['input']>;
};

/** The test of all moderators together. */
export type ModeratorTest = {
  __typename?: 'ModeratorTest';
  /** Degrees of freedom. */
  df1: Scalars['Float']['output'];
  /** Denominator degrees of freedom of F. */
  df2?: Maybe<Scalars['Float']['output']>;
  /** p-value. */
  p: Scalars['Float']['output'];
  /** Percent of the between-study variance that the moderators explain. */
  r2?: Maybe<Scalars['Float']['output']>;
  /** Chi-square or F. */
  statistic: Scalars['Float']['output'];
};

/** What decides which weights are the best, and when training ends early. */
export type Monitor =
  /** The highest mean AUC of the classes on the validation images. */
  | 'VALIDATION_AUC'
  /** The lowest loss on the validation images. */
  | 'VALIDATION_LOSS';

export type Mutation = {
  __typename?: 'Mutation';
  /** Stops a run: at once while it waits, within seconds while it runs. One that has ended stays as it is. For stewards of its dataset. */
  cancelRun: Run;
  /** Queues a model that recovers an attribute from what is recorded, without pixels, cross-validated by patient: a model, its out-of-fold scores, and their AUCs. The same request twice is the same run. For stewards of the dataset. */
  confounders: ConfoundersPayload;
  /** Announces a file for an import: send it by PUT to the url, then name the id in the import. Steward only. */
  createUpload: Upload;
  /** Queues the evaluation of a model on the images of a dataset, for a worker to carry out: scores, and AUCs of every class over all images and by the dataset's canonical attributes. The same request twice is the same run. For stewards of the dataset. */
  evaluate: EvaluatePayload;
  /** Imports a folder of images with its tables, all or nothing; files stay where they are, their digests are kept. The same tables and files give the same version. Stewards only. */
  importDataset: ImportDatasetPayload;
  /** Imports the masks of a version's images, all or nothing; files stay where they are, their digests are kept. For stewards of the dataset. */
  importMasks: ImportMasksPayload;
  /** Imports uploaded predictions, all or nothing; the same files with the same mapping give the same evaluation. Stewards only. */
  importPredictions: ImportPredictionsPayload;
  /** Computes a stratified AUC and stores every cell as a metric record. The same request twice gives the same records. For stewards of the dataset. */
  recordMetrics: RecordMetricsPayload;
  /** Registers an uploaded ONNX model: its bytes are inspected and tried on one image, in a process of their own, and stored. The same again gives the same version. Stewards of everything only. */
  registerModel: RegisterModelPayload;
  /** Queues a run that failed or was cancelled once more; what it had worked out counts. Any other stays as it is. For stewards of its dataset. */
  retryRun: Run;
  /** Queues an audit: networks are trained and evaluated as its protocols say, for workers to carry out, and its numbers are stored as records. What the warehouse holds is not done again. The same request twice is the same run. For stewards of all its datasets. */
  runAudit: RunAuditPayload;
  /** Queues the training of a network on the images of a dataset, for a worker to carry out; the result is a version of a model. The same request twice is the same run. For stewards of the dataset. */
  train: TrainPayload;
};


export type MutationCancelRunArgs = {
  id: Scalars['ID']['input'];
};


export type MutationConfoundersArgs = {
  input: ConfoundersInput;
};


export type MutationCreateUploadArgs = {
  input: CreateUploadInput;
};


export type MutationEvaluateArgs = {
  input: EvaluateInput;
};


export type MutationImportDatasetArgs = {
  input: ImportDatasetInput;
};


export type MutationImportMasksArgs = {
  input: ImportMasksInput;
};


export type MutationImportPredictionsArgs = {
  input: ImportPredictionsInput;
};


export type MutationRecordMetricsArgs = {
  input: StratifiedAucInput;
};


export type MutationRegisterModelArgs = {
  input: RegisterModelInput;
};


export type MutationRetryRunArgs = {
  id: Scalars['ID']['input'];
};


export type MutationRunAuditArgs = {
  input: RunAuditInput;
};


export type MutationTrainArgs = {
  input: TrainInput;
};

/** Whether to do what the study's text says or what its published code does. */
export type NoiseMode =
  /** What the study's text says. */
  | 'CORRECTED'
  /** What the study's published code does, to the bit. */
  | 'LEGACY';

/** Parameters of the transform Noise. */
export type NoiseParams = {
  /** Standard deviation of the noise. In brightness, from 0 to 10. */
  deviation?: Scalars['Float']['input'];
  /** Whether to do what the study's text says or what its published code does. */
  mode?: NoiseMode;
  /** Seed; the same image and seed have the same noise in any batch. In 1, from 0 to 9007199254740991. */
  seed?: Scalars['SafeInt']['input'];
};

/** Whether to do what the study's text says or what its published code does. */
export type NotchMode =
  /** What the study's text says. */
  | 'CORRECTED'
  /** What the study's published code does, to the bit. */
  | 'LEGACY';

/** Parameters of the transform Notch. */
export type NotchParams = {
  /** Inner radius of the ring; its own distance is inside. In frequency bins, from 0 to 65536. */
  inner: Scalars['Float']['input'];
  /** Whether to do what the study's text says or what its published code does. */
  mode?: NotchMode;
  /** Outer radius of the ring; its own distance is outside. In frequency bins, from 0 to 65536. */
  outer: Scalars['Float']['input'];
};

/** Where missing values stand in an order. */
export type NullsOrder =
  /** Before all others. */
  | 'FIRST'
  /** After all others. */
  | 'LAST';

/** What to do with an image that cannot be read or has changed. */
export type OnBadImage =
  /** The run fails. */
  | 'FAIL'
  /** It gets no scores; the run counts it, with the reason. */
  | 'SKIP';

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

/** The threshold of one class, and what it does to the rows it was chosen on. */
export type OperatingThreshold = {
  __typename?: 'OperatingThreshold';
  /** The rate that SPECIFICITY or SENSITIVITY held, 0 to 1. */
  at?: Maybe<Scalars['Float']['output']>;
  /** The class. */
  class: Scalars['String']['output'];
  /** Thresholds that do equally well by the rule. */
  equallyGood?: Maybe<Scalars['Int']['output']>;
  /** False positive rate on the rows it was chosen on. */
  fpr?: Maybe<Scalars['Float']['output']>;
  /** The part of that split. */
  part?: Maybe<Scalars['String']['output']>;
  /** Why there is none, as a code. */
  reason?: Maybe<Scalars['String']['output']>;
  /** The rule it was found by. */
  rule: ThresholdRule;
  /** The split it was chosen on; null: on all rows of the question. */
  split?: Maybe<Scalars['String']['output']>;
  /** Positive means score >= threshold; to two decimals without row-level rights; null when there is none. */
  threshold?: Maybe<Scalars['Float']['output']>;
  /** True positive rate on the rows it was chosen on. */
  tpr?: Maybe<Scalars['Float']['output']>;
};

/** How often an operator occurs in a model. */
export type OperatorCount = {
  __typename?: 'OperatorCount';
  /** Times it occurs. */
  count: Scalars['Int']['output'];
  /** Name of the operator; of other domains with the domain before it. */
  operator: Scalars['String']['output'];
};

/** How weights follow their gradients. */
export type OptimiserInput = {
  /** Of Adam: decay of the mean of gradients; default 0.9. */
  beta1?: InputMaybe<Scalars['Float']['input']>;
  /** Of Adam: decay of the mean of squares; default 0.999. */
  beta2?: InputMaybe<Scalars['Float']['input']>;
  /** Of Adam: added to the root of the squares; default 1e-8. */
  epsilon?: InputMaybe<Scalars['Float']['input']>;
  /** Which rule. */
  kind: OptimiserKind;
  /** Of SGD, 0 to below 1; default 0. */
  momentum?: InputMaybe<Scalars['Float']['input']>;
  /** Of SGD: Nesterov's momentum. */
  nesterov?: InputMaybe<Scalars['Boolean']['input']>;
  /** Pull of the weights towards 0; default 0. */
  weightDecay?: InputMaybe<Scalars['Float']['input']>;
};

/** How weights follow their gradients. */
export type OptimiserKind =
  /** Kingma and Ba 2015. */
  | 'ADAM'
  /** Loshchilov and Hutter 2019: weight decay apart from the gradient. */
  | 'ADAMW'
  /** Stochastic gradient descent, with momentum if asked. */
  | 'SGD';

/** Which way an order runs. */
export type OrderDirection =
  /** Smallest first. */
  | 'ASC'
  /** Largest first. */
  | 'DESC';

/** What makes scores of a model's output. */
export type OutputActivation =
  /** The numbers are scores already, or logits that stay so. */
  | 'NONE'
  /** Probabilities of each class on its own. */
  | 'SIGMOID'
  /** Probabilities of exclusive classes. */
  | 'SOFTMAX';

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

/** Where a page lies in its list. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** Cursor of the last node: pass it as `after` for the next page. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether nodes come after this page. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether the page was asked for with `after`, so that nodes come before it. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first node; null on an empty page. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** Whether the rows of the two sides are matched one to one. */
export type Pairing =
  /** PAIRED where both sides are of the same images, else UNPAIRED. */
  | 'AUTO'
  /** The same images twice: two models, or two classes. */
  | 'PAIRED'
  /** Different rows: two strata, or two datasets. */
  | 'UNPAIRED';

/** Whether to do what the study's text says or what its published code does. */
export type PatchKeepMode =
  /** What the study's text says. */
  | 'CORRECTED'
  /** What the study's published code does, to the bit. */
  | 'LEGACY';

/** Parameters of the transform PatchKeep. */
export type PatchKeepParams = {
  /** Tiles along each side. In tiles, from 1 to 64. */
  grid?: Scalars['Int']['input'];
  /** Which tile, row by row from 0 at the top left. In 1, from 0 to 4095. */
  index: Scalars['Int']['input'];
  /** Whether to do what the study's text says or what its published code does. */
  mode?: PatchKeepMode;
};

/** What is put there. Legacy ignores it and puts the mean grey of ImageNet. */
export type PatchRemoveFill =
  /** Brightness 0. */
  | 'BLACK'
  /** The mean of the image. */
  | 'MEAN'
  /** Normal noise of the image's mean and deviation. */
  | 'NOISE';

/** Whether to do what the study's text says or what its published code does. */
export type PatchRemoveMode =
  /** What the study's text says. */
  | 'CORRECTED'
  /** What the study's published code does, to the bit. */
  | 'LEGACY';

/** Parameters of the transform PatchRemove. */
export type PatchRemoveParams = {
  /** What is put there. Legacy ignores it and puts the mean grey of ImageNet. */
  fill?: PatchRemoveFill;
  /** Tiles along each side. In tiles, from 1 to 64. */
  grid?: Scalars['Int']['input'];
  /** Which tile, row by row from 0 at the top left. In 1, from 0 to 4095. */
  index: Scalars['Int']['input'];
  /** Whether to do what the study's text says or what its published code does. */
  mode?: PatchRemoveMode;
  /** Seed of the noise; each image has its own. In 1, from 0 to 9007199254740991. */
  seed?: Scalars['SafeInt']['input'];
};

/** A metric, interval, meta-analysis or transform that is built in. */
export type Plugin = {
  __typename?: 'Plugin';
  /** Which way a metric is good; null for other kinds. */
  better?: Maybe<BetterDirection>;
  /** What it is, in one sentence. */
  doc: Scalars['String']['output'];
  /** Parameters that are valid. */
  example: Scalars['JSONObject']['output'];
  /** Name, unique within its kind. */
  id: Scalars['String']['output'];
  /** What it computes. */
  kind: PluginKind;
  /** Properties that tests hold it to, as words. */
  laws: Array<Scalars['String']['output']>;
  /** Its parameters. */
  params: Array<PluginParam>;
  /** Largest possible value of a metric; null where unbounded. */
  rangeHigh?: Maybe<Scalars['Float']['output']>;
  /** Smallest possible value of a metric; null where unbounded. */
  rangeLow?: Maybe<Scalars['Float']['output']>;
  /** The paper with DOI, or the book, that defines it. */
  source: Scalars['String']['output'];
  /** Version: raised whenever any number may change. */
  version: Scalars['Int']['output'];
};

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

/** A parameter of a plugin. */
export type PluginParam = {
  __typename?: 'PluginParam';
  /** Words allowed, for a choice. */
  choices?: Maybe<Array<Scalars['String']['output']>>;
  /** Value where none is given, as JSON; null: it must be given. */
  default?: Maybe<Scalars['String']['output']>;
  /** What it does. */
  doc: Scalars['String']['output'];
  /** Kind: float, int, choice or flag. */
  kind: Scalars['String']['output'];
  /** Largest number allowed. */
  max?: Maybe<Scalars['Float']['output']>;
  /** Smallest number allowed. */
  min?: Maybe<Scalars['Float']['output']>;
  /** Name. */
  name: Scalars['String']['output'];
  /** Unit of a number; 1 for a pure number. */
  unit?: Maybe<Scalars['String']['output']>;
};

/** How the files of an import are read; the same mapping repeats the import. */
export type PredictionMappingInput = {
  /** Attributes to take. */
  attributes?: Array<AttributeMappingInput>;
  /** Id column of the second file, when there is one. */
  attributesId?: InputMaybe<Scalars['String']['input']>;
  /** Column of image ids. */
  id: Scalars['String']['input'];
  /** Column of patient ids. */
  patient?: InputMaybe<Scalars['String']['input']>;
  /** What range scores may have. */
  scoreKind?: ScoreKind;
  /** The scores. */
  scores: ScoresInput;
  /** Column of split parts. */
  split?: InputMaybe<Scalars['String']['input']>;
  /** Column of study ids. */
  study?: InputMaybe<Scalars['String']['input']>;
  /** What the model predicts. */
  task: TaskInput;
  /** The truth; absent when the dataset holds it already. */
  truth?: InputMaybe<TruthInput>;
};

/** How pixels become a model's input: brightness from 0 to 1, resized, times the scale, less the mean, over the deviation. */
export type Preprocessing = {
  __typename?: 'Preprocessing';
  /** Whether a smaller pixel averages all that it stands for. */
  antialias: Scalars['Boolean']['output'];
  /** Columns of the input. */
  cols: Scalars['Int']['output'];
  /** One a plane, above 0. */
  deviation: Array<Scalars['Float']['output']>;
  /** What is black and what is white. */
  intensity: Intensity;
  /** One a plane. */
  mean: Array<Scalars['Float']['output']>;
  /** 1 for grey, 3 for the same grey three times. */
  planes: Scalars['Int']['output'];
  /** How an image of another size is brought to the model's. */
  resize: Resizing;
  /** Rows of the input. */
  rows: Scalars['Int']['output'];
  /** Times this before mean and deviation, for example 255; above 0. */
  scale: Scalars['Float']['output'];
};

/** How pixels become the model's input. What is absent is taken from the file's metadata (`stratum.preprocessing`), then its input's size, then: full range, stretched, antialiased, scale 1, mean 0, deviation 1. */
export type PreprocessingInput = {
  /** Whether a smaller pixel averages all that it stands for. */
  antialias?: InputMaybe<Scalars['Boolean']['input']>;
  /** Columns of the input, 1 to 4096. */
  cols?: InputMaybe<Scalars['Int']['input']>;
  /** One a plane, or one for all; above 0. */
  deviation?: InputMaybe<Array<Scalars['Float']['input']>>;
  /** What is black and what is white. */
  intensity?: InputMaybe<Intensity>;
  /** One a plane, or one for all. */
  mean?: InputMaybe<Array<Scalars['Float']['input']>>;
  /** 1 for grey, 3 for the same grey three times. */
  planes?: InputMaybe<Scalars['Int']['input']>;
  /** How an image of another size is brought to it. */
  resize?: InputMaybe<Resizing>;
  /** Rows of the input, 1 to 4096. */
  rows?: InputMaybe<Scalars['Int']['input']>;
  /** Times this before mean and deviation; above 0. */
  scale?: InputMaybe<Scalars['Float']['input']>;
};

/** A publication whose numbers are here as metric records, as they are printed. */
export type Publication = {
  __typename?: 'Publication';
  /** Citation in words. */
  citation: Scalars['String']['output'];
  /** SHA-256 over its data files: 64 hexadecimal digits. */
  contentSha256: Scalars['String']['output'];
  /** Its inconsistencies, in order of their number. */
  discrepancies: Array<Discrepancy>;
  /** Digital object identifier, without a resolver's address. */
  doi?: Maybe<Scalars['String']['output']>;
  /** Its experiments, in order of slug. */
  experiments: Array<Experiment>;
  /** Counts and notes of its data files that are no metric records. */
  facts: Scalars['JSONObject']['output'];
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** Its numbers, as printed; those read last first. */
  metrics: MetricConnection;
  /** When it was loaded here. */
  recordedAt: Scalars['DateTime']['output'];
  /** Short name, unique for ever: use it in requests and links. */
  slug: Scalars['String']['output'];
  /** Title. */
  title: Scalars['String']['output'];
  /** Version of its data files here, from 1. */
  version: Scalars['Int']['output'];
  /** Year of publication. */
  year: Scalars['Int']['output'];
};


/** A publication whose numbers are here as metric records, as they are printed. */
export type PublicationMetricsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** One page of a list of Publication nodes. */
export type PublicationConnection = {
  __typename?: 'PublicationConnection';
  /** The page's nodes with their cursors. */
  edges: Array<PublicationEdge>;
  /** The page's nodes without cursors. */
  nodes: Array<Publication>;
  /** Where the page lies in the list. */
  pageInfo: PageInfo;
  /** Nodes in the whole list; counted only when asked for. */
  totalCount: Scalars['SafeInt']['output'];
};

/** A Publication in a list, with its cursor. */
export type PublicationEdge = {
  __typename?: 'PublicationEdge';
  /** Opaque place of the node in this list, filter and order. */
  cursor: Scalars['String']['output'];
  /** The node. */
  node: Publication;
};

export type Query = {
  __typename?: 'Query';
  /** The audit with this id, or null. For those with row-level rights on all its datasets. */
  audit?: Maybe<Audit>;
  /** What an audit would do, what of it is there already, and what it costs. For stewards of all its datasets. */
  auditPlan: AuditPlan;
  /** How far scores are from being probabilities, in every stratum: Brier, ECE, intercept, slope, curve. */
  calibration: CalibrationAnalysis;
  /** The difference of two AUCs in every stratum, with interval, test and p-values adjusted across cells. */
  compareAuc: AucComparison;
  /** The dataset with this slug, or null. */
  dataset?: Maybe<Dataset>;
  /** Datasets in order of slug. */
  datasets: DatasetConnection;
  /** The evaluation with this id, or null. */
  evaluation?: Maybe<Evaluation>;
  /** Evaluations, the newest first. */
  evaluations: EvaluationConnection;
  /** Every experiment: the protocols of the study's Table 2 in its order, then those of later work. */
  experiments: Array<Experiment>;
  /** The rates of decisions at a threshold in every stratum, and the gaps between strata. */
  gaps: GapAnalysis;
  /** Pools stored metric records or given numbers; NOT_ESTIMABLE where they do not give an estimate. */
  metaAnalysis: MetaAnalysis;
  /** The metric record with this id, or null. */
  metric?: Maybe<MetricRecord>;
  /** Metric records, computed and published; the newest first unless ordered. */
  metrics: MetricConnection;
  /** The model with this slug, or null. */
  model?: Maybe<Model>;
  /** Models in order of slug. */
  models: ModelConnection;
  /** Plugins of a kind, or all, in order of kind and registration. */
  plugins: Array<Plugin>;
  /** The publication with this slug, in its newest version here, or null. */
  publication?: Maybe<Publication>;
  /** Publications in order of slug, each in its newest version. */
  publications: PublicationConnection;
  /** The ROC curve of one class in the whole or in one stratum. */
  rocCurve: RocCurve;
  /** The run with this id, or null. */
  run?: Maybe<Run>;
  /** Runs, the newest first. */
  runs: RunConnection;
  /** How well the scores of an evaluation separate each class, in every stratum, with intervals. */
  stratifiedAuc: StratifiedAuc;
};


export type QueryAuditArgs = {
  id: Scalars['ID']['input'];
};


export type QueryAuditPlanArgs = {
  input: RunAuditInput;
};


export type QueryCalibrationArgs = {
  input: CalibrationInput;
};


export type QueryCompareAucArgs = {
  input: CompareAucInput;
};


export type QueryDatasetArgs = {
  slug: Scalars['String']['input'];
};


export type QueryDatasetsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DatasetFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryEvaluationArgs = {
  id: Scalars['ID']['input'];
};


export type QueryEvaluationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EvaluationFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryGapsArgs = {
  input: GapsInput;
};


export type QueryMetaAnalysisArgs = {
  input: MetaAnalysisInput;
};


export type QueryMetricArgs = {
  id: Scalars['ID']['input'];
};


export type QueryMetricsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<MetricFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<MetricOrder>;
};


export type QueryModelArgs = {
  slug: Scalars['String']['input'];
};


export type QueryModelsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ModelFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryPluginsArgs = {
  kind?: InputMaybe<PluginKind>;
};


export type QueryPublicationArgs = {
  slug: Scalars['String']['input'];
};


export type QueryPublicationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryRocCurveArgs = {
  input: RocCurveInput;
};


export type QueryRunArgs = {
  id: Scalars['ID']['input'];
};


export type QueryRunsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<RunFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryStratifiedAucArgs = {
  input: StratifiedAucInput;
};

/** What is put there. Legacy ignores it and puts the mean grey of ImageNet. */
export type RandomSquareFill =
  /** Brightness 0. */
  | 'BLACK'
  /** The mean of the image. */
  | 'MEAN'
  /** Normal noise of the image's mean and deviation. */
  | 'NOISE';

/** Parameters of the transform RandomSquare. */
export type RandomSquareParams = {
  /** Area of the square; the study took a fifth. In share of the area, from 0.0001 to 1. */
  area?: Scalars['Float']['input'];
  /** What is put there. Legacy ignores it and puts the mean grey of ImageNet. */
  fill?: RandomSquareFill;
  /** Seed of the places and of the noise; each image has its own. In 1, from 0 to 9007199254740991. */
  seed?: Scalars['SafeInt']['input'];
  /** Whether the rectangle is blotted out, or all else. */
  what?: RandomSquareWhat;
};

/** Whether the rectangle is blotted out, or all else. */
export type RandomSquareWhat =
  /** All else goes. */
  | 'KEEP'
  /** The rectangle goes. */
  | 'REMOVE';

/** One rate of one class in one stratum, with Wilson's interval. */
export type RateCell = {
  __typename?: 'RateCell';
  /** Upper end of its interval. */
  ciHigh?: Maybe<Scalars['Float']['output']>;
  /** Lower end of its interval. */
  ciLow?: Maybe<Scalars['Float']['output']>;
  /** The class. */
  class: Scalars['String']['output'];
  /** Rows left out: truth or score unknown. */
  nLeftOut?: Maybe<Scalars['SafeInt']['output']>;
  /** Rows of the other classes with a score. */
  nNegative?: Maybe<Scalars['SafeInt']['output']>;
  /** Distinct patients behind those rows. */
  nPatients?: Maybe<Scalars['SafeInt']['output']>;
  /** Rows of the class with a score. */
  nPositive?: Maybe<Scalars['SafeInt']['output']>;
  /** Which rate. */
  rate: OperatingRate;
  /** Why there is none, as a code. */
  reason?: Maybe<Scalars['String']['output']>;
  /** Whether there is a rate. */
  status: CellStatus;
  /** The stratum; empty for the whole. */
  stratum: Array<StratumLevel>;
  /** Rows counted; null without row-level rights. */
  successes?: Maybe<Scalars['SafeInt']['output']>;
  /** Rows they are a share of; null without row-level rights. */
  total?: Maybe<Scalars['SafeInt']['output']>;
  /** The rate, 0 to 1. */
  value?: Maybe<Scalars['Float']['output']>;
};

/** Largest minus smallest rate between strata. The interval (Newcombe's) is as if the two had been named beforehand; across many strata it is optimistic. */
export type RateGap = {
  __typename?: 'RateGap';
  /** Where the rate is best; for PREVALENCE where it is lowest. */
  best?: Maybe<Array<StratumLevel>>;
  /** Upper end of its interval. */
  ciHigh?: Maybe<Scalars['Float']['output']>;
  /** Lower end of its interval. */
  ciLow?: Maybe<Scalars['Float']['output']>;
  /** The class. */
  class: Scalars['String']['output'];
  /** The gap, 0 to 1; null with fewer than two strata. */
  gap?: Maybe<Scalars['Float']['output']>;
  /** Strata that have no rate, or are hidden, and take no part. */
  leftOut: Scalars['Int']['output'];
  /** Which rate. */
  rate: OperatingRate;
  /** Why there is no gap: TOO_FEW_STRATA. */
  reason?: Maybe<Scalars['String']['output']>;
  /** Where the rate is worst; for PREVALENCE where it is highest. */
  worst?: Maybe<Array<StratumLevel>>;
};

/** Records that a request made, or found to be there already. */
export type RecordMetricsPayload = {
  __typename?: 'RecordMetricsPayload';
  /** How many of them are new. */
  created: Scalars['Int']['output'];
  /** One record a cell, by class, then by stratum. */
  records: Array<MetricRecord>;
};

/** A recorded value and the class or category it stands for. */
export type RecordedValueInput = {
  /** The class or category. */
  category: Scalars['String']['input'];
  /** The value as the file records it. */
  recorded: Scalars['String']['input'];
};

/** What is put there. Legacy ignores it and puts the mean grey of ImageNet. */
export type RectangleFill =
  /** Brightness 0. */
  | 'BLACK'
  /** The mean of the image. */
  | 'MEAN'
  /** Normal noise of the image's mean and deviation. */
  | 'NOISE';

/** Parameters of the transform Rectangle. */
export type RectangleParams = {
  /** Lower edge. In share of the side, from 0 to 1. */
  bottom: Scalars['Float']['input'];
  /** What is put there. Legacy ignores it and puts the mean grey of ImageNet. */
  fill?: RectangleFill;
  /** Left edge, 0 at the left. In share of the side, from 0 to 1. */
  left: Scalars['Float']['input'];
  /** Right edge. In share of the side, from 0 to 1. */
  right: Scalars['Float']['input'];
  /** Seed of the noise; each image has its own. In 1, from 0 to 9007199254740991. */
  seed?: Scalars['SafeInt']['input'];
  /** Upper edge, 0 at the top. In share of the side, from 0 to 1. */
  top: Scalars['Float']['input'];
  /** Whether the rectangle is blotted out, or all else. */
  what?: RectangleWhat;
};

/** Whether the rectangle is blotted out, or all else. */
export type RectangleWhat =
  /** All else goes. */
  | 'KEEP'
  /** The rectangle goes. */
  | 'REMOVE';

/** An uploaded ONNX model, and what it is said to do. */
export type RegisterModelInput = {
  /** What makes scores of the output. */
  activation?: OutputActivation;
  /** Architecture, of a new model. */
  architecture?: InputMaybe<Scalars['String']['input']>;
  /** Names of its classes in the order of its output. */
  classes: Array<Scalars['String']['input']>;
  /** What it is and where it comes from, of a new model. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** What it decides; null: binary of two classes, multiclass of more. */
  kind?: InputMaybe<TaskKind>;
  /** Slug of the model; made when there is none. */
  model: Scalars['String']['input'];
  /** Name of the output; null: its only one. */
  output?: InputMaybe<Scalars['String']['input']>;
  /** How pixels become its input. */
  preprocessing?: InputMaybe<PreprocessingInput>;
  /** The attribute it predicts, for example race or finding. */
  task: Scalars['String']['input'];
  /** Name for people, of a new model. */
  title?: InputMaybe<Scalars['String']['input']>;
  /** The upload that holds the ONNX file, weights and all. */
  upload: Scalars['ID']['input'];
};

/** A registered model. */
export type RegisterModelPayload = {
  __typename?: 'RegisterModelPayload';
  /** False when the same was registered before. */
  created: Scalars['Boolean']['output'];
  /** The version that holds these bytes. */
  modelVersion: ModelVersion;
};

/** How an image of another size is brought to the model's. */
export type Resizing =
  /** To fit, with black around it. */
  | 'PAD'
  /** Both sides to the model's, whatever the image's shape. */
  | 'STRETCH';

/** Parameters of the transform Resolution. */
export type ResolutionParams = {
  /** Side of the small square; the study went from 1 to 320. In pixels, from 1 to 4096. */
  side: Scalars['Int']['input'];
};

/** A ROC curve in columns of equal length, from (0, 0) to (1, 1). Without row-level rights it is read at 21 false positive rates, without thresholds. */
export type RocCurve = {
  __typename?: 'RocCurve';
  /** Area under the points given minus the AUC: what thinning cost. */
  areaError?: Maybe<Scalars['Float']['output']>;
  /** Area under the whole curve, 0 to 1. */
  auc?: Maybe<Scalars['Float']['output']>;
  /** The class, against the rest of the task's classes. */
  class: Scalars['String']['output'];
  /** False positive rate of each point, 0 to 1, ascending. */
  fpr: Array<Scalars['Float']['output']>;
  /** Rows of the other classes with a score. */
  nNegative?: Maybe<Scalars['SafeInt']['output']>;
  /** Distinct patients behind those rows. */
  nPatients?: Maybe<Scalars['SafeInt']['output']>;
  /** Rows of the class with a score. */
  nPositive?: Maybe<Scalars['SafeInt']['output']>;
  /** Why there is none, as a code. */
  reason?: Maybe<Scalars['String']['output']>;
  /** What a reader should know, one sentence each. */
  remarks: Array<Scalars['String']['output']>;
  /** Whether there is a curve. */
  status: CellStatus;
  /** The stratum; empty for the whole. */
  stratum: Array<StratumLevel>;
  /** Threshold of each point, descending: positive means score >= threshold; null where nothing is called positive. */
  threshold: Array<Maybe<Scalars['Float']['output']>>;
  /** True positive rate of each point, 0 to 1, ascending. */
  tpr: Array<Scalars['Float']['output']>;
};

/** Which curve: one class of an evaluation, in the whole or in one stratum. */
export type RocCurveInput = {
  /** Bands of number attributes. */
  bins?: InputMaybe<Array<AttributeBins>>;
  /** The class, against the rest of the task's classes. */
  class: Scalars['String']['input'];
  /** Id of the evaluation. */
  evaluation: Scalars['ID']['input'];
  /** Most points of the curve: 3 to 10,000. */
  maxPoints?: InputMaybe<Scalars['Int']['input']>;
  /** The stratum by attribute; none: the whole. */
  stratum?: Array<StratumLevelInput>;
  /** What one row is. */
  unit?: UnitOfAnalysis;
  /** Conditions that hold together, at most 8. */
  where?: InputMaybe<Array<AttributePredicate>>;
};

/** What a caller may see of a dataset, from least to most. */
export type Role =
  /** Exact results of any size. */
  | 'ANALYST'
  /** Results of at least 11 patients, rounded; nothing from which fewer could be told. */
  | 'PUBLIC'
  /** Exact results of any size, and writing. */
  | 'STEWARD';

/** One import, evaluation, training or audit. The same request twice is the same run. */
export type Run = {
  __typename?: 'Run';
  /** How often it was begun, less the times a worker that stopped gave it back. */
  attempt: Scalars['Int']['output'];
  /** When somebody asked to stop it. */
  cancelRequestedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The dataset that it was asked about. */
  dataset?: Maybe<Dataset>;
  /** The evaluation that it made. */
  evaluation?: Maybe<Evaluation>;
  /** What happened, in order; none without row-level rights on its datasets. */
  events: Array<RunEvent>;
  /** Why it failed; null without row-level rights on its datasets. */
  failure?: Maybe<Scalars['String']['output']>;
  /** SHA-256 of plugin, parameters, seeds and inputs: 64 hexadecimal digits; unique. */
  fingerprint: Scalars['String']['output'];
  /** When it ended. */
  finishedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** SHA-256 of every input, by name; null without row-level rights on its datasets. */
  inputDigests?: Maybe<Scalars['JSONObject']['output']>;
  /** What it does. */
  kind: RunKind;
  /** What it was asked to do; null without row-level rights on its datasets. */
  params?: Maybe<Scalars['JSONObject']['output']>;
  /** The plugin or importer that does it. */
  plugin: Scalars['String']['output'];
  /** Version of the plugin. */
  pluginVersion: Scalars['Int']['output'];
  /** How far it is, while it runs; null without row-level rights on its datasets. */
  progress?: Maybe<RunProgress>;
  /** When it was asked for. */
  recordedAt: Scalars['DateTime']['output'];
  /** Versions of the software that did the work. */
  software: Scalars['JSONObject']['output'];
  /** When it was begun last. */
  startedAt?: Maybe<Scalars['DateTime']['output']>;
  /** How far it got. */
  state: RunState;
  /** What came out, counted: rows, scores, unknowns; null without row-level rights on its datasets. */
  summary?: Maybe<Scalars['JSONObject']['output']>;
  /** The model that it trained. */
  trainedModel?: Maybe<ModelVersion>;
  /** The epochs of a training so far, each once; none of other runs, and none without row-level rights on its datasets. */
  trainingHistory: Array<TrainingEpoch>;
};


/** One import, evaluation, training or audit. The same request twice is the same run. */
export type RunEventsArgs = {
  after?: Scalars['Int']['input'];
  first?: Scalars['Int']['input'];
};

/** What to audit, and how; what is left out is as the descriptions say. */
export type RunAuditInput = {
  /** Of the networks; default: by the size of the images. */
  architecture?: InputMaybe<TrainArchitecture>;
  /** For the protocol of several architectures. */
  architectures?: InputMaybe<Array<TrainArchitecture>>;
  /** What is to be recovered: race (or self_reported_race), sex, any category. */
  attribute: Scalars['String']['input'];
  /** Whether training images are flipped, turned and zoomed by chance. */
  augment?: Scalars['Boolean']['input'];
  /** Images of a step. */
  batch?: InputMaybe<Scalars['Int']['input']>;
  /** Its levels; default: all of the dataset. */
  classes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Whether controls run beside the protocols: the attribute shuffled among patients, and a mark planted in the images. */
  controls?: Scalars['Boolean']['input'];
  /** Slug of the dataset that is asked about. */
  dataset: Scalars['String']['input'];
  /** Its version; default: the newest with image files. */
  datasetVersion?: InputMaybe<Scalars['Int']['input']>;
  /** Slug of a dataset of the same patients, by the same names, digitised otherwise: photographs of films, say. Tested on patients held out of the first dataset alone. */
  digitised?: InputMaybe<Scalars['String']['input']>;
  /** At most so many epochs; default 100, quick 6. */
  epochs?: InputMaybe<Scalars['Int']['input']>;
  /** Slugs of datasets that its networks are tested on. */
  external?: InputMaybe<Array<Scalars['String']['input']>>;
  /** A registered model of findings, `SLUG` or `SLUG:VERSION`, that has learnt from no patient it is tested on; default: one is trained where a protocol needs it. */
  findingModel?: InputMaybe<Scalars['String']['input']>;
  /** Without a split: so many parts of patients, tested on the first; default 5. */
  folds?: InputMaybe<Scalars['Int']['input']>;
  /** At most so many conditions of a sweep; default: all, quick 3. */
  gridValues?: InputMaybe<Scalars['Int']['input']>;
  /** Learning rate of the first epoch. */
  learningRate?: InputMaybe<Scalars['Float']['input']>;
  /** Confidence level; default 0.95. */
  level?: InputMaybe<Scalars['Float']['input']>;
  /** How transforms are done. */
  mode?: AuditMode;
  /** Epochs without improvement after which a training ends; 0: never. */
  patience?: InputMaybe<Scalars['Int']['input']>;
  /** Ids of protocols; default: all that the data allow. */
  protocols?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The core alone: internal and external validation, filters, patches, strata; thin grids, short trainings. */
  quick?: Scalars['Boolean']['input'];
  /** Whether every dataset trains a network that the others are tested with. */
  reciprocal?: Scalars['Boolean']['input'];
  /** Replicates of the patient bootstrap; default 2000, quick 500. */
  replicates?: InputMaybe<Scalars['Int']['input']>;
  /** Of trainings and intervals; default 2021. */
  seed?: InputMaybe<Scalars['Int']['input']>;
  /** Side of the square that images are brought to, in pixels. */
  side?: InputMaybe<Scalars['Int']['input']>;
  /** Name of the split; default: the only one with parts for training and test, else patients are divided. */
  split?: InputMaybe<Scalars['String']['input']>;
};

/** The audit that a request is, and whether the request made it. */
export type RunAuditPayload = {
  __typename?: 'RunAuditPayload';
  /** The audit. */
  audit: Audit;
  /** False where the same was asked for before. */
  created: Scalars['Boolean']['output'];
  /** Its run: watch it, cancel it, retry it like any other. */
  run: Run;
};

/** One page of a list of Run nodes. */
export type RunConnection = {
  __typename?: 'RunConnection';
  /** The page's nodes with their cursors. */
  edges: Array<RunEdge>;
  /** The page's nodes without cursors. */
  nodes: Array<Run>;
  /** Where the page lies in the list. */
  pageInfo: PageInfo;
  /** Nodes in the whole list; counted only when asked for. */
  totalCount: Scalars['SafeInt']['output'];
};

/** A Run in a list, with its cursor. */
export type RunEdge = {
  __typename?: 'RunEdge';
  /** Opaque place of the node in this list, filter and order. */
  cursor: Scalars['String']['output'];
  /** The node. */
  node: Run;
};

/** Something that happened in a run. */
export type RunEvent = {
  __typename?: 'RunEvent';
  /** What happened. `queued`: It waits for a worker: asked for, or asked for again. `started`: A worker began an attempt; again with the device, once what computes has said what it runs on. `progress`: How far it is: {done, total, perSecond, secondsLeft}, and of a training its {epoch, loss} or {phase} before the first step; at most one a second. `resumed`: A training goes on from a checkpoint: {epoch, step, damaged}, damaged counting newer ones that were passed over. `epoch`: A training finished an epoch: {epoch, epochs, step, learningRate, trainingLoss, validationLoss, validationAuc, best, seconds}. `checkpoint`: A training can go on from here, whatever happens: {epoch, step}. `problem`: Something was left out: {code, count} and the first places. `requeued`: The attempt ended without a result and another will follow: {code, message, attempt}. `finished`: Its results are stored. `failed`: It ended without results: {code, message}. `cancelled`: It was stopped by request. */
  kind: Scalars['String']['output'];
  /** Details, by kind. */
  payload: Scalars['JSONObject']['output'];
  /** When it happened. */
  recordedAt: Scalars['DateTime']['output'];
  /** Number of the event in its run, from 1 without gaps. */
  sequence: Scalars['Int']['output'];
};

/** Which runs to list; all given conditions hold together. */
export type RunFilter = {
  /** Only runs about the dataset with this slug. */
  dataset?: InputMaybe<Scalars['String']['input']>;
  /** Only runs that do this. */
  kind?: InputMaybe<RunKind>;
  /** Only runs that got so far. */
  states?: InputMaybe<Array<RunState>>;
};

/** What a run does. */
export type RunKind =
  /** Computes metrics. */
  | 'AUDIT'
  /** Cross-validates a model of what is recorded, without pixels. */
  | 'CONFOUNDERS'
  /** Scores images with a model. */
  | 'EVALUATION'
  /** Takes data in. */
  | 'IMPORT'
  /** Trains a model. */
  | 'TRAINING';

/** How far a run is, in units of its kind (images of an evaluation). */
export type RunProgress = {
  __typename?: 'RunProgress';
  /** Units done. */
  done: Scalars['Float']['output'];
  /** Units a second over the last half minute. */
  perSecond?: Maybe<Scalars['Float']['output']>;
  /** Seconds left at this rate. */
  secondsLeft?: Maybe<Scalars['Float']['output']>;
  /** Units in all. */
  total: Scalars['Float']['output'];
};

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

/** Of which class maps are wanted, and how they are made. */
export type SaliencyInput = {
  /** A class of the model. */
  class: Scalars['String']['input'];
  /** A layer of features by name. GRAD_CAM only; default: the last one before the mean. */
  layer?: InputMaybe<Scalars['String']['input']>;
  /** How they are made. */
  method?: SaliencyMethod;
  /** Deviation of the noise, as a share of the range of the model's input. SMOOTHGRAD only; default 0.15. */
  noise?: InputMaybe<Scalars['Float']['input']>;
  /** Noisy copies of each image. SMOOTHGRAD only; default 25. */
  samples?: InputMaybe<Scalars['Int']['input']>;
  /** Seed of the noise. SMOOTHGRAD only; default 0. */
  seed?: InputMaybe<Scalars['Int']['input']>;
};

/** How maps of what the places of an image do to a class's score are made. */
export type SaliencyMethod =
  /** The last features times the class's weights, for models that end in a mean and a linear layer (Zhou et al. 2016, doi:10.1109/CVPR.2016.319). */
  | 'CLASS_ACTIVATION'
  /** The derivative of the class's score by each pixel of the model's input (Simonyan et al. 2014, arXiv:1312.6034). */
  | 'GRADIENT'
  /** The features weighted by their mean derivative, where positive (Selvaraju et al. 2017, doi:10.1109/ICCV.2017.74). */
  | 'GRAD_CAM'
  /** The share that the class has of each pixel, for models that give a map a class. */
  | 'SEGMENTATION'
  /** The mean of that derivative over noisy copies of the image (Smilkov et al. 2017, arXiv:1706.03825). */
  | 'SMOOTHGRAD';

/** How the map is made, of the class that the model gives the highest score. */
export type SalientRegionMethod =
  /** For models that end in a mean over the image and one linear layer. */
  | 'CLASS_ACTIVATION'
  /** For any model with layers of features. */
  | 'GRAD_CAM';

/** Parameters of the transform SalientRegion. */
export type SalientRegionParams = {
  /** How the map is made, of the class that the model gives the highest score. */
  method?: SalientRegionMethod;
  /** Where it is painted. */
  place?: SalientRegionPlace;
  /** What is painted. */
  shape?: SalientRegionShape;
  /** From which value of the map on a pixel is blotted out. In share of the map's largest value, from 0.001 to 1. */
  threshold?: Scalars['Float']['input'];
};

/** Where it is painted. */
export type SalientRegionPlace =
  /** The same shape moved to where the map is lowest: a control. */
  | 'ELSEWHERE'
  /** Where the map says. */
  | 'SALIENT';

/** What is painted. */
export type SalientRegionShape =
  /** The smallest rectangle around all of them, as the study's code does. */
  | 'BOX'
  /** The pixels above the threshold. */
  | 'REGION';

/** Which training images an epoch sees. */
export type SamplingKind =
  /** As many draws as images; every class as likely as any other. */
  | 'BALANCED'
  /** As many draws as images; within each class every level of `strata` equally likely. */
  | 'EQUAL_STRATA'
  /** As many draws as images; within each class every level of `strata` as often as among all. Levels that some class lacks are left out. */
  | 'MATCHED_STRATA'
  /** Each once, in random order. */
  | 'SHUFFLE';

/** How the learning rate goes on from its first value. */
export type ScheduleInput = {
  /** Of STEP: every so many; default 10. */
  epochs?: InputMaybe<Scalars['Int']['input']>;
  /** Of PLATEAU and STEP, below 1; default 0.1. */
  factor?: InputMaybe<Scalars['Float']['input']>;
  /** Of PLATEAU (default 1e-5) and COSINE (default 0). */
  floor?: InputMaybe<Scalars['Float']['input']>;
  /** Which rule. */
  kind: ScheduleKind;
  /** Of PLATEAU, in epochs; default 2. */
  patience?: InputMaybe<Scalars['Int']['input']>;
};

/** How the learning rate goes on. */
export type ScheduleKind =
  /** It stays. */
  | 'CONSTANT'
  /** Half a cosine down to the floor over all epochs. */
  | 'COSINE'
  /** Times the factor when the validation loss has not fallen for `patience` epochs. */
  | 'PLATEAU'
  /** Times the factor every so many epochs. */
  | 'STEP';

/** What scores are. */
export type ScoreKind =
  /** Any finite number; higher means more likely. */
  | 'ANY'
  /** Log odds: any finite number. */
  | 'LOGIT'
  /** Numbers from 0 to 1. */
  | 'PROBABILITY';

/** Where the scores stand: wide (columns) or long (classColumn and scoreColumn). */
export type ScoresInput = {
  /** Long form: the column that names the class of a row. */
  classColumn?: InputMaybe<Scalars['String']['input']>;
  /** Wide form: the score column of each class. */
  columns?: InputMaybe<Array<ClassColumnInput>>;
  /** Long form: the column of scores. */
  scoreColumn?: InputMaybe<Scalars['String']['input']>;
};

/** What several rows of one key in a joined table mean. */
export type SeveralRows =
  /** Values that differ are unknown, counted. */
  | 'AGREE'
  /** The first row counts. */
  | 'FIRST'
  /** The import is refused. */
  | 'REFUSE';

/** A named division of a version into parts, by patient. */
export type Split = {
  __typename?: 'Split';
  /** Whether parts are held by image, because patients leak or the source names none. */
  byImage: Scalars['Boolean']['output'];
  /** Opaque id, stable for ever. */
  id: Scalars['ID']['output'];
  /** Patients on more than one side; null without row-level rights when there are any. */
  leakingPatientCount?: Maybe<Scalars['SafeInt']['output']>;
  /** Whether a patient lies on two sides, so that what was learnt from one is tested on the other. */
  leaks: Scalars['Boolean']['output'];
  /** Name of the split. */
  name: Scalars['String']['output'];
  /** Why it was recorded although patients leak. */
  overrideReason?: Maybe<Scalars['String']['output']>;
  /** Its parts in order. */
  parts: Array<SplitPart>;
  /** When it was recorded here. */
  recordedAt: Scalars['DateTime']['output'];
};

/** A part of a split. */
export type SplitPart = {
  __typename?: 'SplitPart';
  /** Name, for example train, validate or test. */
  name: Scalars['String']['output'];
  /** Patients in it; to the nearest 5 without row-level rights; null when suppressed or when the split is by image. */
  patientCount?: Maybe<Scalars['SafeInt']['output']>;
};

/** One part of a split. */
export type SplitPartInput = {
  /** Name of its part, for example validate. */
  part: Scalars['String']['input'];
  /** Name of the split. */
  split: Scalars['String']['input'];
};

/** AUCs by class and stratum. */
export type StratifiedAuc = {
  __typename?: 'StratifiedAuc';
  /** By class in the order of the task, then by stratum in the order of levels; only strata that have rows. */
  cells: Array<AucCell>;
  /** What the answer was computed with. */
  origin: AucOrigin;
  /** What a reader should know, one sentence each. */
  remarks: Array<Scalars['String']['output']>;
  /** Cells whose status is SUPPRESSED. */
  suppressed: Scalars['Int']['output'];
};

/** AUCs of which evaluation and classes, divided how, with which interval. */
export type StratifiedAucInput = {
  /** Bands of number attributes; null: those of the study for `age` and `bmi`. */
  bins?: InputMaybe<Array<AttributeBins>>;
  /** Attributes that divide the rows, at most 8: categories, `age` and `bmi` in the study's bands, other numbers with `bins`, `split:<name>`. None: the whole is one cell a class. */
  by?: Array<Scalars['String']['input']>;
  /** How the intervals are made. */
  ci?: CiMethod;
  /** Classes of the task; null: all, in its order. */
  classes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Id of the evaluation. */
  evaluation: Scalars['ID']['input'];
  /** Nominal coverage of the intervals, in (0, 1). */
  level?: Scalars['Float']['input'];
  /** Resamples for BOOTSTRAP: 100 to 10,000. */
  replicates?: InputMaybe<Scalars['Int']['input']>;
  /** Seed for BOOTSTRAP: the same seed gives the same interval. */
  seed?: InputMaybe<Scalars['Int']['input']>;
  /** What one row is. */
  unit?: UnitOfAnalysis;
  /** Conditions that hold together, at most 8. */
  where?: InputMaybe<Array<AttributePredicate>>;
};

/** One attribute of a stratum and its level. */
export type StratumLevel = {
  __typename?: 'StratumLevel';
  /** Name of the attribute. */
  attribute: Scalars['String']['output'];
  /** A category, a band such as 20-40 (20 included, 40 not), `unknown` where nothing is recorded, or `mixed` for a study or patient whose images differ. Ages over 89 read `90+`. */
  level: Scalars['String']['output'];
};

/** One attribute and its level. */
export type StratumLevelInput = {
  /** Name of the attribute. */
  attribute: Scalars['String']['input'];
  /** Its level, as cells name it. */
  level: Scalars['String']['input'];
};

/** What counts as a study in a tree of DICOM files. */
export type StudyIs =
  /** Each series, as for volumes. */
  | 'SERIES'
  /** Each DICOM study. */
  | 'STUDY';

export type Subscription = {
  __typename?: 'Subscription';
  /** What happens in a run: every event after a sequence number, first those that there are, then each that follows, without gaps, until the run has ended. For those with row-level rights on its datasets. Over graphql-ws at /graphql, or as server-sent events at /graphql/stream. */
  runEvents: RunEvent;
};


export type SubscriptionRunEventsArgs = {
  after?: Scalars['Int']['input'];
  run: Scalars['ID']['input'];
};

/** What a model decides. */
export type Task = {
  __typename?: 'Task';
  /** The attribute it predicts; for many labels each is the attribute `<attribute>:<class>`. */
  attribute: Scalars['String']['output'];
  /** Its classes in the model's order. */
  classes: Array<Scalars['String']['output']>;
  /** What kind of classes it tells apart. */
  kind: TaskKind;
};

/** What the model predicts. */
export type TaskInput = {
  /** Name of the predicted attribute, for example race; for many labels, their common name: finding. */
  attribute: Scalars['String']['input'];
  /** Class names in the model's output order; binary: negative, positive. */
  classes: Array<Scalars['String']['input']>;
  /** Whether classes exclude each other. */
  kind: TaskKind;
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
  at?: InputMaybe<Scalars['Float']['input']>;
  /** Choose on these rows only; null: on all rows of the question, which flatters the rates. */
  on?: InputMaybe<SplitPartInput>;
  /** The rule. */
  rule?: ThresholdRule;
  /** The threshold for VALUE, on the scale of the scores. */
  value?: InputMaybe<Scalars['Float']['input']>;
};

/** How a threshold is found. Of equally good ones the highest. */
export type ThresholdRule =
  /** Sensitivity and specificity closest together. */
  | 'BALANCED'
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

/** A network to be trained from nothing. */
export type TrainArchitecture =
  /** DenseNet-121 (Huang et al. 2017). */
  | 'DENSENET121'
  /** EfficientNet-B0 (Tan and Le 2019). */
  | 'EFFICIENTNET_B0'
  /** One linear layer on the pixels. */
  | 'LINEAR_PROBE'
  /** MobileNetV2 (Sandler et al. 2018). */
  | 'MOBILENET_V2'
  /** ResNet-18 (He et al. 2016). */
  | 'RESNET18'
  /** ResNet-34 (He et al. 2016), the study's. */
  | 'RESNET34'
  /** ResNet-50 (He et al. 2016). */
  | 'RESNET50'
  /** A residual network of 175,000 weights for images of about 64 x 64. */
  | 'SMALL_CNN';

/** A class, and the levels of the attribute that it stands for. */
export type TrainClassInput = {
  /** Levels of the attribute; several are taken together. Default: the one of its name. */
  levels?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Its name. */
  name: Scalars['String']['input'];
};

/** Which network learns what from which images. Dataset and attribute suffice: all else is then as in the study, in sizes for one machine (docs/training.md). */
export type TrainInput = {
  /** What is learnt: an attribute of categories, such as sex or self-reported race, or `finding` for all findings at once. */
  attribute: Scalars['String']['input'];
  /** Default: flip 0.5, rotation 15, zoom 0.1; an empty one: none. */
  augmentation?: InputMaybe<AugmentationInput>;
  /** Images a step; default 32. */
  batch?: InputMaybe<Scalars['Int']['input']>;
  /** Steps between checkpoints, besides one after each epoch; default 200. */
  checkpointSteps?: InputMaybe<Scalars['Int']['input']>;
  /** Weight of each class in the loss; default: all 1. */
  classWeights?: InputMaybe<Array<Scalars['Float']['input']>>;
  /** Classes in the order of the output; default: the levels of the attribute, or every finding. */
  classes?: InputMaybe<Array<TrainClassInput>>;
  /** Length that all gradients together are cut to. */
  clipNorm?: InputMaybe<Scalars['Float']['input']>;
  /** Slug of the dataset. */
  dataset: Scalars['String']['input'];
  /** Version of the dataset; default: the newest with image files. */
  datasetVersion?: InputMaybe<Scalars['Int']['input']>;
  /** At most so many; default 100. */
  epochs?: InputMaybe<Scalars['Int']['input']>;
  /** Patients to hold back for a later evaluation, in place of a split. */
  folds?: InputMaybe<FoldsInput>;
  /** Default: BEST; LAST without validation. */
  keep?: InputMaybe<Keep>;
  /** Share of each target that is spread over all classes; default 0. */
  labelSmoothing?: InputMaybe<Scalars['Float']['input']>;
  /** Default 0.001; 0.0001 where more than the head of a model learns. */
  learningRate?: InputMaybe<Scalars['Float']['input']>;
  /** Of the processor: the graph rewritten for the runtime's own layout, where it agrees; default true. */
  lowering?: InputMaybe<Scalars['Boolean']['input']>;
  /** Slug of the model that the result becomes a version of; default: from dataset, attribute and architecture. */
  model?: InputMaybe<Scalars['String']['input']>;
  /** Default: VALIDATION_LOSS. */
  monitor?: InputMaybe<Monitor>;
  /** What to do with an image that cannot be read. */
  onBadImage?: OnBadImage;
  /** Default: ADAM. */
  optimiser?: InputMaybe<OptimiserInput>;
  /** Ends after so many epochs without improvement; 0: never. Default 4. */
  patience?: InputMaybe<Scalars['Int']['input']>;
  /** How pixels become the input; default: one plane of the images' own size, at most 224 x 224, mean 0.5, deviation 0.25. A model to start from keeps its own. */
  preprocessing?: InputMaybe<PreprocessingInput>;
  /** What runs the training; default: the server's setting. */
  provider?: InputMaybe<ExecutionProvider>;
  /** Default: SHUFFLE. */
  sampling?: InputMaybe<SamplingKind>;
  /** Default: PLATEAU; CONSTANT without validation. */
  schedule?: InputMaybe<ScheduleInput>;
  /** Seed of first weights, order and augmentation; default 2021. */
  seed?: InputMaybe<Scalars['SafeInt']['input']>;
  /** The part of a split to learn from: `train`, or `<split>:train`; default: the part called train, else all images. */
  split?: InputMaybe<Scalars['String']['input']>;
  /** Seed of all divisions by patient; default 2021. */
  splitSeed?: InputMaybe<Scalars['SafeInt']['input']>;
  /** What training starts from; default: SMALL_CNN for images up to 96 pixels a side, else RESNET34. */
  start?: InputMaybe<TrainStartInput>;
  /** Steps within one call of the session; default 4. */
  stepsPerCall?: InputMaybe<Scalars['Int']['input']>;
  /** The attributes that EQUAL_STRATA or MATCHED_STRATA evens out, all levels together. */
  strata?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Name for people, of a new model. */
  title?: InputMaybe<Scalars['String']['input']>;
  /** What is done to each image before the network sees it, in order. */
  transforms?: Array<TransformInput>;
  /** Share of the training patients for validation, in a part's place; 0: no validation. */
  validationShare?: InputMaybe<Scalars['Float']['input']>;
  /** The part of a split for validation; default: the part called validate of the same split, else a tenth of the training patients. */
  validationSplit?: InputMaybe<Scalars['String']['input']>;
  /** Only images that meet all of these, for training and validation. */
  where?: Array<AttributePredicate>;
};

/** The run that makes the training. */
export type TrainPayload = {
  __typename?: 'TrainPayload';
  /** Whether this request made the run; false: it was asked for before. */
  created: Scalars['Boolean']['output'];
  /** The run; watch it with runEvents, or ask for it again. */
  run: Run;
};

/** An architecture with random weights, or a registered model. */
export type TrainStartInput = {
  /** A network to be trained from nothing. */
  architecture?: InputMaybe<TrainArchitecture>;
  /** What of the model learns; default: all of it. */
  learn?: InputMaybe<Learn>;
  /** Slug of a registered model to go on from. */
  model?: InputMaybe<Scalars['String']['input']>;
  /** Its version; default: the newest whose bytes are here. */
  modelVersion?: InputMaybe<Scalars['Int']['input']>;
};

/** How one epoch of a training went. */
export type TrainingEpoch = {
  __typename?: 'TrainingEpoch';
  /** Whether its weights are the best so far. */
  best: Scalars['Boolean']['output'];
  /** Its number, from 1. */
  epoch: Scalars['Int']['output'];
  /** Epochs at most. */
  epochs: Scalars['Int']['output'];
  /** Learning rate of the epoch. */
  learningRate: Scalars['Float']['output'];
  /** Wall clock. */
  seconds: Scalars['Float']['output'];
  /** Steps so far, over all epochs. */
  step: Scalars['Int']['output'];
  /** Mean loss over its training images. */
  trainingLoss: Scalars['Float']['output'];
  /** AUCs on the validation images, where there are any; exact, also of small groups. */
  validationAuc?: Maybe<Array<EpochAuc>>;
  /** Mean loss over the validation images, where there are any. */
  validationLoss?: Maybe<Scalars['Float']['output']>;
};

/** Exactly one transform of images, with its parameters; plugins(kind: TRANSFORM) describes them. */
export type TransformInput =
  /** Keeps the spatial frequencies of a ring and removes the rest, the mean brightness among them. */
  { bandPass: BandPassParams; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Gaussian blur; corrected within each image, legacy also from image to image in their order, as the study's code did. */
  { bandPass?: never; blur: BlurParams; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Flattens what is brighter than a ceiling, such as bone; legacy clips normalised values, where 0.6 is a brightness of 0.54 to 0.62. */
  { bandPass?: never; blur?: never; clip: ClipParams; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Cuts the middle of the image out and enlarges it to the size of the image, bilinear and antialiased. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView: FieldOfViewParams; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Removes the spatial frequencies inside a circle, the mean brightness among them, and keeps the rest. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass: HighPassParams; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Keeps the spatial frequencies inside a circle and removes the rest; 1 keeps the mean brightness alone. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass: LowPassParams; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Replaces a square in the upper left corner by one grey that is drawn for each image about one of two means: a signal of known strength. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark: MarkParams; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Blots out the region of a mask that the dataset has for each image, lungs say, or everything but it. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask: MaskParams; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Adds normal noise, without clamping; corrected draws a field for each image, legacy one field for all. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise: NoiseParams; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Removes the spatial frequencies of a ring and keeps the rest. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch: NotchParams; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Cuts one tile of a grid out and enlarges it to the size of the image; legacy tiles leave the last rows and columns to none. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep: PatchKeepParams; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Blots one tile of a grid out. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove: PatchRemoveParams; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Blots out a square of a given share of the area at a place drawn for each image, or everything but it. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare: RandomSquareParams; rectangle?: never; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Blots out a rectangle given in shares of the image, or everything but it. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle: RectangleParams; resolution?: never; salientRegion?: never; window?: never; }
  |  /** Reduces the image to a square of a few pixels and enlarges it to its size again, both bilinear and antialiased. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution: ResolutionParams; salientRegion?: never; window?: never; }
  |  /** Paints black, in each image, what the evaluated model's own map of it marks; the last of a chain, in evaluations only. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion: SalientRegionParams; window?: never; }
  |  /** Stretches a window of brightness to black and white; what lies outside becomes black or white. */
  { bandPass?: never; blur?: never; clip?: never; fieldOfView?: never; highPass?: never; lowPass?: never; mark?: never; mask?: never; noise?: never; notch?: never; patchKeep?: never; patchRemove?: never; randomSquare?: never; rectangle?: never; resolution?: never; salientRegion?: never; window: WindowParams; };

/** Where the truth stands: one column of class names, or a 0/1 column for each class. */
export type TruthInput = {
  /** The column of class names (or of 0/1, in the long form). */
  column?: InputMaybe<Scalars['String']['input']>;
  /** Multi-label: the 0/1 column of each class. */
  columns?: InputMaybe<Array<ClassColumnInput>>;
  /** Recorded values that mean unknown, beside the empty cell. */
  ignore?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Recorded values that are not class names. */
  map?: InputMaybe<Array<RecordedValueInput>>;
  /** A stored mapping of recorded values, such as chexpert-race-three-class@1. */
  mapping?: InputMaybe<Scalars['String']['input']>;
  /** What -1 becomes; without a policy it is refused. */
  uncertain?: InputMaybe<UncertainPolicy>;
};

/** What an uncertain label (-1, as CheXpert writes it) becomes. */
export type UncertainPolicy =
  /** Unknown, counted. */
  | 'IGNORE'
  /** Positive. */
  | 'ONES'
  /** Negative. */
  | 'ZEROS';

/** What one row of an analysis is. */
export type UnitOfAnalysis =
  /** Every image by itself. */
  | 'IMAGE'
  /** Every patient once, with the mean score of the images. */
  | 'PATIENT'
  /** Every study once, with the mean score of its images. */
  | 'STUDY';

/** Cells of a column that are recorded as unknown. */
export type UnknownCellCount = {
  __typename?: 'UnknownCellCount';
  /** Header of the column. */
  column: Scalars['String']['output'];
  /** Cells, 0 or more. */
  count: Scalars['SafeInt']['output'];
};

/** What becomes of a recorded value that a mapping does not list. */
export type UnlistedValues =
  /** The import is refused. */
  | 'REFUSE'
  /** It counts as unknown. */
  | 'UNKNOWN';

/** Where to send an announced file, once. */
export type Upload = {
  __typename?: 'Upload';
  /** When the upload is forgotten, sent or not. */
  expiresAt: Scalars['DateTime']['output'];
  /** Opaque id: name it in the import that is to use the file. */
  id: Scalars['ID']['output'];
  /** HTTP method to send it with: PUT. */
  method: Scalars['String']['output'];
  /** Path on this server to send the bytes to, as the body, with the same bearer token. */
  url: Scalars['String']['output'];
};

/** Which patients train the model that scores a fold. */
export type ValidationScheme =
  /** Those of all other folds: every image has a score; intervals are too narrow where there is little to be found. */
  | 'FOLDS'
  /** Those of the folds before it: images of the first have no score; intervals hold what they say. */
  | 'PROGRESSIVE';

/** What the image files of a version are, counted when each was read for the import. */
export type VersionFiles = {
  __typename?: 'VersionFiles';
  /** Bytes of all files. */
  bytes: Scalars['SafeInt']['output'];
  /** Whether every pixel was decoded, or headers only. */
  decoded: Scalars['Boolean']['output'];
  /** Images with the file of an earlier one, byte for byte. */
  duplicates: Scalars['SafeInt']['output'];
  /** Those of another patient than the earlier one. */
  duplicatesAcrossPatients: Scalars['SafeInt']['output'];
  /** Files by format. */
  formats: Array<ImageFormatCount>;
  /** Files of the manifest that were left out, by code. */
  leftOut: Array<LeftOutCount>;
  /** Most columns. */
  maxCols: Scalars['Int']['output'];
  /** Most rows. */
  maxRows: Scalars['Int']['output'];
  /** Fewest columns of an image. */
  minCols: Scalars['Int']['output'];
  /** Fewest rows of an image. */
  minRows: Scalars['Int']['output'];
  /** Distinct sizes. */
  sizes: Scalars['Int']['output'];
};

/** Where the image files of a version lie. */
export type VersionLocation = {
  __typename?: 'VersionLocation';
  /** Folder below the named root; null without one. */
  folder?: Maybe<Scalars['String']['output']>;
  /** When it was recorded. */
  recordedAt: Scalars['DateTime']['output'];
  /** The operator's name of the image root it lies in (STRATUM_IMAGE_ROOTS); null for another folder. */
  root?: Maybe<Scalars['String']['output']>;
  /** Whether it is there. */
  status: FilesStatus;
};

/** Parameters of the transform Window. */
export type WindowParams = {
  /** What becomes middle grey. In brightness, from 0 to 1. */
  centre?: Scalars['Float']['input'];
  /** From what becomes black to what becomes white; 1 about 0.5 changes nothing. In brightness, from 0.001 to 4. */
  width: Scalars['Float']['input'];
};

export type CatalogueQueryVariables = Exact<{
  dataset: Scalars['String']['input'];
  model: Scalars['String']['input'];
}>;


export type CatalogueQuery = { __typename?: 'Query', dataset?: { __typename?: 'Dataset', id: string, slug: string, title: string, versions: Array<{ __typename?: 'DatasetVersion', version: number, imageCount: number, patientCount?: number | null, attributes: Array<{ __typename?: 'Attribute', name: string, kind: AttributeKind, levels: Array<{ __typename?: 'AttributeLevel', level: string, imageCount?: number | null }> }>, splits: Array<{ __typename?: 'Split', name: string }> }> } | null, datasets: { __typename?: 'DatasetConnection', pageInfo: { __typename?: 'PageInfo', hasNextPage: boolean, endCursor?: string | null }, nodes: Array<{ __typename?: 'Dataset', slug: string, origin: DatasetOrigin }> }, model?: { __typename?: 'Model', id: string, slug: string, versions: Array<{ __typename?: 'ModelVersion', version: number, taskKind: TaskKind, taskAttribute: string, classes: Array<string> }> } | null, plugins: Array<{ __typename?: 'Plugin', id: string, kind: PluginKind, version: number, doc: string, source: string }>, experiments: Array<{ __typename?: 'Experiment', slug: string, title: string }>, publications: { __typename?: 'PublicationConnection', nodes: Array<{ __typename?: 'Publication', slug: string, title: string, version: number }> } };

export type EvaluationsQueryVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type EvaluationsQuery = { __typename?: 'Query', evaluation?: { __typename?: 'Evaluation', id: string, scoredCount: number, missingScoreCount: number, dataset: { __typename?: 'Dataset', slug: string }, model: { __typename?: 'Model', slug: string }, run: { __typename?: 'Run', id: string, kind: RunKind, state: RunState } } | null, evaluations: { __typename?: 'EvaluationConnection', totalCount: number, nodes: Array<{ __typename?: 'Evaluation', id: string }> } };

export type StratifiedAucQueryVariables = Exact<{
  input: StratifiedAucInput;
}>;


export type StratifiedAucQuery = { __typename?: 'Query', stratifiedAuc: { __typename?: 'StratifiedAuc', suppressed: number, cells: Array<{ __typename?: 'AucCell', class: string, auc?: number | null, se?: number | null, ciLow?: number | null, ciHigh?: number | null, nPositive?: number | null, nNegative?: number | null, nPatients?: number | null, status: CellStatus, reason?: string | null, stratum: Array<{ __typename?: 'StratumLevel', attribute: string, level: string }> }> } };

export type RocCurveQueryVariables = Exact<{
  input: RocCurveInput;
}>;


export type RocCurveQuery = { __typename?: 'Query', rocCurve: { __typename?: 'RocCurve', class: string, fpr: Array<number>, tpr: Array<number>, threshold: Array<number | null>, auc?: number | null, status: CellStatus } };

export type CompareAucQueryVariables = Exact<{
  input: CompareAucInput;
}>;


export type CompareAucQuery = { __typename?: 'Query', compareAuc: { __typename?: 'AucComparison', cells: Array<{ __typename?: 'AucComparisonCell', class: string, method: ComparisonMethod, difference?: number | null, ciLow?: number | null, ciHigh?: number | null, p?: number | null, status: CellStatus }> } };

export type GapsQueryVariables = Exact<{
  input: GapsInput;
}>;


export type GapsQuery = { __typename?: 'Query', gaps: { __typename?: 'GapAnalysis', thresholds: Array<{ __typename?: 'OperatingThreshold', class: string, threshold?: number | null }>, gaps: Array<{ __typename?: 'RateGap', class: string, rate: OperatingRate, gap?: number | null, ciLow?: number | null, ciHigh?: number | null }> } };

export type CalibrationQueryVariables = Exact<{
  input: CalibrationInput;
}>;


export type CalibrationQuery = { __typename?: 'Query', calibration: { __typename?: 'CalibrationAnalysis', cells: Array<{ __typename?: 'CalibrationCell', class: string, brier?: number | null, ece?: number | null, status: CellStatus, bins?: Array<{ __typename?: 'CalibrationBin', meanPredicted: number, observed: number, count: number }> | null }> } };

export type MetaAnalysisQueryVariables = Exact<{
  input: MetaAnalysisInput;
}>;


export type MetaAnalysisQuery = { __typename?: 'Query', metaAnalysis: { __typename?: 'MetaAnalysis', k: number, estimate: number, ciLow: number, ciHigh: number, se: number, predictionLow?: number | null, predictionHigh?: number | null, tau2: number, i2: number, h2: number, q: number, qP: number, eggerP?: number | null, forestSvg: string, studies: Array<{ __typename?: 'MetaStudy', label: string, value: number, ciLow: number, ciHigh: number, weight: number }>, coefficients: Array<{ __typename?: 'MetaCoefficient', name: string, estimate: number }>, leaveOneOut: Array<{ __typename?: 'LeaveOneOut', omitted: string, estimate?: number | null }> } };

export type MetricsQueryVariables = Exact<{
  filter?: InputMaybe<MetricFilter>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type MetricsQuery = { __typename?: 'Query', metrics: { __typename?: 'MetricConnection', pageInfo: { __typename?: 'PageInfo', hasNextPage: boolean, endCursor?: string | null }, nodes: Array<{ __typename?: 'MetricRecord', id: string, metric: string, class?: string | null, value?: number | null, ciLow?: number | null, ciHigh?: number | null, status: CellStatus, reason?: string | null, printed?: string | null, origin: MetricOrigin, publication?: { __typename?: 'Publication', slug: string } | null }> } };

export type RecordMetricsMutationVariables = Exact<{
  input: StratifiedAucInput;
}>;


export type RecordMetricsMutation = { __typename?: 'Mutation', recordMetrics: { __typename?: 'RecordMetricsPayload', records: Array<{ __typename?: 'MetricRecord', id: string, class?: string | null, value?: number | null, reason?: string | null }> } };

export type RunQueryVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type RunQuery = { __typename?: 'Query', run?: { __typename?: 'Run', id: string, kind: RunKind, state: RunState, plugin: string, pluginVersion: number, fingerprint: string, startedAt?: string | null, finishedAt?: string | null } | null };


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