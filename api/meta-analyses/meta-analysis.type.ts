import { Field, Float, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import type { MetaModel as Model, MetaScale as Scale, MetaTest as Test } from "../../compute/index.ts";
import { MetricFilter } from "../metrics/metric.type.ts";

/** The scale of pooling, as GraphQL names it. */
export const MetaScale = { LOGIT: "LOGIT", RAW: "RAW" } as const satisfies Record<Scale, Scale>;
registerEnumType(MetaScale, {
  name: "MetaScale",
  description: "The scale on which numbers are pooled.",
  valuesConfig: {
    LOGIT: {
      description: "log(x / (1 - x)), for AUCs and other numbers in (0, 1); reported back on (0, 1).",
    },
    RAW: { description: "As given." },
  },
});

/** How the spread of true effects is modelled, as GraphQL names it. */
export const MetaModel = {
  COMMON: "COMMON",
  DL: "DL",
  PM: "PM",
  REML: "REML",
  ML: "ML",
  SJ: "SJ",
  HE: "HE",
} as const satisfies Record<Model, Model>;
registerEnumType(MetaModel, {
  name: "MetaModel",
  description: "How the spread of the true effects is modelled.",
  valuesConfig: {
    COMMON: { description: "One common true effect." },
    DL: { description: "Random effects, DerSimonian & Laird." },
    PM: { description: "Random effects, Paule & Mandel." },
    REML: { description: "Random effects, restricted maximum likelihood." },
    ML: { description: "Random effects, maximum likelihood." },
    SJ: { description: "Random effects, Sidik & Jonkman." },
    HE: { description: "Random effects, Hedges." },
  },
});

/** How coefficients are tested, as GraphQL names it. */
export const MetaTest = { Z: "Z", HARTUNG_KNAPP: "HARTUNG_KNAPP" } as const satisfies Record<Test, Test>;
registerEnumType(MetaTest, {
  name: "MetaTest",
  description: "How coefficients are tested.",
  valuesConfig: {
    Z: { description: "Standard errors as known: normal." },
    HARTUNG_KNAPP: { description: "Standard errors scaled by the studies' scatter: Student's t." },
  },
});

/** A moderator of a given study. */
@InputType({ description: "A moderator of a study: a number or a category." })
export class ModeratorInput {
  @Field(() => String, { description: "Name of the moderator." })
  readonly name!: string;

  @Field(() => Float, { nullable: true, description: "Its value, when it is a number." })
  readonly number?: number | null;

  @Field(() => String, { nullable: true, description: "Its value, when it is a category." })
  readonly category?: string | null;
}

/** One study given by the caller. */
@InputType({
  description:
    "One study: a value with its interval (or se), or an effect yi with its variance vi on the scale of pooling.",
})
export class EstimateInput {
  @Field(() => String, { description: "Name of the study." })
  readonly label!: string;

  @Field(() => Float, { nullable: true, description: "The value; in (0, 1) for LOGIT." })
  readonly value?: number | null;

  @Field(() => Float, { nullable: true, description: "Lower end of its 95 % interval." })
  readonly ciLow?: number | null;

  @Field(() => Float, { nullable: true, description: "Upper end of its 95 % interval." })
  readonly ciHigh?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Standard error of the value, where an end of the interval is missing.",
  })
  readonly se?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "The effect on the scale of pooling, in place of value.",
  })
  readonly yi?: number | null;

  @Field(() => Float, { nullable: true, description: "Its sampling variance, above 0." })
  readonly vi?: number | null;

  @Field(() => [ModeratorInput], { nullable: true, description: "Moderators of the study." })
  readonly moderators?: ModeratorInput[] | null;
}

/** A meta-analysis as asked for. */
@InputType({
  description: "What to pool, and how: stored records (metrics) or given numbers (estimates), one of them.",
})
export class MetaAnalysisInput {
  @Field(() => MetricFilter, {
    nullable: true,
    description: "Pool the records of this filter, at most 1,000.",
  })
  readonly metrics?: MetricFilter | null;

  @Field(() => [EstimateInput], { nullable: true, description: "Pool these numbers, at most 1,000." })
  readonly estimates?: EstimateInput[] | null;

