import { Field, ID, InputType, ObjectType } from "type-graphql";
import { ModelVersion } from "./model.type.ts";
import { OutputActivation, PreprocessingInput } from "./preprocessing.type.ts";
import { TaskKind } from "./task-kind.type.ts";

/** A model to be registered. */
@InputType({ description: "An uploaded ONNX model, and what it is said to do." })
export class RegisterModelInput {
  @Field(() => String, { description: "Slug of the model; made when there is none." })
  readonly model!: string;

  @Field(() => ID, { description: "The upload that holds the ONNX file, weights and all." })
  readonly upload!: string;

  @Field(() => String, { description: "The attribute it predicts, for example race or finding." })
  readonly task!: string;

  @Field(() => [String], { description: "Names of its classes in the order of its output." })
  readonly classes!: string[];

  @Field(() => TaskKind, {
    nullable: true,
    description: "What it decides; null: binary of two classes, multiclass of more.",
  })
  readonly kind?: (typeof TaskKind)[keyof typeof TaskKind] | null;

  @Field(() => String, { nullable: true, description: "Name of the output; null: its only one." })
  readonly output?: string | null;

  @Field(() => OutputActivation, { defaultValue: "none", description: "What makes scores of the output." })
  readonly activation!: (typeof OutputActivation)[keyof typeof OutputActivation];

  @Field(() => PreprocessingInput, { nullable: true, description: "How pixels become its input." })
  readonly preprocessing?: PreprocessingInput | null;

  @Field(() => String, { nullable: true, description: "Name for people, of a new model." })
  readonly title?: string | null;

  @Field(() => String, { nullable: true, description: "What it is and where it comes from, of a new model." })
  readonly description?: string | null;

  @Field(() => String, { nullable: true, description: "Architecture, of a new model." })
  readonly architecture?: string | null;
}

/** What became of a registration. */
@ObjectType({ simpleResolvers: true, description: "A registered model." })
export class RegisterModelPayload {
  @Field(() => ModelVersion, { description: "The version that holds these bytes." })
  readonly modelVersion!: ModelVersion;

  @Field(() => Boolean, { description: "False when the same was registered before." })
  readonly created!: boolean;
}
