import { Field, Float, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import type { Binning as Method } from "../../compute/index.ts";
import { SafeInt } from "../graphql/scalars.ts";
import { QuestionInput } from "./stratified-auc.type.ts";
import { CellStatus, StratumLevel } from "./stratum.type.ts";

/** How scores are put into bins, as GraphQL names it. */
export const Binning = { EQUAL_WIDTH: "equal_width", QUANTILE: "quantile" } as const satisfies Record<
  string,
  Method
>;
registerEnumType(Binning, {
  name: "Binning",
  description: "How scores are put into bins.",
  valuesConfig: {
    EQUAL_WIDTH: { description: "Bins of equal width from 0 to 1." },
    QUANTILE: { description: "Bins of nearly equal count in each stratum; equal scores stay together." },
  },
});

/** Calibration as asked for. */
@InputType({ description: "How far the scores of which rows are from being probabilities." })
export class CalibrationInput extends QuestionInput {
  @Field(() => Int, { defaultValue: 10, description: "Bins of the curve, 1 to 1,000. ECE depends on them." })
  readonly binCount!: number;

  @Field(() => Binning, { defaultValue: "equal_width", description: "How scores are put into bins." })
  readonly binning!: Method;

  @Field(() => Float, { defaultValue: 0.95, description: "Nominal coverage of the intervals, in (0, 1)." })
  readonly level!: number;
}

/** A coefficient with its interval. */
@ObjectType({ simpleResolvers: true, description: "A coefficient with its Wald interval." })
export class CalibrationCoefficient {
  @Field(() => Float, { nullable: true, description: "The coefficient." })
  readonly value!: number | null;

  @Field(() => Float, { nullable: true, description: "Lower end of its interval." })
  readonly ciLow!: number | null;

  @Field(() => Float, { nullable: true, description: "Upper end of its interval." })
  readonly ciHigh!: number | null;
}

/** One bin of a calibration curve. */
@ObjectType({ simpleResolvers: true, description: "One bin of a calibration curve." })
export class CalibrationBin {
  @Field(() => Float, { description: "Smallest score in the bin." })
  readonly from!: number;

  @Field(() => Float, { description: "Largest score in the bin." })
  readonly to!: number;

  @Field(() => SafeInt, { description: "Rows in the bin." })
  readonly count!: number;

  @Field(() => SafeInt, { description: "Positive rows in the bin." })
  readonly positives!: number;

  @Field(() => Float, { description: "Mean score of the bin." })
  readonly meanPredicted!: number;

  @Field(() => Float, { description: "Share of positive rows." })
  readonly observed!: number;

  @Field(() => Float, { nullable: true, description: "Lower end of Wilson's interval of that share." })
  readonly ciLow!: number | null;

  @Field(() => Float, { nullable: true, description: "Upper end of Wilson's interval of that share." })
  readonly ciHigh!: number | null;
}

/** Calibration of one class in one stratum. */
@ObjectType({ simpleResolvers: true, description: "Calibration of one class in one stratum." })
export class CalibrationCell {
  @Field(() => String, { description: "The class." })
  readonly class!: string;

  @Field(() => [StratumLevel], { description: "The stratum; empty for the whole." })
  readonly stratum!: readonly StratumLevel[];

  @Field(() => Float, {
    nullable: true,
    description: "Mean squared difference of score and truth, 0 to 1; 0 is best.",
  })
  readonly brier!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Expected calibration error over the bins, 0 to 1; 0 is best.",
  })
  readonly ece!: number | null;

  @Field(() => CalibrationCoefficient, {
    nullable: true,
    description: "Calibration in the large, in log odds: 0 is ideal, above 0 the scores are too low.",
  })
  readonly intercept!: CalibrationCoefficient | null;

  @Field(() => CalibrationCoefficient, {
    nullable: true,
    description: "Calibration slope: 1 is ideal, below 1 the scores are too extreme.",
  })
  readonly slope!: CalibrationCoefficient | null;

  @Field(() => String, { nullable: true, description: "Why there is no intercept and slope, as a code." })
  readonly recalibrationReason!: string | null;

  @Field(() => [CalibrationBin], {
    nullable: true,
    description: "The curve, without empty bins; null without row-level rights.",
  })
  readonly bins!: readonly CalibrationBin[] | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows of the class with a score." })
  readonly nPositive!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows of the other classes with a score." })
  readonly nNegative!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Distinct patients behind those rows." })
  readonly nPatients!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows left out: truth or score unknown." })
  readonly nLeftOut!: number | null;

  @Field(() => CellStatus, { description: "Whether there are numbers." })
  readonly status!: (typeof CellStatus)[keyof typeof CellStatus];

  @Field(() => String, { nullable: true, description: "Why there are none, as a code." })
  readonly reason!: string | null;
}

/** Calibration by class and stratum. */
@ObjectType({ simpleResolvers: true, description: "Calibration by class and stratum." })
export class CalibrationAnalysis {
  @Field(() => [CalibrationCell], { description: "By class, then by stratum." })
  readonly cells!: readonly CalibrationCell[];

  @Field(() => Int, { description: "Cells whose status is SUPPRESSED." })
  readonly suppressed!: number;

  @Field(() => [String], { description: "What a reader should know, one sentence each." })
  readonly remarks!: readonly string[];
}
