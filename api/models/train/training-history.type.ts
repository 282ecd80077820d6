import { Field, Float, Int, ObjectType } from "type-graphql";

/** How well validation images of one class are told from the others. */
@ObjectType({ simpleResolvers: true, description: "The AUC of one class against the rest after an epoch." })
export class EpochAuc {
  @Field(() => String, { description: "The class." })
  readonly class!: string;

  @Field(() => Float, { nullable: true, description: "Area under the ROC curve; null: not estimable." })
  readonly auc!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Lower end of its 95 % interval, clustered by patient where the source names patients.",
  })
  readonly ciLow!: number | null;

  @Field(() => Float, { nullable: true, description: "Upper end." })
  readonly ciHigh!: number | null;

  @Field(() => String, { nullable: true, description: "Why there is none." })
  readonly reason!: string | null;
}

/** One epoch of a training. */
@ObjectType({ simpleResolvers: true, description: "How one epoch of a training went." })
export class TrainingEpoch {
  @Field(() => Int, { description: "Its number, from 1." })
  readonly epoch!: number;

  @Field(() => Int, { description: "Epochs at most." })
  readonly epochs!: number;

  @Field(() => Int, { description: "Steps so far, over all epochs." })
  readonly step!: number;

  @Field(() => Float, { description: "Learning rate of the epoch." })
  readonly learningRate!: number;

  @Field(() => Float, { description: "Mean loss over its training images." })
  readonly trainingLoss!: number;

  @Field(() => Float, {
    nullable: true,
    description: "Mean loss over the validation images, where there are any.",
  })
  readonly validationLoss!: number | null;

  @Field(() => [EpochAuc], {
    nullable: true,
    description: "AUCs on the validation images, where there are any; exact, also of small groups.",
  })
  readonly validationAuc!: readonly EpochAuc[] | null;

  @Field(() => Boolean, { description: "Whether its weights are the best so far." })
  readonly best!: boolean;

  @Field(() => Float, { description: "Wall clock." })
  readonly seconds!: number;
}
