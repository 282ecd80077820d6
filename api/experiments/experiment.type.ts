import { Field, ObjectType } from "type-graphql";
import { DateTime, JsonObject } from "../graphql/scalars.ts";

/** A protocol. */
@ObjectType({
  simpleResolvers: true,
  description:
    "A protocol: one question put to models and data, with the published numbers it is compared with.",
})
export class Experiment {
  @Field(() => String, { description: "Short name, unique for ever." })
  readonly slug!: string;

  @Field(() => String, { description: "Name for people." })
  readonly title!: string;

  @Field(() => String, { description: "Group of experiments it belongs to." })
  readonly group!: string;

  @Field(() => JsonObject, {
    description: "Design, parameter grid, what is trained and tested on which images.",
  })
  readonly protocol!: Readonly<Record<string, unknown>>;

  @Field(() => DateTime, { description: "When it was recorded here." })
  readonly recordedAt!: Date;
}
