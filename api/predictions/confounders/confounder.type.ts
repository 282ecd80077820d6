import { Field, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import type { ConfounderModelId, ValidationScheme as Scheme } from "../../../compute/index.ts";
import { Run } from "../../runs/run.type.ts";

/** Models of what is recorded, as GraphQL names them. */
export const ConfounderModel = {
  LOGISTIC_REGRESSION: "logistic_regression",
  RANDOM_FOREST: "random_forest",
  BOOSTED_TREES: "boosted_trees",
} as const satisfies Record<string, ConfounderModelId>;
registerEnumType(ConfounderModel, {
  name: "ConfounderModel",
  description: "A model of what is recorded about images and patients.",
  valuesConfig: {
    LOGISTIC_REGRESSION: { description: "Logistic regression with a ridge of 1 on standardised columns." },
    RANDOM_FOREST: { description: "A random forest of Yggdrasil Decision Forests, with its settings." },
    BOOSTED_TREES: {
      description: "Gradient boosted trees of Yggdrasil Decision Forests, with its settings.",
    },
  },
});

/** Which patients train the model that scores a fold, as GraphQL names it. */
export const ValidationScheme = {
  FOLDS: "folds",
  PROGRESSIVE: "progressive",
} as const satisfies Record<string, Scheme>;
registerEnumType(ValidationScheme, {
  name: "ValidationScheme",
  description: "Which patients train the model that scores a fold.",
  valuesConfig: {
    FOLDS: {
      description:
        "Those of all other folds: every image has a score; intervals are too narrow where there is little to be found.",
    },
    PROGRESSIVE: {
      description:
        "Those of the folds before it: images of the first have no score; intervals hold what they say.",
    },
  },
});

/** What is to be recovered from what. */
@InputType({ description: "Which attribute, from which others, by which model." })
export class ConfoundersInput {
  @Field(() => String, { description: "Slug of the dataset." })
  readonly dataset!: string;

  @Field(() => Int, { nullable: true, description: "Version of the dataset; default: the newest." })
  readonly datasetVersion?: number | null;

  @Field(() => String, { description: "The attribute to be recovered." })
  readonly attribute!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      "Its levels that are told apart; default: every one. Rows of others are scored, not learnt from.",
  })
  readonly classes?: string[] | null;

  @Field(() => [String], {
    defaultValue: [],
    description: "Attributes that it is recovered from; `finding:*` is every finding.",
  })
  readonly features!: string[];

  @Field(() => Int, {
    nullable: true,
    description:
      "Beside them, shares of so many grey levels of the images; where the levels lie plays no part.",
  })
  readonly histogramBins?: number | null;

  @Field(() => ConfounderModel, { defaultValue: "logistic_regression", description: "By which model." })
  readonly model!: ConfounderModelId;

  @Field(() => Int, { defaultValue: 5, description: "Folds by patient, 2 to 20." })
  readonly folds!: number;

  @Field(() => ValidationScheme, { defaultValue: "folds", description: "Who trains for whom." })
  readonly scheme!: Scheme;

  @Field(() => Int, { defaultValue: 0, description: "Seed of the folds." })
  readonly seed!: number;
}

/** What a request for a model of confounders came to. */
@ObjectType({ simpleResolvers: true, description: "The run that makes the model and its evaluation." })
export class ConfoundersPayload {
  @Field(() => Run, { description: "The run; its evaluation holds the out-of-fold scores." })
  readonly run!: Run;

  @Field(() => Boolean, { description: "Whether this request made the run; false: it was asked for before." })
  readonly created!: boolean;
}
