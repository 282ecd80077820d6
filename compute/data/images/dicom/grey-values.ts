import { firstOf, lumaOf, lumaOfPlanes, type Samples } from "../grey.ts";
import type { FrameSamples } from "./frame-samples.ts";
import type { Range, Rescale } from "./modality.ts";
import type { PixelLayout } from "./pixel-layout.ts";

/**
 * The values of one frame: colour made grey, bits made numbers, rescaled, and MONOCHROME1 turned round in `range`. They
 * stay whole numbers where nothing is signed or rescaled. O(pixels).
 */
export function greyValues(
  frame: FrameSamples,
  layout: PixelLayout,
  rescale: Rescale,
  range: Range,
): Uint8Array | Uint16Array | Float32Array {
  const samples = greySamples(frame, layout.rows * layout.cols);
  const inverted = layout.photometric === "MONOCHROME1";
  const { slope, intercept } = rescale;
  // value -> sum - value exchanges black and white.
  const sum = range.black + range.white;
  const factor = inverted ? -slope : slope;
  const offset = inverted ? sum - intercept : intercept;
  const { bits, shift } = frame;
  const mask = 2 ** bits - 1;
  if (!layout.signed && slope === 1 && intercept === 0) {
    if (!inverted && shift === 0 && bits === 8 * samples.BYTES_PER_ELEMENT) return samples;
    const values =
      samples instanceof Uint8Array ? new Uint8Array(samples.length) : new Uint16Array(samples.length);
    for (let pixel = 0; pixel < values.length; pixel += 1) {
      // Inside. Bits beyond those stored are cut off, and with them what could leave the range.
      const value = ((samples[pixel] as number) >> shift) & mask;
      values[pixel] = inverted ? sum - value : value;
    }
    return values;
  }
  const sign = layout.signed ? 2 ** (bits - 1) : 0;
  const values = new Float32Array(samples.length);
  for (let pixel = 0; pixel < values.length; pixel += 1) {
    // Inside. Flipping the sign bit and taking it away again extends it.
    const value = ((((samples[pixel] as number) >> shift) & mask) ^ sign) - sign;
    values[pixel] = value * factor + offset;
  }
  return values;
}

function greySamples({ samples, channels, planar, colour }: FrameSamples, pixels: number): Samples {
  if (channels === 1) return samples;
  const isLuma = colour === "ybr";
  if (planar) {
    const plane = (index: number) => samples.subarray(index * pixels, (index + 1) * pixels) as Samples;
    return isLuma ? plane(0) : lumaOfPlanes(plane(0), plane(1), plane(2));
  }
  return isLuma ? firstOf(samples, 3) : lumaOf(samples, 3);
}
