/** Every code a ComputeError may carry. */
export const computeErrorCodes = ["INVALID_INPUT", "INVALID_PARAM", "NO_SUCH_PLUGIN"] as const;
export type ComputeErrorCode = (typeof computeErrorCodes)[number];

/** A caller's mistake that compute refuses: says what was expected and what came. */
export class ComputeError extends Error {
  override readonly name = "ComputeError";
  readonly code: ComputeErrorCode;

  constructor(code: ComputeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why a statistic has no value; stored and shown instead of a number. */
export const notEstimableReasons = [
  "NO_ROWS",
  "NO_POSITIVES",
  "NO_NEGATIVES",
  "ONE_POSITIVE",
  "ONE_NEGATIVE",
  "ZERO_VARIANCE",
  "DEGENERATE",
  "NO_DECISIONS_IN_CLASS",
  "TOO_FEW_CLUSTERS",
  "TOO_FEW_STRATA",
  "EMPTY_CELL",
  "TOO_FEW_STUDIES",
  "NO_CONVERGENCE",
] as const;
export type NotEstimableReason = (typeof notEstimableReasons)[number];
