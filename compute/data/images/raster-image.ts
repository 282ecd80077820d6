import type { Sharp, SharpOptions } from "sharp";
import type { DecodedImage, DecodeOptions, ImageHeader } from "./decoded-image.ts";
import { firstOf, lumaOf, type Samples } from "./grey.ts";
import { ImageError } from "./image-error.ts";
import { findFrameHeader, hasEndOfImage } from "./jpeg/jpeg-markers.ts";
import { loadSharp } from "./load-sharp.ts";
import { isWholePng, readPngHeader } from "./png-header.ts";
import { DEFAULT_MAX_PIXELS, requireSize } from "./size-limit.ts";
import { decodeSmallPng, isSmallPng } from "./small-png.ts";

/** What the header of a PNG or JPEG says, and whether its last byte is there. */
interface RasterFile {
  readonly header: ImageHeader;
  readonly isWhole: (bytes: Uint8Array) => boolean;
  /** Decodes it here, where that is faster; libvips does otherwise. */
  readonly decodeHere?: () => Samples;
}

/**
 * Decodes a PNG (any kind) or a JPEG of 8 bits in libvips, off this thread, but small PNG files on it. Profiles, gamma
 * and orientation are left as they are: pixels are those recorded.
 *
 * @throws {ImageError} IMAGE_TRUNCATED, IMAGE_CORRUPT, IMAGE_TOO_LARGE, IMAGE_KIND_UNSUPPORTED
 */
export async function decodeRaster(
  bytes: Uint8Array,
  format: "png" | "jpeg",
  options: DecodeOptions,
): Promise<DecodedImage> {
  const { header, isWhole, decodeHere } = readers[format](bytes);
  const { rows, cols, bits, channels } = header;
  const maxPixels = options.maxPixels ?? DEFAULT_MAX_PIXELS;
  requireSize(rows, cols, channels * (bits / 8), maxPixels);
  if (!isWhole(bytes)) {
    throw new ImageError(
      "IMAGE_TRUNCATED",
      `Expected the end of a ${format} file, got none; copy the file again`,
    );
  }
  const { data, stride } =
    decodeHere === undefined
      ? await readSamples(bytes, { limitInputPixels: maxPixels }, header)
      : { data: decodeHere(), stride: channels };
  const pixels = stride < 3 ? firstOf(data, stride) : lumaOf(data, stride);
  return { pixels, rows, cols, black: 0, white: bits === 16 ? 65_535 : 255, format };
}

/** What the header of a PNG or JPEG says. @throws {ImageError} as `decodeRaster` */
export function describeRaster(bytes: Uint8Array, format: "png" | "jpeg"): ImageHeader {
  return readers[format](bytes).header;
}

const readers: Readonly<Record<"png" | "jpeg", (bytes: Uint8Array) => RasterFile>> = {
  png(bytes) {
    const png = readPngHeader(bytes);
    const { rows, cols, depth, channels } = png;
    const bits = depth === 16 ? 16 : 8;
    const decodeHere = isSmallPng(png) ? { decodeHere: () => decodeSmallPng(bytes, png) } : {};
    return {
      header: { format: "png", rows, cols, frames: 1, bits, channels },
      isWhole: isWholePng,
      ...decodeHere,
    };
  },
  jpeg(bytes) {
    const { rows, cols, precision, components, marker } = findFrameHeader(bytes);
    const channels = components.length;
    if (precision !== 8 || marker > 0xc2 || (channels !== 1 && channels !== 3)) {
      throw new ImageError(
        "IMAGE_KIND_UNSUPPORTED",
        `Expected a JPEG of 8 bits in grey or colour, got ${precision} bits, ${channels} components, process ${marker & 15}; convert the file`,
      );
    }
    return { header: { format: "jpeg", rows, cols, frames: 1, bits: 8, channels }, isWhole: hasEndOfImage };
  },
};

async function readSamples(
  bytes: Uint8Array,
  limits: SharpOptions,
  { rows, cols, bits, channels }: ImageHeader,
): Promise<{ readonly data: Samples; readonly stride: number }> {
  const open = await loadSharp();
  const wide = bits === 16;
  const space = channels < 3 ? (wide ? "grey16" : "b-w") : wide ? "rgb16" : "srgb";
  try {
    // "error" includes "truncated", and checks the sums of PNG chunks too.
    const image: Sharp = open(bytes, { ...limits, failOn: "error", ignoreIcc: true, pages: 1 });
    const { data, info } = await image
      .toColourspace(space)
      .raw({ depth: wide ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true });
    const samples = samplesOf(data, wide);
    if (samples.length !== rows * cols * info.channels) throw new Error("another size than its header's");
    return { data: samples, stride: info.channels };
  } catch (cause) {
    throw new ImageError(
      "IMAGE_CORRUPT",
      "Expected pixels that can be decoded, got damaged ones; copy the file again",
      { cause },
    );
  }
}

function samplesOf(data: Buffer, wide: boolean): Samples {
  if (!wide) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  if (data.byteOffset % 2 === 0) return new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  return new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.length));
}
