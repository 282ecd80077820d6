import { describe, expect, test } from "vitest";
import { decodeImage, describeImage } from "../../../../compute/index.ts";
import {
  colourElements,
  dicomFile,
  type Elements,
  greyElements,
  rleFrame,
  syntaxUids,
  words,
} from "../../../support/dicom-writer.ts";
import { encodeFrame } from "../../../support/image-encoders.ts";
import { losslessJpeg } from "../../../support/lossless-jpeg.ts";

const rows = 6;
const cols = 8;
const size = rows * cols;
const { explicit } = syntaxUids;
const bytes = Uint8Array.from({ length: size }, (_, at) => at * 5);
/** Signed, from -3000 up, with a minus one. */
const signed = Array.from({ length: size }, (_, at) => (at === 7 ? -1 : at * 130 - 3000));
const twelve = Array.from({ length: size }, (_, at) => (at * 87) % 4096);

const grey = (
  elements: Elements = {},
  pixels: Uint8Array | readonly Uint8Array[] = bytes,
  syntax: string = explicit,
) => dicomFile({ syntax, elements: { ...greyElements(rows, cols), ...elements }, pixels });
const values = async (file: Uint8Array, options = {}) => [...(await decodeImage(file, options)).pixels];
const code = async (file: Uint8Array, options = {}) =>
  decodeImage(file, options).then(
    () => "decoded",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );

describe("the same pixels in every syntax", () => {
  const file = (syntax: string, pixels: Uint8Array | readonly Uint8Array[]) =>
    dicomFile({
      syntax,
      elements: {
        ...greyElements(rows, cols, { bits: 16, signed: true }),
        "00281052 DS": "-24",
        "00281053 DS": "1",
      },
      pixels,
    });
  const expected = signed.map((value) => value - 24);
  const shape = { rows, cols, bits: 16 };

  test.each(["implicit", "explicit", "deflated"] as const)("%s", async (syntax) => {
    expect(await values(file(syntaxUids[syntax], words(signed)))).toEqual(expected);
  });

  test("big endian", async () => {
    expect(await values(file(syntaxUids.bigEndian, words(signed, false)))).toEqual(expected);
  });

  test("RLE", async () => {
    const both = words(signed);
    const plane = (offset: number) =>
      Uint8Array.from({ length: size }, (_, at) => both[2 * at + offset] ?? 0);
    expect(await values(file(syntaxUids.rle, [rleFrame([plane(1), plane(0)])]))).toEqual(expected);
  });

  test.each([1, 2, 3, 4, 5, 6, 7])("lossless JPEG, predictor %i", async (predictor) => {
    const plane = signed.map((value) => value & 0xffff);
    const stream = losslessJpeg([plane], {
      rows,
      cols,
      precision: 16,
      predictor,
      restartRows: predictor % 3,
    });
    expect(await values(file(syntaxUids.jpegLossless, [stream]))).toEqual(expected);
  });

  test("JPEG-LS", async () => {
    const stream = await encodeFrame("jpegLs", words(signed), shape);
    expect(await values(file(syntaxUids.jpegLs, [stream]))).toEqual(expected);
  });

  test("JPEG 2000, whether its own header calls the samples signed or not", async () => {
    const unsigned = await encodeFrame("jpeg2000", words(signed), shape);
    expect(await values(file(syntaxUids.jpeg2000, [unsigned]))).toEqual(expected);
    const stream = await encodeFrame("jpeg2000", words(signed), { ...shape, signed: true });
    expect(await values(file(syntaxUids.jpeg2000, [stream]))).toEqual(expected);
  });

  test("a stream in several fragments", async () => {
    const stream = await encodeFrame("jpegLs", words(signed), shape);
    const parts = [stream.subarray(0, 40), stream.subarray(40, 80), stream.subarray(80)];
    expect(await values(file(syntaxUids.jpegLs, parts))).toEqual(expected);
  });

  test("without the preamble, and without anything that names the syntax", async () => {
    const elements = { ...greyElements(rows, cols), "00080005 CS": "ISO_IR 100" };
    for (const syntax of [syntaxUids.explicit, syntaxUids.implicit]) {
      expect(await values(dicomFile({ syntax, elements, pixels: bytes, preamble: false }))).toEqual([
        ...bytes,
      ]);
    }
  });

  test("implicit elements under a syntax that is explicit", async () => {
    const whole = grey({}, bytes, syntaxUids.implicit);
    const lying = Buffer.from(whole);
    // The UID's last digit and its padding: 1.2.840.10008.1.2 becomes 1.2.840.10008.1.2.1 only by length, so swap files.
    const honest = Buffer.from(grey({}, bytes, explicit));
    const headOf = (file: Buffer) => 132 + 12 + 8 + (file[150] ?? 0);
    const mixed = Buffer.concat([honest.subarray(0, headOf(honest)), lying.subarray(headOf(lying))]);
    expect(await values(mixed)).toEqual([...bytes]);
  });
});

