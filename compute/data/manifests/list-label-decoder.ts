import { ByteDictionary } from "../predictions/byte-dictionary.ts";
import type { ColumnDecoder, DecodedColumn } from "../predictions/column-decoder.ts";
import type { Frame } from "../predictions/frame.ts";
import { nearestWord, quoteWord } from "../predictions/problem-log.ts";
import { UNKNOWN_TRUTH, type UnknownCells } from "../predictions/types.ts";
import type { Cells } from "../tabular.ts";
import type { LabelsMapping } from "./dataset-mapping.ts";

/** The most distinct lists in a column: NIH ChestX-ray14 has 836. */
const LIST_CAP = 100_000;

interface Verdict {
  readonly labels: Uint8Array;
  readonly problem: (() => string) | undefined;
  readonly isUnknown: boolean;
}

/**
 * Reads cells that list the classes of an image, as `Edema|Effusion`: 1 for each class that is named, 0 for the others.
 * An empty cell is unknown for all, or by the policy 0.
 */
export class ListLabelDecoder implements ColumnDecoder {
  readonly #at: DecodedColumn;
  readonly #slot: number;
  readonly #labels: LabelsMapping;
  readonly #list: NonNullable<LabelsMapping["list"]>;
  readonly #verdicts: Verdict[] = [];
  readonly #dictionary = new ByteDictionary(LIST_CAP, (text, code) => {
    this.#verdicts[code] = this.#judge(text);
  });
  #unknown = 0;

  /** @param slot - index of the frame's first byte column; one for each class follows. */
  constructor(
    at: DecodedColumn,
    slot: number,
    labels: LabelsMapping & { readonly list: NonNullable<LabelsMapping["list"]> },
  ) {
    this.#at = at;
    this.#slot = slot;
    this.#labels = labels;
    this.#list = labels.list;
  }

  decode(cells: Cells, lines: Uint32Array, from: number, to: number, frame: Frame, at: number): void {
    if (cells.kind !== "text") throw new TypeError("Expected text cells for a column of lists");
    const { bytes, starts, ends, stride, offset } = cells;
    for (let row = from, to_ = at; row < to; row++, to_++) {
      // In bounds: the batch has rows [from, to), the frame has the columns and room for them.
      const start = starts[row * stride + offset] as number;
      const end = ends[row * stride + offset] as number;
      const code = this.#dictionary.code(bytes, start, end);
      const verdict =
        this.#verdicts[code] ?? this.#judge(new TextDecoder().decode(bytes.subarray(start, end)));
      verdict.labels.forEach((label, index) => {
        (frame.u8[this.#slot + index] as Uint8Array)[to_] = label;
      });
      if (verdict.isUnknown) this.#unknown++;
      if (verdict.problem !== undefined) {
        const { problems, file, column } = this.#at;
        problems.add("UNKNOWN_LABEL", { file, line: lines[row] as number, column }, verdict.problem);
      }
    }
  }

  unknownCells(): UnknownCells {
    return { file: this.#at.file, column: this.#at.column, count: this.#unknown };
  }

  #judge(text: string): Verdict {
    const { classes, blank } = this.#labels;
    const { separator, map, alone } = this.#list;
    const words = text
      .split(separator)
      .map((word) => word.trim())
      .filter((word) => word !== "");
    if (words.length === 0) {
      const label = blank === "zeros" ? 0 : UNKNOWN_TRUTH;
      return {
        labels: new Uint8Array(classes.length).fill(label),
        problem: undefined,
        isUnknown: label !== 0,
      };
    }
    const labels = new Uint8Array(classes.length);
    let problem: Verdict["problem"];
    for (const word of words) {
      const name = Object.hasOwn(map, word) ? (map[word] ?? word) : word;
      const index = classes.indexOf(name);
      if (index >= 0) labels[index] = 1;
      else problem ??= () => unknownWord(word, classes);
      if (alone.includes(name) && words.length > 1) {
        problem ??= () => `Expected "${name}" to stand alone, got it beside other labels`;
      }
    }
    return { labels, problem, isUnknown: false };
  }
}

function unknownWord(word: string, classes: readonly string[]): string {
  const nearest = nearestWord(word, classes);
  const hint = nearest === undefined ? "" : ` (nearest: "${nearest}")`;
  return `Expected one of the ${classes.length} classes of the labels, got ${quoteWord(word)}${hint}; add it to labels.classes or map it`;
}
