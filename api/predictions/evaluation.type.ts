import { Field, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../graphql/paging.ts";
import { DateTime, JsonObject } from "../graphql/scalars.ts";
import { TaskKind } from "../models/task-kind.type.ts";

/** What scores are, as GraphQL names it. */
export const ScoreKind = { PROBABILITY: "probability", LOGIT: "logit", ANY: "any" } as const;
registerEnumType(ScoreKind, {
  name: "ScoreKind",
  description: "What scores are.",
  valuesConfig: {
    PROBABILITY: { description: "Numbers from 0 to 1." },
    LOGIT: { description: "Log odds: any finite number." },
    ANY: { description: "Any finite number; higher means more likely." },
  },
});

/** What can divide rows, as GraphQL names it. */
export const DividingKind = { CATEGORY: "category", NUMBER: "number", SPLIT: "split" } as const;
registerEnumType(DividingKind, {
  name: "DividingKind",
  description: "How an attribute divides rows.",
  valuesConfig: {
    CATEGORY: { description: "By its categories." },
    NUMBER: { description: "By bands of the number." },
    SPLIT: { description: "By the parts of a split, such as train and test." },
  },
});

/** Something that `by` and `where` can name. */
@ObjectType({
  simpleResolvers: true,
  description: "Something that `by` and `where` of a statistic can name.",
})
export class DividingAttribute {
  @Field(() => String, { description: "The name to use." })
  readonly name!: string;

  @Field(() => DividingKind, { description: "How it divides rows." })
  readonly kind!: (typeof DividingKind)[keyof typeof DividingKind];

  @Field(() => [String], { description: "Its categories or parts, as cells name them; none for numbers." })
  readonly levels!: readonly string[];

  @Field(() => String, { nullable: true, description: "Unit of a number, for example years." })
  readonly unit!: string | null;
}

/** What a model decides. */
@ObjectType({ simpleResolvers: true, description: "What a model decides." })
export class Task {
  @Field(() => TaskKind, { description: "What kind of classes it tells apart." })
  readonly kind!: (typeof TaskKind)[keyof typeof TaskKind];

  @Field(() => String, {
    description: "The attribute it predicts; for many labels each is the attribute `<attribute>:<class>`.",
  })
  readonly attribute!: string;

  @Field(() => [String], { description: "Its classes in the model's order." })
  readonly classes!: readonly string[];
}

/** A file that an evaluation left beside its scores. */
@ObjectType({
  simpleResolvers: true,
  description: "A file in NumPy's format that an evaluation left beside its scores, below the worker's home.",
})
export class Companion {
  @Field(() => String, {
    description: "What it holds: ordinals.npy says which image each row of the others is.",
  })
  readonly file!: string;

  @Field(() => String, { description: "Folder below the home of the worker that evaluated." })
  readonly folder!: string;

  @Field(() => [Int], { description: "Sizes, rows first: one row an image." })
  readonly shape!: readonly number[];

  @Field(() => String, { description: "SHA-256 of the file: 64 hexadecimal digits." })
  readonly sha256!: string;
}

/** The scores of one model version on one dataset version. */
@ObjectType({
  simpleResolvers: true,
  description: "The scores of one model version on the images of one dataset version. Never changes.",
})
export class Evaluation {
  @Field(() => [String], { description: "Classes of the task in the model's order." })
  readonly classes!: readonly string[];

  @Field(() => [JsonObject], {
    description:
      "Transforms applied to the images before the model saw them, in order; none for the originals.",
  })
  readonly transformChain!: readonly unknown[];

  @Field(() => ScoreKind, { description: "What the scores are." })
  readonly scoreKind!: (typeof ScoreKind)[keyof typeof ScoreKind];

  @Field(() => String, { description: "SHA-256 of what was evaluated on what: 64 hexadecimal digits." })
  readonly fingerprint!: string;

  @Field(() => DateTime, { description: "When it was recorded here." })
  readonly recordedAt!: Date;
}

/** One page of evaluations. */
export const EvaluationConnection = connectionType("Evaluation", () => Evaluation);

/** Which evaluations to list. */
@InputType({ description: "Which evaluations to list; all given conditions hold together." })
export class EvaluationFilter {
  @Field(() => String, { nullable: true, description: "Only on this dataset (slug)." })
  readonly dataset?: string | null;

  @Field(() => String, { nullable: true, description: "Only of this model (slug)." })
  readonly model?: string | null;

  @Field(() => String, { nullable: true, description: "Only of tasks that predict this attribute." })
  readonly taskAttribute?: string | null;

  @Field(() => String, { nullable: true, description: "Only of tasks that have this class." })
  readonly className?: string | null;
}
