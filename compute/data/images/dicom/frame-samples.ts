import type { Samples } from "../grey.ts";
import type { PixelLayout } from "./pixel-layout.ts";

/** One frame as a codec leaves it: bit patterns, not yet numbers. */
export interface FrameSamples {
  /** Length rows * cols * channels. */
  readonly samples: Samples;
  readonly channels: 1 | 3;
  /** Plane after plane instead of pixel by pixel; of no meaning with one channel. */
  readonly planar: boolean;
  /** What three channels are: the first of YBR is the luma. */
  readonly colour: "rgb" | "ybr";
  /** Bits that count, from bit `shift` up; the highest is the sign where values are signed. */
  readonly bits: number;
  readonly shift: number;
}

/**
 * Decodes one frame; `bytes` are its own and no other's.
 *
 * @throws {ImageError} IMAGE_TRUNCATED, IMAGE_CORRUPT, IMAGE_TOO_LARGE, IMAGE_KIND_UNSUPPORTED
 */
export type FrameDecoder = (bytes: Uint8Array, layout: PixelLayout) => FrameSamples | Promise<FrameSamples>;
