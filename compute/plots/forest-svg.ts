import type { MetaAnalysis, MetaAnalysisResult, MetaStudy, MetaStudyInput } from "../meta/meta-analysis.ts";
import type { Layout } from "./forest-layout.ts";
import { arrangeForest, fontSize, lineHeight, margin, rowHeight } from "./forest-layout.ts";
import { diamond, drawAxis, verticalLine, whisker } from "./forest-marks.ts";
import { forestWords } from "./forest-words.ts";
import type { Theme } from "./svg.ts";
import { element, figure, palettes, textElement } from "./svg.ts";
import { fitText, wrapText } from "./text-width.ts";

/** How a forest plot looks. */
export interface ForestOptions {
  /** Heading; without one, the accessible name counts the studies. */
  readonly title?: string;
  /** What is pooled, for the column heading and the axis; default "AUC" on LOGIT, "Effect" on RAW. */
  readonly valueName?: string;
  /** Decimals of values; default 3 on LOGIT, 2 on RAW. */
  readonly decimals?: number;
  /** Value at which a dotted line is drawn if it is in view; default 0.5 on LOGIT, none on RAW. */
  readonly referenceLine?: number | null;
  /** Total width in pixels, at least 640; default 960. */
  readonly width?: number;
  /** Default light; both have an explicit background. */
  readonly theme?: Theme;
}

/** Markup of a part of the figure, and the y at which the next part starts. */
interface Part {
  readonly markup: readonly string[];
  readonly bottom: number;
}

/**
 * Draws a forest plot as a self-contained SVG: a row a study (label, square sized by weight over its interval, value and
 * interval, weight), the pooled diamond, the prediction interval, and the heterogeneity in words. Intervals that leave the
 * axis end in arrows. With moderators, an open diamond in each row shows the model's expectation. A result that is not
 * estimable shows its studies and the reason. O(k).
 *
 * @returns an SVG document, safe to inline: labels are escaped and its ids come from its content.
 */
export function forestSvg(result: MetaAnalysisResult, options: ForestOptions = {}): string {
  const palette = palettes[options.theme ?? "light"];
  const words = forestWords(result, options);
  const layout = arrangeForest(result, words, Math.max(640, options.width ?? 960), palette);
  const { width } = layout;

  const heading = drawHeading(options.title, result.status === "OK", layout);
  const studies = drawStudies(result, heading.bottom, layout);
  const summary =
    result.status === "OK"
      ? drawSummary(result, studies.bottom, layout)
      : drawNoSummary(studies.bottom, layout);
  const lines: string[] = [];
  const reference =
    options.referenceLine === undefined && result.scale === "LOGIT" ? 0.5 : options.referenceLine;
  const across = { from: heading.bottom, to: summary.bottom };
  if (typeof reference === "number")
    lines.push(verticalLine(reference, across, palette.muted, "1.5 3", layout));
  if (result.status === "OK" && result.moderatorTest === null) {
    lines.push(verticalLine(result.estimate, across, palette.pooled, "5 4", layout));
  }
  const axis = result.studies.length > 0 ? drawAxis(summary.bottom, words.valueName, layout) : "";
  const notes = drawNotes(words.footnotes, summary.bottom + (axis === "" ? 8 : 52), layout);
  const body = [
    ...heading.markup,
    ...studies.bands,
    ...lines,
    ...studies.markup,
    ...summary.markup,
    axis,
    ...notes.markup,
  ];
  return figure({ width, height: notes.bottom + margin - 4 }, { ...words, palette }, body);
}

function drawHeading(title: string | undefined, weighted: boolean, layout: Layout): Part {
  const { palette, plotRight, valueRight, weightRight, width, words } = layout;
  const markup: string[] = [];
  let y = margin;
  if (title !== undefined) {
    // Bold text is about a tenth wider than wrapText reckons.
    for (const line of wrapText(title, (width - 2 * margin) / 1.12, 16, 3)) {
      y += 20;
      markup.push(textElement(line, { x: margin, y, "font-size": 16, "font-weight": 600 }));
    }
    y += 10;
  }
  const style = { y: y + 18, "font-weight": 600, fill: palette.muted };
  const heading = fitText(words.valueHeading, valueRight - plotRight - 8, fontSize, true);
  markup.push(textElement("Study", { x: margin, ...style }));
  markup.push(textElement(heading, { x: valueRight, "text-anchor": "end", ...style }));
  if (weighted) markup.push(textElement("Weight", { x: weightRight, "text-anchor": "end", ...style }));
  markup.push(rule(y + rowHeight, layout));
  return { markup, bottom: y + rowHeight };
}

function drawStudies(
  result: MetaAnalysisResult,
  top: number,
  layout: Layout,
): Part & { bands: readonly string[] } {
  const { palette, width } = layout;
  const placed = result.status === "OK" ? result.studies : [];
  const heaviest = placed.reduce((most, { weight }) => Math.max(most, weight), 0);
  const showsModel = result.status === "OK" && result.moderatorTest !== null;
  const bands: string[] = [];
  const markup: string[] = [];
  let y = top;
  for (const [i, study] of result.studies.entries()) {
    const labelLines = wrapText(study.label, layout.labelWidth, fontSize, 2);
    const height = rowHeight + (labelLines.length - 1) * lineHeight;
    if (i % 2 === 1) {
      bands.push(element("rect", { x: margin, y, width: width - 2 * margin, height, fill: palette.band }));
    }
    markup.push(
      drawStudy({ study, placed: placed[i], labelLines, heaviest, showsModel }, y + height / 2, layout),
    );
    y += height;
  }
  if (result.studies.length > 0) return { bands, markup, bottom: y };
  const nothing = textElement("No study could be pooled.", { x: margin, y: y + 19, fill: palette.muted });
  return { bands, markup: [nothing], bottom: y + rowHeight };
}

