/** The typed face of the native addon: batches in, promises of batches out. */
export { type AddonReport, requireAddon } from "./binding.ts";
export { type BootstrapInput, type BootstrapPlan, planBootstrap, rankBootstrap } from "./bootstrap.ts";
export { KernelError, type KernelErrorCode, kernelErrorCodes } from "./errors.ts";
export { type FrequencyFilter, filterBank, filterFrequencies } from "./frequency-filters.ts";
export { type CallOptions, type ImageBatch, instructionSets } from "./images.ts";
export type { Ownership } from "./ownership.ts";
export { type Fill, imageNetPlanes, type PixelStep, type Rectangle, tileOf } from "./pixel-steps.ts";
export {
  type ChainOptions,
  type PixelFeatures,
  pixelFeatures,
  type SourceBatch,
  type TransformedBatch,
  transformPixels,
} from "./pixels.ts";
export {
  type PairedCell,
  type RankedCell,
  type RankedRows,
  rankAuc,
  rankPairedAuc,
  rankRocSteps,
} from "./ranks.ts";
export { readOrder, type ScoreOrder, type Scores, sortScores } from "./score-order.ts";
