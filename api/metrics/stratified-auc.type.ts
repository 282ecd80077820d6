import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import type { CiMethod as Method } from "./stratified-auc.ts";
import {
  AttributeBins,
  AttributePredicate,
  CellStatus,
  StratumLevel,
  UnitOfAnalysis,
} from "./stratum.type.ts";

/** How the interval of an AUC is made, as GraphQL names it. */
export const CiMethod = {
  DELONG: "DELONG",
  DELONG_LOGIT: "DELONG_LOGIT",
  BOOTSTRAP: "BOOTSTRAP",
  NONE: "NONE",
} as const satisfies Record<Method, Method>;
registerEnumType(CiMethod, {
  name: "CiMethod",
  description: "How the interval of an AUC is made.",
  valuesConfig: {
    DELONG: { description: "DeLong's variance, normal, cut at 0 and 1; takes rows as independent." },
    DELONG_LOGIT: { description: "DeLong's variance on the logit scale; takes rows as independent." },
    BOOTSTRAP: { description: "Percentiles over resampled patients: a patient's images stay together." },
    NONE: { description: "No interval." },
  },
});

/** Which rows and how they are divided: what every stratified question has. */
@InputType({ description: "Which rows of an evaluation, and how they are divided." })
export abstract class QuestionInput {
  @Field(() => ID, { description: "Id of the evaluation." })
  readonly evaluation!: string;

  @Field(() => [String], {
    defaultValue: [],
    description:
      "Attributes that divide the rows, at most 8: categories, `age` and `bmi` in the study's bands, other numbers with `bins`, `split:<name>`. None: the whole is one cell a class.",
  })
  readonly by!: string[];

  @Field(() => [String], {
    nullable: true,
    description: "Classes of the task; null: all, in its order.",
  })
  readonly classes?: string[] | null;

  @Field(() => [AttributePredicate], {
    nullable: true,
    description: "Conditions that hold together, at most 8.",
  })
  readonly where?: AttributePredicate[] | null;

  @Field(() => [AttributeBins], {
    nullable: true,
    description: "Bands of number attributes; null: those of the study for `age` and `bmi`.",
  })
  readonly bins?: AttributeBins[] | null;

  @Field(() => UnitOfAnalysis, { defaultValue: "image", description: "What one row is." })
  readonly unit!: (typeof UnitOfAnalysis)[keyof typeof UnitOfAnalysis];
}

/** A stratified AUC as asked for. */
@InputType({ description: "AUCs of which evaluation and classes, divided how, with which interval." })
export class StratifiedAucInput extends QuestionInput {
  @Field(() => CiMethod, { defaultValue: "DELONG", description: "How the intervals are made." })
  readonly ci!: Method;

  @Field(() => Float, { defaultValue: 0.95, description: "Nominal coverage of the intervals, in (0, 1)." })
  readonly level!: number;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 2000,
    description: "Resamples for BOOTSTRAP: 100 to 10,000.",
  })
  readonly replicates?: number | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 0,
    description: "Seed for BOOTSTRAP: the same seed gives the same interval.",
  })
  readonly seed?: number | null;
}

/** The AUC of one class in one stratum. */
@ObjectType({ simpleResolvers: true, description: "The AUC of one class in one stratum." })
export class AucCell {
  @Field(() => String, { description: "The class, against the rest of the task's classes." })
  readonly class!: string;

  @Field(() => [StratumLevel], { description: "The levels that make the stratum, in the order of `by`." })
  readonly stratum!: readonly StratumLevel[];

  @Field(() => Float, {
    nullable: true,
    description: "Area under the ROC curve, 0 to 1, ties counting one half; null unless status is OK.",
  })
  readonly auc!: number | null;

  @Field(() => Float, { nullable: true, description: "Standard error of the AUC; null without an interval." })
  readonly se!: number | null;

  @Field(() => Float, { nullable: true, description: "Lower end of the interval, 0 to 1." })
  readonly ciLow!: number | null;

  @Field(() => Float, { nullable: true, description: "Upper end of the interval, 0 to 1." })
  readonly ciHigh!: number | null;

  @Field(() => Int, { nullable: true, description: "Rows of the class with a score." })
  readonly nPositive!: number | null;

  @Field(() => Int, { nullable: true, description: "Rows of the other classes with a score." })
  readonly nNegative!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Distinct patients behind those rows; null when the source names none.",
  })
  readonly nPatients!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Rows of the stratum left out: truth or score unknown, or a truth of none of the classes.",
  })
  readonly nLeftOut!: number | null;

  @Field(() => CellStatus, { description: "Whether the cell has an AUC." })
  readonly status!: (typeof CellStatus)[keyof typeof CellStatus];

  @Field(() => String, {
    nullable: true,
    description: "Why there is no AUC, as a code, for example NO_POSITIVES; null when status is OK.",
  })
  readonly reason!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Why there is no interval although there is an AUC, as a code, for example DEGENERATE.",
  })
  readonly intervalReason!: string | null;
}

/** What an answer was computed with, so that it can be had again. */
@ObjectType({ simpleResolvers: true, description: "What an answer was computed with." })
export class AucOrigin {
  @Field(() => String, { description: "Id of the metric plugin." })
  readonly metric!: string;

  @Field(() => Int, { description: "Version of the metric plugin: raised whenever a number may change." })
  readonly metricVersion!: number;

  @Field(() => String, { nullable: true, description: "Id of the interval plugin; null for NONE." })
  readonly interval!: string | null;

  @Field(() => Int, { nullable: true, description: "Version of the interval plugin." })
  readonly intervalVersion!: number | null;

  @Field(() => CiMethod, { description: "How the intervals were made." })
  readonly ci!: Method;

  @Field(() => Float, { description: "Nominal coverage of the intervals." })
  readonly level!: number;

  @Field(() => UnitOfAnalysis, { description: "What one row was." })
  readonly unit!: (typeof UnitOfAnalysis)[keyof typeof UnitOfAnalysis];

  @Field(() => String, { description: "Fingerprint of the evaluation's scores: 64 hexadecimal digits." })
  readonly evaluationFingerprint!: string;

  @Field(() => String, {
    description: "SHA-256 of everything that decides the answer: equal requests have equal fingerprints.",
  })
  readonly fingerprint!: string;
}

/** AUCs by class and stratum. */
@ObjectType({ simpleResolvers: true, description: "AUCs by class and stratum." })
export class StratifiedAuc {
  @Field(() => [AucCell], {
    description:
      "By class in the order of the task, then by stratum in the order of levels; only strata that have rows.",
  })
  readonly cells!: readonly AucCell[];

  @Field(() => Int, { description: "Cells whose status is SUPPRESSED." })
  readonly suppressed!: number;

  @Field(() => AucOrigin, { description: "What the answer was computed with." })
  readonly origin!: AucOrigin;

  @Field(() => [String], { description: "What a reader should know, one sentence each." })
  readonly remarks!: readonly string[];
}
