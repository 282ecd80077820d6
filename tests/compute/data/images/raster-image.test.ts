import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { readPngHeader } from "../../../../compute/data/images/png-header.ts";
import { decodeSmallPng, isSmallPng } from "../../../../compute/data/images/small-png.ts";
import { decodeImage, describeImage } from "../../../../compute/index.ts";

const rows = 7;
const cols = 5;
const ramp = (length: number, step: number): number[] => Array.from({ length }, (_, at) => at * step);
const raw = (values: readonly number[], channels: 1 | 2 | 3 | 4) =>
  sharp(Uint8Array.from(values), { raw: { width: cols, height: rows, channels } });
const luma = (red: number, green: number, blue: number) =>
  Math.round(0.299 * red + 0.587 * green + 0.114 * blue);

describe("PNG", () => {
  test("grey of 8 bits is itself", async () => {
    const values = ramp(rows * cols, 7);
    const file = await raw(values, 1).toColourspace("b-w").png().toBuffer();
    expect(await decodeImage(file)).toEqual({
      pixels: Uint8Array.from(values),
      rows,
      cols,
      black: 0,
      white: 255,
      format: "png",
    });
    expect(await describeImage(file)).toEqual({ format: "png", rows, cols, frames: 1, bits: 8, channels: 1 });
  });

  test("grey of 16 bits keeps all of them", async () => {
    const values = Uint16Array.from(ramp(rows * cols, 1871), (value) => value + 3);
    const file = await sharp(values, { raw: { width: cols, height: rows, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer();
    expect(await decodeImage(file)).toMatchObject({ pixels: values, black: 0, white: 65_535 });
    expect((await describeImage(file)).bits).toBe(16);
  });

  test("alpha is dropped, not blended", async () => {
    const values = ramp(rows * cols, 7).flatMap((value) => [value, 255 - value]);
    const file = await raw(values, 2).toColourspace("b-w").png().toBuffer();
    expect((await describeImage(file)).channels).toBe(2);
    expect((await decodeImage(file)).pixels).toEqual(Uint8Array.from(ramp(rows * cols, 7)));
  });

  test.each([3, 4] as const)("colour of %i channels becomes its luma", async (channels) => {
    const values = ramp(rows * cols * channels, 37).map((value) => value % 256);
    const file = await raw(values, channels).png().toBuffer();
    const expected = Uint8Array.from({ length: rows * cols }, (_, pixel) => {
      const [red = 0, green = 0, blue = 0] = values.slice(pixel * channels);
      return luma(red, green, blue);
    });
    expect((await decodeImage(file)).pixels).toEqual(expected);
  });

  test("colour of 16 bits becomes its luma", async () => {
    const values = Uint16Array.from(ramp(rows * cols * 3, 613));
    const file = await sharp(values, { raw: { width: cols, height: rows, channels: 3 } })
      .toColourspace("rgb16")
      .png()
      .toBuffer();
    const expected = Uint16Array.from({ length: rows * cols }, (_, pixel) => {
      const [red = 0, green = 0, blue = 0] = values.slice(pixel * 3);
      return luma(red, green, blue);
    });
    const { pixels, white } = await decodeImage(file);
    expect(white).toBe(65_535);
    // 16-bit fixed point weighs by 1/65536: off by one at most.
    for (const [at, value] of pixels.entries())
      expect(Math.abs(value - (expected[at] ?? 0))).toBeLessThanOrEqual(1);
  });

  test("a palette is spelled out", async () => {
    const values = ramp(rows * cols, 1).flatMap((value) => (value % 2 === 0 ? [255, 0, 0] : [0, 0, 255]));
    const file = await raw(values, 3).png({ palette: true, colours: 2 }).toBuffer();
    expect((await sharp(file).metadata()).isPalette).toBe(true);
    const { pixels } = await decodeImage(file);
    expect(pixels[0]).toBe(luma(255, 0, 0));
    expect(pixels[1]).toBe(luma(0, 0, 255));
  });

  test("a profile changes nothing", async () => {
    const values = ramp(rows * cols, 7).flatMap((value) => [value, 255 - value, 90]);
    // Once decoded here, once by libvips.
    for (const progressive of [false, true]) {
      const profiled = await raw(values, 3).withIccProfile("p3").png({ progressive }).toBuffer();
      expect((await sharp(profiled).metadata()).hasProfile).toBe(true);
      const recorded = await sharp(profiled, { ignoreIcc: true }).raw().toBuffer();
      expect(recorded).not.toEqual(await sharp(profiled).raw().toBuffer());
      const expected = Uint8Array.from({ length: rows * cols }, (_, pixel) => {
        const [red = 0, green = 0, blue = 0] = recorded.subarray(pixel * 3);
        return luma(red, green, blue);
      });
      expect((await decodeImage(profiled)).pixels).toEqual(expected);
    }
  });
});

describe("PNG files that are small", () => {
  const shapes = [1, 2, 3, 4].flatMap((channels) => [8, 16].map((bits) => [channels, bits] as const));

  test.each(shapes)("of %i channels and %i bits are what libvips says", async (channels, bits) => {
    const [height, width] = [61, 47];
    // Slopes, steps and noise, so that an encoder that chooses takes every filter.
    const values = Array.from({ length: height * width * channels }, (_, at) => {
      const pixel = Math.floor(at / channels);
      const [row, col] = [Math.floor(pixel / width), pixel % width];
      return (row < 20 ? row * 4 + col : row < 40 ? (at * 7919) % 256 : col * 3 + (at % channels) * 20) % 256;
    });
    const samples =
      bits === 8
        ? Uint8Array.from(values)
        : Uint16Array.from(values, (value, at) => value * 256 + (at % 251));
    const wide = bits === 16;
    const space = channels < 3 ? (wide ? "grey16" : "b-w") : wide ? "rgb16" : "srgb";
    const image = sharp(samples, {
      raw: { width, height, channels: channels as 1 | 2 | 3 | 4 },
    }).toColourspace(space);
    const file = await image.png({ adaptiveFiltering: true }).toBuffer();
    const header = readPngHeader(file);
    expect(header).toMatchObject({ channels, depth: bits, rows: height, cols: width });
    expect(isSmallPng(header)).toBe(true);
    expect(decodeSmallPng(file, header)).toEqual(samples);
    // A large or an interlaced one goes through libvips, to the same grey.
    const progressive = await image.png({ progressive: true }).toBuffer();
    expect(isSmallPng(readPngHeader(progressive))).toBe(false);
    expect((await decodeImage(progressive)).pixels).toEqual((await decodeImage(file)).pixels);
  });

  test("of any filters and any numbers are what libvips says", async () => {
    const [height, width, step] = [6, 5, 3];
    const line = fc.tuple(fc.nat(4), fc.uint8Array({ minLength: width * step, maxLength: width * step }));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: height, maxLength: height }), async (lines) => {
        const data = deflateSync(
          Buffer.concat(lines.map(([filter, rest]) => Buffer.from([filter, ...rest]))),
        );
        const file = Buffer.concat([
          header(width, height, 2),
          chunk("IDAT", data),
          chunk("IEND", Buffer.alloc(0)),
        ]);
        const libvips = await sharp(file).raw().toBuffer();
        expect([...decodeSmallPng(file, readPngHeader(file))]).toEqual([...libvips]);
      }),
      { numRuns: 200 },
    );
  });

  test("with a filter or a length that is none are refused", async () => {
    const lines = (filter: number, rows: number) =>
      deflateSync(Buffer.from(Array.from({ length: rows * 6 }, (_, at) => (at % 6 === 0 ? filter : 9))));
    const of = (data: Buffer) =>
      Buffer.concat([header(5, 7), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
    expect((await decodeImage(of(lines(4, 7)))).pixels.length).toBe(35);
    for (const data of [lines(5, 7), lines(0, 6), lines(0, 8), Buffer.from("no deflate")]) {
      await expect(decodeImage(of(data))).rejects.toMatchObject({ code: "IMAGE_CORRUPT" });
    }
  });
});

/** A chunk with its sum. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Signature and IHDR of a PNG of 8 bits, grey unless told otherwise. */
function header(width: number, height: number, type = 0): Buffer {
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(width, 0);
  ihdr.writeUInt32BE(height, 4);
  ihdr[8] = 8;
  ihdr[9] = type;
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk("IHDR", ihdr)]);
}

