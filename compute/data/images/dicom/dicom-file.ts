import { createRequire } from "node:module";
import type { Element } from "dicom-parser";
import { ImageError, toImageError } from "../image-error.ts";
import { DICOM_PREAMBLE, isValueRepresentation, startsLikeDataSet } from "../image-format.ts";
import { DicomElements } from "./dicom-elements.ts";
import { inflateUpTo } from "./inflate.ts";
import { EXPLICIT_LITTLE_ENDIAN, requireSyntax, type TransferSyntax } from "./transfer-syntaxes.ts";

/** A DICOM file up to its pixels. */
export interface DicomFile {
  readonly syntax: TransferSyntax;
  readonly elements: DicomElements;
  readonly pixelData: PixelData | undefined;
}

/** Where the pixel data lies. */
export interface PixelData {
  readonly vr: string | undefined;
  /** Undefined where the element is a sequence of fragments. */
  readonly length: number | undefined;
  /** The bytes from its value on; of a deflated file up to `needed` bytes. */
  bytes(needed: number): Promise<Uint8Array>;
}

/** Most bytes before the pixels; the longest real headers (enhanced CT of a thousand frames) have a few million. */
export const MAX_HEADER_BYTES = 16 * 1024 * 1024;
/**
 * Most 16-bit words of tags and lengths: two or three an element. The parser keeps some 400 bytes and takes microseconds
 * for each of 8, so that a file of megabytes could take a gigabyte; those thousand frames have 300,000.
 */
const MAX_HEADER_WORDS = 1_000_000;
const MAX_META_BYTES = 64 * 1024;
const PIXEL_DATA = "x7fe00010";
const UNDEFINED_LENGTH = 0xffff_ffff;

/** Loaded by the first DICOM file. A bundle of CommonJS: its names cannot be imported one by one. */
const load = createRequire(import.meta.url);
let parser: typeof import("dicom-parser") | undefined;
function loadParser(): typeof import("dicom-parser") {
  parser ??= load("dicom-parser") as typeof import("dicom-parser"); // its own declarations
  return parser;
}

/**
 * Reads a file up to its pixels, with or without the preamble and the meta group. O(header).
 *
 * @throws {ImageError} IMAGE_FORMAT_UNKNOWN, IMAGE_TRUNCATED, IMAGE_CORRUPT, IMAGE_TOO_LARGE, IMAGE_SYNTAX_UNSUPPORTED
 */
export async function openDicom(file: Uint8Array): Promise<DicomFile> {
  const { uid, start } = readMeta(file);
  const declared = requireSyntax(uid ?? EXPLICIT_LITTLE_ENDIAN);
  const compressed = file.subarray(start);
  const dataSet = declared.deflated ? await inflateUpTo(compressed, MAX_HEADER_BYTES) : compressed;
  const syntax = { ...declared, implicit: isImplicit(dataSet, declared) };
  const header = dataSet.subarray(0, MAX_HEADER_BYTES);
  const table = parseElements(
    header,
    syntax,
    header.length < dataSet.length || header.length === MAX_HEADER_BYTES,
  );
  const element = Object.hasOwn(table, PIXEL_DATA) ? table[PIXEL_DATA] : undefined;
  const elements = new DicomElements(header, table, syntax.littleEndian);
  if (element === undefined) return { syntax, elements, pixelData: undefined };
  const { dataOffset, length, vr } = element;
  return {
    syntax,
    elements,
    pixelData: {
      vr,
      length: length === UNDEFINED_LENGTH ? undefined : length,
      async bytes(needed) {
        const whole =
          declared.deflated && dataOffset + needed > dataSet.length
            ? await inflateUpTo(compressed, dataOffset + needed)
            : dataSet;
        return whole.subarray(dataOffset);
      },
    },
  };
}

