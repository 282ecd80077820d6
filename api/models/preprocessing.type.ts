import { Field, Float, InputType, Int, ObjectType, registerEnumType } from "type-graphql";

/** What becomes brightness, as GraphQL names it. */
export const Intensity = {
  FULL_RANGE: "full-range",
  WINDOW: "window",
  MIN_MAX: "min-max",
  RAW: "raw",
} as const;
registerEnumType(Intensity, {
  name: "Intensity",
  description: "What of an image is black and what is white.",
  valuesConfig: {
    FULL_RANGE: { description: "All values that the format can hold." },
    WINDOW: { description: "The file's own window, where it has one." },
    MIN_MAX: { description: "The darkest and the brightest pixel of each image." },
    RAW: { description: "Nothing: recorded values reach the model as they are." },
  },
});

/** How an image of another size is brought to the model's. */
export const Resizing = { STRETCH: "stretch", PAD: "pad" } as const;
registerEnumType(Resizing, {
  name: "Resizing",
  description: "How an image of another size is brought to the model's.",
  valuesConfig: {
    STRETCH: { description: "Both sides to the model's, whatever the image's shape." },
    PAD: { description: "To fit, with black around it." },
  },
});

/** What makes scores of an output. */
export const OutputActivation = { NONE: "none", SOFTMAX: "softmax", SIGMOID: "sigmoid" } as const;
registerEnumType(OutputActivation, {
  name: "OutputActivation",
  description: "What makes scores of a model's output.",
  valuesConfig: {
    NONE: { description: "The numbers are scores already, or logits that stay so." },
    SOFTMAX: { description: "Probabilities of exclusive classes." },
    SIGMOID: { description: "Probabilities of each class on its own." },
  },
});

/** How pixels become a model's input. */
@ObjectType({
  simpleResolvers: true,
  description:
    "How pixels become a model's input: brightness from 0 to 1, resized, times the scale, less the mean, over the deviation.",
})
export class Preprocessing {
  @Field(() => Int, { description: "Rows of the input." })
  readonly rows!: number;

  @Field(() => Int, { description: "Columns of the input." })
  readonly cols!: number;

  @Field(() => Int, { description: "1 for grey, 3 for the same grey three times." })
  readonly planes!: number;

  @Field(() => Intensity, { description: "What is black and what is white." })
  readonly intensity!: (typeof Intensity)[keyof typeof Intensity];

  @Field(() => Resizing, { description: "How an image of another size is brought to the model's." })
  readonly resize!: (typeof Resizing)[keyof typeof Resizing];

  @Field(() => Boolean, { description: "Whether a smaller pixel averages all that it stands for." })
  readonly antialias!: boolean;

  @Field(() => Float, { description: "Times this before mean and deviation, for example 255; above 0." })
  readonly scale!: number;

  @Field(() => [Float], { description: "One a plane." })
  readonly mean!: readonly number[];

  @Field(() => [Float], { description: "One a plane, above 0." })
  readonly deviation!: readonly number[];
}

/** As `Preprocessing`, with everything optional. */
@InputType({
  description:
    "How pixels become the model's input. What is absent is taken from the file's metadata (`stratum.preprocessing`), then its input's size, then: full range, stretched, antialiased, scale 1, mean 0, deviation 1.",
})
export class PreprocessingInput {
  @Field(() => Int, { nullable: true, description: "Rows of the input, 1 to 4096." })
  readonly rows?: number | null;

  @Field(() => Int, { nullable: true, description: "Columns of the input, 1 to 4096." })
  readonly cols?: number | null;

  @Field(() => Int, { nullable: true, description: "1 for grey, 3 for the same grey three times." })
  readonly planes?: number | null;

  @Field(() => Intensity, { nullable: true, description: "What is black and what is white." })
  readonly intensity?: Preprocessing["intensity"] | null;

  @Field(() => Resizing, { nullable: true, description: "How an image of another size is brought to it." })
  readonly resize?: Preprocessing["resize"] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether a smaller pixel averages all that it stands for.",
  })
  readonly antialias?: boolean | null;

  @Field(() => Float, { nullable: true, description: "Times this before mean and deviation; above 0." })
  readonly scale?: number | null;

  @Field(() => [Float], { nullable: true, description: "One a plane, or one for all." })
  readonly mean?: number[] | null;

  @Field(() => [Float], { nullable: true, description: "One a plane, or one for all; above 0." })
  readonly deviation?: number[] | null;
}
