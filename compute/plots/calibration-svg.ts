import { formatFixed } from "./axis.ts";
import type { SquarePlotOptions } from "./roc-svg.ts";
import { element, figure, writeNumber as n, palettes } from "./svg.ts";
import type { UnitSquare } from "./unit-square.ts";
import { seriesStyle, unitSquare } from "./unit-square.ts";

/** One bin of a calibration curve; all but `count` in [0, 1]. */
export interface CalibrationPoint {
  /** Mean predicted probability of the bin. */
  readonly predicted: number;
  /** Share of positives in the bin, with its interval if known. */
  readonly observed: number;
  readonly ciLow?: number | null;
  readonly ciHigh?: number | null;
  readonly count: number;
}

/** The calibration of one group; `summary` stands under its name in the legend. */
export interface CalibrationSeries {
  readonly label: string;
  readonly summary?: string;
  readonly points: readonly CalibrationPoint[];
}

/**
 * Draws calibration curves with the diagonal of perfect calibration as a self-contained SVG: a dot a bin, its area by the
 * square root of the bin's count, whiskers where an interval is given. O(points).
 */
export function calibrationSvg(
  series: readonly CalibrationSeries[],
  options: SquarePlotOptions = {},
): string {
  const palette = palettes[options.theme ?? "light"];
  const words = {
    title: options.title,
    xName: "Mean predicted probability",
    yName: "Observed share of positives",
    diagonal: "Perfect calibration",
  };
  const legend = series.map(({ label, summary }) => ({ label, detail: summary ?? "" }));
  const square = unitSquare(words, legend, palette);
  const fullest = series
    .flatMap(({ points }) => points)
    .reduce((most, { count }) => Math.max(most, count), 1);
  const whiskers = series.flatMap(({ points }, i) => {
    const { stroke } = seriesStyle(i, palette);
    return points.map((point) => drawWhisker(point, stroke, square));
  });
  const curves = series.map(({ points }, i) => {
    const style = seriesStyle(i, palette);
    const line = points.map(
      ({ predicted, observed }) => `${n(square.x.at(predicted))},${n(square.y.at(observed))}`,
    );
    const dots = points.map(({ predicted, observed, count }) => {
      const r = 2.5 + 4 * (count / fullest) ** 0.25;
      const place = { cx: square.x.at(predicted), cy: square.y.at(observed) };
      return element("circle", { ...place, r, fill: style.stroke, stroke: palette.background });
    });
    return (
      element("polyline", { points: line.join(" "), fill: "none", "stroke-linejoin": "round", ...style }) +
      dots.join("")
    );
  });
  const description = series
    .map(({ label, points }) => {
      const bins = points.map(
        (p) => `${formatFixed(p.predicted, 2)} predicted, ${formatFixed(p.observed, 2)} observed`,
      );
      return `${label}: ${bins.join("; ")}.`;
    })
    .join(" ");
  const title = options.title ?? "Calibration";
  return figure(square, { title, description, palette }, [...square.frame, ...whiskers, ...curves]);
}

function drawWhisker(
  { predicted, ciLow, ciHigh }: CalibrationPoint,
  stroke: string,
  { x, y }: UnitSquare,
): string {
  if (typeof ciLow !== "number" || typeof ciHigh !== "number") return "";
  const at = x.at(predicted);
  const line = { x1: at, x2: at, y1: y.at(ciLow), y2: y.at(ciHigh) };
  return element("line", { ...line, stroke, "stroke-width": 1.6, "stroke-opacity": 0.55 });
}
