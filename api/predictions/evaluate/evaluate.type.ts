import { Field, Float, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import {
  type SaliencyMethod as Method,
  type Provider,
  saliencyNotes,
  smoothGradParams,
} from "../../../compute/index.ts";
import { TransformInput } from "../../graphql/transform-input.ts";
import { AttributePredicate } from "../../metrics/stratum.type.ts";
import { Run } from "../../runs/run.type.ts";
import type { EvaluationParams } from "./evaluation-params.ts";

/** What may run a model, as GraphQL names it. */
export const ExecutionProvider = { CPU: "cpu", WEBGPU: "webgpu", CUDA: "cuda" } as const satisfies Record<
  string,
  Provider
>;
registerEnumType(ExecutionProvider, {
  name: "ExecutionProvider",
  description: "What runs a model. None is put in another's place: one that is not there fails the run.",
  valuesConfig: {
    CPU: { description: "The processor." },
    WEBGPU: { description: "A graphics device by Vulkan, Metal or Direct3D." },
    CUDA: { description: "An NVIDIA device, where its libraries are installed." },
  },
});

/** What to do with an image that cannot be read, as GraphQL names it. */
export const OnBadImage = { FAIL: "fail", SKIP: "skip" } as const;
registerEnumType(OnBadImage, {
  name: "OnBadImage",
  description: "What to do with an image that cannot be read or has changed.",
  valuesConfig: {
    FAIL: { description: "The run fails." },
    SKIP: { description: "It gets no scores; the run counts it, with the reason." },
  },
});

/** How maps of an image are made, as GraphQL names it. */
export const SaliencyMethod = {
  CLASS_ACTIVATION: "class-activation",
  GRADIENT: "gradient",
  SMOOTHGRAD: "smoothgrad",
  GRAD_CAM: "grad-cam",
  SEGMENTATION: "segmentation",
} as const satisfies Record<string, Method>;
registerEnumType(SaliencyMethod, {
  name: "SaliencyMethod",
  description: "How maps of what the places of an image do to a class's score are made.",
  valuesConfig: {
    CLASS_ACTIVATION: { description: `The ${saliencyNotes["class-activation"]}.` },
    GRADIENT: { description: `The ${saliencyNotes.gradient}.` },
    SMOOTHGRAD: { description: `The ${saliencyNotes.smoothgrad}.` },
    GRAD_CAM: { description: `The ${saliencyNotes["grad-cam"]}.` },
    SEGMENTATION: { description: `The ${saliencyNotes.segmentation}.` },
  },
});

/** Maps to be left of each image. */
@InputType({ description: "Of which class maps are wanted, and how they are made." })
export class SaliencyInput {
  @Field(() => String, { description: "A class of the model." })
  readonly class!: string;

  @Field(() => SaliencyMethod, { defaultValue: "class-activation", description: "How they are made." })
  readonly method!: Method;

  @Field(() => Int, {
    nullable: true,
    description: `${smoothGradParams.samples.doc} SMOOTHGRAD only; default 25.`,
  })
  readonly samples?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: `${smoothGradParams.noise.doc} SMOOTHGRAD only; default 0.15.`,
  })
  readonly noise?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `${smoothGradParams.seed.doc} SMOOTHGRAD only; default 0.`,
  })
  readonly seed?: number | null;

  @Field(() => String, {
    nullable: true,
    description: "A layer of features by name. GRAD_CAM only; default: the last one before the mean.",
  })
  readonly layer?: string | null;
}

/** An evaluation to be made. */
@InputType({ description: "Which model on which images, seen how." })
export class EvaluateInput {
  @Field(() => String, { description: "Slug of the model." })
  readonly model!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the model; default: the newest whose bytes are here.",
  })
  readonly modelVersion?: number | null;

  @Field(() => String, { description: "Slug of the dataset." })
  readonly dataset!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the dataset; default: the newest with image files.",
  })
  readonly datasetVersion?: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Only this part of a split: `test`, or `<split>:test` where several splits have such a part.",
  })
  readonly split?: string | null;

  @Field(() => [AttributePredicate], { defaultValue: [], description: "Only images that meet all of these." })
  readonly where!: AttributePredicate[];

  @Field(() => [TransformInput], {
    defaultValue: [],
    description: "What is done to each image before the model sees it, in order.",
  })
  readonly transforms!: TransformInput[];

  @Field(() => ExecutionProvider, {
    nullable: true,
    description: "What runs the model; default: the server's setting.",
  })
  readonly provider?: Provider | null;

  @Field(() => OnBadImage, {
    defaultValue: "fail",
    description: "What to do with an image that cannot be read.",
  })
  readonly onBadImage!: EvaluationParams["onBadImage"];

  @Field(() => String, {
    nullable: true,
    description:
      "Name of a value or operator within the model: what it is of each image is left as embeddings.npy in the worker's home; the run's summary says where.",
  })
  readonly embedding?: string | null;

  @Field(() => SaliencyInput, {
    nullable: true,
    description:
      "Maps of what the places of each image do to the score of a class: left as saliency.npy in the worker's home, as companions of the evaluation.",
  })
  readonly saliency?: SaliencyInput | null;
}

/** What a request for an evaluation came to. */
@ObjectType({ simpleResolvers: true, description: "The run that makes the evaluation." })
export class EvaluatePayload {
  @Field(() => Run, { description: "The run; watch it with runEvents, or ask for it again." })
  readonly run!: Run;

  @Field(() => Boolean, { description: "Whether this request made the run; false: it was asked for before." })
  readonly created!: boolean;
}
