import { Field, Int, ObjectType } from "type-graphql";
import { SafeInt } from "../graphql/scalars.ts";
import { OutputActivation } from "./preprocessing.type.ts";

/** A tensor that goes into a model or comes out of it. */
@ObjectType({ simpleResolvers: true, description: "A tensor that goes into a model or comes out of it." })
export class ModelTensor {
  @Field(() => String, { description: "Its name in the model." })
  readonly name!: string;

  @Field(() => String, { description: "Its element type, for example float." })
  readonly type!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      "Its sizes: numbers, symbols such as batch, or ? where the model does not say; null: unknown.",
  })
  readonly shape?: readonly string[];

  @Field(() => String, { nullable: true, description: "Of an output, the operator that makes it." })
  readonly madeBy?: string;

  @Field(() => OutputActivation, {
    nullable: true,
    description: "Of the output that holds the scores, what makes scores of it; null of every other tensor.",
  })
  readonly activation?: (typeof OutputActivation)[keyof typeof OutputActivation];
}

/** How often an operator occurs. */
@ObjectType({ simpleResolvers: true, description: "How often an operator occurs in a model." })
export class OperatorCount {
  @Field(() => String, { description: "Name of the operator; of other domains with the domain before it." })
  readonly operator!: string;

  @Field(() => Int, { description: "Times it occurs." })
  readonly count!: number;
}

/** What a model's graph holds. */
@ObjectType({ simpleResolvers: true, description: "What a model's graph holds, read without running it." })
export class ModelGraph {
  @Field(() => SafeInt, { description: "Numbers in its weights." })
  readonly parameters!: number;

  @Field(() => SafeInt, { description: "Length of the file." })
  readonly byteLength!: number;

  @Field(() => Int, { nullable: true, description: "Version of ONNX's own operator set." })
  readonly opset!: number | null;

  @Field(() => String, { description: "What wrote the file, as it says; may be empty." })
  readonly producer!: string;

  @Field(() => [OperatorCount], { description: "Its operators, by name." })
  readonly operators!: readonly OperatorCount[];
}