describe("what stored bits mean", () => {
  test("twelve bits in sixteen: others are cut off, and white is 4095", async () => {
    const overlay = twelve.map((value, at) => value | (at % 2 === 0 ? 0x8000 : 0));
    const file = dicomFile({
      syntax: explicit,
      elements: greyElements(rows, cols, { bits: 12 }),
      pixels: words(overlay),
    });
    const image = await decodeImage(file);
    expect([...image.pixels]).toEqual(twelve);
    expect(image).toMatchObject({ pixels: expect.any(Uint16Array), black: 0, white: 4095 });
  });

  test("twelve bits that end at bit 15", async () => {
    const elements = { ...greyElements(rows, cols, { bits: 12 }), "00280102 US": [15] };
    expect(
      await values(dicomFile({ syntax: explicit, elements, pixels: words(twelve.map((v) => v << 4)) })),
    ).toEqual(twelve);
  });

  test("twelve signed bits extend their sign", async () => {
    const stored = twelve.map((value) => value - 2048);
    const elements = greyElements(rows, cols, { bits: 12, signed: true });
    const image = await decodeImage(
      dicomFile({ syntax: explicit, elements, pixels: words(stored.map((v) => v & 0xfff)) }),
    );
    expect([...image.pixels]).toEqual(stored);
    expect(image).toMatchObject({ black: -2048, white: 2047 });
  });

  test("MONOCHROME1 is turned round, whatever its kind", async () => {
    expect(await values(grey({ "00280004 CS": "MONOCHROME1" }))).toEqual(
      [...bytes].map((value) => 255 - value),
    );
    const image = await decodeImage(
      dicomFile({
        syntax: explicit,
        elements: {
          ...greyElements(rows, cols, { bits: 12, photometric: "MONOCHROME1" }),
          "00281052 DS": "100",
          "00281053 DS": "2",
        },
        pixels: words(twelve),
      }),
    );
    expect(image).toMatchObject({ black: 100, white: 100 + 2 * 4095 });
    expect([...image.pixels]).toEqual(twelve.map((value) => 100 + 2 * (4095 - value)));
  });

  test("a slope below zero keeps black below white", async () => {
    const image = await decodeImage(grey({ "00281052 DS": "10", "00281053 DS": "-0.5" }));
    expect(image).toMatchObject({ black: 10 - 127.5, white: 10 });
    expect([...image.pixels]).toEqual([...bytes].map((value) => 10 - value / 2));
  });

  test("rescale of the frame's own functional group goes before all others", async () => {
    const group = (intercept: string): Elements => ({
      "00289145 SQ": [{ "00281052 DS": intercept, "00281053 DS": "1" }],
    });
    const file = grey(
      {
        "00280008 IS": "2",
        "52009229 SQ": [group("5")],
        "52009230 SQ": [{ "00080060 CS": "X" }, group("7")],
      },
      Uint8Array.from([...bytes, ...bytes]),
    );
    expect(await values(file)).toEqual([...bytes].map((value) => value + 5));
    expect(await values(file, { frame: 1 })).toEqual([...bytes].map((value) => value + 7));
  });
});

describe("the window", () => {
  const windowed = { "00281050 DS": "100\\50", "00281051 DS": "51\\20" };

  test("is left alone unless it is asked for", async () => {
    expect(await decodeImage(grey(windowed))).toMatchObject({ black: 0, white: 255 });
    expect(await decodeImage(grey(windowed), { window: "none" })).toMatchObject({ black: 0, white: 255 });
  });

  test("is the file's first, by the standard's formula", async () => {
    expect(await decodeImage(grey(windowed), { window: "file" })).toMatchObject({
      black: 74.5,
      white: 124.5,
    });
    const exact = { ...windowed, "00281056 CS": "LINEAR_EXACT" };
    expect(await decodeImage(grey(exact), { window: "file" })).toMatchObject({ black: 74.5, white: 125.5 });
    expect(await decodeImage(grey(), { window: "file" })).toMatchObject({ black: 0, white: 255 });
  });

  test("is one that is given, down to a step", async () => {
    const of = (center: number, width: number) => decodeImage(grey(), { window: { center, width } });
    expect(await of(40, 401)).toMatchObject({ black: -160.5, white: 239.5 });
    expect(await of(40, 1)).toMatchObject({ black: 39, white: 40 });
    await expect(of(40, 0)).rejects.toMatchObject({ code: "INVALID_PARAM" });
    await expect(of(Number.NaN, 10)).rejects.toMatchObject({ code: "INVALID_PARAM" });
  });

  test("turns round with MONOCHROME1", async () => {
    const file = grey({ ...windowed, "00280004 CS": "MONOCHROME1" });
    expect(await decodeImage(file, { window: "file" })).toMatchObject({
      black: 255 - 124.5,
      white: 255 - 74.5,
    });
  });

  test("of another shape is refused", async () => {
    expect(await code(grey({ ...windowed, "00281056 CS": "SIGMOID" }), { window: "file" })).toBe(
      "IMAGE_KIND_UNSUPPORTED",
    );
    expect(await code(grey({ ...windowed, "00281051 DS": "0" }), { window: "file" })).toBe("IMAGE_CORRUPT");
  });
});

