import { createRequire } from "node:module";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decodeDct } from "../../../../../compute/data/images/jpeg/decode-dct.ts";
import { decodeLossless } from "../../../../../compute/data/images/jpeg/decode-lossless.ts";
import { hasEndOfImage } from "../../../../../compute/data/images/jpeg/jpeg-markers.ts";
import { losslessJpeg } from "../../../../support/lossless-jpeg.ts";

/** Without declarations of its own. */
const { Decoder } = createRequire(import.meta.url)("jpeg-lossless-decoder-js") as {
  readonly Decoder: new () => { decompress(stream: ArrayBufferLike): ArrayBuffer };
};

/** A picture with edges, slopes and noise, the same each time. */
function picture(rows: number, cols: number, channels: number): Uint8Array {
  return Uint8Array.from({ length: rows * cols * channels }, (_, at) => {
    const pixel = Math.floor(at / channels);
    const [row, col] = [Math.floor(pixel / cols), pixel % cols];
    const edge = (row + 2 * col) % 37 < 9 ? 60 : 0;
    return (
      90 + 70 * Math.sin((row + (at % channels) * 5) / 6) * Math.cos(col / 9) + edge + ((at * 7919) % 13)
    );
  });
}

function encode(rows: number, cols: number, channels: 1 | 3) {
  const image = sharp(picture(rows, cols, channels), { raw: { width: cols, height: rows, channels } });
  return channels === 1 ? image.toColourspace("b-w") : image;
}

/** The greatest distance between two pictures. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let greatest = 0;
  for (let at = 0; at < a.length; at += 1)
    greatest = Math.max(greatest, Math.abs((a[at] ?? 0) - (b[at] ?? 0)));
  return greatest;
}

const sizes = [
  [8, 8],
  [1, 1],
  [7, 19],
  [64, 33],
  [100, 131],
] as const;

describe("our DCT decoder", () => {
  test.each(
    sizes.flatMap(([rows, cols]) => [false, true].map((progressive) => [rows, cols, progressive] as const)),
  )("is within one of libjpeg-turbo: %i x %i, progressive %s", async (rows, cols, progressive) => {
    const file = await encode(rows, cols, 1).jpeg({ quality: 88, progressive }).toBuffer();
    const expected = await sharp(file).toColourspace("b-w").raw().toBuffer();
    expect(distance(decodeDct(file).plane(0), expected)).toBeLessThanOrEqual(1);
  });

  test.each([
    ["4:4:4", false],
    ["4:2:0", false],
    ["4:2:0", true],
  ] as const)("finds the luma of colour: %s, progressive %s", async (chromaSubsampling, progressive) => {
    const file = await encode(61, 45, 3).jpeg({ quality: 95, chromaSubsampling, progressive }).toBuffer();
    const { plane, isYcbcr } = decodeDct(file);
    // libvips writes neither of the markers that would say so.
    expect(isYcbcr).toBeUndefined();
    const colour = await sharp(file).raw().toBuffer();
    const luma = plane(0);
    const distances = Array.from(luma, (value, pixel) => {
      const [red = 0, green = 0, blue = 0] = colour.subarray(3 * pixel);
      // A colour that was cut off at 0 or 255 has lost its luma.
      if ([red, green, blue].some((part) => part === 0 || part === 255)) return 0;
      return Math.abs(value - (0.299 * red + 0.587 * green + 0.114 * blue));
    });
    expect(Math.max(...distances)).toBeLessThan(2);
    expect(plane(1).length).toBe(luma.length);
  });

  test("refuses a stream that ends early, wherever", async () => {
    const file = await encode(64, 33, 1).jpeg().toBuffer();
    for (let length = file.length - 2; length > 2; length -= 29) {
      expect(hasEndOfImage(file.subarray(0, length))).toBe(false);
      expect(() => decodeDct(file.subarray(0, length))).toThrow(
        expect.objectContaining({ code: "IMAGE_TRUNCATED" }),
      );
    }
    const ended = Buffer.concat([file.subarray(0, file.length >> 1), Buffer.from([0xff, 0xd9])]);
    expect(() => decodeDct(ended)).toThrow(expect.objectContaining({ code: "IMAGE_TRUNCATED" }));
  });
});

describe("our lossless decoder", () => {
  const sample = (precision: number) => fc.nat(2 ** precision - 1);
  const cases = fc
    .record({
      rows: fc.integer({ min: 1, max: 9 }),
      cols: fc.integer({ min: 1, max: 9 }),
      precision: fc.integer({ min: 2, max: 16 }),
      predictor: fc.integer({ min: 1, max: 7 }),
      restartRows: fc.integer({ min: 0, max: 3 }),
      components: fc.constantFrom(1, 3),
    })
    .chain((shape) => {
      const plane = fc.array(sample(shape.precision), {
        minLength: shape.rows * shape.cols,
        maxLength: shape.rows * shape.cols,
      });
      return fc.record({
        shape: fc.constant(shape),
        planes: fc.array(plane, { minLength: shape.components, maxLength: shape.components }),
      });
    });

  test("gives back what was written, with any predictor, depth, restarts and components", () => {
    fc.assert(
      fc.property(cases, ({ shape, planes }) => {
        const { samples } = decodeLossless(losslessJpeg(planes, shape));
        expect([...samples]).toEqual(planes.flat());
      }),
      { numRuns: 500 },
    );
  });

  test("shifts a point transform back", () => {
    const plane = [3, 200, 17, 99, 255, 64];
    const stream = losslessJpeg([plane], { rows: 2, cols: 3, precision: 8, predictor: 6, shift: 2 });
    expect([...decodeLossless(stream).samples]).toEqual(plane.map((value) => (value >> 2) << 2));
  });

  test("agrees with jpeg-lossless-decoder-js", () => {
    const plane = Array.from({ length: 48 * 31 }, (_, at) => (at * 977 + (at % 7) * 4000) % 65_536);
    for (const predictor of [1, 4, 6, 7]) {
      const stream = losslessJpeg([plane], { rows: 48, cols: 31, precision: 16, predictor });
      const referee = new Decoder().decompress(Uint8Array.from(stream).buffer);
      expect(decodeLossless(stream).samples).toEqual(new Uint16Array(referee));
    }
  });
});
