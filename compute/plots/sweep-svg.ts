import type { Axis } from "./axis.ts";
import { formatFixed, linearAxis } from "./axis.ts";
import type { Palette, Theme } from "./svg.ts";
import { element, figure, palettes, textElement } from "./svg.ts";
import { drawMarker, drawSeries, type SweepSeries } from "./sweep-series.ts";
import { fitText, textWidth, wrapText } from "./text-width.ts";

/** One panel: a transform, and a curve for each series. */
export interface SweepPanel {
  readonly title: string;
  readonly series: readonly SweepSeries[];
}

/** How a sweep is drawn. */
export interface SweepOptions {
  readonly title: string;
  readonly xName: string;
  /** Default "AUC". */
  readonly yName?: string;
  /** Log: each doubling takes the same room; only for x above 0. Default linear. */
  readonly scale?: "linear" | "log";
  /** A dotted line across; default 0.5, chance. */
  readonly reference?: number | null;
  /** Whether the title is drawn, beside being the figure's accessible name; default true. */
  readonly showTitle?: boolean;
  readonly theme?: Theme;
}

const width = 960;
const margin = 20;
const axisRoom = 52;
const panelGap = 28;
const plotHeight = 300;
const fontSize = 13;

/**
 * Draws curves over a parameter with their intervals as bands, panels side by side on one scale, as a self-contained SVG.
 * Series differ in colour, dash and shape of mark, so that they can be told apart in grey. A point without a value
 * breaks its curve and is crossed at the foot. O(points).
 */
export function sweepSvg(panels: readonly SweepPanel[], options: SweepOptions): string {
  const palette = palettes[options.theme ?? "light"];
  const reference = options.reference === undefined ? 0.5 : options.reference;
  const yName = options.yName ?? "AUC";
  const body: string[] = [];
  let top = margin;
  const heading =
    options.showTitle === false ? [] : wrapText(options.title, (width - 2 * margin) / 1.12, 16, 3);
  for (const line of heading) {
    top += 20;
    body.push(textElement(line, { x: margin, y: top, "font-size": 16, "font-weight": 600 }));
  }
  top += heading.length === 0 ? 4 : 36;
  const shown = panels.slice(0, 3);
  const room = Math.min(
    560,
    (width - 2 * margin - axisRoom - panelGap * (shown.length - 1)) / Math.max(1, shown.length),
  );
  const { low, high } = rangeOf(shown, reference);
  const y = linearAxis(low, high, top + plotHeight, top, 6);
  for (const [i, panel] of shown.entries()) {
    const left = margin + axisRoom + i * (room + panelGap);
    const x = axisOf(shown, options.scale ?? "linear", left + 12, left + room - 12);
    const frame = { left, right: left + room, x, y, palette };
    body.push(...drawFrame(panel.title, options.xName, pointsOf(panel), i === 0, frame));
    if (reference !== null) {
      const line = { x1: left, x2: left + room, y1: y.at(reference), y2: y.at(reference) };
      body.push(element("line", { ...line, stroke: palette.muted, "stroke-dasharray": "1.5 3" }));
    }
    for (const [j, series] of panel.series.entries()) body.push(drawSeries(series, j, { x, y, palette }));
  }
  const middle = top + plotHeight / 2;
  body.push(
    textElement(yName, {
      x: margin + 10,
      y: middle,
      transform: `rotate(-90 ${margin + 10} ${middle})`,
      "text-anchor": "middle",
      fill: palette.muted,
    }),
  );
  const names = [...new Set(shown.flatMap(({ series }) => series.map(({ name }) => name)))];
  const legend = drawLegend(names, top + plotHeight + 66, reference, palette);
  body.push(...legend.markup);
  const description = shown
    .map(({ title, series }) => `${title}. ${series.map((one) => inWords(one)).join(" ")}`)
    .join(" ");
  return figure({ width, height: legend.bottom }, { title: options.title, description, palette }, body);
}

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly palette: Palette;
}

