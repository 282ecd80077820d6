/** Samples of one frame as a codec leaves them. */
export type Samples = Uint8Array | Uint16Array;

/**
 * Luma of red, green and blue by ITU-R BT.601, (299 R + 587 G + 114 B) / 1000 in 16-bit fixed point and rounded: the
 * numbers that Pillow's `convert("L")` gives for bytes. O(pixels).
 *
 * @param samples - pixel by pixel, `stride` samples each, the first three red, green and blue.
 * @returns one sample a pixel, of the same kind.
 */
export function lumaOf<Kind extends Samples>(samples: Kind, stride: number): Kind {
  const count = samples.length / stride;
  const grey = emptyLike(samples, count);
  for (let pixel = 0, at = 0; pixel < count; pixel += 1, at += stride) {
    // Inside: at + 2 < samples.length.
    grey[pixel] = luma(samples[at] as number, samples[at + 1] as number, samples[at + 2] as number);
  }
  return grey;
}

/** Luma of three planes of one length, as `lumaOf`. */
export function lumaOfPlanes<Kind extends Samples>(red: Kind, green: Kind, blue: Kind): Kind {
  const grey = emptyLike(red, red.length);
  for (let pixel = 0; pixel < grey.length; pixel += 1) {
    // Inside: the planes are of one length.
    grey[pixel] = luma(red[pixel] as number, green[pixel] as number, blue[pixel] as number);
  }
  return grey;
}

/** Every `stride`-th sample from the first: the grey of grey and alpha, the luma of YCbCr. */
export function firstOf<Kind extends Samples>(samples: Kind, stride: number): Kind {
  if (stride === 1) return samples;
  const grey = emptyLike(samples, Math.floor(samples.length / stride));
  for (let pixel = 0, at = 0; pixel < grey.length; pixel += 1, at += stride) {
    grey[pixel] = samples[at] as number; // inside: at < samples.length
  }
  return grey;
}

/** 19595 + 38470 + 7471 = 65536; sums of 16-bit samples stay under 2 ** 32. */
function luma(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 32768) >>> 16;
}

function emptyLike<Kind extends Samples>(samples: Kind, length: number): Kind {
  const empty = samples instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
  return empty as Kind; // the branch above made the same kind
}
