import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import type { PAdjustment as Adjustment } from "../../compute/index.ts";
import { SafeInt } from "../graphql/scalars.ts";
import type { Pairing as Pair } from "./compare-auc.service.ts";
import type { ComparisonMethod as Method } from "./compare-auc.ts";
import {
  AttributeBins,
  AttributePredicate,
  CellStatus,
  StratumLevel,
  StratumLevelInput,
  UnitOfAnalysis,
} from "./stratum.type.ts";

/** Whether rows are matched, as GraphQL names it. */
export const Pairing = { AUTO: "AUTO", PAIRED: "PAIRED", UNPAIRED: "UNPAIRED" } as const satisfies Record<
  Pair,
  Pair
>;
registerEnumType(Pairing, {
  name: "Pairing",
  description: "Whether the rows of the two sides are matched one to one.",
  valuesConfig: {
    AUTO: { description: "PAIRED where both sides are of the same images, else UNPAIRED." },
    PAIRED: { description: "The same images twice: two models, or two classes." },
    UNPAIRED: { description: "Different rows: two strata, or two datasets." },
  },
});

/** What tests a difference, as GraphQL names it. */
export const ComparisonTest = { DELONG: "DELONG", BOOTSTRAP: "BOOTSTRAP" } as const;
registerEnumType(ComparisonTest, {
  name: "ComparisonTest",
  description: "What tests the difference of two AUCs.",
  valuesConfig: {
    DELONG: {
      description:
        "DeLong's test, which takes rows as independent; BOOTSTRAP in its place where two classes of the same images are paired.",
    },
    BOOTSTRAP: { description: "Resampled patients: the sides may share patients as they like." },
  },
});

/** How a cell was compared, as GraphQL names it. */
export const ComparisonMethod = {
  DELONG_PAIRED: "DELONG_PAIRED",
  DELONG_UNPAIRED: "DELONG_UNPAIRED",
  BOOTSTRAP_PAIRED: "BOOTSTRAP_PAIRED",
} as const satisfies Record<Method, Method>;
registerEnumType(ComparisonMethod, {
  name: "ComparisonMethod",
  description: "How two AUCs were compared.",
  valuesConfig: {
    DELONG_PAIRED: { description: "DeLong's test of correlated AUCs." },
    DELONG_UNPAIRED: { description: "DeLong's variances added, Welch's degrees of freedom." },
    BOOTSTRAP_PAIRED: { description: "Percentiles of the difference over resampled patients." },
  },
});

/** How p-values are adjusted, as GraphQL names it. */
export const PAdjustment = {
  NONE: "none",
  HOLM: "holm",
  BENJAMINI_HOCHBERG: "benjamini_hochberg",
  BENJAMINI_YEKUTIELI: "benjamini_yekutieli",
} as const satisfies Record<string, Adjustment | "none">;
registerEnumType(PAdjustment, {
  name: "PAdjustment",
  description: "How p-values are adjusted for the number of cells.",
  valuesConfig: {
    NONE: { description: "Not at all." },
    HOLM: { description: "Holm: the chance of any false finding, whatever the dependence." },
    BENJAMINI_HOCHBERG: {
      description: "The share of false findings, for independent or positively dependent tests.",
    },
    BENJAMINI_YEKUTIELI: { description: "The share of false findings, whatever the dependence." },
  },
});

/** One side of a comparison. */
@InputType({ description: "One side of a comparison." })
export class AucSideInput {
  @Field(() => ID, { description: "Id of the evaluation." })
  readonly evaluation!: string;

  @Field(() => String, {
    nullable: true,
    description: "The class; null on both sides: every class they have in common.",
  })
  readonly class?: string | null;

  @Field(() => [StratumLevelInput], {
    defaultValue: [],
    description: "The stratum; of the same attributes on both sides.",
  })
  readonly stratum!: StratumLevelInput[];
}

/** A comparison as asked for. */
@InputType({ description: "Two AUCs to compare: of two evaluations, two classes or two strata." })
export class CompareAucInput {
  @Field(() => AucSideInput, { description: "The first side." })
  readonly first!: AucSideInput;

  @Field(() => AucSideInput, { description: "The second side: the difference is first minus second." })
  readonly second!: AucSideInput;

  @Field(() => [String], {
    defaultValue: [],
    description: "Attributes that divide both sides; the comparison is made in every stratum.",
  })
  readonly by!: string[];

