import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import type { ArchitectureName, ProtocolMode } from "../../compute/index.ts";
import { JsonObject } from "../graphql/scalars.ts";
import { TrainArchitecture } from "../models/train/recipe.type.ts";
import { Run } from "../runs/run.type.ts";

/** How transforms are done, as GraphQL names it. */
export const AuditMode = { CORRECTED: "corrected", LEGACY: "legacy" } as const satisfies Record<
  string,
  ProtocolMode
>;
registerEnumType(AuditMode, {
  name: "AuditMode",
  description: "How an audit's transforms are done.",
  valuesConfig: {
    CORRECTED: { description: "As the study's words say." },
    LEGACY: { description: "As the study's published code does them." },
  },
});

/** What a step does, as GraphQL names it. */
export const AuditStepKind = { TRAIN: "train", EVALUATE: "evaluate", FIT: "fit" } as const;
registerEnumType(AuditStepKind, {
  name: "AuditStepKind",
  description: "What a step of an audit does.",
  valuesConfig: {
    TRAIN: { description: "Trains a network." },
    EVALUATE: { description: "Scores images with it." },
    FIT: {
      description: "Cross-validates a model of recorded attributes, or of grey levels wherever they lie.",
    },
  },
});

/** How far a step is, as GraphQL names it. */
export const AuditStepState = {
  WAITING: "waiting",
  QUEUED: "queued",
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  CANCELLED: "cancelled",
  LEFT_OUT: "left out",
} as const;
registerEnumType(AuditStepState, {
  name: "AuditStepState",
  description: "How far a step of an audit is.",
  valuesConfig: {
    WAITING: { description: "For the step that it needs, or to be asked for." },
    QUEUED: { description: "Its run waits for a worker." },
    RUNNING: { description: "A worker has its run." },
    SUCCEEDED: { description: "Its result is stored." },
    FAILED: { description: "It ended without a result, or was refused; see reason." },
    CANCELLED: { description: "Its run was stopped by request." },
    LEFT_OUT: { description: "What it needs has no result." },
  },
});

/** What to audit. */
@InputType({ description: "What to audit, and how; what is left out is as the descriptions say." })
export class RunAuditInput {
  @Field(() => String, { description: "Slug of the dataset that is asked about." })
  readonly dataset!: string;

  @Field(() => Int, { nullable: true, description: "Its version; default: the newest with image files." })
  readonly datasetVersion?: number | null;

  @Field(() => [String], {
    nullable: true,
    description: "Slugs of datasets that its networks are tested on.",
  })
  readonly external?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Slug of a dataset of the same patients, by the same names, digitised otherwise: photographs of films, say. Tested on patients held out of the first dataset alone.",
  })
  readonly digitised?: string | null;

  @Field(() => String, {
    description: "What is to be recovered: race (or self_reported_race), sex, any category.",
  })
  readonly attribute!: string;

  @Field(() => [String], { nullable: true, description: "Its levels; default: all of the dataset." })
  readonly classes?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "Ids of protocols; default: all that the data allow.",
  })
  readonly protocols?: string[] | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether controls run beside the protocols: the attribute shuffled among patients, and a mark planted in the images.",
  })
  readonly controls!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "The core alone: internal and external validation, filters, patches, strata; thin grids, short trainings.",
  })
  readonly quick!: boolean;

  @Field(() => AuditMode, { defaultValue: "corrected", description: "How transforms are done." })
  readonly mode!: ProtocolMode;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Whether every dataset trains a network that the others are tested with.",
  })
  readonly reciprocal!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      "Name of the split; default: the only one with parts for training and test, else patients are divided.",
  })
  readonly split?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Without a split: so many parts of patients, tested on the first; default 5.",
  })
  readonly folds?: number | null;

  @Field(() => TrainArchitecture, {
    nullable: true,
    description: "Of the networks; default: by the size of the images.",
  })
  readonly architecture?: ArchitectureName | null;

  @Field(() => [TrainArchitecture], {
    nullable: true,
    description: "For the protocol of several architectures.",
  })
  readonly architectures?: ArchitectureName[] | null;

  @Field(() => Int, {
    nullable: true,
    description: "Side of the square that images are brought to, in pixels.",
  })
  readonly side?: number | null;

  @Field(() => Int, { nullable: true, description: "At most so many epochs; default 100, quick 6." })
  readonly epochs?: number | null;

  @Field(() => Int, { nullable: true, description: "Images of a step." })
  readonly batch?: number | null;

  @Field(() => Float, { nullable: true, description: "Learning rate of the first epoch." })
  readonly learningRate?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Epochs without improvement after which a training ends; 0: never.",
  })
  readonly patience?: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A registered model of findings, `SLUG` or `SLUG:VERSION`, that has learnt from no patient it is tested on; default: one is trained where a protocol needs it.",
  })
  readonly findingModel?: string | null;

  @Field(() => Boolean, {
    defaultValue: true,
    description: "Whether training images are flipped, turned and zoomed by chance.",
  })
  readonly augment!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: "At most so many conditions of a sweep; default: all, quick 3.",
  })
  readonly gridValues?: number | null;

  @Field(() => Float, { nullable: true, description: "Confidence level; default 0.95." })
  readonly level?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Replicates of the patient bootstrap; default 2000, quick 500.",
  })
  readonly replicates?: number | null;

  @Field(() => Int, { nullable: true, description: "Of trainings and intervals; default 2021." })
  readonly seed?: number | null;
}

