import { Field, Float, InputType, Int, registerEnumType } from "type-graphql";
import { type ArchitectureName, architectures } from "../../../compute/index.ts";

// Safe: the table's own names, in capitals.
export const TrainArchitecture = Object.fromEntries(
  Object.keys(architectures).map((name) => [name.toUpperCase(), name]),
) as Readonly<Record<string, ArchitectureName>>;

const architectureWords = {
  resnet18: "ResNet-18 (He et al. 2016).",
  resnet34: "ResNet-34 (He et al. 2016), the study's.",
  resnet50: "ResNet-50 (He et al. 2016).",
  densenet121: "DenseNet-121 (Huang et al. 2017).",
  efficientnet_b0: "EfficientNet-B0 (Tan and Le 2019).",
  mobilenet_v2: "MobileNetV2 (Sandler et al. 2018).",
  small_cnn: "A residual network of 175,000 weights for images of about 64 x 64.",
  linear_probe: "One linear layer on the pixels.",
} as const satisfies Record<ArchitectureName, string>;

registerEnumType(TrainArchitecture, {
  name: "TrainArchitecture",
  description: "A network to be trained from nothing.",
  valuesConfig: Object.fromEntries(
    Object.entries(architectureWords).map(([name, description]) => [name.toUpperCase(), { description }]),
  ),
});

export const Learn = { ALL: "all", LAST_BLOCK: "last-block", HEAD: "head" } as const;
registerEnumType(Learn, {
  name: "Learn",
  description: "What of a registered model learns.",
  valuesConfig: {
    ALL: { description: "All of it." },
    LAST_BLOCK: { description: "Its last block and its head; the rest stays as it is." },
    HEAD: { description: "A new head on its features, which stay as they are." },
  },
});

export const OptimiserKind = { ADAM: "adam", ADAMW: "adamw", SGD: "sgd" } as const;
registerEnumType(OptimiserKind, {
  name: "OptimiserKind",
  description: "How weights follow their gradients.",
  valuesConfig: {
    ADAM: { description: "Kingma and Ba 2015." },
    ADAMW: { description: "Loshchilov and Hutter 2019: weight decay apart from the gradient." },
    SGD: { description: "Stochastic gradient descent, with momentum if asked." },
  },
});

export const ScheduleKind = {
  CONSTANT: "constant",
  PLATEAU: "plateau",
  STEP: "step",
  COSINE: "cosine",
} as const;
registerEnumType(ScheduleKind, {
  name: "ScheduleKind",
  description: "How the learning rate goes on.",
  valuesConfig: {
    CONSTANT: { description: "It stays." },
    PLATEAU: {
      description: "Times the factor when the validation loss has not fallen for `patience` epochs.",
    },
    STEP: { description: "Times the factor every so many epochs." },
    COSINE: { description: "Half a cosine down to the floor over all epochs." },
  },
});

export const Monitor = { VALIDATION_LOSS: "validation-loss", VALIDATION_AUC: "validation-auc" } as const;
registerEnumType(Monitor, {
  name: "Monitor",
  description: "What decides which weights are the best, and when training ends early.",
  valuesConfig: {
    VALIDATION_LOSS: { description: "The lowest loss on the validation images." },
    VALIDATION_AUC: { description: "The highest mean AUC of the classes on the validation images." },
  },
});

export const SamplingKind = {
  SHUFFLE: "shuffle",
  BALANCED: "balanced",
  EQUAL_STRATA: "equal-strata",
  MATCHED_STRATA: "matched-strata",
} as const;
registerEnumType(SamplingKind, {
  name: "SamplingKind",
  description: "Which training images an epoch sees.",
  valuesConfig: {
    SHUFFLE: { description: "Each once, in random order." },
    BALANCED: { description: "As many draws as images; every class as likely as any other." },
    EQUAL_STRATA: {
      description: "As many draws as images; within each class every level of `strata` equally likely.",
    },
    MATCHED_STRATA: {
      description:
        "As many draws as images; within each class every level of `strata` as often as among all. Levels that some class lacks are left out.",
    },
  },
});

