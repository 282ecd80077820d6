import { Field, ID, InputType, Int, ObjectType } from "type-graphql";

/** A table of masks. */
@InputType({ description: "A CSV that says which file is the mask of which image." })
export class MaskTableInput {
  @Field(() => ID, { nullable: true, description: "The upload that holds it." })
  readonly upload?: string | null;

  @Field(() => String, { nullable: true, description: "Its place below the folder, with slashes." })
  readonly file?: string | null;

  @Field(() => String, { defaultValue: "image", description: "Its column of images' ids or paths." })
  readonly id!: string;

  @Field(() => String, { defaultValue: "mask", description: "Its column of masks' paths below the folder." })
  readonly mask!: string;
}

/** What to import. */
@InputType({ description: "Masks of one kind, lungs say, of the images of a dataset version." })
export class ImportMasksInput {
  @Field(() => String, { description: "Slug of the dataset." })
  readonly dataset!: string;

  @Field(() => Int, { nullable: true, description: "Its version; default: the newest with image files." })
  readonly datasetVersion?: number | null;

  @Field(() => String, { description: "What transforms and protocols call them: lungs." })
  readonly name!: string;

  @Field(() => String, {
    description: "Name of an image root that the operator has set (STRATUM_IMAGE_ROOTS).",
  })
  readonly root!: string;

  @Field(() => String, {
    defaultValue: "",
    description: "Folder below the root that masks' paths start from.",
  })
  readonly folder!: string;

  @Field(() => MaskTableInput, {
    nullable: true,
    description: "Which mask is whose; default: files of the images' names but for the ending.",
  })
  readonly table?: MaskTableInput | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Takes what is there; images without a mask cannot be evaluated or trained on under it.",
  })
  readonly allowMissing!: boolean;
}

/** What came of an import of masks. */
@ObjectType({ simpleResolvers: true, description: "The masks that a version has now." })
export class ImportMasksPayload {
  @Field(() => Int, { description: "Number of the dataset's version." })
  readonly version!: number;

  @Field(() => Int, { description: "Its images." })
  readonly images!: number;

  @Field(() => Int, { description: "Images that have a mask." })
  readonly masks!: number;

  @Field(() => String, {
    description: "SHA-256 over all of them: part of what runs under them are known by.",
  })
  readonly sha256!: string;

  @Field(() => Boolean, { description: "False where the same masks were there." })
  readonly created!: boolean;
}
