import type { MetaAnalysisResult } from "../meta/meta-analysis.ts";
import type { Axis } from "./axis.ts";
import { linearAxis } from "./axis.ts";
import type { ForestWords } from "./forest-words.ts";
import type { Palette } from "./svg.ts";
import { textWidth } from "./text-width.ts";

/** Pixels around and between everything in a forest plot. */
export const margin = 20;
export const rowHeight = 28;
export const lineHeight = 16;
export const fontSize = 13;
const gap = 16;
const weightColumn = 68;

/** Where everything goes across, in pixels, and how values become positions and words. */
export interface Layout {
  readonly palette: Palette;
  readonly axis: Axis;
  readonly width: number;
  readonly labelWidth: number;
  readonly plotLeft: number;
  readonly plotRight: number;
  /** Right edges of the two number columns. */
  readonly valueRight: number;
  readonly weightRight: number;
  readonly words: ForestWords;
}

/** From low to high, on the reporting scale. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Gives labels up to three tenths of the width, the number columns what they need, and the plot the rest. O(k). */
export function arrangeForest(
  result: MetaAnalysisResult,
  words: ForestWords,
  width: number,
  palette: Palette,
): Layout {
  const widthOf = (text: string, bold = false) => textWidth(text, fontSize, bold) + 2;
  const ours = [words.predictionLabel, words.notEstimable].map((text) => widthOf(text));
  const needed = [
    widthOf(words.pooledLabel, true),
    ...ours,
    ...result.studies.map(({ label }) => widthOf(label)),
  ];
  const labelWidth = Math.min(
    largest(needed),
    Math.max(0.3 * width, largest([widthOf(words.pooledLabel, true), ...ours])),
  );
  const pooled = result.status === "OK" ? [words.intervalOf(result.estimate, result)] : [];
  const values = [...result.studies.map((study) => words.intervalOf(study.value, study)), ...pooled];
  const valueWidth = Math.min(
    0.35 * width,
    largest([words.valueHeading, ...values].map((text) => widthOf(text, true))),
  );
  const weightRight = width - margin - 4;
  const valueRight = result.status === "OK" ? weightRight - weightColumn : weightRight;
  const plotLeft = margin + labelWidth + gap;
  const plotRight = Math.max(plotLeft + 80, valueRight - valueWidth - gap);
  const { low, high } = viewOf(result);
  const ticks = Math.max(2, Math.floor((plotRight - plotLeft) / 75));
  // Ten pixels inside the frame, so that the outermost mark is not cut and its label has room.
  const axis = linearAxis(low, high, plotLeft + 10, plotRight - 10, ticks);
  return { palette, axis, width, labelWidth, plotLeft, plotRight, valueRight, weightRight, words };
}

/**
 * The range in view: every interval, but the studies' no further from the values than one and a half times their spread, and
 * the pooled ones no further than three times, so that one very wide interval does not flatten the others.
 */
function viewOf(result: MetaAnalysisResult): Range {
  const { studies, scale } = result;
  if (studies.length === 0) return { low: 0, high: 1 };
  const values = studies.map(({ value }) => value);
  const widths = studies.map(({ ciLow, ciHigh }) => ciHigh - ciLow).sort((a, b) => a - b);
  const typical = widths[Math.floor(widths.length / 2)] ?? 0;
  const [least, most] = [-largest(values.map((value) => -value)), largest(values)];
  const spread = Math.max(most - least, 2 * typical) || Math.max(Math.abs(most), 1) * 1e-6;
  let [low, high] = [least, most];
  const include = (bound: number | null, reach: number) => {
    if (bound === null) return;
    low = Math.min(low, Math.max(bound, least - reach * spread));
    high = Math.max(high, Math.min(bound, most + reach * spread));
  };
  for (const { ciLow, ciHigh } of studies) for (const bound of [ciLow, ciHigh]) include(bound, 1.5);
  if (result.status === "OK") {
    const { estimate, ciLow, ciHigh, predictionLow, predictionHigh } = result;
    for (const bound of [estimate, ciLow, ciHigh, predictionLow, predictionHigh]) include(bound, 3);
  }
  return scale === "LOGIT" ? { low: Math.max(0, low), high: Math.min(1, high) } : { low, high };
}

/** The maximum; Math.max(...) would overflow the stack on very long lists. */
function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}
