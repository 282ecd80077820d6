import type { Element } from "dicom-parser";
import { ImageError } from "../image-error.ts";

/** `x00280010`, as dicom-parser names a tag. */
export type Tag = `x${string}`;

/** Where the elements of a data set lie, by tag. */
export type ElementTable = Readonly<Record<string, Element | undefined>>;

const CHARACTER_SET = "x00080005";
/** Specific Character Sets that are not Latin-1 and that one decoder reads (PS3.3 C.12.1.1.2). */
const encodings: Readonly<Record<string, string>> = {
  "ISO_IR 192": "utf-8",
  GB18030: "gb18030",
  GBK: "gbk",
  "ISO_IR 101": "iso-8859-2",
  "ISO_IR 109": "iso-8859-3",
  "ISO_IR 110": "iso-8859-4",
  "ISO_IR 144": "iso-8859-5",
  "ISO_IR 127": "iso-8859-6",
  "ISO_IR 126": "iso-8859-7",
  "ISO_IR 138": "iso-8859-8",
  "ISO_IR 148": "windows-1254",
  "ISO_IR 166": "windows-874",
  "ISO_IR 13": "shift_jis",
};

/**
 * The values of a data set. Elements are read by what they hold, not by the representation they claim: archives write
 * `UN` for anything.
 */
export class DicomElements {
  readonly #bytes: Uint8Array;
  readonly #table: ElementTable;
  readonly #littleEndian: boolean;

  /** @throws {ImageError} IMAGE_TRUNCATED when an element reaches beyond the bytes */
  constructor(bytes: Uint8Array, table: ElementTable, littleEndian: boolean) {
    this.#bytes = bytes;
    this.#table = table;
    this.#littleEndian = littleEndian;
  }

  has(tag: Tag): boolean {
    return this.#find(tag) !== undefined;
  }

  /** The bytes of an element; undefined when it is absent or empty. */
  findBytes(tag: Tag): Uint8Array | undefined {
    const element = this.#find(tag);
    if (element === undefined || element.length === 0) return undefined;
    if (element.dataOffset + element.length > this.#bytes.length) {
      throw new ImageError(
        "IMAGE_TRUNCATED",
        `Expected element ${name(tag)} to end inside the file; copy it again`,
      );
    }
    return this.#bytes.subarray(element.dataOffset, element.dataOffset + element.length);
  }

  /** A text without the padding around it; undefined when absent or blank. */
  findText(tag: Tag): string | undefined {
    const bytes = this.findBytes(tag);
    if (bytes === undefined) return undefined;
    const text = new TextDecoder(this.#encodingOf(tag)).decode(bytes);
    let end = text.length;
    while (end > 0 && (text[end - 1] === "\0" || text[end - 1] === " ")) end -= 1;
    const trimmed = text.slice(0, end).trim();
    return trimmed === "" ? undefined : trimmed;
  }

  /** The numbers of a decimal or integer string. @throws {ImageError} IMAGE_CORRUPT when one is none */
  findNumbers(tag: Tag): readonly number[] | undefined {
    const text = this.findText(tag);
    if (text === undefined) return undefined;
    return text.split("\\").map((part) => {
      const value = Number(part);
      if (part.trim() === "" || !Number.isFinite(value)) {
        throw new ImageError(
          "IMAGE_CORRUPT",
          `Expected decimal numbers in element ${name(tag)}, got other text`,
        );
      }
      return value;
    });
  }

  /** The first of them. */
  findNumber(tag: Tag): number | undefined {
    return this.findNumbers(tag)?.[0];
  }

  /** An unsigned number of two bytes, or of four (Rows as UL are seen). @throws {ImageError} IMAGE_CORRUPT */
  findUint(tag: Tag): number | undefined {
    const bytes = this.findBytes(tag);
    if (bytes === undefined) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length === 2) return view.getUint16(0, this.#littleEndian);
    if (bytes.length === 4) return view.getUint32(0, this.#littleEndian);
    throw new ImageError(
      "IMAGE_CORRUPT",
      `Expected a whole number in element ${name(tag)}, got ${bytes.length} bytes`,
    );
  }

  /** The same, or `otherwise` when absent. */
  uintOr(tag: Tag, otherwise: number): number {
    return this.findUint(tag) ?? otherwise;
  }

  /** The items of a sequence; empty when absent. */
  itemsOf(tag: Tag): readonly DicomElements[] {
    const items = this.#find(tag)?.items ?? [];
    return items.map(
      (item) => new DicomElements(this.#bytes, item.dataSet?.elements ?? {}, this.#littleEndian),
    );
  }

  #find(tag: Tag): Element | undefined {
    return Object.hasOwn(this.#table, tag) ? this.#table[tag] : undefined;
  }

  #encodingOf(tag: Tag): string {
    if (tag === CHARACTER_SET) return "latin1";
    const names = this.findText(CHARACTER_SET)?.split("\\") ?? [];
    const known = names.map((set) => encodings[set.replace("ISO 2022 IR", "ISO_IR").trim()]);
    return known.find((encoding) => encoding !== undefined) ?? "latin1";
  }
}

/** `(0028,0010)`, as the standard writes a tag. */
export function name(tag: Tag): string {
  return `(${tag.slice(1, 5)},${tag.slice(5)})`;
}
