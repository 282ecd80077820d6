import { deflateRawSync } from "node:zlib";

/** What is written for one element: text, 16-bit numbers, bytes, or the items of a sequence. */
export type Value = string | readonly number[] | Uint8Array | readonly Elements[];
/** `(gggg,eeee)` as 8 hexadecimal digits, with its representation: `"00280010 US": [64]`. */
export type Elements = Readonly<Record<string, Value>>;

/** Transfer syntaxes by the names that tests use. */
export const syntaxUids = {
  implicit: "1.2.840.10008.1.2",
  explicit: "1.2.840.10008.1.2.1",
  deflated: "1.2.840.10008.1.2.1.99",
  bigEndian: "1.2.840.10008.1.2.2",
  rle: "1.2.840.10008.1.2.5",
  jpeg: "1.2.840.10008.1.2.4.50",
  jpegLossless: "1.2.840.10008.1.2.4.70",
  jpegLs: "1.2.840.10008.1.2.4.80",
  jpeg2000: "1.2.840.10008.1.2.4.90",
} as const;

/** How a file is put together. */
export interface DicomParts {
  readonly syntax: string;
  readonly elements: Elements;
  /** Plain pixels, or fragments behind an empty offset table. */
  readonly pixels?: Uint8Array | readonly Uint8Array[];
  readonly offsetTable?: readonly number[];
  /** False leaves out the 128 bytes, the letters and the meta group. */
  readonly preamble?: boolean;
}

/** A DICOM file as small as it gets. */
export function dicomFile({
  syntax,
  elements,
  pixels,
  offsetTable,
  preamble = true,
}: DicomParts): Uint8Array {
  const writing = { implicit: syntax === syntaxUids.implicit, little: syntax !== syntaxUids.bigEndian };
  const parts = sorted(elements).map(([key, value]) => element(key, value, writing));
  if (pixels !== undefined) parts.push(pixelData(pixels, offsetTable ?? [], elements, writing));
  const dataSet = Buffer.concat(parts);
  const body = syntax === syntaxUids.deflated ? deflateRawSync(dataSet) : dataSet;
  if (!preamble) return body;
  const meta = element("00020010 UI", syntax, { implicit: false, little: true });
  const length = element("00020000 UL", Uint8Array.of(meta.length, 0, 0, 0), {
    implicit: false,
    little: true,
  });
  return Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), length, meta, body]);
}

/** The elements of a grey image. */
export function greyElements(
  rows: number,
  cols: number,
  { bits = 8, signed = false, photometric = "MONOCHROME2" } = {},
): Elements {
  return {
    "00080060 CS": "CR",
    "00280002 US": [1],
    "00280004 CS": photometric,
    "00280010 US": [rows],
    "00280011 US": [cols],
    "00280100 US": [bits > 8 ? 16 : 8],
    "00280101 US": [bits],
    "00280102 US": [bits - 1],
    "00280103 US": [signed ? 1 : 0],
  };
}

/** The elements of a colour image of 8 bits. */
export function colourElements(rows: number, cols: number, photometric = "RGB", planar = 0): Elements {
  return {
    ...greyElements(rows, cols, { photometric }),
    "00280002 US": [3],
    "00280006 US": [planar],
  };
}

/** 16-bit numbers as bytes, low byte first or last. */
export function words(values: Iterable<number>, little = true): Uint8Array {
  const numbers = Uint16Array.from(values, (value) => value & 0xffff);
  const bytes = Buffer.alloc(numbers.length * 2);
  for (const [index, value] of numbers.entries()) {
    if (little) bytes.writeUInt16LE(value, 2 * index);
    else bytes.writeUInt16BE(value, 2 * index);
  }
  return bytes;
}

/** PackBits of one byte plane: runs of three or more, and literals. */
export function packBits(plane: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < plane.length; ) {
    let run = 1;
    while (run < 128 && plane[at + run] === plane[at] && at + run < plane.length) run += 1;
    if (run >= 3) {
      out.push(257 - run, plane[at] ?? 0);
      at += run;
    } else {
      const literal = plane.subarray(at, Math.min(at + 7, plane.length));
      out.push(literal.length - 1, ...literal);
      at += literal.length;
    }
  }
  if (out.length % 2 === 1) out.push(128);
  return Uint8Array.from(out);
}