describe("JPEG", () => {
  test("grey is what libjpeg says", async () => {
    const file = await raw(ramp(rows * cols, 7), 1)
      .toColourspace("b-w")
      .jpeg({ quality: 90 })
      .toBuffer();
    const expected = await sharp(file).toColourspace("b-w").raw().toBuffer();
    expect(await decodeImage(file)).toMatchObject({
      pixels: Uint8Array.from(expected),
      rows,
      cols,
      black: 0,
      white: 255,
    });
    expect(await describeImage(file)).toMatchObject({ format: "jpeg", rows, cols, bits: 8, channels: 1 });
  });

  test.each([true, false])("colour becomes its luma (progressive: %s)", async (progressive) => {
    const file = await raw(
      ramp(rows * cols, 7).flatMap((value) => [value, 255 - value, 90]),
      3,
    )
      .jpeg({ quality: 95, progressive })
      .toBuffer();
    const colour = await sharp(file).raw().toBuffer();
    const expected = Uint8Array.from({ length: rows * cols }, (_, pixel) => {
      const [red = 0, green = 0, blue = 0] = colour.subarray(pixel * 3);
      return luma(red, green, blue);
    });
    expect((await decodeImage(file)).pixels).toEqual(expected);
  });

  test("four inks are refused", async () => {
    const file = await raw(ramp(rows * cols * 3, 2), 3)
      .toColourspace("cmyk")
      .jpeg()
      .toBuffer();
    await expect(decodeImage(file)).rejects.toMatchObject({ code: "IMAGE_KIND_UNSUPPORTED" });
  });
});

