/** The typed face of the native addon: batches in, promises of batches out. */
export { KernelError, type KernelErrorCode, kernelErrorCodes } from "./errors.ts";
export {
  type FilterOptions,
  type FrequencyFilter,
  filterBank,
  filterFrequencies,
  instructionSets,
} from "./frequency-filters.ts";
export type { CallOptions, ImageBatch } from "./images.ts";
export type { Ownership } from "./ownership.ts";
