import { ImageError } from "../../image-error.ts";
import { findFrameHeader } from "../../jpeg/jpeg-markers.ts";
import type { FrameSamples } from "../frame-samples.ts";
import type { PixelLayout } from "../pixel-layout.ts";
import { requireSameShape, samplesFrom } from "../stream-shape.ts";
import { WasmCodec, type WasmDecoder } from "../wasm-codec.ts";

interface JpegLsDecoder extends WasmDecoder {
  /** 0: plane by plane; 1 and 2: pixel by pixel. */
  getInterleaveMode(): number;
}

const charls = new WasmCodec<JpegLsDecoder>("@cornerstonejs/codec-charls/decodewasmjs", "JpegLSDecoder");
const SOF55 = 0xf7;

/** JPEG-LS, lossless and near-lossless (ISO/IEC 14495-1), by CharLS. @throws {ImageError} as FrameDecoder */
export function decodeJpegLsFrame(bytes: Uint8Array, layout: PixelLayout): Promise<FrameSamples> {
  const header = findFrameHeader(bytes);
  const { precision } = header;
  if (header.marker !== SOF55)
    throw new ImageError("IMAGE_CORRUPT", "Expected a JPEG-LS frame, got another JPEG");
  const bytesPerSample = requireSameShape(
    { ...header, channels: header.components.length, precision },
    layout,
  );
  return charls.decode(bytes, (decoder) => ({
    samples: samplesFrom(decoder.getDecodedBuffer(), bytesPerSample, layout),
    channels: layout.channels,
    planar: decoder.getInterleaveMode() === 0,
    colour: layout.photometric === "RGB" ? "rgb" : "ybr",
    bits: Math.max(precision, layout.bitsStored),
    shift: 0,
  }));
}
