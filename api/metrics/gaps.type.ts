import { Field, Float, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import type { OperatingRate as Rate, ThresholdRule } from "../../compute/index.ts";
import { SafeInt } from "../graphql/scalars.ts";
import { QuestionInput } from "./stratified-auc.type.ts";
import { CellStatus, StratumLevel } from "./stratum.type.ts";

/** The rates of decisions, as GraphQL names them. */
export const OperatingRate = {
  FPR: "fpr",
  FNR: "fnr",
  TPR: "tpr",
  TNR: "tnr",
  PPV: "ppv",
  NPV: "npv",
  PREVALENCE: "prevalence",
} as const satisfies Record<string, Rate>;
registerEnumType(OperatingRate, {
  name: "OperatingRate",
  description: "A share of rows that a threshold decides.",
  valuesConfig: {
    FPR: { description: "Negatives called positive." },
    FNR: { description: "Positives called negative: underdiagnosis, when the class is a disease." },
    TPR: { description: "Positives called positive: sensitivity." },
    TNR: { description: "Negatives called negative: specificity." },
    PPV: { description: "Calls of positive that are right." },
    NPV: { description: "Calls of negative that are right." },
    PREVALENCE: { description: "Rows that are positive, whatever the threshold." },
  },
});

/** How a threshold is found, as GraphQL names it. */
export const ThresholdRuleName = {
  YOUDEN: "youden",
  SPECIFICITY: "specificity",
  SENSITIVITY: "sensitivity",
  F1: "max_f1",
  BALANCED: "balanced",
  VALUE: "value",
} as const satisfies Record<string, ThresholdRule["kind"]>;
registerEnumType(ThresholdRuleName, {
  name: "ThresholdRule",
  description: "How a threshold is found. Of equally good ones the highest.",
  valuesConfig: {
    YOUDEN: { description: "Largest true positive rate minus false positive rate." },
    SPECIFICITY: { description: "Largest sensitivity among those with at least the specificity `at`." },
    SENSITIVITY: {
      description: "Smallest false positive rate among those with at least the sensitivity `at`.",
    },
    F1: { description: "Largest F1." },
    BALANCED: { description: "Sensitivity and specificity closest together." },
    VALUE: { description: "The number `value`." },
  },
});

/** The rows a threshold is chosen on. */
@InputType({ description: "One part of a split." })
export class SplitPartInput {
  @Field(() => String, { description: "Name of the split." })
  readonly split!: string;

  @Field(() => String, { description: "Name of its part, for example validate." })
  readonly part!: string;
}

/** How a threshold is found, and on which rows. */
@InputType({ description: "How a threshold is found, and on which rows." })
export class ThresholdInput {
  @Field(() => ThresholdRuleName, { defaultValue: "youden", description: "The rule." })
  readonly rule!: ThresholdRule["kind"];

  @Field(() => Float, { nullable: true, description: "The rate for SPECIFICITY and SENSITIVITY, 0 to 1." })
  readonly at?: number | null;

  @Field(() => Float, { nullable: true, description: "The threshold for VALUE, on the scale of the scores." })
  readonly value?: number | null;

  @Field(() => SplitPartInput, {
    nullable: true,
    description: "Choose on these rows only; null: on all rows of the question, which flatters the rates.",
  })
  readonly on?: SplitPartInput | null;
}

/** Gaps between strata as asked for. */
@InputType({ description: "Rates of decisions by stratum, at a threshold by rule." })
export class GapsInput extends QuestionInput {
  @Field(() => [OperatingRate], { defaultValue: ["fpr", "fnr"], description: "Which rates." })
  readonly rates!: Rate[];

  @Field(() => ThresholdInput, { description: "How the threshold of each class is found." })
  readonly threshold!: ThresholdInput;

  @Field(() => Float, { defaultValue: 0.95, description: "Nominal coverage of the intervals, in (0, 1)." })
  readonly level!: number;
}

/** The threshold of one class. */
@ObjectType({
  simpleResolvers: true,
  description: "The threshold of one class, and what it does to the rows it was chosen on.",
})
export class OperatingThreshold {
  @Field(() => String, { description: "The class." })
  readonly class!: string;

  @Field(() => ThresholdRuleName, { description: "The rule it was found by." })
  readonly rule!: ThresholdRule["kind"];

  @Field(() => Float, {
    nullable: true,
    description: "The rate that SPECIFICITY or SENSITIVITY held, 0 to 1.",
  })
  readonly at!: number | null;

  @Field(() => String, {
    nullable: true,
    description: "The split it was chosen on; null: on all rows of the question.",
  })
  readonly split!: string | null;

  @Field(() => String, { nullable: true, description: "The part of that split." })
  readonly part!: string | null;

  @Field(() => Float, {
    nullable: true,
    description:
      "Positive means score >= threshold; to two decimals without row-level rights; null when there is none.",
  })
  readonly threshold!: number | null;

  @Field(() => Float, { nullable: true, description: "True positive rate on the rows it was chosen on." })
  readonly tpr!: number | null;

  @Field(() => Float, { nullable: true, description: "False positive rate on the rows it was chosen on." })
  readonly fpr!: number | null;

  @Field(() => Int, { nullable: true, description: "Thresholds that do equally well by the rule." })
  readonly equallyGood!: number | null;

  @Field(() => String, { nullable: true, description: "Why there is none, as a code." })
  readonly reason!: string | null;
}

/** One rate of one class in one stratum. */
@ObjectType({
  simpleResolvers: true,
  description: "One rate of one class in one stratum, with Wilson's interval.",
})
export class RateCell {
  @Field(() => String, { description: "The class." })
  readonly class!: string;

  @Field(() => [StratumLevel], { description: "The stratum; empty for the whole." })
  readonly stratum!: readonly StratumLevel[];

  @Field(() => OperatingRate, { description: "Which rate." })
  readonly rate!: Rate;

  @Field(() => Float, { nullable: true, description: "The rate, 0 to 1." })
  readonly value!: number | null;

  @Field(() => Float, { nullable: true, description: "Lower end of its interval." })
  readonly ciLow!: number | null;

  @Field(() => Float, { nullable: true, description: "Upper end of its interval." })
  readonly ciHigh!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows counted; null without row-level rights." })
  readonly successes!: number | null;

  @Field(() => SafeInt, {
    nullable: true,
    description: "Rows they are a share of; null without row-level rights.",
  })
  readonly total!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows of the class with a score." })
  readonly nPositive!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows of the other classes with a score." })
  readonly nNegative!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Distinct patients behind those rows." })
  readonly nPatients!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows left out: truth or score unknown." })
  readonly nLeftOut!: number | null;

  @Field(() => CellStatus, { description: "Whether there is a rate." })
  readonly status!: (typeof CellStatus)[keyof typeof CellStatus];

  @Field(() => String, { nullable: true, description: "Why there is none, as a code." })
  readonly reason!: string | null;
}

/** The distance between the strata that fare best and worst. */
@ObjectType({
  simpleResolvers: true,
  description:
    "Largest minus smallest rate between strata. The interval (Newcombe's) is as if the two had been named beforehand; across many strata it is optimistic.",
})
export class RateGap {
  @Field(() => String, { description: "The class." })
  readonly class!: string;

  @Field(() => OperatingRate, { description: "Which rate." })
  readonly rate!: Rate;

  @Field(() => Float, { nullable: true, description: "The gap, 0 to 1; null with fewer than two strata." })
  readonly gap!: number | null;

  @Field(() => Float, { nullable: true, description: "Lower end of its interval." })
  readonly ciLow!: number | null;

  @Field(() => Float, { nullable: true, description: "Upper end of its interval." })
  readonly ciHigh!: number | null;

  @Field(() => [StratumLevel], {
    nullable: true,
    description: "Where the rate is best; for PREVALENCE where it is lowest.",
  })
  readonly best!: readonly StratumLevel[] | null;

  @Field(() => [StratumLevel], {
    nullable: true,
    description: "Where the rate is worst; for PREVALENCE where it is highest.",
  })
  readonly worst!: readonly StratumLevel[] | null;

  @Field(() => Int, { description: "Strata that have no rate, or are hidden, and take no part." })
  readonly leftOut!: number;

  @Field(() => String, { nullable: true, description: "Why there is no gap: TOO_FEW_STRATA." })
  readonly reason!: string | null;
}

/** Decisions by stratum. */
@ObjectType({
  simpleResolvers: true,
  description: "What a threshold does in every stratum, and how far they lie apart.",
})
export class GapAnalysis {
  @Field(() => [OperatingThreshold], { description: "The threshold of each class." })
  readonly thresholds!: readonly OperatingThreshold[];

  @Field(() => [RateCell], { description: "By class, then by rate, then by stratum." })
  readonly cells!: readonly RateCell[];

  @Field(() => [RateGap], { description: "By class, then by rate." })
  readonly gaps!: readonly RateGap[];

  @Field(() => Int, { description: "Cells whose status is SUPPRESSED." })
  readonly suppressed!: number;

  @Field(() => [String], { description: "What a reader should know, one sentence each." })
  readonly remarks!: readonly string[];
}
