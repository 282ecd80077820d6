import { formatFixed, linearAxis } from "./axis.ts";
import type { Range } from "./forest-layout.ts";
import { fontSize, margin, rowHeight } from "./forest-layout.ts";
import type { MarkLayout } from "./forest-marks.ts";
import { drawAxis, verticalLine, whisker } from "./forest-marks.ts";
import type { Theme } from "./svg.ts";
import { element, figure, palettes, textElement } from "./svg.ts";
import { fitText, textWidth, wrapText } from "./text-width.ts";

/** One stratum: a rate with its interval, or the reason why there is none. */
export interface GapRow {
  readonly label: string;
  readonly value: number | null;
  readonly ciLow?: number | null;
  readonly ciHigh?: number | null;
  /** Shown instead of numbers when `value` is null. */
  readonly reason?: string | null;
}

/** How a gap plot looks. */
export interface GapOptions {
  readonly title?: string;
  /** What the rows hold, for example "False positive rate". */
  readonly valueName: string;
  /** The value of all strata together, drawn as a dashed line. */
  readonly overall?: number | null;
  /** Default 3. */
  readonly decimals?: number;
  /** What the rows are; default "Stratum". */
  readonly rowName?: string;
  /** Whether the widest gap is named under the figure; default true. */
  readonly gapNote?: boolean;
  readonly theme?: Theme;
}

const width = 840;

/**
 * Draws a value by stratum with intervals on one axis, the widest gap named, as a self-contained SVG. Strata without
 * a value keep their row and say why. O(rows).
 */
export function gapSvg(rows: readonly GapRow[], options: GapOptions): string {
  const palette = palettes[options.theme ?? "light"];
  const format = (value: number) => formatFixed(value, options.decimals ?? 3);
  const texts = rows.map((row) => rowText(row, format));
  const labelWidth = Math.min(
    0.35 * width,
    Math.max(60, ...rows.map(({ label }) => textWidth(label, fontSize) + 2)),
  );
  const heading = fitText(options.valueName, 0.3 * width, fontSize, true);
  const textColumn = Math.min(
    0.35 * width,
    Math.max(textWidth(heading, fontSize, true), ...texts.map((text) => textWidth(text, fontSize))),
  );
  const right = width - margin;
  const plotLeft = margin + labelWidth + 16;
  const plotRight = right - textColumn - 20;
  const { low, high } = viewOf(rows, options.overall ?? null);
  const axis = linearAxis(
    low,
    high,
    plotLeft + 10,
    plotRight - 10,
    Math.max(2, Math.floor((plotRight - plotLeft) / 75)),
  );
  const layout = { palette, axis, plotLeft, plotRight };

  const body: string[] = [];
  let y = margin;
  for (const line of options.title === undefined
    ? []
    : wrapText(options.title, (width - 2 * margin) / 1.12, 16, 3)) {
    y += 20;
    body.push(textElement(line, { x: margin, y, "font-size": 16, "font-weight": 600 }));
  }
  if (options.title !== undefined) y += 10;
  const headingStyle = { y: y + 18, "font-weight": 600, fill: palette.muted };
  body.push(textElement(options.rowName ?? "Stratum", { x: margin, ...headingStyle }));
  body.push(textElement(heading, { x: right, "text-anchor": "end", ...headingStyle }));
  y += rowHeight;
  const top = y;
  const bottom = top + rows.length * rowHeight + 4;
  body.push(element("line", { x1: margin, x2: right, y1: y, y2: y, stroke: palette.rule }));
  if (typeof options.overall === "number") {
    body.push(verticalLine(options.overall, { from: top, to: bottom }, palette.muted, "5 4", layout));
  }
  for (const [i, row] of rows.entries()) {
    body.push(drawRow(row, texts[i] ?? "", y + rowHeight / 2, { ...layout, labelWidth, right, textColumn }));
    y += rowHeight;
  }
  body.push(drawAxis(bottom, options.valueName, layout));
  const gap = widestGap(rows, format);
  const named = gap === "" ? "Fewer than two strata have a value: no gap." : gap;
  const note = options.gapNote === false ? "" : named;
  const noteLines = note === "" ? [] : wrapText(note, width - 2 * margin, 12, 3);
  for (const [i, line] of noteLines.entries()) {
    body.push(
      textElement(line, { x: margin, y: bottom + 68 + 16 * i, "font-size": 12, fill: palette.muted }),
    );
  }
  const told = note === "" ? "" : `${note} `;
  const description = `${told}${rows.map(({ label }, i) => `${label}: ${texts[i]}.`).join(" ")}`;
  const title = options.title ?? `${options.valueName} by stratum`;
  return figure(
    { width, height: bottom + (note === "" ? 58 : 68) + 16 * noteLines.length },
    { title, description, palette },
    body,
  );
}

function drawRow(
  row: GapRow,
  text: string,
  y: number,
  layout: MarkLayout & { labelWidth: number; right: number; textColumn: number },
): string {
  const { palette, axis, labelWidth, right, textColumn } = layout;
  const label = fitText(row.label, labelWidth, fontSize);
  const shown = fitText(text, textColumn, fontSize);
  const tooltip = (short: string, full: string) => (short === full ? undefined : full);
  const number = { "text-anchor": "end", style: "font-variant-numeric:tabular-nums" };
  const parts = [
    textElement(label, { x: margin, y: y + 4.5 }, tooltip(label, row.label)),
    textElement(
      shown,
      { x: right, y: y + 4.5, ...number, fill: row.value === null ? palette.muted : undefined },
      tooltip(shown, text),
    ),
  ];
  if (row.value === null) return parts.join("");
  if (typeof row.ciLow === "number" && typeof row.ciHigh === "number") {
    const stroke = { stroke: palette.markLine, "stroke-width": 1.6 };
    parts.push(whisker({ low: row.ciLow, high: row.ciHigh }, y, stroke, layout));
  }
  parts.push(
    element("circle", { cx: axis.at(row.value), cy: y, r: 5, fill: palette.mark, stroke: palette.markLine }),
  );
  return parts.join("");
}

function rowText(row: GapRow, format: (value: number) => string): string {
  if (row.value === null) return row.reason ?? "not estimable";
  const known = typeof row.ciLow === "number" && typeof row.ciHigh === "number";
  return known ? `${format(row.value)} [${format(row.ciLow)}, ${format(row.ciHigh)}]` : format(row.value);
}

function viewOf(rows: readonly GapRow[], overall: number | null): Range {
  const numbers = [
    overall,
    ...rows.flatMap(({ value, ciLow, ciHigh }) => (value === null ? [] : [value, ciLow, ciHigh])),
  ];
  const known = numbers.filter((x) => typeof x === "number");
  if (known.length === 0) return { low: 0, high: 1 };
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return low < high ? { low, high } : { low: low - 0.05, high: high + 0.05 };
}

function widestGap(rows: readonly GapRow[], format: (value: number) => string): string {
  const known = rows.flatMap(({ label, value }) => (value === null ? [] : [{ label, value }]));
  const [least] = [...known].sort((a, b) => a.value - b.value);
  const [most] = [...known].sort((a, b) => b.value - a.value);
  if (least === undefined || most === undefined || known.length < 2) return "";
  return `Widest gap: ${format(most.value - least.value)}, from ${least.label} (${format(least.value)}) to ${most.label} (${format(most.value)}).`;
}
