import type { FrameSamples } from "../frame-samples.ts";
import { readCodestreamHeader } from "../jpeg-2000-header.ts";
import type { PixelLayout } from "../pixel-layout.ts";
import { requireSameShape, samplesFrom } from "../stream-shape.ts";
import { WasmCodec, type WasmDecoder } from "../wasm-codec.ts";

const openJpeg = new WasmCodec<WasmDecoder>("@cornerstonejs/codec-openjpeg/decodewasmjs", "J2KDecoder");

/** JPEG 2000, reversible and irreversible (ISO/IEC 15444-1), by OpenJPEG. @throws {ImageError} as FrameDecoder */
export function decodeJpeg2000Frame(bytes: Uint8Array, layout: PixelLayout): Promise<FrameSamples> {
  const header = readCodestreamHeader(bytes);
  const bytesPerSample = requireSameShape(header, layout);
  return openJpeg.decode(header.codestream, (decoder) => ({
    samples: samplesFrom(decoder.getDecodedBuffer(), bytesPerSample, layout),
    channels: layout.channels,
    planar: false,
    // The codec undoes the colour transform of the stream (YBR_ICT, YBR_RCT); YBR_FULL was there before it.
    colour: layout.photometric.startsWith("YBR_FULL") ? "ybr" : "rgb",
    bits: Math.max(header.precision, layout.bitsStored),
    shift: 0,
  }));
}
