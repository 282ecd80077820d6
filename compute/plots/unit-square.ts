import type { Axis } from "./axis.ts";
import { formatFixed, linearAxis } from "./axis.ts";
import type { Palette } from "./svg.ts";
import { element, textElement } from "./svg.ts";
import { fitText, wrapText } from "./text-width.ts";

const margin = 20;
const side = 420;
const axisRoom = 52;
const legendGap = 24;
const legendWidth = 300;
const lineHeight = 16;
const fontSize = 13;
/** When the colours are through, they start again with another dash. */
const dashes = [undefined, "7 3", "2 3", "9 3 2 3", "4 2", "12 4"] as const;

/** A square plot of [0, 1] x [0, 1] with its legend to the right. */
export interface UnitSquare {
  readonly x: Axis;
  readonly y: Axis;
  readonly width: number;
  readonly height: number;
  /** Title, grid, diagonal, axes and legend; draw the series after it. */
  readonly frame: readonly string[];
}

/** One entry of the legend: a name and a line of numbers under it. */
export interface LegendEntry {
  readonly label: string;
  readonly detail: string;
}

/** What surrounds the series. */
export interface UnitSquareWords {
  readonly title: string | undefined;
  readonly xName: string;
  readonly yName: string;
  readonly diagonal: string;
}

/** The colour and dash pattern of series number `i`. */
export function seriesStyle(i: number, palette: Palette) {
  const stroke = palette.series[i % palette.series.length] ?? palette.text;
  return {
    stroke,
    "stroke-width": 2,
    "stroke-dasharray": dashes[Math.floor(i / palette.series.length) % dashes.length],
  };
}

/** Lays out the square, its axes with a grid, the dashed diagonal, and a legend that grows downwards as it needs. */
export function unitSquare(
  words: UnitSquareWords,
  legend: readonly LegendEntry[],
  palette: Palette,
): UnitSquare {
  const width = margin + axisRoom + side + legendGap + legendWidth + margin;
  const frame: string[] = [];
  let top = margin;
  if (words.title !== undefined) {
    for (const line of wrapText(words.title, (width - 2 * margin) / 1.12, 16, 3)) {
      top += 20;
      frame.push(textElement(line, { x: margin, y: top, "font-size": 16, "font-weight": 600 }));
    }
    top += 16;
  }
  const left = margin + axisRoom;
  const x = linearAxis(0, 1, left, left + side, 5);
  const y = linearAxis(0, 1, top + side, top, 5);
  frame.push(...drawGrid(x, y, palette));
  const diagonal = {
    x1: x.at(0),
    y1: y.at(0),
    x2: x.at(1),
    y2: y.at(1),
    stroke: palette.rule,
    "stroke-dasharray": "5 4",
  };
  frame.push(element("line", diagonal));
  frame.push(...drawNames(words, x, y, palette));

  const legendLeft = left + side + legendGap;
  let bottom = top + 4;
  for (const [i, entry] of legend.entries()) {
    const lines = wrapText(entry.label, legendWidth - 40, fontSize, 2);
    const swatchY = bottom + 8;
    frame.push(
      element("line", {
        x1: legendLeft,
        x2: legendLeft + 28,
        y1: swatchY,
        y2: swatchY,
        ...seriesStyle(i, palette),
      }),
    );
    const tooltip = lines.at(-1)?.endsWith("…") ? entry.label : undefined;
    for (const line of lines) {
      frame.push(textElement(line, { x: legendLeft + 38, y: bottom + 12.5 }, tooltip));
      bottom += lineHeight;
    }
    for (const line of entry.detail === "" ? [] : wrapText(entry.detail, legendWidth - 40, 12, 2)) {
      frame.push(
        textElement(line, { x: legendLeft + 38, y: bottom + 12.5, "font-size": 12, fill: palette.muted }),
      );
      bottom += lineHeight;
    }
    bottom += 8;
  }
  const diagonalY = bottom + 8;
  frame.push(
    element("line", { ...diagonal, x1: legendLeft, x2: legendLeft + 28, y1: diagonalY, y2: diagonalY }),
  );
  frame.push(textElement(words.diagonal, { x: legendLeft + 38, y: bottom + 12.5, fill: palette.muted }));
  const height = Math.max(top + side + axisRoom, bottom + 2 * lineHeight) + 4;
  return { x, y, width, height, frame };
}

function drawGrid(x: Axis, y: Axis, palette: Palette): string[] {
  const small = { "font-size": 12, fill: palette.muted };
  const vertical = x.ticks.flatMap((tick) => [
    element("line", {
      x1: x.at(tick),
      x2: x.at(tick),
      y1: y.at(0),
      y2: y.at(1),
      stroke: palette.rule,
      "stroke-opacity": 0.25,
    }),
    textElement(formatFixed(tick, x.decimals), {
      x: x.at(tick),
      y: y.at(0) + 18,
      "text-anchor": "middle",
      ...small,
    }),
  ]);
  const horizontal = y.ticks.flatMap((tick) => [
    element("line", {
      x1: x.at(0),
      x2: x.at(1),
      y1: y.at(tick),
      y2: y.at(tick),
      stroke: palette.rule,
      "stroke-opacity": 0.25,
    }),
    textElement(formatFixed(tick, y.decimals), {
      x: x.at(0) - 8,
      y: y.at(tick) + 4,
      "text-anchor": "end",
      ...small,
    }),
  ]);
  const outline = { x: x.at(0), y: y.at(1), width: side, height: side, fill: "none", stroke: palette.rule };
  return [...vertical, ...horizontal, element("rect", outline)];
}

function drawNames({ xName, yName }: UnitSquareWords, x: Axis, y: Axis, palette: Palette): string[] {
  const style = { "text-anchor": "middle", fill: palette.muted };
  const turned = { x: margin + 10, y: y.at(0.5) };
  return [
    textElement(fitText(xName, side, fontSize), { x: x.at(0.5), y: y.at(0) + 40, ...style }),
    textElement(fitText(yName, side, fontSize), {
      ...turned,
      transform: `rotate(-90 ${turned.x} ${turned.y})`,
      ...style,
    }),
  ];
}
