import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../../../compute/index.ts";
import { dicomFile, type Elements, greyElements, syntaxUids } from "../../../support/dicom-writer.ts";
import { encodeFrame } from "../../../support/image-encoders.ts";
import { losslessJpeg } from "../../../support/lossless-jpeg.ts";

const rows = 6;
const cols = 8;
const size = rows * cols;
const { explicit } = syntaxUids;
const bytes = Uint8Array.from({ length: size }, (_, at) => at * 5);

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

describe("sizes that lie", () => {
  test.each([
    [
      "Rows as UL of four billion",
      { "00280010 UL": Uint8Array.of(255, 255, 255, 255), "00280010 US": [rows] },
      "IMAGE_TOO_LARGE",
    ],
    ["65535 x 65535", { "00280010 US": [65_535], "00280011 US": [65_535] }, "IMAGE_TOO_LARGE"],
    ["no rows", { "00280010 US": [0] }, "IMAGE_CORRUPT"],
    ["Rows of three bytes", { "00280010 US": Uint8Array.of(1, 2, 3, 4, 5, 6) }, "IMAGE_CORRUPT"],
    ["more frames than there are bytes", { "00280008 IS": "2147483647" }, "decoded"],
    ["frames without a number", { "00280008 IS": "1A" }, "IMAGE_CORRUPT"],
    ["minus one frames", { "00280008 IS": "-1" }, "IMAGE_CORRUPT"],
    ["more bits stored than allocated", { "00280101 US": [9] }, "IMAGE_CORRUPT"],
    ["a high bit outside", { "00280102 US": [8] }, "IMAGE_CORRUPT"],
    ["no bits stored", { "00280101 US": [0] }, "IMAGE_CORRUPT"],
    ["32 bits", { "00280100 US": [32] }, "IMAGE_KIND_UNSUPPORTED"],
    ["one bit", { "00280100 US": [1] }, "IMAGE_KIND_UNSUPPORTED"],
    ["three samples of grey", { "00280002 US": [3] }, "IMAGE_CORRUPT"],
    ["a slope of 0", { "00281053 DS": "0" }, "IMAGE_CORRUPT"],
    ["a slope of words", { "00281053 DS": "NaN" }, "IMAGE_CORRUPT"],
    ["a Modality LUT", { "00283000 SQ": [{ "00283002 US": [1, 0, 16] }] }, "IMAGE_KIND_UNSUPPORTED"],
    ["16 bits in the bytes of 8", { "00280100 US": [16] }, "IMAGE_CORRUPT"],
  ])("%s", async (_name, elements, expected) => {
    const { "00280010 UL": wide, ...rest } = elements as Elements;
    const file =
      wide === undefined
        ? grey(rest)
        : dicomFile({
            syntax: explicit,
            elements: { ...withoutRows, "00280010 UL": wide },
            pixels: bytes,
          });
    expect(await code(file)).toBe(expected);
  });

  const { "00280010 US": _rows, ...withoutRows } = greyElements(rows, cols);

  test("Rows as UL of their size are read", async () => {
    const elements = { ...withoutRows, "00280010 UL": Uint8Array.of(rows, 0, 0, 0) };
    expect(await values(dicomFile({ syntax: explicit, elements, pixels: bytes }))).toEqual([...bytes]);
  });

  test.each(["jpegLs", "jpeg2000"] as const)(
    "a %s stream of another size than its data set",
    async (format) => {
      const stream = await encodeFrame(format, Uint8Array.from([...bytes, ...bytes]), {
        rows: 2 * rows,
        cols,
        bits: 8,
      });
      expect(await code(grey({}, [stream], syntaxUids[format]))).toBe("IMAGE_CORRUPT");
    },
  );

  test("a JPEG of another size than its data set, through either decoder", async () => {
    const raw = { width: cols, height: 2 * rows, channels: 1 } as const;
    const image = sharp(Uint8Array.from([...bytes, ...bytes]), { raw }).toColourspace("b-w");
    for (const progressive of [false, true]) {
      const stream = await image.clone().jpeg({ progressive }).toBuffer();
      expect(await code(grey({}, [stream], syntaxUids.jpeg))).toBe("IMAGE_CORRUPT");
    }
    const plane = [...bytes, ...bytes];
    const stream = losslessJpeg([plane], { rows: 2 * rows, cols, precision: 8, predictor: 1 });
    expect(await code(grey({}, [stream], syntaxUids.jpegLossless))).toBe("IMAGE_CORRUPT");
  });

  test("a stream under another syntax", async () => {
    const stream = await encodeFrame("jpegLs", bytes, { rows, cols, bits: 8 });
    expect(await code(grey({}, [stream], syntaxUids.jpeg2000))).toBe("IMAGE_CORRUPT");
    expect(await code(grey({}, [stream], syntaxUids.rle))).toBe("IMAGE_TRUNCATED");
    expect(await code(grey({}, [stream]))).toBe("IMAGE_CORRUPT");
    expect(await code(grey({}, bytes, syntaxUids.rle))).toBe("IMAGE_CORRUPT");
  });

  test("a syntax that is not read", async () => {
    expect(await code(grey({}, bytes, "1.2.840.10008.1.2.4.100"))).toBe("IMAGE_SYNTAX_UNSUPPORTED");
    expect(await code(grey({}, bytes, "toString"))).toBe("IMAGE_SYNTAX_UNSUPPORTED");
  });

  test("no pixels at all", async () => {
    expect(await code(dicomFile({ syntax: explicit, elements: greyElements(rows, cols) }))).toBe(
      "IMAGE_NO_PIXELS",
    );
  });

  test("a deflated file that would grow a thousandfold is read no further than its pixels", async () => {
    const elements = { ...greyElements(rows, cols), "7fe00010 OB": new Uint8Array(64 * 1024 * 1024) };
    const file = dicomFile({ syntax: syntaxUids.deflated, elements });
    const before = process.memoryUsage().arrayBuffers;
    expect((await decodeImage(file)).pixels.length).toBe(size);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 1024 * 1024);
  });

  test("a header without end", async () => {
    const elements = { ...greyElements(rows, cols), "00191000 OB": new Uint8Array(17 * 1024 * 1024) };
    expect(await code(dicomFile({ syntax: explicit, elements, pixels: bytes }))).toBe("IMAGE_TOO_LARGE");
  });

  test("sequences nested ten thousand deep", async () => {
    const open = Buffer.concat([
      Buffer.from("0800401153510000ffffffff", "hex"),
      Buffer.from("feff00e0ffffffff", "hex"),
    ]);
    const file = Buffer.concat([
      dicomFile({ syntax: explicit, elements: {} }),
      ...Array.from({ length: 20_000 }, () => open),
    ]);
    expect(["IMAGE_CORRUPT", "IMAGE_TRUNCATED"]).toContain(await code(file));
  });
});