describe("colour", () => {
  const red = Uint8Array.from(bytes);
  const green = Uint8Array.from(bytes, (value) => 255 - value);
  const blue = Uint8Array.from(bytes, (value) => (value * 3) % 256);
  const pixelwise = Uint8Array.from(
    { length: 3 * size },
    (_, at) => [red, green, blue][at % 3]?.[Math.floor(at / 3)] ?? 0,
  );
  const planar = Uint8Array.from([...red, ...green, ...blue]);
  const luma = [...red].map((value, at) =>
    Math.round(0.299 * value + 0.587 * (green[at] ?? 0) + 0.114 * (blue[at] ?? 0)),
  );
  const file = (elements: Elements, pixels: Uint8Array | readonly Uint8Array[], syntax: string = explicit) =>
    dicomFile({ syntax, elements, pixels });

  test("RGB becomes its luma, pixel by pixel or plane by plane", async () => {
    expect(await values(file(colourElements(rows, cols), pixelwise))).toEqual(luma);
    expect(await values(file(colourElements(rows, cols, "RGB", 1), planar))).toEqual(luma);
    expect(
      await values(file(colourElements(rows, cols), [rleFrame([red, green, blue])], syntaxUids.rle)),
    ).toEqual(luma);
  });

  test("of YBR the Y is the luma", async () => {
    expect(await values(file(colourElements(rows, cols, "YBR_FULL"), pixelwise))).toEqual([...red]);
    expect(await values(file(colourElements(rows, cols, "YBR_FULL", 1), planar))).toEqual([...red]);
    const halved = Uint8Array.from({ length: 2 * size }, (_, at) =>
      at % 4 < 2 ? (red[(at >> 2) * 2 + (at % 4)] ?? 0) : 9,
    );
    expect(await values(file(colourElements(rows, cols, "YBR_FULL_422"), halved))).toEqual([...red]);
  });

  test("RGB in compressed streams", async () => {
    const shape = { rows, cols, bits: 8, channels: 3 };
    const jpegLs = await encodeFrame("jpegLs", pixelwise, shape);
    expect(await values(file(colourElements(rows, cols), [jpegLs], syntaxUids.jpegLs))).toEqual(luma);
    const jpeg2000 = await encodeFrame("jpeg2000", pixelwise, shape);
    expect(
      await values(file(colourElements(rows, cols, "YBR_RCT"), [jpeg2000], syntaxUids.jpeg2000)),
    ).toEqual(luma);
    const lossless = losslessJpeg([[...red], [...green], [...blue]], {
      rows,
      cols,
      precision: 8,
      predictor: 1,
    });
    expect(await values(file(colourElements(rows, cols), [lossless], syntaxUids.jpegLossless))).toEqual(luma);
  });

  test("a palette is refused", async () => {
    expect(await code(grey({ "00280004 CS": "PALETTE COLOR" }))).toBe("IMAGE_KIND_UNSUPPORTED");
  });
});

describe("frames", () => {
  const second = Uint8Array.from(bytes, (value) => 255 - value);
  const two = { "00280008 IS": "2" };

  test("are decoded one at a time", async () => {
    const plain = grey(two, Uint8Array.from([...bytes, ...second]));
    expect((await describeImage(plain)).frames).toBe(2);
    expect(await values(plain)).toEqual([...bytes]);
    expect(await values(plain, { frame: 1 })).toEqual([...second]);
    expect(await code(plain, { frame: 2 })).toBe("IMAGE_FRAME_MISSING");
    expect(await code(plain, { frame: -1 })).toBe("INVALID_PARAM");
  });

  test("are told apart by the offset table, by their number, or by where streams start", async () => {
    const streams = await Promise.all(
      [bytes, second].map((frame) => encodeFrame("jpegLs", frame, { rows, cols, bits: 8 })),
    );
    const halves = streams.flatMap((stream) => [stream.subarray(0, 30), stream.subarray(30)]);
    const elements = { ...greyElements(rows, cols), ...two };
    const of = (pixels: readonly Uint8Array[], offsetTable: readonly number[] = []) =>
      dicomFile({ syntax: syntaxUids.jpegLs, elements, pixels, offsetTable });
    const padded = (length: number) => 8 + length + (length % 2);
    const start = padded(30) + padded(halves[1]?.length ?? 0);
    for (const file of [of(streams), of(halves), of(halves, [0, start])]) {
      expect(await values(file)).toEqual([...bytes]);
      expect(await values(file, { frame: 1 })).toEqual([...second]);
    }
    expect(await code(of(streams.slice(0, 1)))).toBe("IMAGE_TRUNCATED");
    expect(await code(of([...streams, ...streams]))).toBe("IMAGE_CORRUPT");
  });
});