/** The transfer syntax of the meta group, where there is one, and where the data set starts. */
function readMeta(file: Uint8Array): { readonly uid: string | undefined; readonly start: number } {
  const { ByteStream, littleEndianByteArrayParser, readDicomElementExplicit } = loadParser();
  const first = startsLikeDataSet(file) ? 0 : DICOM_PREAMBLE + 4;
  const meta = file.subarray(0, first + MAX_META_BYTES);
  const table: Record<string, Element> = {};
  let start = first;
  try {
    const stream = new ByteStream(littleEndianByteArrayParser, meta, first);
    while (start + 2 <= meta.length && meta[start] === 2 && meta[start + 1] === 0) {
      const element = readDicomElementExplicit(stream);
      table[element.tag] = element;
      start = stream.position;
    }
  } catch (cause) {
    throw unreadable(cause, "meta group", false);
  }
  if (start >= file.length) {
    throw new ImageError(
      "IMAGE_TRUNCATED",
      "Expected a data set behind the DICOM header, got the end of the file",
    );
  }
  if (start > meta.length) throw tooLong();
  return { uid: new DicomElements(meta, table, true).findText("x00020010"), start };
}

/**
 * Whether elements have no value representation. The first element shows it: writers are known that put implicit
 * elements under a syntax that is explicit, and the other way round.
 */
function isImplicit(dataSet: Uint8Array, declared: TransferSyntax): boolean {
  if (!declared.littleEndian || dataSet.length < 8) return declared.implicit;
  return !isValueRepresentation(dataSet, 4);
}

function parseElements(
  header: Uint8Array,
  { implicit, littleEndian }: TransferSyntax,
  isPart: boolean,
): Record<string, Element | undefined> {
  const { ByteStream, littleEndianByteArrayParser, bigEndianByteArrayParser, ...parse } = loadParser();
  const byteArrayParser = littleEndian ? littleEndianByteArrayParser : bigEndianByteArrayParser;
  const elements: Record<string, Element> = {};
  const stream = new ByteStream(byteArrayParser, header, 0);
  const readWord = stream.readUint16.bind(stream);
  let wordsLeft = MAX_HEADER_WORDS;
  stream.readUint16 = () => {
    wordsLeft -= 1;
    if (wordsLeft < 0)
      throw new ImageError("IMAGE_TOO_LARGE", "Expected fewer DICOM elements, got a million words of them");
    return readWord();
  };
  // What the parser uses of a DataSet: the table it fills, the bytes and the warnings.
  const dataSet = { elements, byteArray: header, byteArrayParser, warnings: [] } as unknown as Parameters<
    typeof parse.parseDicomDataSetExplicit
  >[0];
  try {
    if (implicit) parse.parseDicomDataSetImplicit(dataSet, stream, header.length, { untilTag: PIXEL_DATA });
    else parse.parseDicomDataSetExplicit(dataSet, stream, header.length, { untilTag: PIXEL_DATA });
  } catch (cause) {
    throw unreadable(cause, "data set", isPart);
  }
  // The implicit reader walks past the end without a word.
  if (stream.position > header.length) throw isPart ? tooLong() : cutOff("data set");
  if (isPart && !Object.hasOwn(elements, PIXEL_DATA)) throw tooLong();
  return elements;
}

/** The parser throws texts; a RangeError is its recursion on sequences nested without end. */
function unreadable(cause: unknown, part: string, isPart: boolean): ImageError {
  if (cause instanceof RangeError) {
    return new ImageError("IMAGE_CORRUPT", "Expected sequences of a few levels, got thousands", { cause });
  }
  if (/past end|overrun/.test(String(cause))) return isPart ? tooLong() : cutOff(part);
  return toImageError(cause, "IMAGE_CORRUPT", `Expected a ${part} of DICOM elements, got other bytes`);
}

function cutOff(part: string): ImageError {
  return new ImageError("IMAGE_TRUNCATED", `Expected the rest of the DICOM ${part}, got the end of the file`);
}

function tooLong(): ImageError {
  return new ImageError(
    "IMAGE_TOO_LARGE",
    `Expected pixel data within the first ${MAX_HEADER_BYTES} bytes, got none; strip private elements`,
  );
}
