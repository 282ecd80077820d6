import type { Fill, FrequencyFilter, PixelStep } from "../../native/index.ts";
import type { OcclusionSpec } from "../onnx/saliency/occlude.ts";
import type { ParamSpecs, ParamValues } from "../params.ts";
import type { PluginDescriptor } from "../plugin.ts";

/**
 * What pixels mean at a point of the way to a model: `brightness` is grey from 0 (black) to 1 (white), one plane;
 * `normalised` is the model's own scale, as many planes as it takes.
 */
export type PixelSpace = "brightness" | "normalised";

/** The size of the images that a transform gets. */
export interface TransformShape {
  readonly rows: number;
  readonly cols: number;
  readonly planes: number;
}

/** Images of one size on their way to a model. */
export interface TransformBatch extends TransformShape {
  /** Length count * planes * rows * cols. */
  readonly pixels: Float32Array;
  readonly count: number;
  /** Length count: the ordinal of each image, which names it for chance. */
  readonly imageNumbers: Uint32Array;
  /** By name, of each image where its mask marks: length count * rows * cols, not 0 within the region. */
  readonly masks?: ReadonlyMap<string, Uint8Array> | undefined;
}

/** What one transform does to images of one size, as values: the chain carries it out. */
export type TransformPlan =
  /** One filter; of several planes the first is filtered and copied into all, as the study's code does. */
  | { readonly kind: "frequency"; readonly filter: FrequencyFilter }
  /** Steps of the addon's pixel chain; with `sharedChance` every image draws the same numbers. */
  | { readonly kind: "pixels"; readonly steps: readonly PixelStep[]; readonly sharedChance?: boolean }
  /** The region of a mask of each image filled, or all but it; of one plane. */
  | { readonly kind: "mask"; readonly name: string; readonly mode: "keep" | "remove"; readonly fill: Fill }
  /** Anything else, over a whole batch; the pixels may be changed in place. */
  | { readonly kind: "batch"; apply(batch: TransformBatch): Promise<Float32Array> | Float32Array };

/** A change of images before a model sees them. */
export interface Transform<Specs extends ParamSpecs = ParamSpecs> extends PluginDescriptor<Specs> {
  readonly kind: "TRANSFORM";
  /** Where on the way to the model it acts. */
  space(params: ParamValues<Specs>): PixelSpace;
  /** How many images before and after one have a part in its result; absent: none. */
  reach?(params: ParamValues<Specs>): number;
  /** Names of the masks that each image must have; absent: none. */
  masks?(params: ParamValues<Specs>): readonly string[];
  /** What the evaluated model's own map of each image blots out, in place of `plan`; absent: nothing. */
  occlusion?(params: ParamValues<Specs>): OcclusionSpec;
  /**
   * What it does to images of this size; the planes of an image are images of their own.
   *
   * @throws {ComputeError | KernelError} when it cannot be done at this size.
   */
  plan(params: ParamValues<Specs>, shape: TransformShape): TransformPlan;
}

/** Freezes a transform; its parameters' types follow from `params`. */
export function defineTransform<const Specs extends ParamSpecs>(
  transform: Omit<Transform<Specs>, "kind">,
): Transform<Specs> {
  return Object.freeze({ kind: "TRANSFORM", ...transform });
}
