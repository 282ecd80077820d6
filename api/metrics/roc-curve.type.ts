import { Field, Float, ID, InputType, Int, ObjectType } from "type-graphql";
import { SafeInt } from "../graphql/scalars.ts";
import {
  AttributeBins,
  AttributePredicate,
  CellStatus,
  StratumLevel,
  StratumLevelInput,
  UnitOfAnalysis,
} from "./stratum.type.ts";

/** A ROC curve as asked for. */
@InputType({ description: "Which curve: one class of an evaluation, in the whole or in one stratum." })
export class RocCurveInput {
  @Field(() => ID, { description: "Id of the evaluation." })
  readonly evaluation!: string;

  @Field(() => String, { description: "The class, against the rest of the task's classes." })
  readonly class!: string;

  @Field(() => [StratumLevelInput], {
    defaultValue: [],
    description: "The stratum by attribute; none: the whole.",
  })
  readonly stratum!: StratumLevelInput[];

  @Field(() => [AttributePredicate], {
    nullable: true,
    description: "Conditions that hold together, at most 8.",
  })
  readonly where?: AttributePredicate[] | null;

  @Field(() => [AttributeBins], { nullable: true, description: "Bands of number attributes." })
  readonly bins?: AttributeBins[] | null;

  @Field(() => UnitOfAnalysis, { defaultValue: "image", description: "What one row is." })
  readonly unit!: (typeof UnitOfAnalysis)[keyof typeof UnitOfAnalysis];

  @Field(() => Int, {
    nullable: true,
    defaultValue: 200,
    description: "Most points of the curve: 3 to 10,000.",
  })
  readonly maxPoints?: number | null;
}

/** A ROC curve in columns. */
@ObjectType({
  simpleResolvers: true,
  description:
    "A ROC curve in columns of equal length, from (0, 0) to (1, 1). Without row-level rights it is read at 21 false positive rates, without thresholds.",
})
export class RocCurve {
  @Field(() => String, { description: "The class, against the rest of the task's classes." })
  readonly class!: string;

  @Field(() => [StratumLevel], { description: "The stratum; empty for the whole." })
  readonly stratum!: readonly StratumLevel[];

  @Field(() => [Float], { description: "False positive rate of each point, 0 to 1, ascending." })
  readonly fpr!: readonly number[];

  @Field(() => [Float], { description: "True positive rate of each point, 0 to 1, ascending." })
  readonly tpr!: readonly number[];

  @Field(() => [Float], {
    nullable: "items",
    description:
      "Threshold of each point, descending: positive means score >= threshold; null where nothing is called positive.",
  })
  readonly threshold!: readonly (number | null)[];

  @Field(() => Float, { nullable: true, description: "Area under the whole curve, 0 to 1." })
  readonly auc!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Area under the points given minus the AUC: what thinning cost.",
  })
  readonly areaError!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows of the class with a score." })
  readonly nPositive!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Rows of the other classes with a score." })
  readonly nNegative!: number | null;

  @Field(() => SafeInt, { nullable: true, description: "Distinct patients behind those rows." })
  readonly nPatients!: number | null;

  @Field(() => CellStatus, { description: "Whether there is a curve." })
  readonly status!: (typeof CellStatus)[keyof typeof CellStatus];

  @Field(() => String, { nullable: true, description: "Why there is none, as a code." })
  readonly reason!: string | null;

  @Field(() => [String], { description: "What a reader should know, one sentence each." })
  readonly remarks!: readonly string[];
}
