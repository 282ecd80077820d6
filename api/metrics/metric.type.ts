import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { Dataset } from "../datasets/dataset.type.ts";
import { connectionType } from "../graphql/paging.ts";
import { DateTime, JsonObject, SafeInt } from "../graphql/scalars.ts";
import { Model } from "../models/model.type.ts";
import { Evaluation } from "../predictions/evaluation.type.ts";
import { Publication } from "../publications/publication.type.ts";
import { Run } from "../runs/run.type.ts";
import { CellStatus, StratumLevel, StratumLevelInput, UnitOfAnalysis } from "./stratum.type.ts";

/** Where a number comes from, as GraphQL names it. */
export const MetricOrigin = { COMPUTED: "computed", PUBLISHED: "published" } as const;
registerEnumType(MetricOrigin, {
  name: "MetricOrigin",
  description: "Where a number comes from.",
  valuesConfig: {
    COMPUTED: { description: "Computed here from an evaluation." },
    PUBLISHED: { description: "Printed in a publication, as it stands there." },
  },
});

/** What records are ordered by, as GraphQL names it. */
export const MetricOrderField = {
  RECORDED: "recorded",
  VALUE: "value",
  SE: "se",
  N: "n",
  N_PATIENTS: "n_patients",
} as const;
registerEnumType(MetricOrderField, {
  name: "MetricOrderField",
  description: "What records are ordered by; equal ones by when they were recorded.",
  valuesConfig: {
    RECORDED: { description: "When they were recorded." },
    VALUE: { description: "The value." },
    SE: { description: "Its standard error." },
    N: { description: "Rows behind it." },
    N_PATIENTS: { description: "Distinct patients behind it." },
  },
});

/** Which way an order runs, as GraphQL names it. */
export const OrderDirection = { ASC: "asc", DESC: "desc" } as const;
registerEnumType(OrderDirection, {
  name: "OrderDirection",
  description: "Which way an order runs.",
  valuesConfig: { ASC: { description: "Smallest first." }, DESC: { description: "Largest first." } },
});

/** Where missing values stand, as GraphQL names it. */
export const NullsOrder = { FIRST: "first", LAST: "last" } as const;
registerEnumType(NullsOrder, {
  name: "NullsOrder",
  description: "Where missing values stand in an order.",
  valuesConfig: { FIRST: { description: "Before all others." }, LAST: { description: "After all others." } },
});

/** One number and its whole origin. */
@ObjectType({
  simpleResolvers: true,
  description: "One number and its whole origin, computed here or published elsewhere. Never changes.",
})
export class MetricRecord {
  @Field(() => ID, { description: "Opaque id, stable for ever." })
  readonly id!: string;

  @Field(() => String, {
    nullable: true,
    description: "The class, against the rest of the task's classes.",
  })
  readonly class!: string | null;

  @Field(() => MetricOrigin, { description: "Computed here, or published." })
  readonly origin!: (typeof MetricOrigin)[keyof typeof MetricOrigin];

  @Field(() => String, { description: "Id of the metric plugin; for published numbers the metric's name." })
  readonly metric!: string;

  @Field(() => Int, { description: "Version of the metric plugin; 0 for published numbers." })
  readonly metricVersion!: number;

  @Field(() => [StratumLevel], { description: "The stratum by attribute; empty for the whole set." })
  readonly stratum!: readonly StratumLevel[];

  @Field(() => JsonObject, { description: "Conditions, bands, interval plugin and other parameters." })
  readonly params!: Readonly<Record<string, unknown>>;

  @Field(() => String, {
    nullable: true,
    description: "What one row was: image, study or patient; null where a publication does not say.",
  })
  readonly unit!: string | null;

  @Field(() => Float, {
    nullable: true,
    description: "The number, in the metric's unit; null unless status is OK.",
  })
  readonly value!: number | null;

  @Field(() => Float, { nullable: true, description: "Its standard error." })
  readonly se!: number | null;

  @Field(() => Float, { nullable: true, description: "Lower end of its interval." })
  readonly ciLow!: number | null;

  @Field(() => Float, { nullable: true, description: "Upper end of its interval." })
  readonly ciHigh!: number | null;

  @Field(() => Float, { nullable: true, description: "Nominal coverage of the interval, in (0, 1)." })
  readonly ciLevel!: number | null;

  @Field(() => String, {
    nullable: true,
    description: "How the interval was made; null where a publication does not say.",
  })
  readonly ciMethod!: string | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows used; null without row-level rights." })
  readonly n!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows of the class." })
  readonly nPositive!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows of the other classes." })
  readonly nNegative!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Distinct patients behind the rows." })
  readonly nPatients!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows left out: truth or score unknown." })
  readonly nLeftOut!: number | null;

  @Field(() => CellStatus, { description: "Whether there is a number." })
  readonly status!: (typeof CellStatus)[keyof typeof CellStatus];

  @Field(() => String, { nullable: true, description: "Why there is none, as a code." })
  readonly reason!: string | null;

  @Field(() => String, { nullable: true, description: "Name of the experiment." })
  readonly experiment!: string | null;

  @Field(() => String, { nullable: true, description: "Group of experiments it belongs to." })
  readonly experimentGroup!: string | null;

  @Field(() => String, { nullable: true, description: "Key of the record in its publication's data file." })
  readonly publicationKey!: string | null;

