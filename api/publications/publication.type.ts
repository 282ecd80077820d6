import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../graphql/paging.ts";
import { DateTime, JsonObject } from "../graphql/scalars.ts";

/** Whether a discrepancy is understood, as GraphQL names it. */
export const DiscrepancyStatus = { OPEN: "open", EXPLAINED: "explained" } as const;
registerEnumType(DiscrepancyStatus, {
  name: "DiscrepancyStatus",
  description: "Whether a discrepancy is understood.",
  valuesConfig: {
    OPEN: { description: "Nobody has explained it." },
    EXPLAINED: { description: "It is known where it comes from." },
  },
});

/** A publication. */
@ObjectType({
  simpleResolvers: true,
  description: "A publication whose numbers are here as metric records, as they are printed.",
})
export class Publication {
  @Field(() => String, { description: "Short name, unique for ever: use it in requests and links." })
  readonly slug!: string;

  @Field(() => Int, { description: "Version of its data files here, from 1." })
  readonly version!: number;

  @Field(() => String, { description: "Title." })
  readonly title!: string;

  @Field(() => String, { description: "Citation in words." })
  readonly citation!: string;

  @Field(() => String, {
    nullable: true,
    description: "Digital object identifier, without a resolver's address.",
  })
  readonly doi!: string | null;

  @Field(() => Int, { description: "Year of publication." })
  readonly year!: number;

  @Field(() => JsonObject, { description: "Counts and notes of its data files that are no metric records." })
  readonly facts!: Readonly<Record<string, unknown>>;

  @Field(() => String, { description: "SHA-256 over its data files: 64 hexadecimal digits." })
  readonly contentSha256!: string;

  @Field(() => DateTime, { description: "When it was loaded here." })
  readonly recordedAt!: Date;
}

/** One page of publications. */
export const PublicationConnection = connectionType("Publication", () => Publication);

/** One place of a discrepancy. */
@ObjectType({ simpleResolvers: true, description: "One place where a discrepancy shows." })
export class DiscrepancyInstance {
  @Field(() => String, { description: "Where in the publication." })
  readonly where!: string;

  @Field(() => String, { nullable: true, description: "Exactly what is printed." })
  readonly printed!: string | null;

  @Field(() => String, { nullable: true, description: "What it reads as: a number or a word." })
  readonly parsed!: string | null;

  @Field(() => String, { nullable: true, description: "What a computation from the other numbers gives." })
  readonly recomputed!: string | null;

  @Field(() => String, { description: "How it was recomputed." })
  readonly how!: string;
}

/** An inconsistency. */
@ObjectType({
  simpleResolvers: true,
  description: "An inconsistency of a publication, kept as found; nothing is corrected.",
})
export class Discrepancy {
  @Field(() => Int, { description: "Number in its publication's list, from 1." })
  readonly number!: number;

  @Field(() => String, { description: "Kind, as a word." })
  readonly kind!: string;

  @Field(() => String, { description: "Where in the publication." })
  readonly place!: string;

  @Field(() => String, { description: "What does not fit, in words." })
  readonly summary!: string;

  @Field(() => [String], { description: "Sources that were compared." })
  readonly sources!: readonly string[];

  @Field(() => DiscrepancyStatus, { description: "Whether it is understood." })
  readonly status!: (typeof DiscrepancyStatus)[keyof typeof DiscrepancyStatus];
}
