import type { Samples } from "../../grey.ts";
import type { FrameSamples } from "../frame-samples.ts";
import type { PixelLayout } from "../pixel-layout.ts";

/** Uncompressed pixels, either byte order. The number of bytes is checked by whoever cut them out. O(pixels). */
export function decodeNativeFrame(bytes: Uint8Array, layout: PixelLayout): FrameSamples {
  const { channels, photometric, planar, bitsStored, highBit, bytesPerSample } = layout;
  const samples = bytesPerSample === 1 ? bytesOf(bytes, layout) : wordsOf(bytes, layout.littleEndian);
  const shape = {
    colour: photometric === "RGB" ? "rgb" : "ybr",
    bits: bitsStored,
    shift: highBit + 1 - bitsStored,
  } as const;
  if (photometric === "YBR_FULL_422") {
    return { samples: lumaOf422(samples), channels: 1, planar: false, ...shape };
  }
  return { samples, channels, planar, ...shape };
}

/** A copy, so that an image keeps no file alive. In big endian, bytes that are written as words (VR OW) come with each pair swapped. */
function bytesOf(bytes: Uint8Array, { littleEndian, inWords }: PixelLayout): Uint8Array {
  const swapped = new Uint8Array(bytes);
  if (littleEndian || !inWords) return swapped;
  for (let at = 0; at + 1 < swapped.length; at += 2) {
    // Inside: both are in the pair.
    swapped[at] = bytes[at + 1] as number;
    swapped[at + 1] = bytes[at] as number;
  }
  return swapped;
}

/** The host is little endian, as every machine that Node 20 is built for but one. */
function wordsOf(bytes: Uint8Array, littleEndian: boolean): Uint16Array {
  const copy = new Uint8Array(bytes);
  if (!littleEndian) Buffer.from(copy.buffer, copy.byteOffset, copy.length).swap16();
  return new Uint16Array(copy.buffer, copy.byteOffset, copy.length / 2);
}

/** Of groups of four samples, Y Y Cb Cr, the two of luma. */
function lumaOf422<Kind extends Samples>(samples: Kind): Kind {
  const luma = samples.slice(0, samples.length / 2) as Kind; // slice keeps the kind
  for (let pixel = 0; pixel < luma.length; pixel += 1) {
    luma[pixel] = samples[(pixel >> 1) * 4 + (pixel & 1)] ?? 0;
  }
  return luma;
}