/** An RLE frame of byte planes, high bytes first. */
export function rleFrame(planes: readonly Uint8Array[]): Uint8Array {
  const segments = planes.map(packBits);
  const header = Buffer.alloc(64);
  header.writeUInt32LE(segments.length, 0);
  let at = 64;
  for (const [index, segment] of segments.entries()) {
    header.writeUInt32LE(at, 4 + 4 * index);
    at += segment.length;
  }
  return Buffer.concat([header, ...segments]);
}

interface Writing {
  readonly implicit: boolean;
  readonly little: boolean;
}

function sorted(elements: Elements): [string, Value][] {
  return Object.entries(elements).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function element(key: string, value: Value, writing: Writing, undefinedLength = false): Buffer {
  const [tag = "", vr = ""] = key.split(" ");
  const content = contentOf(value, writing, vr);
  const long = ["OB", "OW", "SQ", "UN", "UT"].includes(vr);
  const head = Buffer.alloc(writing.implicit ? 8 : long ? 12 : 8);
  u16(head, Number.parseInt(tag.slice(0, 4), 16), 0, writing);
  u16(head, Number.parseInt(tag.slice(4), 16), 2, writing);
  if (!writing.implicit) head.write(vr, 4, "latin1");
  const length = undefinedLength ? 0xffff_ffff : content.length;
  if (writing.implicit || long) u32(head, length, head.length - 4, writing);
  else u16(head, length, 6, writing);
  return Buffer.concat([head, content]);
}

function contentOf(value: Value, writing: Writing, vr: string): Buffer {
  if (typeof value === "string") {
    const text = Buffer.from(value, "latin1");
    return text.length % 2 === 0 ? text : Buffer.concat([text, Buffer.from(vr === "UI" ? "\0" : " ")]);
  }
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (isItems(value)) {
    return Buffer.concat(
      value.map((item) => {
        const content = Buffer.concat(sorted(item).map(([key, inner]) => element(key, inner, writing)));
        return Buffer.concat([itemHead(0xe000, content.length, writing), content]);
      }),
    );
  }
  return Buffer.from(words(value, writing.little));
}

function isItems(value: readonly number[] | readonly Elements[]): value is readonly Elements[] {
  return typeof value[0] === "object";
}

function pixelData(
  pixels: Uint8Array | readonly Uint8Array[],
  offsetTable: readonly number[],
  elements: Elements,
  writing: Writing,
): Buffer {
  const wide = (elements["00280100 US"] as readonly number[] | undefined)?.[0] === 16;
  if (pixels instanceof Uint8Array) return element(`7fe00010 ${wide ? "OW" : "OB"}`, pixels, writing);
  const table = Buffer.alloc(4 * offsetTable.length);
  for (const [index, offset] of offsetTable.entries()) table.writeUInt32LE(offset, 4 * index);
  const items = [table, ...pixels].flatMap((item) => {
    const padded = item.length % 2 === 0 ? item : Buffer.concat([item, Buffer.alloc(1)]);
    return [itemHead(0xe000, padded.length, writing), padded];
  });
  return element("7fe00010 OB", Buffer.concat([...items, itemHead(0xe0dd, 0, writing)]), writing, true);
}

function itemHead(number: number, length: number, writing: Writing): Buffer {
  const head = Buffer.alloc(8);
  u16(head, 0xfffe, 0, writing);
  u16(head, number, 2, writing);
  u32(head, length, 4, writing);
  return head;
}

function u16(into: Buffer, value: number, at: number, { little }: Writing): void {
  if (little) into.writeUInt16LE(value, at);
  else into.writeUInt16BE(value, at);
}

function u32(into: Buffer, value: number, at: number, { little }: Writing): void {
  if (little) into.writeUInt32LE(value, at);
  else into.writeUInt32BE(value, at);
}
