import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type DecodedImage,
  decodeImage,
  describeImage,
  readDicomAttributes,
} from "../../../../compute/index.ts";
import { findSharedData } from "../../../support/shared-data.ts";

const folder = findSharedData("dicom", "real DICOM files of many kinds");
const filesOf = (name: string): readonly string[] =>
  folder === undefined ? [] : readdirSync(join(folder, name)).map((file) => join(folder, name, file));
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const read = (path: string): Promise<DecodedImage> => decodeImage(readFileSync(path));

/** Whether two images hold the same bytes; `toEqual` takes seconds for a million numbers. */
function areSame({ pixels: a }: DecodedImage, { pixels: b }: DecodedImage): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  return a.constructor === b.constructor && Buffer.compare(bytes(a), bytes(b)) === 0;
}

/** Least, most and mean of the pixels. */
function summary({ pixels }: DecodedImage): { min: number; max: number; mean: number } {
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of pixels) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  return { min, max, mean: sum / pixels.length };
}

describe.skipIf(folder === undefined)(
  "one slice in many syntaxes (real data, skipped where it is absent)",
  () => {
    const files = filesOf("one_image_many_syntaxes");
    const lossy = /JPEGProcess(1|2_4|6_8|10_12)T|LSLossy/;
    const plain = files.find((file) => file.endsWith("CTImage.dcm")) ?? "";

    test.each(files.filter((file) => !lossy.test(file)).map((file) => [nameOf(file), file]))(
      "%s",
      async (_name, file) => {
        const image = await read(file);
        expect(areSame(image, await read(plain))).toBe(true);
        // What the file's source states, -2000, 2402 and 74.924, is before the intercept of -1024.
        const { min, max, mean } = summary(image);
        expect([min + 1024, max + 1024]).toEqual([-2000, 2402]);
        expect(mean + 1024).toBeCloseTo(74.924, 3);
        expect(image).toMatchObject({ rows: 512, cols: 512, black: -32_768 - 1024, white: 32_767 - 1024 });
      },
    );

    // Steps of a stored value are 2 after rescale with 12 bits and 32 with 8; near-lossless is off by 1 at most.
    const distances: Readonly<Record<string, number>> = {
      LSLossy: 0.9,
      "1T": 40,
      "2_4T": 5.5,
      "6_8T": 5.5,
      "10_12T": 5.5,
    };

    test.each(Object.entries(distances))("lossy %s stays close", async (name, distance) => {
      const file =
        files.find((candidate) => candidate.includes(name === "LSLossy" ? name : `Process${name}`)) ?? "";
      const [image, original] = await Promise.all([read(file), read(plain)]);
      let squares = 0;
      for (const [at, value] of original.pixels.entries()) squares += ((image.pixels[at] ?? 0) - value) ** 2;
      expect(Math.sqrt(squares / original.pixels.length)).toBeLessThan(distance);
    });

    test("the three processes of 12 bits hold the same coefficients", async () => {
      const twelve = files.filter((file) => /2_4|6_8|10_12/.test(file));
      const [first, ...others] = await Promise.all(twelve.map(read));
      for (const other of others) expect(first !== undefined && areSame(first, other)).toBe(true);
      expect(others.length).toBe(2);
    });
  },
);

describe.skipIf(folder === undefined)("odd files (real data, skipped where it is absent)", () => {
  const outcomes: Readonly<Record<string, string | { min: number; max: number; mean: number }>> = {
    "ExplVR_BigEnd.dcm": { min: 123, max: 255, mean: 222.499 },
    "MR_small.dcm": { min: 127, max: 2145, mean: 518.881 },
    "MR_small_RLE.dcm": { min: 127, max: 2145, mean: 518.881 },
    "MR_truncated.dcm": "IMAGE_TRUNCATED",
    // Elements without representations under a syntax that has them, and YCbCr under RGB.
    "SC_rgb_jpeg.dcm": { min: 139, max: 251, mean: 243.977 },
    "SC_rgb_rle_2frame.dcm": { min: 0, max: 255, mean: 127.7 },
    // A dose grid of 32 bits.
    "badVR.dcm": "IMAGE_KIND_UNSUPPORTED",
    // Only the delimiter behind the last fragment is missing.
    "emri_small_jpeg_2k_lossless_too_short.dcm": { min: 0, max: 425, mean: 144.278 },
    "meta_missing_tsyntax.dcm": "IMAGE_CORRUPT",
    // A byte too many before the first element.
    "no_meta.dcm": "IMAGE_FORMAT_UNKNOWN",
    "rtplan.dcm": "IMAGE_NO_PIXELS",
  };

  test("are all listed here", () => {
    expect(filesOf("odd").map(nameOf).toSorted()).toEqual(Object.keys(outcomes).toSorted());
  });

  test.each(filesOf("odd").map((file) => [nameOf(file), file]))("%s", async (name, file) => {
    const expected = outcomes[name];
    if (typeof expected === "string") {
      await expect(read(file)).rejects.toMatchObject({ name: "ImageError", code: expected });
      return;
    }
    const { min, max, mean } = summary(await read(file));
    expect({ min, max, mean: Math.round(mean * 1000) / 1000 }).toEqual(expected);
  });

  test("all ten frames of the one that lacks its delimiter are there", async () => {
    const file = readFileSync(filesOf("odd").find((path) => path.includes("emri")) ?? "");
    const frames = await Promise.all(Array.from({ length: 10 }, (_, frame) => decodeImage(file, { frame })));
    const means = frames.map((image) => Math.round(summary(image).mean));
    expect(means).toEqual([144, 134, 123, 113, 99, 87, 81, 91, 108, 118]);
    await expect(decodeImage(file, { frame: 10 })).rejects.toMatchObject({ code: "IMAGE_FRAME_MISSING" });
  });
});

describe.skipIf(folder === undefined)(
  "radiographs and a series (real data, skipped where it is absent)",
  () => {
    test("the MONOCHROME1 copy of a radiograph is its negative", async () => {
      const [negative, positive] = filesOf("chest_xray")
        .filter((file) => !file.includes("J2KI"))
        .toSorted()
        .toReversed();
      const [turned, plain] = await Promise.all([read(negative ?? ""), read(positive ?? "")]);
      const negated = plain.pixels.map((value) => 255 - value);
      expect(Buffer.compare(turned.pixels as Uint8Array, negated as Uint8Array)).toBe(0); // of 8 bits
    });

    test("a radiograph of 15 bits in JPEG 2000 fills its range", async () => {
      const file = filesOf("chest_xray").find((path) => path.includes("J2KI")) ?? "";
      const image = await read(file);
      expect(image).toMatchObject({ rows: 1955, cols: 1841, black: 0, white: 32_767 });
      expect(summary(image)).toMatchObject({ min: 6255, max: 31_964 });
      expect(await describeImage(readFileSync(file))).toMatchObject({ bits: 15, frames: 1, channels: 1 });
    });

    test("slices of a series are sorted by their place", async () => {
      const attributes = await Promise.all(
        filesOf("ct_series_3slice").map((file) => readDicomAttributes(readFileSync(file))),
      );
      const slices = attributes.map(({ slice }) => slice ?? Number.NaN);
      expect(new Set(slices).size).toBe(3);
      expect(slices.every(Number.isFinite)).toBe(true);
      expect(new Set(attributes.map(({ seriesUid }) => seriesUid)).size).toBe(1);
      expect(attributes[0]).toMatchObject({
        modality: "CT",
        sex: "M",
        age: "060Y",
        ageYears: 60,
        rows: 512,
        hasPixels: true,
      });
    });
  },
);