  @Field(() => MetaScale, { defaultValue: "LOGIT", description: "The scale of pooling." })
  readonly scale!: Scale;

  @Field(() => MetaModel, { defaultValue: "REML", description: "The model." })
  readonly model!: Model;

  @Field(() => MetaTest, { defaultValue: "HARTUNG_KNAPP", description: "The test." })
  readonly test!: Test;

  @Field(() => [String], {
    nullable: true,
    description:
      "Moderators of a meta-regression, at most 20. Of records: dataset, trainDataset, model, class, unit, experiment, n, nPositive, nPatients, an attribute of the stratum or a parameter.",
  })
  readonly moderators?: string[] | null;

  @Field(() => Float, { defaultValue: 0.95, description: "Nominal coverage of the intervals, in (0, 1)." })
  readonly level!: number;
}

/** A pooled study. */
@ObjectType({ simpleResolvers: true, description: "A study with its place in the model." })
export class MetaStudy {
  @Field(() => String, { description: "Name of the study." })
  readonly label!: string;

  @Field(() => Float, { description: "Its value on the reporting scale." })
  readonly value!: number;

  @Field(() => Float, { description: "Lower end of its interval on the reporting scale." })
  readonly ciLow!: number;

  @Field(() => Float, { description: "Upper end of its interval on the reporting scale." })
  readonly ciHigh!: number;

  @Field(() => Float, { description: "Its effect on the scale of pooling." })
  readonly yi!: number;

  @Field(() => Float, { description: "Its sampling variance on the scale of pooling." })
  readonly vi!: number;

  @Field(() => Float, { description: "Percent of the total weight." })
  readonly weight!: number;

  @Field(() => Float, {
    description: "The model's expectation for studies like this one, on the reporting scale.",
  })
  readonly fitted!: number;

  @Field(() => Float, { description: "Effect minus expectation, on the scale of pooling." })
  readonly residual!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      "The residual in units of its standard error; null where the model passes through the study.",
  })
  readonly standardizedResidual!: number | null;

  @Field(() => [String], { description: "Remarks on its numbers, as codes." })
  readonly remarks!: readonly string[];
}

/** A coefficient of the model. */
@ObjectType({ simpleResolvers: true, description: "A coefficient on the scale of pooling." })
export class MetaCoefficient {
  @Field(() => String, { description: "Its name; the intercept first." })
  readonly name!: string;

  @Field(() => Float, { description: "The coefficient." })
  readonly estimate!: number;

  @Field(() => Float, { description: "Its standard error." })
  readonly se!: number;

  @Field(() => Float, { description: "z or t." })
  readonly statistic!: number;

  @Field(() => Float, { nullable: true, description: "Degrees of freedom of t; null for z." })
  readonly df!: number | null;

  @Field(() => Float, { description: "Two-sided p-value." })
  readonly p!: number;

  @Field(() => Float, { description: "Lower end of its interval." })
  readonly ciLow!: number;

  @Field(() => Float, { description: "Upper end of its interval." })
  readonly ciHigh!: number;
}

/** Whether the moderators matter. */
@ObjectType({ simpleResolvers: true, description: "The test of all moderators together." })
export class ModeratorTest {
  @Field(() => Float, { description: "Chi-square or F." })
  readonly statistic!: number;

  @Field(() => Float, { description: "Degrees of freedom." })
  readonly df1!: number;

  @Field(() => Float, { nullable: true, description: "Denominator degrees of freedom of F." })
  readonly df2!: number | null;

  @Field(() => Float, { description: "p-value." })
  readonly p!: number;

  @Field(() => Float, {
    nullable: true,
    description: "Percent of the between-study variance that the moderators explain.",
  })
  readonly r2!: number | null;
}

/** The analysis with one study fewer. */
@ObjectType({ simpleResolvers: true, description: "The analysis without one study." })
export class LeaveOneOut {
  @Field(() => String, { description: "The study that is left out." })
  readonly omitted!: string;

  @Field(() => Float, { nullable: true, description: "Pooled estimate of the others." })
  readonly estimate!: number | null;

  @Field(() => Float, { nullable: true, description: "Lower end of its interval." })
  readonly ciLow!: number | null;

