import fc from "fast-check";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { type DecodedImage, decodeImage, imageErrorCodes } from "../../../../compute/index.ts";
import { dicomFile, greyElements, rleFrame, syntaxUids, words } from "../../../support/dicom-writer.ts";
import { encodeFrame } from "../../../support/image-encoders.ts";
import { losslessJpeg } from "../../../support/lossless-jpeg.ts";

const rows = 24;
const cols = 20;
const size = rows * cols;
const grey = Uint8Array.from({ length: size }, (_, at) => 128 + 90 * Math.sin(at / 7) + ((at * 31) % 17));
const twelve = Uint16Array.from(grey, (value, at) => value * 16 + (at % 16));

/** One small file of every format. */
const makers = {
  png: () => raster(1).png().toBuffer(),
  "png of 16 bits": () =>
    sharp(twelve, { raw: { width: cols, height: rows, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer(),
  "png with a palette": () => raster(1).png({ palette: true }).toBuffer(),
  jpeg: () => raster(1).jpeg().toBuffer(),
  "jpeg, progressive": () => raster(1).jpeg({ progressive: true }).toBuffer(),
  "dicom, explicit": () => dicom(syntaxUids.explicit, words(twelve), 12),
  "dicom, implicit": () => dicom(syntaxUids.implicit, words(twelve), 12),
  "dicom, deflated": () => dicom(syntaxUids.deflated, words(twelve), 12),
  "dicom, RLE": () => dicom(syntaxUids.rle, [rleFrame([grey])], 8),
  "dicom, baseline JPEG": async () => dicom(syntaxUids.jpeg, [await raster(1).jpeg().toBuffer()], 8),
  "dicom, progressive JPEG": async () =>
    dicom("1.2.840.10008.1.2.4.55", [await raster(1).jpeg({ progressive: true }).toBuffer()], 8),
  "dicom, lossless JPEG": () =>
    dicom(
      syntaxUids.jpegLossless,
      [losslessJpeg([[...twelve]], { rows, cols, precision: 12, predictor: 4 })],
      12,
    ),
  "dicom, JPEG-LS": async () =>
    dicom(syntaxUids.jpegLs, [await encodeFrame("jpegLs", words(twelve), { rows, cols, bits: 12 })], 12),
  "dicom, JPEG 2000": async () =>
    dicom(syntaxUids.jpeg2000, [await encodeFrame("jpeg2000", words(twelve), { rows, cols, bits: 12 })], 12),
} as const;

const files: Partial<Record<keyof typeof makers, Uint8Array>> = {};
beforeAll(async () => {
  for (const [name, make] of Object.entries(makers)) files[name as keyof typeof makers] = await make(); // its own key
});

function raster(channels: 1) {
  return sharp(grey, { raw: { width: cols, height: rows, channels } }).toColourspace("b-w");
}

function dicom(syntax: string, pixels: Uint8Array | readonly Uint8Array[], bits: number): Uint8Array {
  return dicomFile({ syntax, elements: greyElements(rows, cols, { bits }), pixels });
}

function fileOf(name: string): Uint8Array {
  const file = files[name as keyof typeof makers];
  if (file === undefined) throw new Error(`Expected a file named ${name}, got none`);
  return file;
}

/** The image, or the code of the refusal; anything else that is thrown fails the test. */
async function outcome(file: Uint8Array): Promise<DecodedImage | string> {
  try {
    const image = await decodeImage(file, { maxPixels: 4_000_000 });
    expect(image.pixels.length).toBe(image.rows * image.cols);
    expect(image.white).toBeGreaterThan(image.black);
    return image;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (imageErrorCodes.some((known) => known === code)) return String(code);
    throw error;
  }
}

describe.each(Object.keys(makers))("%s", (name) => {
  test("is whole to begin with", async () => {
    expect(await outcome(fileOf(name))).toMatchObject({ rows, cols });
  });

  test("cut off anywhere is refused, or was whole without its last bytes", async () => {
    const file = fileOf(name);
    const whole = await outcome(file);
    const decoded: number[] = [];
    for (let length = 0; length < file.length; length += length < 400 ? 1 : 7) {
      const cut = await outcome(file.slice(0, length));
      if (typeof cut === "string") continue;
      decoded.push(length);
      expect(cut).toEqual(whole);
    }
    // The sums of PNG, the end marker of JPEG, the delimiter of DICOM.
    for (const length of decoded) expect(file.length - length).toBeLessThanOrEqual(24);
  });

  test("with bytes changed is refused or decoded, and nothing else happens", async () => {
    const file = fileOf(name);
    const change = fc.record({ at: fc.nat(file.length - 1), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const changed = file.slice();
        for (const { at, to } of changes) changed[at] = to;
        await outcome(changed);
      }),
      { numRuns: 300 },
    );
  });
});

test("whatever follows the letters DICM is refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      expect(typeof (await outcome(Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), bytes])))).toBe(
        "string",
      );
    }),
    { numRuns: 300 },
  );
});
