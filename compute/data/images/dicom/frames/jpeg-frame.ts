import type { Samples } from "../../grey.ts";
import { decodeDct } from "../../jpeg/decode-dct.ts";
import { findFrameHeader, type JpegFrameHeader } from "../../jpeg/jpeg-markers.ts";
import type { FrameSamples } from "../frame-samples.ts";
import type { PixelLayout } from "../pixel-layout.ts";
import { requireSameShape, samplesFrom } from "../stream-shape.ts";
import { WasmCodec, type WasmDecoder } from "../wasm-codec.ts";

const libJpegTurbo = new WasmCodec<WasmDecoder>(
  "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs",
  "JPEGDecoder",
);

/**
 * Baseline, extended and progressive JPEG. Grey of 8 bits, the common case, goes through libjpeg-turbo; 12 bits, which
 * its build does not have, and colour, of which only the luma is wanted, through our own decoder.
 *
 * @throws {ImageError} as FrameDecoder
 */
export async function decodeJpegFrame(bytes: Uint8Array, layout: PixelLayout): Promise<FrameSamples> {
  const header = findFrameHeader(bytes);
  const { precision, components } = header;
  requireSameShape({ ...header, channels: components.length }, layout);
  const shape = { planar: true, bits: Math.max(precision, layout.bitsStored), shift: 0 };
  if (isPlainGrey(header)) {
    const samples = await libJpegTurbo.decode(bytes, (decoder) =>
      samplesFrom(decoder.getDecodedBuffer(), 1, layout),
    );
    return { ...shape, samples, channels: 1, colour: "ybr" };
  }
  const { plane, isYcbcr } = decodeDct(bytes);
  if (layout.channels === 1) return { ...shape, samples: plane(0), channels: 1, colour: "ybr" };
  // The stream knows how it was coded; writers often leave RGB in the data set over a stream of YCbCr.
  if (isYcbcr ?? layout.photometric !== "RGB")
    return { ...shape, samples: plane(0), channels: 1, colour: "ybr" };
  return { ...shape, samples: join([plane(0), plane(1), plane(2)]), channels: 3, colour: "rgb" };
}

/** Baseline or extended: those of many scans can be made to take hours, and libjpeg-turbo does not count them. */
function isPlainGrey({ marker, precision, components }: JpegFrameHeader): boolean {
  return marker <= 0xc1 && precision === 8 && components.length === 1;
}

function join(planes: readonly Samples[]): Samples {
  const length = planes.reduce((sum, plane) => sum + plane.length, 0);
  const joined = planes[0] instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
  let at = 0;
  for (const plane of planes) {
    joined.set(plane, at);
    at += plane.length;
  }
  return joined;
}
