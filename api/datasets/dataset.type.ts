import { Field, InputType, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../graphql/paging.ts";
import { DateTime, JsonObject } from "../graphql/scalars.ts";

/** Where a dataset comes from, as GraphQL names it. */
export const DatasetOrigin = { IMPORTED: "imported", PUBLISHED: "published" } as const;
registerEnumType(DatasetOrigin, {
  name: "DatasetOrigin",
  description: "Where a dataset comes from.",
  valuesConfig: {
    IMPORTED: { description: "Its images or predictions were imported here." },
    PUBLISHED: { description: "Known only from a publication; no images here." },
  },
});

/** How the images may be had from their source. */
export const DatasetAccess = { PUBLIC: "public", PRIVATE: "private", CREDENTIALED: "credentialed" } as const;
registerEnumType(DatasetAccess, {
  name: "DatasetAccess",
  description:
    "How the images may be had from their source. What a caller sees here is decided by roles, not by this.",
  valuesConfig: {
    PUBLIC: { description: "Anyone may download them." },
    PRIVATE: { description: "They stay with their owner." },
    CREDENTIALED: { description: "On application, under a data use agreement." },
  },
});

/** A collection of images. */
@ObjectType({
  simpleResolvers: true,
  description: "A collection of images; what it holds is in its versions.",
})
export class Dataset {
  @Field(() => String, { description: "Short name, unique for ever: use it in requests and links." })
  readonly slug!: string;

  @Field(() => String, { description: "Name for people." })
  readonly title!: string;

  @Field(() => String, { nullable: true, description: "What the images are and where they come from." })
  readonly description!: string | null;

  @Field(() => String, { nullable: true, description: "Imaging modality, for example CXR, CT or MG." })
  readonly modality!: string | null;

  @Field(() => String, { nullable: true, description: "Part of the body, for example chest." })
  readonly bodyPart!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Licence or agreement under which the images may be used.",
  })
  readonly licence!: string | null;

  @Field(() => DatasetAccess, { description: "How the images may be had from their source." })
  readonly access!: (typeof DatasetAccess)[keyof typeof DatasetAccess];

  @Field(() => DatasetOrigin, {
    description: "Whether it was imported here or is known from a publication only.",
  })
  readonly origin!: (typeof DatasetOrigin)[keyof typeof DatasetOrigin];

  @Field(() => JsonObject, {
    nullable: true,
    description: "Facts as a publication prints them, such as cohort counts; never used in a computation.",
  })
  readonly printedFacts!: Readonly<Record<string, unknown>> | null;

  @Field(() => DateTime, { description: "When it was first recorded here." })
  readonly recordedAt!: Date;
}

/** One page of datasets. */
export const DatasetConnection = connectionType("Dataset", () => Dataset);

/** Which datasets to list. */
@InputType({ description: "Which datasets to list; all given conditions hold together." })
export class DatasetFilter {
  @Field(() => DatasetOrigin, { nullable: true, description: "Only datasets of this origin." })
  origin?: Dataset["origin"] | null;

  @Field(() => DatasetAccess, {
    nullable: true,
    description: "Only datasets with this access at their source.",
  })
  access?: Dataset["access"] | null;

  @Field(() => String, { nullable: true, description: "Only this imaging modality, exactly as recorded." })
  modality?: string | null;

  @Field(() => String, { nullable: true, description: "Only this part of the body, exactly as recorded." })
  bodyPart?: string | null;

  @Field(() => [String], { nullable: true, description: "Only datasets with these slugs; at most 200." })
  slugs?: string[] | null;
}
