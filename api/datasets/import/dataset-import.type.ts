import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import type { BadFilePolicy, LayoutName, Verification } from "../../../compute/index.ts";
import { SafeInt } from "../../graphql/scalars.ts";
import { ImportProblem, ImportProblemCount, UnknownCellCount } from "../../predictions/import/import.type.ts";
import { Run } from "../../runs/run.type.ts";
import { Dataset } from "../dataset.type.ts";
import { DatasetVersion } from "../dataset-version.type.ts";
import { BlankLabelsEnum, DatasetMappingInput, LabelUncertaintyEnum } from "./dataset-mapping.type.ts";

/** The layouts, as GraphQL names them. */
export const DatasetLayoutEnum = {
  MANIFEST: "manifest",
  FOLDER: "folder",
  CHEXPERT: "chexpert",
  MIMIC_CXR_JPG: "mimic-cxr-jpg",
  NIH_CHEST_XRAY14: "nih-chest-xray14",
  DICOM: "dicom",
} as const satisfies Record<string, LayoutName>;
registerEnumType(DatasetLayoutEnum, {
  name: "DatasetLayout",
  description: "How the folder of a dataset is laid out.",
  valuesConfig: {
    MANIFEST: { description: "A table of images (CSV, TSV or Parquet) and a mapping of its columns." },
    FOLDER: { description: "A plain folder of images, in any sub-folders." },
    CHEXPERT: { description: "CheXpert: train.csv, and a table `demographics`." },
    MIMIC_CXR_JPG: { description: "MIMIC-CXR-JPG, and MIMIC-IV's tables `patients` and `admissions`." },
    NIH_CHEST_XRAY14: { description: "NIH ChestX-ray14: Data_Entry_2017*.csv." },
    DICOM: { description: "A tree of DICOM files; attributes come from their headers." },
  },
});

/** What to do about bad files, as GraphQL names it. */
export const BadFilePolicyEnum = { FAIL: "fail", SKIP: "skip" } as const satisfies Record<
  string,
  BadFilePolicy
>;
registerEnumType(BadFilePolicyEnum, {
  name: "BadFilePolicy",
  description: "What to do about a file that is no usable image.",
  valuesConfig: {
    FAIL: { description: "Refuse the import." },
    SKIP: { description: "Leave the image out, counted by code." },
  },
});

/** How files are looked at, as GraphQL names it. */
export const ImageVerificationEnum = { HEADER: "header", FULL: "full" } as const satisfies Record<
  string,
  Verification
>;
registerEnumType(ImageVerificationEnum, {
  name: "ImageVerification",
  description: "How closely image files are looked at.",
  valuesConfig: {
    HEADER: { description: "Digest, header, and whether the end of the file is there." },
    FULL: { description: "Every pixel decoded too." },
  },
});

/** What a study of the warehouse is, as GraphQL names it. */
export const StudyIsEnum = { SERIES: "series", STUDY: "study" } as const;
registerEnumType(StudyIsEnum, {
  name: "StudyIs",
  description: "What counts as a study in a tree of DICOM files.",
  valuesConfig: {
    SERIES: { description: "Each series, as for volumes." },
    STUDY: { description: "Each DICOM study." },
  },
});

/** A table's file. */
@InputType({
  description: "A table of a dataset: an upload, or a file below the folder. Exactly one of the two.",
})
export class DatasetTableInput {
  @Field(() => String, {
    description:
      "Name of the table: manifest is the table of images; others as the layout or mapping names them.",
  })
  readonly name!: string;

  @Field(() => ID, { nullable: true, description: "The upload that holds it." })
  readonly upload?: string;

  @Field(() => String, { nullable: true, description: "Its place below the folder, with slashes." })
  readonly file?: string;
}

/** What to import. */
@InputType({ description: "A folder of images on the server, its tables, and how to read them." })
export class ImportDatasetInput {
  @Field(() => String, { description: "Slug of the dataset; made when there is none." })
  readonly dataset!: string;

  @Field(() => String, {
    description: "Name of an image root that the operator has set (STRATUM_IMAGE_ROOTS).",
  })
  readonly root!: string;

  @Field(() => String, { defaultValue: "", description: "Folder below the root that paths start from." })
  readonly folder!: string;

  @Field(() => DatasetLayoutEnum, { defaultValue: "manifest", description: "How the folder is laid out." })
  readonly layout!: LayoutName;

  @Field(() => [DatasetTableInput], {
    defaultValue: [],
    description: "Tables, where they are not where the layout finds them.",
  })
  readonly tables!: DatasetTableInput[];

  @Field(() => DatasetMappingInput, {
    nullable: true,
    description: "How to read the tables; over what the layout says.",
  })
  readonly mapping?: DatasetMappingInput;

