import { formatFixed } from "./axis.ts";
import type { Layout, Range } from "./forest-layout.ts";
import { element, writeNumber as n, textElement } from "./svg.ts";
import { fitText, textWidth } from "./text-width.ts";

/** Colour and width of a line. */
export interface Stroke {
  readonly stroke: string;
  readonly "stroke-width": number;
}

/** The part of a layout that marks need, so that other plots can draw them too. */
export type MarkLayout = Pick<Layout, "axis" | "palette" | "plotLeft" | "plotRight">;

/** A horizontal interval with end ticks, or with an arrow head at an end that leaves the axis. */
export function whisker(range: Range, y: number, stroke: Stroke, layout: MarkLayout): string {
  const { axis, plotLeft, plotRight } = layout;
  if (range.high < axis.min || range.low > axis.max) return "";
  const [cutLow, cutHigh] = [range.low < axis.min, range.high > axis.max];
  const x1 = cutLow ? plotLeft : axis.at(range.low);
  const x2 = cutHigh ? plotRight : axis.at(range.high);
  const end = (x: number, cut: boolean, inward: number) =>
    cut
      ? element("path", { d: `M${n(x)} ${n(y)}l${8 * inward} -5v10z`, fill: stroke.stroke })
      : element("line", { x1: x, x2: x, y1: y - 4, y2: y + 4, stroke: stroke.stroke, "stroke-width": 1.6 });
  const shaft = { x1: cutLow ? x1 + 6 : x1, x2: cutHigh ? x2 - 6 : x2, y1: y, y2: y, ...stroke };
  return element("line", { ...shaft }) + end(x1, cutLow, 1) + end(x2, cutHigh, -1);
}

/** A diamond from low to high with its peak at `peak`, cut where the axis ends and never narrower than it is high. */
export function diamond(
  range: Range,
  peak: number,
  y: number,
  half: number,
  layout: MarkLayout,
  fill: string,
): string {
  const { axis, palette } = layout;
  if (peak < axis.min || peak > axis.max) return "";
  const x = axis.at(peak);
  const left = Math.min(axis.at(Math.max(range.low, axis.min)), x - 0.7 * half);
  const right = Math.max(axis.at(Math.min(range.high, axis.max)), x + 0.7 * half);
  const d = `M${n(left)} ${n(y)}L${n(x)} ${n(y - half)}L${n(right)} ${n(y)}L${n(x)} ${n(y + half)}Z`;
  return element("path", {
    d,
    fill,
    stroke: palette.pooled,
    "stroke-width": 1.2,
    "stroke-linejoin": "round",
  });
}

/** A dashed line at `value` across the rows, or nothing when it is out of view. */
export function verticalLine(
  value: number,
  across: { readonly from: number; readonly to: number },
  stroke: string,
  dashes: string,
  { axis }: MarkLayout,
): string {
  if (value < axis.min || value > axis.max) return "";
  const x = axis.at(value);
  return element("line", {
    x1: x,
    x2: x,
    y1: across.from,
    y2: across.to,
    stroke,
    "stroke-dasharray": dashes,
  });
}

/** The axis with its ticks and name under the rows; 44 pixels high. */
export function drawAxis(
  y: number,
  valueName: string,
  { axis, palette, plotLeft, plotRight }: MarkLayout,
): string {
  const small = { "text-anchor": "middle", "font-size": 12, fill: palette.muted };
  const labels = axis.ticks.map((tick) => formatFixed(tick, axis.decimals));
  const widest = labels.reduce((most, label) => Math.max(most, textWidth(label, 12)), 0) + 8;
  const spacing = axis.at(axis.ticks[1] ?? 0) - axis.at(axis.ticks[0] ?? 0);
  // On a narrow axis only every second or third tick has room for its number.
  const every = spacing > 0 ? Math.ceil(widest / spacing) : 1;
  const ticks = axis.ticks.map((tick, i) => {
    const x = axis.at(tick);
    const mark = element("line", { x1: x, x2: x, y1: y, y2: y + 5, stroke: palette.rule });
    return i % every === 0 ? mark + textElement(labels[i] ?? "", { x, y: y + 19, ...small }) : mark;
  });
  const name = fitText(valueName, plotRight - plotLeft, 12);
  return [
    element("line", { x1: plotLeft, x2: plotRight, y1: y, y2: y, stroke: palette.rule }),
    ...ticks,
    textElement(name, { x: (plotLeft + plotRight) / 2, y: y + 37, ...small }),
  ].join("");
}
