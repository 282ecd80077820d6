import { Field, Float, InputType, Int, ObjectType } from "type-graphql";
import type { Provider } from "../../../compute/index.ts";
import { SafeInt } from "../../graphql/scalars.ts";
import { TransformInput } from "../../graphql/transform-input.ts";
import { AttributePredicate } from "../../metrics/stratum.type.ts";
import { ExecutionProvider, OnBadImage } from "../../predictions/evaluate/evaluate.type.ts";
import { Run } from "../../runs/run.type.ts";
import { PreprocessingInput } from "../preprocessing.type.ts";
import {
  AugmentationInput,
  Keep,
  Monitor,
  OptimiserInput,
  SamplingKind,
  ScheduleInput,
  TrainStartInput,
} from "./recipe.type.ts";

/** A class to be learnt. */
@InputType({ description: "A class, and the levels of the attribute that it stands for." })
export class TrainClassInput {
  @Field(() => String, { description: "Its name." })
  readonly name!: string;

  @Field(() => [String], {
    nullable: true,
    description: "Levels of the attribute; several are taken together. Default: the one of its name.",
  })
  readonly levels?: string[] | null;
}

/** One of several trainings that hold back another part of the patients each. */
@InputType({
  description:
    "One of k trainings, each of which holds back another part of the patients. The division is stored as the split `folds-<k>-seed-<splitSeed>` with the parts `fold-1` and on.",
})
export class FoldsInput {
  @Field(() => Int, { description: "How many parts, 2 to 100." })
  readonly k!: number;

  @Field(() => Int, { description: "Which part is held back, from 1." })
  readonly fold!: number;
}

