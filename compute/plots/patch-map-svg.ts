import { formatFixed } from "./axis.ts";
import type { Palette, Theme } from "./svg.ts";
import { element, figure, palettes, textElement } from "./svg.ts";
import { fitText, textWidth, wrapText } from "./text-width.ts";

/** A cell of a map: a value with its interval, or the reason why there is none. */
export interface PatchCell {
  readonly value: number | null;
  readonly ciLow?: number | null;
  readonly ciHigh?: number | null;
  readonly reason?: string | null;
  /** A published number for the same cell, shown small beneath. */
  readonly published?: number | null;
}

/** One grid of cells, row by row. */
export interface PatchGrid {
  readonly title: string;
  readonly rows: number;
  readonly cols: number;
  readonly cells: readonly PatchCell[];
}

/** How maps are drawn. */
export interface PatchMapOptions {
  readonly title: string;
  /** Default "AUC". */
  readonly valueName?: string;
  /** The values at the ends of the colours; default 0.5 and 1. */
  readonly range?: readonly [number, number];
  /** Whether the title is drawn, beside being the figure's accessible name; default true. */
  readonly showTitle?: boolean;
  readonly theme?: Theme;
}

const margin = 20;
const cellWidth = 132;
const cellHeight = 84;
const gridGap = 36;
/** Light to dark, one hue, and monotone in lightness: the order survives grey print and colour-vision deficiencies. */
const ramp = [
  [247, 251, 255],
  [198, 219, 239],
  [107, 174, 214],
  [33, 113, 181],
  [8, 48, 107],
] as const;

/**
 * Draws values of the parts of an image where the parts lie, each with its number and interval in the cell, as a
 * self-contained SVG; grids stand side by side on one scale of colours. O(cells).
 */
export function patchMapSvg(grids: readonly PatchGrid[], options: PatchMapOptions): string {
  const palette = palettes[options.theme ?? "light"];
  const range = options.range ?? [0.5, 1];
  const valueName = options.valueName ?? "AUC";
  const inner = grids.reduce(
    (sum, { cols }) => sum + cols * cellWidth,
    gridGap * Math.max(0, grids.length - 1),
  );
  const width = Math.max(480, 2 * margin + inner);
  const body: string[] = [];
  let top = margin;
  const heading =
    options.showTitle === false ? [] : wrapText(options.title, (width - 2 * margin) / 1.12, 16, 3);
  for (const line of heading) {
    top += 20;
    body.push(textElement(line, { x: margin, y: top, "font-size": 16, "font-weight": 600 }));
  }
  top += heading.length === 0 ? 6 : 34;
  let left = margin;
  for (const grid of grids) {
    const across = grid.cols * cellWidth;
    body.push(
      textElement(fitText(grid.title, across, 13, true), { x: left, y: top - 10, "font-weight": 600 }),
    );
    for (let i = 0; i < grid.rows * grid.cols; i++) {
      const at = { x: left + (i % grid.cols) * cellWidth, y: top + Math.floor(i / grid.cols) * cellHeight };
      body.push(drawCell(grid.cells[i] ?? { value: null }, at, range, palette));
    }
    left += across + gridGap;
  }
  const bottom = top + Math.max(0, ...grids.map(({ rows }) => rows)) * cellHeight;
  body.push(...drawScale(valueName, range, bottom + 18, palette));
  const description = grids
    .map(({ title, cells }) => `${title}, row by row: ${cells.map((cell) => valueText(cell)).join("; ")}.`)
    .join(" ");
  return figure({ width, height: bottom + 66 }, { title: options.title, description, palette }, body);
}

function drawCell(
  cell: PatchCell,
  { x, y }: { readonly x: number; readonly y: number },
  range: readonly [number, number],
  palette: Palette,
): string {
  const share = cell.value === null ? undefined : (cell.value - range[0]) / (range[1] - range[0]);
  const fill = share === undefined ? palette.band : colourAt(share);
  const ink = share !== undefined && share > 0.55 ? "#ffffff" : "#1b2733";
  const box = {
    x,
    y,
    width: cellWidth,
    height: cellHeight,
    fill,
    stroke: palette.background,
    "stroke-width": 2,
  };
  const centre = { x: x + cellWidth / 2, "text-anchor": "middle" };
  const parts = [element("rect", box)];
  if (cell.value === null) {
    const lines = wrapText(cell.reason ?? "no value", cellWidth - 12, 12, 3);
    for (const [i, line] of lines.entries()) {
      parts.push(textElement(line, { ...centre, y: y + 38 + 15 * i, "font-size": 12, fill: palette.muted }));
    }
    return parts.join("");
  }
  const small = { ...centre, "font-size": 12, fill: ink };
  parts.push(
    textElement(formatFixed(cell.value, 3), {
      ...centre,
      y: y + 32,
      "font-size": 18,
      "font-weight": 600,
      fill: ink,
    }),
  );
  if (typeof cell.ciLow === "number" && typeof cell.ciHigh === "number") {
    parts.push(
      textElement(`${formatFixed(cell.ciLow, 3)}–${formatFixed(cell.ciHigh, 3)}`, { ...small, y: y + 51 }),
    );
  }
  if (typeof cell.published === "number") {
    parts.push(
      textElement(`published ${formatFixed(cell.published, 3)}`, { ...small, "font-size": 11, y: y + 71 }),
    );
  }
  return parts.join("");
}

function drawScale(
  name: string,
  [low, high]: readonly [number, number],
  y: number,
  palette: Palette,
): string[] {
  const steps = 40;
  const start = margin + textWidth(name, 12) + 12;
  const parts = [textElement(name, { x: margin, y: y + 11, "font-size": 12, fill: palette.muted })];
  for (let i = 0; i < steps; i++) {
    const box = { x: start + 5 * i, y, width: 5.4, height: 14, fill: colourAt((i + 0.5) / steps) };
    parts.push(element("rect", box));
  }
  parts.push(
    element("rect", { x: start, y, width: 5 * steps, height: 14, fill: "none", stroke: palette.rule }),
  );
  for (const [value, x, anchor] of [
    [low, start, "start"],
    [(low + high) / 2, start + 2.5 * steps, "middle"],
    [high, start + 5 * steps, "end"],
  ] as const) {
    const style = { "font-size": 12, fill: palette.muted, "text-anchor": anchor };
    parts.push(textElement(formatFixed(value, 2), { x, y: y + 30, ...style }));
  }
  return parts;
}

function valueText({ value, ciLow, ciHigh, reason }: PatchCell): string {
  if (value === null) return reason ?? "no value";
  const known = typeof ciLow === "number" && typeof ciHigh === "number";
  return known
    ? `${formatFixed(value, 3)} (${formatFixed(ciLow, 3)}–${formatFixed(ciHigh, 3)})`
    : formatFixed(value, 3);
}

/** The colour at a share of the ramp, 0 to 1; beyond the ends, the ends. */
function colourAt(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (ramp.length - 1);
  const i = Math.min(ramp.length - 2, Math.floor(at));
  const [from, to] = [ramp[i] ?? ramp[0], ramp[i + 1] ?? ramp[0]];
  const mixed = from.map((part, c) => Math.round(part + (at - i) * ((to[c] ?? part) - part)));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