  @Field(() => [AttributePredicate], { nullable: true, description: "Conditions on the rows of both sides." })
  readonly where?: AttributePredicate[] | null;

  @Field(() => [AttributeBins], { nullable: true, description: "Bands of number attributes." })
  readonly bins?: AttributeBins[] | null;

  @Field(() => UnitOfAnalysis, { defaultValue: "image", description: "What one row is." })
  readonly unit!: (typeof UnitOfAnalysis)[keyof typeof UnitOfAnalysis];

  @Field(() => Pairing, { defaultValue: "AUTO", description: "Whether rows are matched." })
  readonly pairing!: Pair;

  @Field(() => ComparisonTest, { defaultValue: "DELONG", description: "What tests the difference." })
  readonly test!: (typeof ComparisonTest)[keyof typeof ComparisonTest];

  @Field(() => PAdjustment, {
    defaultValue: "holm",
    description: "How p-values are adjusted across all cells of the answer.",
  })
  readonly adjustment!: Adjustment | "none";

  @Field(() => Float, { defaultValue: 0.95, description: "Nominal coverage of the intervals, in (0, 1)." })
  readonly level!: number;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 2000,
    description: "Resamples where the bootstrap is used: 100 to 10,000.",
  })
  readonly replicates?: number | null;

  @Field(() => Int, { nullable: true, defaultValue: 0, description: "Seed of the resamples." })
  readonly seed?: number | null;
}

/** The comparison in one stratum. */
@ObjectType({ simpleResolvers: true, description: "Two AUCs and their difference, in one stratum." })
export class AucComparisonCell {
  @Field(() => String, { description: "The class of the first side." })
  readonly class!: string;

  @Field(() => String, { description: "The class of the second side." })
  readonly secondClass!: string;

  @Field(() => [StratumLevel], { description: "The stratum by `by`, without what sets the sides apart." })
  readonly stratum!: readonly StratumLevel[];

  @Field(() => ComparisonMethod, { description: "How they were compared." })
  readonly method!: Method;

  @Field(() => Float, {
    nullable: true,
    description: "AUC of the first side; when paired by DeLong, over rows with both scores.",
  })
  readonly aucFirst!: number | null;

  @Field(() => Float, { nullable: true, description: "AUC of the second side." })
  readonly aucSecond!: number | null;

  @Field(() => Float, { nullable: true, description: "First minus second, -1 to 1." })
  readonly difference!: number | null;

  @Field(() => Float, { nullable: true, description: "Standard error of the difference." })
  readonly se!: number | null;

  @Field(() => Float, { nullable: true, description: "Lower end of its interval." })
  readonly ciLow!: number | null;

  @Field(() => Float, { nullable: true, description: "Upper end of its interval." })
  readonly ciHigh!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Difference over standard error; null without row-level rights.",
  })
  readonly statistic!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Degrees of freedom of Student's t; null for the normal.",
  })
  readonly df!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Two-sided, of the hypothesis that the AUCs are equal.",
  })
  readonly p!: number | null;

  @Field(() => Float, { nullable: true, description: "The same, adjusted for the number of cells." })
  readonly pAdjusted!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Positive rows of the first side." })
  readonly nPositiveFirst!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Negative rows of the first side." })
  readonly nNegativeFirst!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Positive rows of the second side." })
  readonly nPositiveSecond!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Negative rows of the second side." })
  readonly nNegativeSecond!: number | null;

  @Field(() => CellStatus, { description: "Whether there is a difference." })
  readonly status!: (typeof CellStatus)[keyof typeof CellStatus];

  @Field(() => String, {
    nullable: true,
    description: "Why there is none; or DEGENERATE where it cannot be tested.",
  })
  readonly reason!: string | null;
}

/** Differences of AUCs by class and stratum. */
@ObjectType({ simpleResolvers: true, description: "Differences of AUCs by class and stratum." })
export class AucComparison {
  @Field(() => [AucComparisonCell], { description: "By class, then by stratum." })
  readonly cells!: readonly AucComparisonCell[];

  @Field(() => Int, { description: "Cells whose status is SUPPRESSED." })
  readonly suppressed!: number;

  @Field(() => [String], { description: "What a reader should know, one sentence each." })
  readonly remarks!: readonly string[];
}
