import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTime, SafeInt } from "../graphql/scalars.ts";

/** What an attribute holds, as GraphQL names it. */
export const AttributeKind = {
  CATEGORY: "category",
  NUMBER: "number",
  PATIENT: "patient",
  STUDY: "study",
} as const;
registerEnumType(AttributeKind, {
  name: "AttributeKind",
  description: "What an attribute holds for each image.",
  valuesConfig: {
    CATEGORY: { description: "One of a list of values, for example self-reported race." },
    NUMBER: { description: "A number, for example age in years." },
    PATIENT: { description: "The patient it belongs to." },
    STUDY: { description: "The study (one visit's images) it belongs to." },
  },
});

/** What becomes of unlisted values, as GraphQL names it. */
export const UnlistedValues = { REFUSE: "refuse", UNKNOWN: "unknown" } as const;
registerEnumType(UnlistedValues, {
  name: "UnlistedValues",
  description: "What becomes of a recorded value that a mapping does not list.",
  valuesConfig: {
    REFUSE: { description: "The import is refused." },
    UNKNOWN: { description: "It counts as unknown." },
  },
});

/** What a dataset held at one time. */
@ObjectType({
  simpleResolvers: true,
  description: "What a dataset held at one time. Frozen: it never changes.",
})
export class DatasetVersion {
  @Field(() => Int, { description: "Number of the version, from 1." })
  readonly version!: number;

  @Field(() => String, {
    description: "SHA-256 over the image ids in order and every attribute column: 64 hexadecimal digits.",
  })
  readonly manifestSha256!: string;

  @Field(() => DateTime, { description: "When it was frozen." })
  readonly frozenAt!: Date;

  @Field(() => DateTime, { description: "When it was first recorded here." })
  readonly recordedAt!: Date;
}

/** Files of one format. */
@ObjectType({ simpleResolvers: true, description: "How many image files have a format." })
export class ImageFormatCount {
  @Field(() => String, { description: "png, jpeg or dicom, as told from the bytes." })
  readonly format!: string;

  @Field(() => SafeInt, { description: "Files, 1 or more." })
  readonly count!: number;
}

/** Files left out of a version. */
@ObjectType({ simpleResolvers: true, description: "Files that were left out of a version for one reason." })
export class LeftOutCount {
  @Field(() => String, { description: "Code of the closed table of import problems (docs/errors.md)." })
  readonly code!: string;

  @Field(() => SafeInt, { description: "Files, 1 or more." })
  readonly count!: number;
}

/** What the image files of a version are. */
@ObjectType({
  simpleResolvers: true,
  description: "What the image files of a version are, counted when each was read for the import.",
})
export class VersionFiles {
  @Field(() => [ImageFormatCount], { description: "Files by format." })
  readonly formats!: readonly ImageFormatCount[];

  @Field(() => SafeInt, { description: "Bytes of all files." })
  readonly bytes!: number;

  @Field(() => Int, { description: "Fewest rows of an image." })
  readonly minRows!: number;

  @Field(() => Int, { description: "Most rows." })
  readonly maxRows!: number;

  @Field(() => Int, { description: "Fewest columns of an image." })
  readonly minCols!: number;

  @Field(() => Int, { description: "Most columns." })
  readonly maxCols!: number;

  @Field(() => Int, { description: "Distinct sizes." })
  readonly sizes!: number;

  @Field(() => SafeInt, { description: "Images with the file of an earlier one, byte for byte." })
  readonly duplicates!: number;

  @Field(() => SafeInt, { description: "Those of another patient than the earlier one." })
  readonly duplicatesAcrossPatients!: number;

  @Field(() => [LeftOutCount], { description: "Files of the manifest that were left out, by code." })
  readonly leftOut!: readonly LeftOutCount[];

  @Field(() => Boolean, { description: "Whether every pixel was decoded, or headers only." })
  readonly decoded!: boolean;
}

/** Whether files are where they should be, as GraphQL names it. */
export const FilesStatus = { PRESENT: "present", ABSENT: "absent" } as const;
registerEnumType(FilesStatus, {
  name: "FilesStatus",
  description: "Whether the folder of a version's files is there, as seen by the server that answers.",
  valuesConfig: {
    PRESENT: { description: "The folder is there; files are checked one by one when they are read." },
    ABSENT: { description: "It is not: the folder was moved, or another machine has it." },
  },
});

/** Where the files of a version lie. */
@ObjectType({ simpleResolvers: true, description: "Where the image files of a version lie." })
export class VersionLocation {
  @Field(() => String, {
    nullable: true,
    description:
      "The operator's name of the image root it lies in (STRATUM_IMAGE_ROOTS); null for another folder.",
  })
  readonly root!: string | null;

