import { Field, Float, Int, ObjectType, registerEnumType } from "type-graphql";
import { JsonObject } from "../graphql/scalars.ts";

/** What a plugin computes, as GraphQL names it. */
export const PluginKind = {
  METRIC: "METRIC",
  INTERVAL: "INTERVAL",
  META: "META",
  TRANSFORM: "TRANSFORM",
} as const;
registerEnumType(PluginKind, {
  name: "PluginKind",
  description: "What a plugin computes.",
  valuesConfig: {
    METRIC: { description: "A number about scores and truth, for each stratum." },
    INTERVAL: { description: "A confidence interval." },
    META: { description: "A model of meta-analysis." },
    TRANSFORM: { description: "A change of images before a model sees them." },
  },
});

/** Which way a metric is good, as GraphQL names it. */
export const BetterDirection = { HIGHER: "higher", LOWER: "lower", NEITHER: "neither" } as const;
registerEnumType(BetterDirection, {
  name: "BetterDirection",
  description: "Which way a metric is good.",
  valuesConfig: {
    HIGHER: { description: "Larger values are better." },
    LOWER: { description: "Smaller values are better." },
    NEITHER: { description: "Neither." },
  },
});

/** A parameter of a plugin. */
@ObjectType({ simpleResolvers: true, description: "A parameter of a plugin." })
export class PluginParam {
  @Field(() => String, { description: "Name." })
  readonly name!: string;

  @Field(() => String, { description: "Kind: float, int, choice or flag." })
  readonly kind!: string;

  @Field(() => String, { description: "What it does." })
  readonly doc!: string;

  @Field(() => String, { nullable: true, description: "Unit of a number; 1 for a pure number." })
  readonly unit!: string | null;

  @Field(() => Float, { nullable: true, description: "Smallest number allowed." })
  readonly min!: number | null;

  @Field(() => Float, { nullable: true, description: "Largest number allowed." })
  readonly max!: number | null;

  @Field(() => [String], { nullable: true, description: "Words allowed, for a choice." })
  readonly choices!: readonly string[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Value where none is given, as JSON; null: it must be given.",
  })
  readonly default!: string | null;
}

/** A plugin. */
@ObjectType({
  simpleResolvers: true,
  description: "A metric, interval, meta-analysis or transform that is built in.",
})
export class Plugin {
  @Field(() => String, { description: "Name, unique within its kind." })
  readonly id!: string;

  @Field(() => PluginKind, { description: "What it computes." })
  readonly kind!: (typeof PluginKind)[keyof typeof PluginKind];

  @Field(() => Int, { description: "Version: raised whenever any number may change." })
  readonly version!: number;

  @Field(() => String, { description: "What it is, in one sentence." })
  readonly doc!: string;

  @Field(() => String, { description: "The paper with DOI, or the book, that defines it." })
  readonly source!: string;

  @Field(() => [PluginParam], { description: "Its parameters." })
  readonly params!: readonly PluginParam[];

  @Field(() => JsonObject, { description: "Parameters that are valid." })
  readonly example!: Readonly<Record<string, unknown>>;

  @Field(() => [String], { description: "Properties that tests hold it to, as words." })
  readonly laws!: readonly string[];

  @Field(() => Float, {
    nullable: true,
    description: "Smallest possible value of a metric; null where unbounded.",
  })
  readonly rangeLow!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Largest possible value of a metric; null where unbounded.",
  })
  readonly rangeHigh!: number | null;

  @Field(() => BetterDirection, {
    nullable: true,
    description: "Which way a metric is good; null for other kinds.",
  })
  readonly better!: (typeof BetterDirection)[keyof typeof BetterDirection] | null;
}
