import type { Cells, TextCells } from "../tabular.ts";

const SLASH = 47;

/**
 * Segments `[first, last]` of cells that hold paths, as cells of their own over the same bytes; negative numbers count
 * from the end. A path with fewer segments gives an empty cell.
 */
export function partsOfCells(
  cells: Cells,
  rows: number,
  [first, last]: readonly [number, number],
): TextCells {
  if (cells.kind !== "text") throw new TypeError("Expected text cells to take parts of");
  const { bytes, stride, offset } = cells;
  const starts = new Int32Array(rows);
  const ends = new Int32Array(rows);
  const cuts: number[] = [];
  for (let row = 0; row < rows; row++) {
    // In bounds: the batch has `rows` rows.
    const start = cells.starts[row * stride + offset] as number;
    const end = cells.ends[row * stride + offset] as number;
    cuts.length = 0;
    cuts.push(start - 1);
    for (let at = start; at < end; at++) if (bytes[at] === SLASH) cuts.push(at);
    cuts.push(end);
    const segments = end > start ? cuts.length - 1 : 0;
    const from = first < 0 ? segments + first : first;
    const to = last < 0 ? segments + last : last;
    if (from < 0 || to < from || to >= segments) continue;
    starts[row] = (cuts[from] as number) + 1;
    ends[row] = cuts[to + 1] as number;
  }
  return { kind: "text", bytes, starts, ends, stride: 1, offset: 0 };
}

/** The text of one cell; a number as JavaScript writes it. */
export function textOfCell(cells: Cells, row: number): string {
  if (cells.kind === "number") return cells.nulls[row] === 1 ? "" : String(cells.values[row]);
  const cell = row * cells.stride + cells.offset;
  return latin1Or8(cells.bytes, cells.starts[cell] ?? 0, cells.ends[cell] ?? 0);
}

const decoder = new TextDecoder();

function latin1Or8(bytes: Uint8Array, start: number, end: number): string {
  // Paths and ids are short and mostly ASCII: a call to the decoder would cost more than the text.
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number; // safe: at < end <= bytes.length
    if (byte > 127 || end - start > 64) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}