  @Field(() => Float, { nullable: true, description: "Upper end of its interval." })
  readonly ciHigh!: number | null;

  @Field(() => Float, { nullable: true, description: "Between-study variance of the others." })
  readonly tau2!: number | null;

  @Field(() => Float, { nullable: true, description: "Percent of variance between the others." })
  readonly i2!: number | null;

  @Field(() => String, { nullable: true, description: "Why there is no estimate, as a code." })
  readonly reason!: string | null;
}

/** A study that takes no part. */
@ObjectType({ simpleResolvers: true, description: "A study that takes no part, and why." })
export class LeftOutStudy {
  @Field(() => String, { description: "Name of the study." })
  readonly label!: string;

  @Field(() => String, { description: "Why, as a code, for example NO_PRECISION." })
  readonly reason!: string;
}

/** A pooled estimate. */
@ObjectType({
  simpleResolvers: true,
  description:
    "A pooled estimate: on the reporting scale (0 to 1 for LOGIT), but for se, tau2 and coefficients, which are on the scale of pooling.",
})
export class MetaAnalysis {
  @Field(() => Int, { description: "Studies pooled." })
  readonly k!: number;

  @Field(() => Float, {
    description: "The pooled estimate; with moderators, the expectation at their means.",
  })
  readonly estimate!: number;

  @Field(() => Float, { description: "Lower end of its interval." })
  readonly ciLow!: number;

  @Field(() => Float, { description: "Upper end of its interval." })
  readonly ciHigh!: number;

  @Field(() => Float, { description: "Its standard error, on the scale of pooling." })
  readonly se!: number;

  @Field(() => Float, {
    nullable: true,
    description: "Lower end of where one more study's true effect is expected; null for COMMON.",
  })
  readonly predictionLow!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Upper end of where one more study's true effect is expected.",
  })
  readonly predictionHigh!: number | null;

  @Field(() => Float, { description: "Between-study variance, on the scale of pooling." })
  readonly tau2!: number;

  @Field(() => Float, { nullable: true, description: "Lower end of its Q-profile interval." })
  readonly tau2Low!: number | null;

  @Field(() => Float, { nullable: true, description: "Upper end of its Q-profile interval." })
  readonly tau2High!: number | null;

  @Field(() => Float, { description: "Percent of the total variance that is between studies." })
  readonly i2!: number;

  @Field(() => Float, { description: "Total over within-study variance." })
  readonly h2!: number;

  @Field(() => Float, { description: "Cochran's Q." })
  readonly q!: number;

  @Field(() => Int, { description: "Its degrees of freedom." })
  readonly qDf!: number;

  @Field(() => Float, { description: "Its p-value." })
  readonly qP!: number;

  @Field(() => MetaScale, { description: "The scale of pooling." })
  readonly scale!: Scale;

  @Field(() => MetaModel, { description: "The model." })
  readonly model!: Model;

  @Field(() => MetaTest, { description: "The test." })
  readonly test!: Test;

  @Field(() => Float, { description: "Nominal coverage of the intervals." })
  readonly level!: number;

  @Field(() => [MetaStudy], { description: "The studies pooled, in the order given or recorded." })
  readonly studies!: readonly MetaStudy[];

  @Field(() => [MetaCoefficient], { description: "The intercept, then the moderators." })
  readonly coefficients!: readonly MetaCoefficient[];

  @Field(() => ModeratorTest, {
    nullable: true,
    description: "The test of all moderators; null without any.",
  })
  readonly moderatorTest!: ModeratorTest | null;

  @Field(() => Float, {
    nullable: true,
    description: "p-value of Egger's test for small-study effects; null with too few studies.",
  })
  readonly eggerP!: number | null;

  @Field(() => [LeaveOneOut], {
    description: "The analysis without each study in turn; empty above 200 studies.",
  })
  readonly leaveOneOut!: readonly LeaveOneOut[];

  @Field(() => [LeftOutStudy], { description: "Studies that take no part." })
  readonly leftOut!: readonly LeftOutStudy[];

  @Field(() => [String], { description: "What a reader should know, one sentence each." })
  readonly remarks!: readonly string[];
}