  @Field(() => String, { nullable: true, description: "Folder below the named root; null without one." })
  readonly folder!: string | null;

  @Field(() => FilesStatus, { description: "Whether it is there." })
  readonly status!: (typeof FilesStatus)[keyof typeof FilesStatus];

  @Field(() => DateTime, { description: "When it was recorded." })
  readonly recordedAt!: Date;
}

/** A value that an attribute takes. */
@ObjectType({ simpleResolvers: true, description: "A value that an attribute takes, and how often." })
export class AttributeLevel {
  @Field(() => String, {
    description:
      "The level as strata name it: a category, a band of a number, or unknown. Ages over 89 read 90+.",
  })
  readonly level!: string;

  @Field(() => [String], { description: "Values of the source that are this level, exactly as recorded." })
  readonly recorded!: readonly string[];

  @Field(() => SafeInt, {
    nullable: true,
    description: "Images at this level; to the nearest 5 without row-level rights; null when suppressed.",
  })
  readonly imageCount!: number | null;

  @Field(() => SafeInt, {
    nullable: true,
    description:
      "Distinct patients at this level; to the nearest 5 without row-level rights; null when suppressed or where the source names no patients.",
  })
  readonly patientCount!: number | null;

  @Field(() => Boolean, {
    description:
      "Whether the counts are withheld: fewer than 11 patients, none, or enough to tell such a level by subtraction.",
  })
  readonly suppressed!: boolean;
}

/** One attribute of a version. */
@ObjectType({ simpleResolvers: true, description: "One attribute of every image of a version." })
export class Attribute {
  @Field(() => String, {
    description:
      "Name to use in `by` and `where`. Canonical names are race (self-reported), sex, age, bmi, breast_density, view, site, equipment and finding:<name>.",
  })
  readonly name!: string;

  @Field(() => AttributeKind, { description: "What it holds." })
  readonly kind!: (typeof AttributeKind)[keyof typeof AttributeKind];

  @Field(() => String, { nullable: true, description: "Unit of a number, for example years." })
  readonly unit!: string | null;

  @Field(() => String, { nullable: true, description: "Column of the source it came from." })
  readonly sourceColumn!: string | null;
}

/** A versioned mapping. */
@ObjectType({
  simpleResolvers: true,
  description:
    "A versioned mapping from the values a source records to a study's categories, for example of self-reported race.",
})
export class CategoryMapping {
  @Field(() => String, { description: "Name of the mapping." })
  readonly slug!: string;

  @Field(() => Int, { description: "Version, from 1; a change of any entry is a new version." })
  readonly version!: number;

  @Field(() => String, { description: "The attribute it is for." })
  readonly attribute!: string;

  @Field(() => String, { description: "What it does." })
  readonly description!: string;

  @Field(() => String, { description: "Who says so." })
  readonly source!: string;

  @Field(() => UnlistedValues, { description: "What becomes of recorded values it does not list." })
  readonly unlisted!: (typeof UnlistedValues)[keyof typeof UnlistedValues];

  @Field(() => [String], { nullable: true, description: "Rules in words, in order." })
  readonly rules!: readonly string[] | null;
}

/** One entry of a mapping. */
@ObjectType({ simpleResolvers: true, description: "One recorded value and its category." })
export class CategoryMappingEntry {
  @Field(() => String, { description: "The value exactly as the source records it." })
  readonly recorded!: string;

  @Field(() => String, {
    nullable: true,
    description: "Its category; null leaves it out of the analysis, counted.",
  })
  readonly category!: string | null;

  @Field(() => String, { nullable: true, description: "A remark." })
  readonly note!: string | null;
}

/** A part of a split. */
@ObjectType({ simpleResolvers: true, description: "A part of a split." })
export class SplitPart {
  @Field(() => String, { description: "Name, for example train, validate or test." })
  readonly name!: string;

  @Field(() => SafeInt, {
    nullable: true,
    description:
      "Patients in it; to the nearest 5 without row-level rights; null when suppressed or when the split is by image.",
  })
  readonly patientCount!: number | null;
}

/** A division into parts. */
@ObjectType({ simpleResolvers: true, description: "A named division of a version into parts, by patient." })
export class Split {
  @Field(() => String, { description: "Name of the split." })
  readonly name!: string;

  @Field(() => Boolean, {
    description: "Whether parts are held by image, because patients leak or the source names none.",
  })
  readonly byImage!: boolean;

  @Field(() => String, { nullable: true, description: "Why it was recorded although patients leak." })
  readonly overrideReason!: string | null;

  @Field(() => DateTime, { description: "When it was recorded here." })
  readonly recordedAt!: Date;
}
