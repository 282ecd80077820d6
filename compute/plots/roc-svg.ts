import { ComputeError } from "../errors.ts";
import { formatFixed } from "./axis.ts";
import type { Theme } from "./svg.ts";
import { element, figure, writeNumber as n, palettes } from "./svg.ts";
import { seriesStyle, unitSquare } from "./unit-square.ts";

/** One ROC curve to draw; `fpr` and `tpr` have equal length, in [0, 1], from (0, 0) to (1, 1). */
export interface RocSeries {
  readonly label: string;
  readonly fpr: ArrayLike<number>;
  readonly tpr: ArrayLike<number>;
  readonly auc?: number | null;
  readonly ciLow?: number | null;
  readonly ciHigh?: number | null;
}

/** How a plot of the unit square looks. */
export interface SquarePlotOptions {
  readonly title?: string;
  /** Default light; both have an explicit background. */
  readonly theme?: Theme;
}

/**
 * Draws ROC curves with the diagonal of chance and a legend of AUCs as a self-contained SVG. O(points).
 *
 * @throws {ComputeError} INVALID_INPUT when fpr and tpr differ in length.
 */
export function rocSvg(curves: readonly RocSeries[], options: SquarePlotOptions = {}): string {
  const palette = palettes[options.theme ?? "light"];
  const legend = curves.map((curve) => ({ label: curve.label, detail: aucText(curve) }));
  const words = {
    title: options.title,
    xName: "False positive rate",
    yName: "True positive rate",
    diagonal: "Chance",
  };
  const square = unitSquare(words, legend, palette);
  const lines = curves.map(({ fpr, tpr, label }, i) => {
    if (fpr.length !== tpr.length) {
      throw new ComputeError(
        "INVALID_INPUT",
        `Expected as many tpr as fpr, got ${tpr.length} and ${fpr.length}`,
      );
    }
    const points = Array.from(fpr, (x, j) => `${n(square.x.at(x))},${n(square.y.at(tpr[j] ?? 0))}`);
    const style = { ...seriesStyle(i, palette), fill: "none", "stroke-linejoin": "round" };
    return element("polyline", { points: points.join(" "), "data-label": label, ...style });
  });
  const title = options.title ?? "ROC curves";
  const description = legend
    .map(({ label, detail }) => (detail === "" ? label : `${label}: ${detail}`))
    .join("; ");
  return figure(square, { title, description, palette }, [...square.frame, ...lines]);
}

function aucText({ auc, ciLow, ciHigh }: RocSeries): string {
  if (auc === undefined || auc === null) return "";
  const text = `AUC ${formatFixed(auc, 3)}`;
  const known = typeof ciLow === "number" && typeof ciHigh === "number";
  return known ? `${text} [${formatFixed(ciLow, 3)}, ${formatFixed(ciHigh, 3)}]` : text;
}