/** What one row shows. */
interface StudyRow {
  readonly study: MetaStudyInput;
  /** The study in the model, if there is one. */
  readonly placed: MetaStudy | undefined;
  readonly labelLines: readonly string[];
  readonly heaviest: number;
  readonly showsModel: boolean;
}

function drawStudy(
  { study, placed, labelLines, heaviest, showsModel }: StudyRow,
  y: number,
  layout: Layout,
): string {
  const { palette, axis, valueRight, weightRight, words } = layout;
  // Area, not side, stands for weight.
  const side = placed === undefined ? 9 : Math.max(4, 17 * Math.sqrt(placed.weight / heaviest));
  const x = axis.at(study.value);
  const firstLine = y + 4.5 - ((labelLines.length - 1) * lineHeight) / 2;
  const tooltip = labelLines.at(-1)?.endsWith("…") ? study.label : undefined;
  const line = { stroke: palette.markLine, "stroke-width": 1.6 };
  const range = { low: study.ciLow, high: study.ciHigh };
  return [
    ...labelLines.map((text, n) => textElement(text, { x: margin, y: firstLine + n * lineHeight }, tooltip)),
    element("rect", { x: x - side / 2, y: y - side / 2, width: side, height: side, fill: palette.mark }),
    whisker(range, y, line, layout),
    element("line", { x1: x, x2: x, y1: y - 4, y2: y + 4, ...line }),
    placed !== undefined && showsModel
      ? diamond({ low: placed.fitted, high: placed.fitted }, placed.fitted, y, 6, layout, "none")
      : "",
    numberElement(words.intervalOf(study.value, study), valueRight, y),
    placed === undefined ? "" : numberElement(`${placed.weight.toFixed(1)}%`, weightRight, y),
  ].join("");
}

function drawSummary(result: MetaAnalysis, top: number, layout: Layout): Part {
  const { axis, palette, valueRight, weightRight, labelWidth, words } = layout;
  const y = top + rowHeight / 2 + 2;
  const range = { low: result.ciLow, high: result.ciHigh };
  const leavesView = range.low < axis.min || range.high > axis.max;
  const label = fitText(words.pooledLabel, labelWidth, fontSize, true);
  const bold = { "font-weight": 600 };
  const markup = [
    rule(top, layout),
    textElement(label, { x: margin, y: y + 4.5, ...bold }),
    diamond(range, result.estimate, y, 8, layout, palette.pooled),
    leavesView ? whisker(range, y, { stroke: palette.pooled, "stroke-width": 2 }, layout) : "",
    numberElement(words.intervalOf(result.estimate, result), valueRight, y, bold),
    numberElement("100%", weightRight, y, bold),
  ];
  const { predictionLow, predictionHigh } = result;
  if (predictionLow === null || predictionHigh === null) return { markup, bottom: top + rowHeight + 8 };
  const below = y + rowHeight - 2;
  const prediction = { low: predictionLow, high: predictionHigh };
  markup.push(
    textElement(fitText(words.predictionLabel, labelWidth, fontSize), { x: margin, y: below + 4.5 }),
    whisker(prediction, below, { stroke: palette.prediction, "stroke-width": 4 }, layout),
    numberElement(`[${words.format(predictionLow)}, ${words.format(predictionHigh)}]`, valueRight, below),
  );
  return { markup, bottom: top + 2 * rowHeight + 4 };
}

function drawNoSummary(top: number, layout: Layout): Part {
  const { palette, words } = layout;
  const style = { x: margin, y: top + 20, "font-weight": 600, fill: palette.muted };
  return { markup: [rule(top, layout), textElement(words.notEstimable, style)], bottom: top + rowHeight + 4 };
}

function drawNotes(notes: readonly string[], top: number, { palette, width }: Layout): Part {
  const markup: string[] = [];
  let y = top;
  for (const note of notes) {
    for (const line of wrapText(note, width - 2 * margin, 12, 6)) {
      y += lineHeight;
      markup.push(textElement(line, { x: margin, y, "font-size": 12, fill: palette.muted }));
    }
    y += 3;
  }
  return { markup, bottom: y };
}

function rule(y: number, { palette, width }: Layout): string {
  return element("line", { x1: margin, x2: width - margin, y1: y, y2: y, stroke: palette.rule });
}

/** A right-aligned number of a row whose middle is `y`; digits of equal width keep columns straight. */
function numberElement(text: string, x: number, y: number, style: object = {}): string {
  const attributes = {
    x,
    y: y + 4.5,
    "text-anchor": "end",
    style: "font-variant-numeric:tabular-nums",
    ...style,
  };
  return textElement(text, attributes);
}