export const Keep = { BEST: "best", LAST: "last" } as const;
registerEnumType(Keep, {
  name: "Keep",
  description: "Which weights become the model.",
  valuesConfig: {
    BEST: { description: "Those of the best epoch, by `monitor`." },
    LAST: { description: "Those of the last epoch." },
  },
});

/** What training starts from. */
@InputType({ description: "An architecture with random weights, or a registered model." })
export class TrainStartInput {
  @Field(() => TrainArchitecture, { nullable: true, description: "A network to be trained from nothing." })
  readonly architecture?: ArchitectureName | null;

  @Field(() => String, { nullable: true, description: "Slug of a registered model to go on from." })
  readonly model?: string | null;

  @Field(() => Int, { nullable: true, description: "Its version; default: the newest whose bytes are here." })
  readonly modelVersion?: number | null;

  @Field(() => Learn, { nullable: true, description: "What of the model learns; default: all of it." })
  readonly learn?: (typeof Learn)[keyof typeof Learn] | null;
}

/** How weights follow their gradients. */
@InputType({ description: "How weights follow their gradients." })
export class OptimiserInput {
  @Field(() => OptimiserKind, { description: "Which rule." })
  readonly kind!: (typeof OptimiserKind)[keyof typeof OptimiserKind];

  @Field(() => Float, { nullable: true, description: "Of SGD, 0 to below 1; default 0." })
  readonly momentum?: number | null;

  @Field(() => Boolean, { nullable: true, description: "Of SGD: Nesterov's momentum." })
  readonly nesterov?: boolean | null;

  @Field(() => Float, {
    nullable: true,
    description: "Of Adam: decay of the mean of gradients; default 0.9.",
  })
  readonly beta1?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Of Adam: decay of the mean of squares; default 0.999.",
  })
  readonly beta2?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Of Adam: added to the root of the squares; default 1e-8.",
  })
  readonly epsilon?: number | null;

  @Field(() => Float, { nullable: true, description: "Pull of the weights towards 0; default 0." })
  readonly weightDecay?: number | null;
}

/** How the learning rate goes on. */
@InputType({ description: "How the learning rate goes on from its first value." })
export class ScheduleInput {
  @Field(() => ScheduleKind, { description: "Which rule." })
  readonly kind!: (typeof ScheduleKind)[keyof typeof ScheduleKind];

  @Field(() => Float, { nullable: true, description: "Of PLATEAU and STEP, below 1; default 0.1." })
  readonly factor?: number | null;

  @Field(() => Int, { nullable: true, description: "Of PLATEAU, in epochs; default 2." })
  readonly patience?: number | null;

  @Field(() => Int, { nullable: true, description: "Of STEP: every so many; default 10." })
  readonly epochs?: number | null;

  @Field(() => Float, { nullable: true, description: "Of PLATEAU (default 1e-5) and COSINE (default 0)." })
  readonly floor?: number | null;
}

/** Random changes of each training image. */
@InputType({
  description: "Random changes of each training image, drawn anew each epoch; absent ones are not made.",
})
export class AugmentationInput {
  @Field(() => Float, { nullable: true, description: "Chance of a left-right mirror, 0 to 1." })
  readonly flip?: number | null;

  @Field(() => Float, { nullable: true, description: "Largest angle in degrees, either way; 0 to 180." })
  readonly rotation?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Largest share by which it is scaled, either way; below 1.",
  })
  readonly zoom?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "A random part of this share of the area at least, brought back to the whole size.",
  })
  readonly cropLeastArea?: number | null;

  @Field(() => Float, { nullable: true, description: "Least ratio of such a part's sides; default 3/4." })
  readonly cropLeastRatio?: number | null;
}
