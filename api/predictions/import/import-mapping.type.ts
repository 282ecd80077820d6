import { Field, InputType, registerEnumType } from "type-graphql";
import { TaskKind } from "../../models/task-kind.type.ts";
import { ScoreKind } from "../evaluation.type.ts";

/** How the values of an attribute are read. */
export const AttributeReading = { CATEGORY: "category", NUMBER: "number", AGE: "age" } as const;
registerEnumType(AttributeReading, {
  name: "AttributeReading",
  description: "How the values of an attribute are read.",
  valuesConfig: {
    CATEGORY: { description: "Words, kept as recorded." },
    NUMBER: { description: "Numbers." },
    AGE: { description: "Years, or a DICOM age such as 058Y, 006M, 003W, 015D; up to 120 years." },
  },
});

/** What an uncertain label (-1) becomes. */
export const UncertainPolicyEnum = { ONES: "ones", ZEROS: "zeros", IGNORE: "ignore" } as const;
registerEnumType(UncertainPolicyEnum, {
  name: "UncertainPolicy",
  description: "What an uncertain label (-1, as CheXpert writes it) becomes.",
  valuesConfig: {
    ONES: { description: "Positive." },
    ZEROS: { description: "Negative." },
    IGNORE: { description: "Unknown, counted." },
  },
});

/** A class and the column that belongs to it. */
@InputType({ description: "A class of the task and the column of the file that belongs to it." })
export class ClassColumnInput {
  @Field(() => String, { description: "Class name." })
  readonly class!: string;

  @Field(() => String, { description: "Header of the column." })
  readonly column!: string;
}

/** A recorded value and what it stands for. */
@InputType({ description: "A recorded value and the class or category it stands for." })
export class RecordedValueInput {
  @Field(() => String, { description: "The value as the file records it." })
  readonly recorded!: string;

  @Field(() => String, { description: "The class or category." })
  readonly category!: string;
}

/** What the model predicts. */
@InputType({ description: "What the model predicts." })
export class TaskInput {
  @Field(() => TaskKind, { description: "Whether classes exclude each other." })
  readonly kind!: (typeof TaskKind)[keyof typeof TaskKind];

  @Field(() => String, {
    description:
      "Name of the predicted attribute, for example race; for many labels, their common name: finding.",
  })
  readonly attribute!: string;

  @Field(() => [String], {
    description: "Class names in the model's output order; binary: negative, positive.",
  })
  readonly classes!: string[];
}

/** Where the true classes stand. */
@InputType({
  description: "Where the truth stands: one column of class names, or a 0/1 column for each class.",
})
export class TruthInput {
  @Field(() => String, {
    nullable: true,
    description: "The column of class names (or of 0/1, in the long form).",
  })
  readonly column?: string;

  @Field(() => [ClassColumnInput], {
    nullable: true,
    description: "Multi-label: the 0/1 column of each class.",
  })
  readonly columns?: ClassColumnInput[];

  @Field(() => [RecordedValueInput], {
    nullable: true,
    description: "Recorded values that are not class names.",
  })
  readonly map?: RecordedValueInput[];

  @Field(() => [String], {
    nullable: true,
    description: "Recorded values that mean unknown, beside the empty cell.",
  })
  readonly ignore?: string[];

  @Field(() => String, {
    nullable: true,
    description: "A stored mapping of recorded values, such as chexpert-race-three-class@1.",
  })
  readonly mapping?: string;

  @Field(() => UncertainPolicyEnum, {
    nullable: true,
    description: "What -1 becomes; without a policy it is refused.",
  })
  readonly uncertain?: (typeof UncertainPolicyEnum)[keyof typeof UncertainPolicyEnum];
}

/** Where the scores stand. */
@InputType({ description: "Where the scores stand: wide (columns) or long (classColumn and scoreColumn)." })
export class ScoresInput {
  @Field(() => [ClassColumnInput], {
    nullable: true,
    description: "Wide form: the score column of each class.",
  })
  readonly columns?: ClassColumnInput[];

  @Field(() => String, {
    nullable: true,
    description: "Long form: the column that names the class of a row.",
  })
  readonly classColumn?: string;

  @Field(() => String, { nullable: true, description: "Long form: the column of scores." })
  readonly scoreColumn?: string;
}

/** How one attribute is read. */
@InputType({ description: "How one attribute is read." })
export class AttributeMappingInput {
  @Field(() => String, {
    description:
      "Name in the warehouse: race (self-reported), sex, age, bmi, view, site, or a name of your own.",
  })
  readonly name!: string;

  @Field(() => String, { description: "Header of the column." })
  readonly column!: string;

  @Field(() => AttributeReading, { description: "How the values are read." })
  readonly kind!: (typeof AttributeReading)[keyof typeof AttributeReading];

  @Field(() => [String], { nullable: true, description: "The only values allowed, after the mapping." })
  readonly vocabulary?: string[];

  @Field(() => [RecordedValueInput], {
    nullable: true,
    description: "Recorded values to categories; both are kept.",
  })
  readonly map?: RecordedValueInput[];

  @Field(() => String, {
    nullable: true,
    description: "A stored mapping of recorded values, such as chexpert-race-three-class@1.",
  })
  readonly mapping?: string;

  @Field(() => [String], {
    nullable: true,
    description: "Recorded values that mean unknown, beside the empty cell.",
  })
  readonly missing?: string[];
}

/** How the files of an import are read. */
@InputType({ description: "How the files of an import are read; the same mapping repeats the import." })
export class PredictionMappingInput {
  @Field(() => String, { description: "Column of image ids." })
  readonly id!: string;

  @Field(() => String, { nullable: true, description: "Column of patient ids." })
  readonly patient?: string;

  @Field(() => String, { nullable: true, description: "Column of study ids." })
  readonly study?: string;

  @Field(() => String, { nullable: true, description: "Column of split parts." })
  readonly split?: string;

  @Field(() => TaskInput, { description: "What the model predicts." })
  readonly task!: TaskInput;

  @Field(() => TruthInput, {
    nullable: true,
    description: "The truth; absent when the dataset holds it already.",
  })
  readonly truth?: TruthInput;

  @Field(() => ScoresInput, { description: "The scores." })
  readonly scores!: ScoresInput;

  @Field(() => ScoreKind, { defaultValue: "probability", description: "What range scores may have." })
  readonly scoreKind!: (typeof ScoreKind)[keyof typeof ScoreKind];

  @Field(() => [AttributeMappingInput], { defaultValue: [], description: "Attributes to take." })
  readonly attributes!: AttributeMappingInput[];

  @Field(() => String, { nullable: true, description: "Id column of the second file, when there is one." })
  readonly attributesId?: string;
}