describe("what is refused", () => {
  test.each([
    ["nothing", Buffer.alloc(0)],
    ["text", Buffer.from("patient,sex\n1,F\n")],
    [
      "SVG, which libvips would draw",
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ],
    ["GIF", Buffer.from("GIF89a\x01\x00\x01\x00\x00\x00\x00;")],
    ["a TIFF", Buffer.from("II*\0\x08\0\0\0")],
  ])("%s", async (_name, file) => {
    await expect(decodeImage(file)).rejects.toMatchObject({
      name: "ImageError",
      code: "IMAGE_FORMAT_UNKNOWN",
    });
    await expect(describeImage(file)).rejects.toMatchObject({ code: "IMAGE_FORMAT_UNKNOWN" });
  });

  test("a header of four billion pixels, before any are made", async () => {
    await expect(decodeImage(header(65_535, 65_535))).rejects.toMatchObject({ code: "IMAGE_TOO_LARGE" });
    await expect(decodeImage(header(0xffff_ffff, 0xffff_ffff))).rejects.toMatchObject({
      code: "IMAGE_TOO_LARGE",
    });
  });

  test("more pixels than the caller allows", async () => {
    const file = await raw(ramp(rows * cols, 7), 1)
      .png()
      .toBuffer();
    const refused = decodeImage(file, { maxPixels: rows * cols - 1 });
    await expect(refused).rejects.toMatchObject({ code: "IMAGE_TOO_LARGE" });
    expect((await decodeImage(file, { maxPixels: rows * cols })).rows).toBe(rows);
  });

  test("a header without pixels, and one of no size", async () => {
    await expect(decodeImage(header(5, 7))).rejects.toMatchObject({ code: "IMAGE_TRUNCATED" });
    await expect(decodeImage(header(5, 0))).rejects.toMatchObject({ code: "IMAGE_CORRUPT" });
  });

  test("a chunk whose sum is wrong", async () => {
    const file = await raw(ramp(rows * cols, 7), 1)
      .png()
      .toBuffer();
    const at = file.indexOf("IDAT") + 9;
    file[at] = (file[at] ?? 0) ^ 1;
    await expect(decodeImage(file)).rejects.toMatchObject({ code: "IMAGE_CORRUPT" });
  });
});