  @Field(() => LabelUncertaintyEnum, {
    nullable: true,
    description: "What uncertain labels of a layout become; without it they are refused.",
  })
  readonly uncertain?: (typeof LabelUncertaintyEnum)[keyof typeof LabelUncertaintyEnum];

  @Field(() => BlankLabelsEnum, { nullable: true, description: "What empty labels of a layout become." })
  readonly blankLabels?: (typeof BlankLabelsEnum)[keyof typeof BlankLabelsEnum];

  @Field(() => String, {
    nullable: true,
    description: "Stored mapping for self-reported race instead of the layout's; none keeps it as recorded.",
  })
  readonly raceMapping?: string;

  @Field(() => String, {
    nullable: true,
    description: "Layout FOLDER: the attribute that the first folder of a path is.",
  })
  readonly classFromFolder?: string;

  @Field(() => StudyIsEnum, {
    nullable: true,
    description: "Layout DICOM: what a study is; default by modality.",
  })
  readonly studyIs?: (typeof StudyIsEnum)[keyof typeof StudyIsEnum];

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether a worker does it, as a run to watch, cancel and retry: the answer then has the run alone. Tables lie below the folder.",
  })
  readonly queue!: boolean;

  @Field(() => BadFilePolicyEnum, { defaultValue: "fail", description: "What to do about bad files." })
  readonly onBadFile!: BadFilePolicy;

  @Field(() => ImageVerificationEnum, {
    defaultValue: "header",
    description: "How closely to look at files.",
  })
  readonly verify!: Verification;

  @Field(() => String, {
    nullable: true,
    description: "Record a split that puts patients on two sides, flagged for ever with this reason.",
  })
  readonly overrideLeakReason?: string;
}

/** What was read. */
@ObjectType({
  simpleResolvers: true,
  description: "What an import of a dataset read, counted; nothing is dropped in silence.",
})
export class DatasetImportReport {
  @Field(() => SafeInt, { description: "Rows of the manifest." })
  readonly rows!: number;

  @Field(() => SafeInt, { description: "Images that can be used." })
  readonly images!: number;

  @Field(() => SafeInt, { description: "Distinct patients; 0 when the source names none." })
  readonly patients!: number;

  @Field(() => SafeInt, { description: "Distinct studies; 0 when the source names none." })
  readonly studies!: number;

  @Field(() => [ImportProblemCount], { description: "Files left out, by code." })
  readonly leftOut!: readonly ImportProblemCount[];

  @Field(() => [ImportProblem], {
    description: "The first files left out, and the first images of one patient that another one has too.",
  })
  readonly remarks!: readonly ImportProblem[];

  @Field(() => SafeInt, { description: "Images with the file of an earlier one." })
  readonly duplicates!: number;

  @Field(() => SafeInt, { description: "Those of another patient than the earlier one." })
  readonly duplicatesAcrossPatients!: number;

  @Field(() => Int, { description: "Patients on two sides of the split." })
  readonly patientsInTwoSplits!: number;

  @Field(() => SafeInt, { description: "Ages outside 0 to 120 years, recorded as unknown." })
  readonly implausibleAges!: number;

  @Field(() => [UnknownCellCount], { description: "Images without a known value, by attribute or label." })
  readonly unknown!: readonly UnknownCellCount[];

  @Field(() => [UnknownCellCount], { description: "Images without a row in a joined table, by table." })
  readonly unmatched!: readonly UnknownCellCount[];
}

/** What came of an import. */
@ObjectType({
  simpleResolvers: true,
  description: "A dataset's version, or the problems for which nothing was stored.",
})
export class ImportDatasetPayload {
  @Field(() => Dataset, { nullable: true, description: "The dataset; null when the import was rejected." })
  readonly dataset!: unknown;

  @Field(() => DatasetVersion, {
    nullable: true,
    description: "The frozen version; null when the import was rejected.",
  })
  readonly version!: unknown;

  @Field(() => Run, {
    nullable: true,
    description: "The import's run, queued where that was asked for; null when the import was rejected.",
  })
  readonly run!: unknown;

  @Field(() => Boolean, {
    description: "False when the version was stored before, or the import was rejected.",
  })
  readonly created!: boolean;

  @Field(() => [ImportProblem], {
    description: "The first problems by line; empty when the import was stored.",
  })
  readonly problems!: readonly ImportProblem[];

  @Field(() => [ImportProblemCount], { description: "All problems by code." })
  readonly problemCounts!: readonly ImportProblemCount[];

  @Field(() => DatasetImportReport, {
    nullable: true,
    description: "What was read; null when no table could be read.",
  })
  readonly report!: DatasetImportReport | null;
}
