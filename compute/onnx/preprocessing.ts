/** What of an image becomes brightness: all values its format can hold, the file's window, its own extremes, or nothing. */
export const intensities = ["full-range", "window", "min-max", "raw"] as const;
export type Intensity = (typeof intensities)[number];

/** How an image of another size or shape is brought to the model's: stretched, or scaled to fit with black around it. */
export const resizings = ["stretch", "pad"] as const;
export type Resizing = (typeof resizings)[number];

/** What is applied to a model's output so that it reads as scores. */
export const activations = ["none", "softmax", "sigmoid"] as const;
export type Activation = (typeof activations)[number];

/**
 * How pixels become a model's input, in this order: brightness by `intensity` (0 black, 1 white; `raw` keeps the recorded
 * values), resize to rows x cols, times `scale`, minus `mean`, over `deviation`, one plane or the same grey in three.
 */
export interface Preprocessing {
  readonly rows: number;
  readonly cols: number;
  readonly planes: 1 | 3;
  readonly intensity: Intensity;
  readonly resize: Resizing;
  /** Whether a smaller image averages all pixels it stands for (PIL, torchvision on tensors since 0.17), or samples. */
  readonly antialias: boolean;
  /** 1 for models of brightness, 255 for models of bytes. */
  readonly scale: number;
  /** One a plane, in units of brightness * scale. */
  readonly mean: readonly number[];
  /** One a plane, above 0. */
  readonly deviation: readonly number[];
}

/** Which output holds the scores, and what makes scores of it. */
export interface ModelOutput {
  readonly name: string;
  readonly activation: Activation;
}
