import { Field, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../graphql/paging.ts";
import { DateTime } from "../graphql/scalars.ts";
import { TaskKind } from "./task-kind.type.ts";

/** How a model came here, as GraphQL names it. */
export const ModelOrigin = {
  IMPORTED: "imported",
  PUBLISHED: "published",
  REGISTERED: "registered",
  TRAINED: "trained",
} as const;
registerEnumType(ModelOrigin, {
  name: "ModelOrigin",
  description: "How a model came here.",
  valuesConfig: {
    IMPORTED: { description: "Its predictions were imported; its bytes are not here." },
    PUBLISHED: { description: "Known only from a publication." },
    REGISTERED: { description: "Its bytes were registered." },
    TRAINED: { description: "It was trained here." },
  },
});

/** A model. */
@ObjectType({ simpleResolvers: true, description: "A model; what it computes is in its versions." })
export class Model {
  @Field(() => String, { description: "Short name, unique for ever: use it in requests and links." })
  readonly slug!: string;

  @Field(() => String, { description: "Name for people." })
  readonly title!: string;

  @Field(() => String, { nullable: true, description: "What it is and where it comes from." })
  readonly description!: string | null;

  @Field(() => String, { nullable: true, description: "Architecture, for example DenseNet-121." })
  readonly architecture!: string | null;

  @Field(() => ModelOrigin, { description: "How it came here." })
  readonly origin!: (typeof ModelOrigin)[keyof typeof ModelOrigin];

  @Field(() => DateTime, { description: "When it was first recorded here." })
  readonly recordedAt!: Date;
}

/** One immutable state of a model. */
@ObjectType({ simpleResolvers: true, description: "One state of a model. It never changes." })
export class ModelVersion {
  @Field(() => Int, { description: "Number of the version, from 1." })
  readonly version!: number;

  @Field(() => TaskKind, { description: "What it decides." })
  readonly taskKind!: (typeof TaskKind)[keyof typeof TaskKind];

  @Field(() => String, { description: "The attribute it predicts, for example race or finding." })
  readonly taskAttribute!: string;

  @Field(() => [String], { description: "Names of its classes in the order of its outputs." })
  readonly classes!: readonly string[];

  @Field(() => String, {
    nullable: true,
    description: "SHA-256 of its ONNX bytes: 64 hexadecimal digits; null when only its predictions are here.",
  })
  readonly onnxSha256!: string | null;

  @Field(() => DateTime, { description: "When it was recorded here." })
  readonly recordedAt!: Date;
}

/** One page of models. */
export const ModelConnection = connectionType("Model", () => Model);

/** Which models to list. */
@InputType({ description: "Which models to list; all given conditions hold together." })
export class ModelFilter {
  @Field(() => ModelOrigin, { nullable: true, description: "Only models that came here this way." })
  origin?: Model["origin"] | null;

  @Field(() => String, { nullable: true, description: "Only this architecture, exactly as recorded." })
  architecture?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Only models with a version that predicts this attribute.",
  })
  taskAttribute?: string | null;

  @Field(() => [String], { nullable: true, description: "Only models with these slugs; at most 200." })
  slugs?: string[] | null;
}