function drawFrame(
  title: string,
  xName: string,
  xs: readonly number[],
  first: boolean,
  frame: Frame,
): string[] {
  const { left, right, x, y, palette } = frame;
  const [top, bottom] = [y.at(y.max), y.at(y.min)];
  const small = { "font-size": 12, fill: palette.muted };
  const parts = [
    textElement(fitText(title, right - left, fontSize, true), { x: left, y: top - 12, "font-weight": 600 }),
  ];
  for (const tick of y.ticks) {
    const at = y.at(tick);
    parts.push(
      element("line", { x1: left, x2: right, y1: at, y2: at, stroke: palette.rule, "stroke-opacity": 0.25 }),
    );
    if (!first) continue;
    const label = { x: left - 8, y: at + 4, "text-anchor": "end", ...small };
    parts.push(textElement(formatFixed(tick, y.decimals), label));
  }
  let free = Number.NEGATIVE_INFINITY;
  for (const value of xs) {
    const [at, label] = [x.at(value), String(value)];
    parts.push(element("line", { x1: at, x2: at, y1: bottom, y2: bottom + 4, stroke: palette.rule }));
    const half = textWidth(label, 12) / 2;
    if (at - half < free) continue;
    free = at + half + 4;
    parts.push(textElement(label, { x: at, y: bottom + 18, "text-anchor": "middle", ...small }));
  }
  const outline = {
    x: left,
    y: top,
    width: right - left,
    height: bottom - top,
    fill: "none",
    stroke: palette.rule,
  };
  const name = { x: (left + right) / 2, y: bottom + 38, "text-anchor": "middle", fill: palette.muted };
  parts.push(element("rect", outline), textElement(fitText(xName, right - left, fontSize), name));
  return parts;
}

function drawLegend(names: readonly string[], top: number, reference: number | null, palette: Palette) {
  const markup: string[] = [];
  let [x, y] = [margin + axisRoom, top];
  const place = (label: string, swatch: (x: number, y: number) => string) => {
    const needed = 38 + textWidth(label, fontSize) + 22;
    if (x + needed > width - margin && x > margin + axisRoom) {
      x = margin + axisRoom;
      y += 22;
    }
    markup.push(swatch(x, y), textElement(label, { x: x + 36, y: y + 4.5 }));
    x += needed;
  };
  for (const [i, name] of names.entries()) {
    place(fitText(name, 360, fontSize), (left, middle) => drawMarker(i, { left, middle }, palette));
  }
  if (reference !== null) {
    place(`${formatFixed(reference, 1)}: chance`, (left, middle) => {
      const line = { x1: left, x2: left + 28, y1: middle, y2: middle };
      return element("line", { ...line, stroke: palette.muted, "stroke-dasharray": "1.5 3" });
    });
  }
  return { markup, bottom: y + 24 };
}

function rangeOf(panels: readonly SweepPanel[], reference: number | null) {
  const known = panels.flatMap(({ series }) =>
    series.flatMap(({ points }) => points.flatMap(({ value, ciLow, ciHigh }) => [value, ciLow, ciHigh])),
  );
  const numbers = [...known, reference].filter((x) => typeof x === "number");
  if (numbers.length === 0) return { low: 0, high: 1 };
  const low = Math.floor(Math.min(...numbers) * 20 - 0.2) / 20;
  const high = Math.ceil(Math.max(...numbers) * 20 + 0.2) / 20;
  return { low: Math.max(0, low), high: Math.min(1, high) };
}

function axisOf(panels: readonly SweepPanel[], scale: "linear" | "log", from: number, to: number): Axis {
  const xs = panels.flatMap(pointsOf);
  const [least, most] = xs.length === 0 ? [0, 1] : [Math.min(...xs), Math.max(...xs)];
  const spread = least === most ? 1 : 0;
  if (scale === "linear" || least <= 0) return linearAxis(least - spread, most + spread, from, to, 6);
  const inner = linearAxis(Math.log2(least) - spread, Math.log2(most) + spread, from, to, 6);
  return { ...inner, at: (value) => inner.at(Math.log2(value)) };
}

function pointsOf({ series }: SweepPanel): number[] {
  const xs = new Set(series.flatMap(({ points }) => points.map(({ x }) => x)));
  return [...xs].sort((a, b) => a - b);
}

function inWords({ name, points }: SweepSeries): string {
  const told = points.map(({ x, value }) => `${x}: ${value === null ? "no value" : formatFixed(value, 3)}`);
  return `${name}: ${told.join(", ")}.`;
}
