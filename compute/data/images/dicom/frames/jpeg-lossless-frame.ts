import { decodeLossless } from "../../jpeg/decode-lossless.ts";
import { findFrameHeader } from "../../jpeg/jpeg-markers.ts";
import type { FrameSamples } from "../frame-samples.ts";
import type { PixelLayout } from "../pixel-layout.ts";
import { requireSameShape } from "../stream-shape.ts";

/** Lossless JPEG, any predictor (processes 14 and 14 SV1). @throws {ImageError} as FrameDecoder */
export function decodeJpegLosslessFrame(bytes: Uint8Array, layout: PixelLayout): FrameSamples {
  const { precision, components, ...header } = findFrameHeader(bytes);
  requireSameShape({ ...header, precision, channels: components.length }, layout);
  const { samples } = decodeLossless(bytes);
  return {
    samples,
    channels: layout.channels,
    planar: true,
    colour: layout.photometric === "RGB" ? "rgb" : "ybr",
    bits: Math.max(precision, layout.bitsStored),
    shift: 0,
  };
}