/** The run that a request is. */
@ObjectType({
  simpleResolvers: true,
  description: "The audit that a request is, and whether the request made it.",
})
export class RunAuditPayload {
  @Field(() => Run, { description: "Its run: watch it, cancel it, retry it like any other." })
  readonly run!: Run;

  @Field(() => Boolean, { description: "False where the same was asked for before." })
  readonly created!: boolean;
}

/** One step of an audit. */
@ObjectType({ simpleResolvers: true, description: "One training or evaluation of an audit." })
export class AuditStep {
  @Field(() => String, { description: "Short name within the audit." })
  readonly name!: string;

  @Field(() => AuditStepKind, { description: "What it does." })
  readonly kind!: (typeof AuditStepKind)[keyof typeof AuditStepKind];

  @Field(() => String, { description: "What it is, for people." })
  readonly title!: string;

  @Field(() => AuditStepState, { description: "How far it is." })
  readonly state!: (typeof AuditStepState)[keyof typeof AuditStepState];

  @Field(() => String, { nullable: true, description: "Why it failed or was left out." })
  readonly reason!: string | null;
}

/** Something that was asked for and is not done. */
@ObjectType({
  simpleResolvers: true,
  description: "Something that was asked for and is not done, with the reason.",
})
export class AuditGap {
  @Field(() => String, { description: "Id of the protocol." })
  readonly protocol!: string;

  @Field(() => String, { nullable: true, description: "What of it; null: all." })
  readonly part!: string | null;

  @Field(() => String, { description: "Why." })
  readonly reason!: string;
}

/** What an audit would do. */
@ObjectType({
  simpleResolvers: true,
  description: "What an audit would do, and what it costs. Nothing is queued.",
})
export class AuditPlan {
  @Field(() => [AuditStep], { description: "Its steps; SUCCEEDED are those whose result is there already." })
  readonly steps!: AuditStep[];

  @Field(() => [AuditGap], { description: "What is left out." })
  readonly leftOut!: AuditGap[];

  @Field(() => Int, { description: "Trainings to be done." })
  readonly trainings!: number;

  @Field(() => Int, { description: "Evaluations to be done." })
  readonly evaluations!: number;

  @Field(() => Int, { description: "Models of recorded attributes to be cross-validated." })
  readonly fits!: number;

  @Field(() => Int, { description: "Steps whose result is there already." })
  readonly reused!: number;

  @Field(() => Float, { description: "Seconds with one worker, at most, by the rates of earlier runs here." })
  readonly seconds!: number;

  @Field(() => Float, { description: "Bytes of models and scores." })
  readonly bytes!: number;
}

/** An audit. */
@ObjectType({
  simpleResolvers: true,
  description: "The study's experiments on a dataset: its run, its steps, its report.",
})
export class Audit {
  @Field(() => ID, { description: "Opaque id, stable for ever." })
  readonly id!: string;

  @Field(() => Run, { description: "Its run." })
  readonly run!: Run;

  @Field(() => String, { description: "The attribute that is asked about, as the dataset names it." })
  readonly attribute!: string;

  @Field(() => [String], { description: "Its classes." })
  readonly classes!: string[];

  @Field(() => [String], { description: "Slugs of its datasets; the first is the one that is asked about." })
  readonly datasets!: string[];

  @Field(() => [String], { description: "Ids of its protocols." })
  readonly protocols!: string[];

  @Field(() => JsonObject, { description: "How it is done: seeds, network, intervals, split." })
  readonly settings!: Readonly<Record<string, unknown>>;
}
