import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { SafeInt } from "../../graphql/scalars.ts";
import { Evaluation } from "../evaluation.type.ts";
import { PredictionMappingInput } from "./import-mapping.type.ts";

/** What to import. */
@InputType({ description: "Uploaded files of predictions, and how to read them." })
export class ImportPredictionsInput {
  @Field(() => String, { description: "Slug of the dataset; made when there is none." })
  readonly dataset!: string;

  @Field(() => String, { description: "Slug of the model; made when there is none." })
  readonly model!: string;

  @Field(() => ID, {
    description: "The upload that holds the predictions: CSV, TSV or Parquet, told by its content.",
  })
  readonly upload!: string;

  @Field(() => ID, {
    nullable: true,
    description: "An upload with attributes, truth or patients, joined by image id.",
  })
  readonly attributesUpload?: string;

  @Field(() => PredictionMappingInput, { description: "How to read the columns." })
  readonly mapping!: PredictionMappingInput;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Make a new version of the dataset instead of lining up with the newest by image id.",
  })
  readonly newVersion!: boolean;

  @Field(() => String, {
    nullable: true,
    description: "Record a split that puts patients on two sides, flagged for ever with this reason.",
  })
  readonly overrideLeakReason?: string;
}

/** One problem of a file. */
@ObjectType({
  simpleResolvers: true,
  description: "One problem of an imported file; it never holds ids of patients or images.",
})
export class ImportProblem {
  @Field(() => String, { description: "Code of the closed table of import problems (docs/errors.md)." })
  readonly code!: string;

  @Field(() => String, { description: "What was expected, what came, what to do." })
  readonly message!: string;

  @Field(() => String, { description: "The file at fault: predictions or attributes." })
  readonly file!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Line of a CSV file, or row of a Parquet file, counted from 1.",
  })
  readonly line?: number;

  @Field(() => String, { nullable: true, description: "Header of the column at fault." })
  readonly column?: string;
}

/** How often a problem came. */
@ObjectType({ simpleResolvers: true, description: "How often a problem came in all." })
export class ImportProblemCount {
  @Field(() => String, { description: "Code of the problem." })
  readonly code!: string;

  @Field(() => SafeInt, { description: "Times it came, 1 or more." })
  readonly count!: number;
}

/** Cells recorded as unknown. */
@ObjectType({ simpleResolvers: true, description: "Cells of a column that are recorded as unknown." })
export class UnknownCellCount {
  @Field(() => String, { description: "Header of the column." })
  readonly column!: string;

  @Field(() => SafeInt, { description: "Cells, 0 or more." })
  readonly count!: number;
}

/** What was read. */
@ObjectType({
  simpleResolvers: true,
  description: "What an import read, counted; nothing is dropped in silence.",
})
export class ImportReport {
  @Field(() => SafeInt, { description: "Data rows of the predictions file." })
  readonly rows!: number;

  @Field(() => SafeInt, { description: "Images." })
  readonly images!: number;

  @Field(() => SafeInt, { description: "Distinct patients; 0 when the files name none." })
  readonly patients!: number;

  @Field(() => SafeInt, { description: "Finite scores." })
  readonly scores!: number;

  @Field(() => SafeInt, { description: "Scores recorded as unknown." })
  readonly unknownScores!: number;

  @Field(() => SafeInt, { description: "Images of the dataset without a row in the file." })
  readonly imagesWithoutScores!: number;

  @Field(() => SafeInt, { description: "Images without a row in the attributes file." })
  readonly imagesWithoutAttributes!: number;

  @Field(() => SafeInt, { description: "Rows of the attributes file without an image." })
  readonly attributesWithoutImage!: number;

  @Field(() => [UnknownCellCount], { description: "Unknown cells by column." })
  readonly unknownCells!: readonly UnknownCellCount[];
}

/** What came of an import. */
@ObjectType({ description: "An evaluation, or the problems for which nothing was stored." })
export class ImportPredictionsPayload {
  @Field(() => Evaluation, {
    nullable: true,
    description: "The evaluation; null when the import was rejected.",
  })
  readonly evaluation!: Evaluation | null;

  @Field(() => Boolean, {
    description: "False when the same predictions were stored before, or the import was rejected.",
  })
  readonly created!: boolean;

  @Field(() => [ImportProblem], {
    description: "The first problems by line; empty when the import was stored.",
  })
  readonly problems!: ImportProblem[];

  @Field(() => [ImportProblemCount], { description: "All problems by code." })
  readonly problemCounts!: ImportProblemCount[];

  @Field(() => ImportReport, {
    nullable: true,
    description: "What was read; null when nothing had to be read.",
  })
  readonly report!: ImportReport | null;
}
