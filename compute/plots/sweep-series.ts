import type { Axis } from "./axis.ts";
import type { Palette } from "./svg.ts";
import { element, writeNumber as n } from "./svg.ts";
import { seriesStyle } from "./unit-square.ts";

/** A point of a curve: a value with its interval, or none. */
export interface SweepPoint {
  readonly x: number;
  readonly value: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
}

/** A named curve. */
export interface SweepSeries {
  readonly name: string;
  /** In order of x. */
  readonly points: readonly SweepPoint[];
}

/** Where a curve is drawn. */
export interface SweepPlane {
  readonly x: Axis;
  readonly y: Axis;
  readonly palette: Palette;
}

const shapes: readonly ((x: number, y: number) => string)[] = [
  (x, y) => `M${n(x - 4)} ${n(y)}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`,
  (x, y) => `M${n(x - 3.6)} ${n(y - 3.6)}h7.2v7.2h-7.2z`,
  (x, y) => `M${n(x)} ${n(y - 4.8)}l4.6 8h-9.2z`,
  (x, y) => `M${n(x)} ${n(y - 5)}l5 5l-5 5l-5 -5z`,
  (x, y) => `M${n(x)} ${n(y + 4.8)}l4.6 -8h-9.2z`,
];
const dashes = [undefined, "7 3", "2 3", "9 3 2 3", "4 2"] as const;

/** The curve of series number `i`: its band, its line and its marks. */
export function drawSeries({ name, points }: SweepSeries, i: number, plane: SweepPlane): string {
  const { x, y, palette } = plane;
  const stroke = seriesStyle(i, palette).stroke;
  const parts: string[] = [];
  for (const stretch of stretches(points)) {
    const bounded = stretch.filter(({ ciLow, ciHigh }) => ciLow !== null && ciHigh !== null);
    if (bounded.length > 1) {
      const upper = bounded.map((point) => `${n(x.at(point.x))} ${n(y.at(point.ciHigh ?? 0))}`);
      const lower = bounded.map((point) => `${n(x.at(point.x))} ${n(y.at(point.ciLow ?? 0))}`).reverse();
      const d = `M${upper.join("L")}L${lower.join("L")}Z`;
      parts.push(element("path", { d, fill: stroke, "fill-opacity": 0.13 }));
    }
    const line = stretch.map((point) => `${n(x.at(point.x))} ${n(y.at(point.value ?? 0))}`);
    const dash = { "stroke-width": 1.8, "stroke-dasharray": dashes[i % dashes.length] };
    if (line.length > 1)
      parts.push(element("path", { d: `M${line.join("L")}`, fill: "none", stroke, ...dash }));
  }
  for (const point of points) {
    const at = x.at(point.x);
    if (point.value === null) {
      const [foot, half] = [y.at(y.min) - 7 - 9 * i, 3.5];
      const d = `M${n(at - half)} ${n(foot - half)}l7 7m0 -7l-7 7`;
      parts.push(element("path", { d, fill: "none", stroke, "stroke-width": 1.6 }));
      continue;
    }
    if (point.ciLow !== null && point.ciHigh !== null) {
      const whisker = { x1: at, x2: at, y1: y.at(point.ciLow), y2: y.at(point.ciHigh) };
      parts.push(element("line", { ...whisker, stroke, "stroke-width": 1.1 }));
    }
    const shape = shapes[i % shapes.length] ?? shapes[0];
    parts.push(
      element("path", { d: shape?.(at, y.at(point.value)), fill: stroke, stroke: palette.background }),
    );
  }
  return element("g", { "data-series": name }, parts.join(""));
}

/** A line with the mark of series number `i`, 28 px wide, for a legend. */
export function drawMarker(
  i: number,
  { left, middle }: { readonly left: number; readonly middle: number },
  palette: Palette,
): string {
  const stroke = seriesStyle(i, palette).stroke;
  const line = { x1: left, x2: left + 28, y1: middle, y2: middle, stroke };
  const shape = shapes[i % shapes.length] ?? shapes[0];
  return (
    element("line", { ...line, "stroke-width": 1.8, "stroke-dasharray": dashes[i % dashes.length] }) +
    element("path", { d: shape?.(left + 14, middle), fill: stroke, stroke: palette.background })
  );
}

/** Runs of points that have a value. */
function stretches(points: readonly SweepPoint[]): readonly (readonly SweepPoint[])[] {
  const runs: SweepPoint[][] = [[]];
  for (const point of points) {
    if (point.value === null) runs.push([]);
    else runs.at(-1)?.push(point);
  }
  return runs.filter((run) => run.length > 0);
}
