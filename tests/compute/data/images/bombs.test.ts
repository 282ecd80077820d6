import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../../../compute/index.ts";
import { dicomFile, greyElements, syntaxUids } from "../../../support/dicom-writer.ts";
import { encodeFrame } from "../../../support/image-encoders.ts";

const code = (file: Uint8Array): Promise<unknown> =>
  decodeImage(file).then(
    () => "decoded",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );

/** A file whose data set goes on with these bytes instead of pixels. */
const withTail = (syntax: string, ...tail: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([dicomFile({ syntax, elements: {} }), ...tail]);

describe("DICOM headers that cost more than they weigh", () => {
  test("a million elements of eight bytes", async () => {
    const elements = Buffer.alloc(8_000_000);
    for (let index = 0; index < 1_000_000; index += 1) {
      elements.writeUInt16LE(9 + (index >> 16), 8 * index);
      elements.writeUInt16LE(index & 0xffff, 8 * index + 2);
    }
    expect(await code(withTail(syntaxUids.implicit, elements))).toBe("IMAGE_TOO_LARGE");
  });

  test("a million empty items of one sequence", async () => {
    const items = Buffer.alloc(8_000_000, Buffer.from("feff00e000000000", "hex"));
    const head = Buffer.from("080040115351000000127a00", "hex");
    expect(head.readUInt32LE(8)).toBe(items.length);
    expect(await code(withTail(syntaxUids.explicit, head, items))).toBe("IMAGE_TOO_LARGE");
  });

  test("two million fragments", async () => {
    const elements = greyElements(8, 8);
    const empty = dicomFile({ syntax: syntaxUids.jpegLs, elements, pixels: [] });
    const items = Buffer.alloc(12_000_000, Buffer.from("feff00e0020000000000", "hex"));
    expect(await code(Buffer.concat([empty.subarray(0, -8), items]))).toBe("IMAGE_TOO_LARGE");
  });
});

describe("JPEG 2000 streams that cost more than they weigh", () => {
  const side = 512;
  let stream: Buffer;
  /** Where the coding style is, and what it is long. */
  let style: number;
  let length: number;
  beforeAll(async () => {
    const pixels = Uint8Array.from({ length: side * side }, (_, at) => at % 251);
    stream = Buffer.from(await encodeFrame("jpeg2000", pixels, { rows: side, cols: side, bits: 8 }));
    style = stream.indexOf(Buffer.from([0xff, 0x52]));
    length = stream.readUInt16BE(style + 2);
  });
  const of = (changed: Uint8Array): Uint8Array =>
    dicomFile({ syntax: syntaxUids.jpeg2000, elements: greyElements(side, side), pixels: [changed] });
  const changed = (change: (copy: Buffer) => void): Uint8Array => {
    const copy = Buffer.from(stream);
    change(copy);
    return of(copy);
  };

  test("is one that is read to begin with", async () => {
    expect(await code(of(stream))).toBe("decoded");
  });

  test("tiles of two pixels", async () => {
    const file = changed((copy) => {
      copy.writeUInt32BE(2, 24);
      copy.writeUInt32BE(2, 28);
    });
    expect(await code(file)).toBe("IMAGE_TOO_LARGE");
  });

  test("precincts of one pixel in 65,535 layers", async () => {
    const levels = stream[style + 9] ?? 0;
    const sizes = Buffer.alloc(levels + 1);
    const end = style + 2 + length;
    const grown = Buffer.concat([stream.subarray(0, end), sizes, stream.subarray(end)]);
    grown.writeUInt16BE(length + sizes.length, style + 2);
    grown[style + 4] = (grown[style + 4] ?? 0) | 1;
    grown.writeUInt16BE(65_535, style + 6);
    expect(await code(of(grown))).toBe("IMAGE_TOO_LARGE");
  });

  test("a style that a tile gives anew", async () => {
    const tile = stream.indexOf(Buffer.from([0xff, 0x90]));
    const own = Buffer.from(stream.subarray(style, style + 2 + length));
    own.writeUInt16BE(65_535, 6);
    own[4] = (own[4] ?? 0) | 1;
    const levels = own[9] ?? 0;
    const grown = Buffer.concat([own, Buffer.alloc(levels + 1)]);
    grown.writeUInt16BE(length + levels + 1, 2);
    const file = Buffer.concat([stream.subarray(0, tile + 12), grown, stream.subarray(tile + 12)]);
    const partLength = file.readUInt32BE(tile + 6);
    if (partLength > 0) file.writeUInt32BE(partLength + grown.length, tile + 6);
    expect(await code(of(file))).toBe("IMAGE_TOO_LARGE");
  });

  test("a tile part that ends before it starts", async () => {
    const tile = stream.indexOf(Buffer.from([0xff, 0x90]));
    expect(await code(changed((copy) => copy.writeUInt32BE(1, tile + 6)))).toBe("IMAGE_CORRUPT");
    // Back to what follows its own header, for ever.
    expect(await code(changed((copy) => copy.writeUInt32BE(12, tile + 6)))).toBe("IMAGE_CORRUPT");
    expect(await code(changed((copy) => copy.writeUInt32BE(0xffff_ffff, tile + 6)))).toBe("IMAGE_TRUNCATED");
  });

  test("more levels than there are", async () => {
    expect(await code(changed((copy) => copy.writeUInt8(255, style + 9)))).toBe("IMAGE_CORRUPT");
  });

  test("a JP2 file around the stream is taken off", async () => {
    const signature = Buffer.from("0000000c6a5020200d0a870a", "hex");
    const type = Buffer.from("00000014667479706a703220000000006a703220", "hex");
    const box = Buffer.from("000000006a703263", "hex");
    expect(await code(of(Buffer.concat([signature, type, box, stream])))).toBe("decoded");
    expect(await code(of(Buffer.concat([signature, type])))).toBe("IMAGE_CORRUPT");
  });
});

test("a JPEG whose last scan is there three hundred times", async () => {
  const grey = { width: 64, height: 64, channels: 3, background: "#888" } as const;
  const file = await sharp({ create: grey }).toColourspace("b-w").jpeg({ progressive: true }).toBuffer();
  const scan = file.subarray(file.lastIndexOf(Buffer.from([0xff, 0xda])), -2);
  const many = Buffer.concat([
    file.subarray(0, -2),
    ...Array.from({ length: 300 }, () => scan),
    file.subarray(-2),
  ]);
  expect(await code(many)).toBe("IMAGE_CORRUPT");
  const syntax = "1.2.840.10008.1.2.4.55";
  expect(await code(dicomFile({ syntax, elements: greyElements(64, 64), pixels: [file] }))).toBe("decoded");
  expect(await code(dicomFile({ syntax, elements: greyElements(64, 64), pixels: [many] }))).toBe(
    "IMAGE_TOO_LARGE",
  );
});
