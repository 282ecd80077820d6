/** Every way a training can end without a model that is neither a file's fault nor the machine's. */
export const trainingErrorCodes = [
  /** The loss or the weights are no numbers any more. */
  "TRAINING_DIVERGED",
  /** Too few images to learn from. */
  "TRAINING_TOO_FEW_IMAGES",
  /** All training images are of one class. */
  "TRAINING_ONE_CLASS",
  /** A target that is no class of the recipe. */
  "TRAINING_TARGET_INVALID",
  /** The folder holds checkpoints of another recipe or of other images. */
  "CHECKPOINT_MISMATCH",
] as const;
export type TrainingErrorCode = (typeof trainingErrorCodes)[number];

/** A training that cannot begin or go on: says what was expected and what came. */
export class TrainingError extends Error {
  override readonly name = "TrainingError";
  readonly code: TrainingErrorCode;

  constructor(code: TrainingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