  @Field(() => String, { nullable: true, description: "The number exactly as printed." })
  readonly printed!: string | null;

  @Field(() => String, { nullable: true, description: "Table, page, figure or notebook." })
  readonly source!: string | null;

  @Field(() => String, { nullable: true, description: "Kind of source, for example paper_table." })
  readonly sourceKind!: string | null;

  @Field(() => [String], { description: "Remarks as codes." })
  readonly flags!: readonly string[];

  @Field(() => String, { nullable: true, description: "A remark in words." })
  readonly remark!: string | null;

  @Field(() => String, {
    description: "SHA-256 of everything that decides the number: 64 hexadecimal digits.",
  })
  readonly fingerprint!: string;

  @Field(() => DateTime, { description: "When it was recorded here." })
  readonly recordedAt!: Date;

  // What follows is looked up: metric-fields.ts.
  @Field(() => Dataset, {
    nullable: true,
    description: "The dataset it was measured on; null where it spans several.",
  })
  readonly dataset!: Dataset | null;

  @Field(() => Dataset, {
    nullable: true,
    description: "The dataset the model was trained on, where that is known.",
  })
  readonly trainDataset!: Dataset | null;

  @Field(() => Evaluation, {
    nullable: true,
    description: "The evaluation it was computed from; null for published numbers.",
  })
  readonly evaluation!: Evaluation | null;

  @Field(() => Run, {
    nullable: true,
    description: "The run that computed it; null for published numbers, and for those that were asked for.",
  })
  readonly run!: Run | null;

  @Field(() => Model, {
    nullable: true,
    description: "The model; null where a publication does not say.",
  })
  readonly model!: Model | null;

  @Field(() => Publication, {
    nullable: true,
    description: "The publication it is printed in; null for computed numbers.",
  })
  readonly publication!: Publication | null;
}

/** One page of records. */
export const MetricConnection = connectionType("Metric", () => MetricRecord);

/** Which records. */
@InputType({ description: "Which metric records; all given conditions hold together." })
export class MetricFilter {
  @Field(() => [ID], { nullable: true, description: "Only these records; at most 200." })
  readonly ids?: string[] | null;

  @Field(() => MetricOrigin, { nullable: true, description: "Only computed or only published numbers." })
  readonly origin?: MetricRecord["origin"] | null;

  @Field(() => String, { nullable: true, description: "Only this metric, for example auroc." })
  readonly metric?: string | null;

  @Field(() => String, { nullable: true, description: "Only on this dataset (slug)." })
  readonly dataset?: string | null;

  @Field(() => [String], { nullable: true, description: "Only on these datasets (slugs)." })
  readonly datasets?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Only of models trained on this dataset (slug), where that is known.",
  })
  readonly trainDataset?: string | null;

  @Field(() => String, { nullable: true, description: "Only of this model (slug)." })
  readonly model?: string | null;

  @Field(() => [String], { nullable: true, description: "Only of these models (slugs)." })
  readonly models?: string[] | null;

  @Field(() => String, { nullable: true, description: "Only of this class." })
  readonly class?: string | null;

  @Field(() => [StratumLevelInput], {
    nullable: true,
    description: "Only strata with these levels; they may have other attributes too, unless `by` says which.",
  })
  readonly stratum?: StratumLevelInput[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "Only strata by exactly these attributes; empty for the whole set.",
  })
  readonly by?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Only of this publication (slug), in its newest version here.",
  })
  readonly publication?: string | null;

  @Field(() => String, { nullable: true, description: "Only of this experiment, by its name." })
  readonly experiment?: string | null;

  @Field(() => String, { nullable: true, description: "Only of this group of experiments." })
  readonly experimentGroup?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Only from places that begin so, for example `Table 3`.",
  })
  readonly source?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Only from this kind of source, for example paper_table.",
  })
  readonly sourceKind?: string | null;

  @Field(() => UnitOfAnalysis, { nullable: true, description: "Only with this unit of analysis." })
  readonly unit?: (typeof UnitOfAnalysis)[keyof typeof UnitOfAnalysis] | null;

  @Field(() => ID, { nullable: true, description: "Only of this evaluation." })
  readonly evaluation?: string | null;

  @Field(() => String, { nullable: true, description: "Only records with this remark." })
  readonly flag?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Only records with (without) a value." })
  readonly hasValue?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Only records with (without) an interval." })
  readonly hasInterval?: boolean | null;
}

/** An order of records. */
@InputType({ description: "An order of metric records." })
export class MetricOrder {
  @Field(() => MetricOrderField, { defaultValue: "recorded", description: "What to order by." })
  readonly field!: (typeof MetricOrderField)[keyof typeof MetricOrderField];

  @Field(() => OrderDirection, { defaultValue: "desc", description: "Which way." })
  readonly direction!: (typeof OrderDirection)[keyof typeof OrderDirection];

  @Field(() => NullsOrder, { defaultValue: "last", description: "Where records without the number stand." })
  readonly nulls!: (typeof NullsOrder)[keyof typeof NullsOrder];
}

/** What recordMetrics did. */
@ObjectType({
  simpleResolvers: true,
  description: "Records that a request made, or found to be there already.",
})
export class RecordMetricsPayload {
  @Field(() => [MetricRecord], { description: "One record a cell, by class, then by stratum." })
  readonly records!: readonly MetricRecord[];

  @Field(() => Int, { description: "How many of them are new." })
  readonly created!: number;
}