/** A training to be made. */
@InputType({
  description:
    "Which network learns what from which images. Dataset and attribute suffice: all else is then as in the study, in sizes for one machine (docs/training.md).",
})
export class TrainInput {
  @Field(() => String, { description: "Slug of the dataset." })
  readonly dataset!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the dataset; default: the newest with image files.",
  })
  readonly datasetVersion?: number | null;

  @Field(() => String, {
    description:
      "What is learnt: an attribute of categories, such as sex or self-reported race, or `finding` for all findings at once.",
  })
  readonly attribute!: string;

  @Field(() => [TrainClassInput], {
    nullable: true,
    description:
      "Classes in the order of the output; default: the levels of the attribute, or every finding.",
  })
  readonly classes?: TrainClassInput[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The part of a split to learn from: `train`, or `<split>:train`; default: the part called train, else all images.",
  })
  readonly split?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The part of a split for validation; default: the part called validate of the same split, else a tenth of the training patients.",
  })
  readonly validationSplit?: string | null;

  @Field(() => Float, {
    nullable: true,
    description: "Share of the training patients for validation, in a part's place; 0: no validation.",
  })
  readonly validationShare?: number | null;

  @Field(() => FoldsInput, {
    nullable: true,
    description: "Patients to hold back for a later evaluation, in place of a split.",
  })
  readonly folds?: FoldsInput | null;

  @Field(() => SafeInt, { nullable: true, description: "Seed of all divisions by patient; default 2021." })
  readonly splitSeed?: number | null;

  @Field(() => [AttributePredicate], {
    defaultValue: [],
    description: "Only images that meet all of these, for training and validation.",
  })
  readonly where!: AttributePredicate[];

  @Field(() => [TransformInput], {
    defaultValue: [],
    description: "What is done to each image before the network sees it, in order.",
  })
  readonly transforms!: TransformInput[];

  @Field(() => TrainStartInput, {
    nullable: true,
    description:
      "What training starts from; default: SMALL_CNN for images up to 96 pixels a side, else RESNET34.",
  })
  readonly start?: TrainStartInput | null;

  @Field(() => PreprocessingInput, {
    nullable: true,
    description:
      "How pixels become the input; default: one plane of the images' own size, at most 224 x 224, mean 0.5, deviation 0.25. A model to start from keeps its own.",
  })
  readonly preprocessing?: PreprocessingInput | null;

  @Field(() => OptimiserInput, { nullable: true, description: "Default: ADAM." })
  readonly optimiser?: OptimiserInput | null;

  @Field(() => Float, {
    nullable: true,
    description: "Default 0.001; 0.0001 where more than the head of a model learns.",
  })
  readonly learningRate?: number | null;

  @Field(() => ScheduleInput, {
    nullable: true,
    description: "Default: PLATEAU; CONSTANT without validation.",
  })
  readonly schedule?: ScheduleInput | null;

  @Field(() => Int, { nullable: true, description: "Images a step; default 32." })
  readonly batch?: number | null;

  @Field(() => Int, { nullable: true, description: "At most so many; default 100." })
  readonly epochs?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Ends after so many epochs without improvement; 0: never. Default 4.",
  })
  readonly patience?: number | null;

  @Field(() => Monitor, { nullable: true, description: "Default: VALIDATION_LOSS." })
  readonly monitor?: (typeof Monitor)[keyof typeof Monitor] | null;

  @Field(() => Float, {
    nullable: true,
    description: "Share of each target that is spread over all classes; default 0.",
  })
  readonly labelSmoothing?: number | null;

  @Field(() => [Float], { nullable: true, description: "Weight of each class in the loss; default: all 1." })
  readonly classWeights?: number[] | null;

  @Field(() => Float, { nullable: true, description: "Length that all gradients together are cut to." })
  readonly clipNorm?: number | null;

  @Field(() => AugmentationInput, {
    nullable: true,
    description: "Default: flip 0.5, rotation 15, zoom 0.1; an empty one: none.",
  })
  readonly augmentation?: AugmentationInput | null;

  @Field(() => SamplingKind, { nullable: true, description: "Default: SHUFFLE." })
  readonly sampling?: (typeof SamplingKind)[keyof typeof SamplingKind] | null;

  @Field(() => [String], {
    nullable: true,
    description: "The attributes that EQUAL_STRATA or MATCHED_STRATA evens out, all levels together.",
  })
  readonly strata?: string[] | null;

  @Field(() => Keep, { nullable: true, description: "Default: BEST; LAST without validation." })
  readonly keep?: (typeof Keep)[keyof typeof Keep] | null;

  @Field(() => SafeInt, {
    nullable: true,
    description: "Seed of first weights, order and augmentation; default 2021.",
  })
  readonly seed?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Steps between checkpoints, besides one after each epoch; default 200.",
  })
  readonly checkpointSteps?: number | null;

  @Field(() => Int, { nullable: true, description: "Steps within one call of the session; default 4." })
  readonly stepsPerCall?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Of the processor: the graph rewritten for the runtime's own layout, where it agrees; default true.",
  })
  readonly lowering?: boolean | null;

  @Field(() => ExecutionProvider, {
    nullable: true,
    description: "What runs the training; default: the server's setting.",
  })
  readonly provider?: Provider | null;

  @Field(() => OnBadImage, {
    defaultValue: "fail",
    description: "What to do with an image that cannot be read.",
  })
  readonly onBadImage!: (typeof OnBadImage)[keyof typeof OnBadImage];

  @Field(() => String, {
    nullable: true,
    description:
      "Slug of the model that the result becomes a version of; default: from dataset, attribute and architecture.",
  })
  readonly model?: string | null;

  @Field(() => String, { nullable: true, description: "Name for people, of a new model." })
  readonly title?: string | null;
}

/** What a request for a training came to. */
@ObjectType({ simpleResolvers: true, description: "The run that makes the training." })
export class TrainPayload {
  @Field(() => Run, { description: "The run; watch it with runEvents, or ask for it again." })
  readonly run!: Run;

  @Field(() => Boolean, { description: "Whether this request made the run; false: it was asked for before." })
  readonly created!: boolean;
}
