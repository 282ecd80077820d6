import { formatFixed } from "../plots/axis.ts";
import type { ReportPublished, ReportValue } from "./audit-report.ts";
import { html, type Markup } from "./html.ts";
import type { RecordList } from "./record-list.ts";

/** An estimate with three decimals and its interval, or why there is none. */
export function estimateText({ value, ciLow, ciHigh, reason }: ReportValue): string {
  if (value === null) return `not estimable (${words(reason ?? "no value")})`;
  const number = formatFixed(value, 3);
  if (ciLow === null || ciHigh === null) return number;
  // A dash beside a minus cannot be read.
  const between = ciLow < 0 || ciHigh < 0 ? " to " : "\u2013";
  return `${number} (${formatFixed(ciLow, 3)}${between}${formatFixed(ciHigh, 3)})`;
}

/** The same, with the mark of its record, and how far other trainings come out where some were made. */
export function estimate(value: ReportValue, about: string, records: RecordList): Markup {
  const { seedSpread } = value;
  // An interval stays on one line, also where it may go below its estimate.
  const text = estimateText(value)
    .replaceAll(" to ", "\u00a0to\u00a0")
    .replaceAll("\u2013", "\u2060\u2013\u2060");
  return html`<span class="number">${text}</span>${records.referTo(value, about)}${
    seedSpread === undefined
      ? undefined
      : html` <span class="about">SD over seeds ${formatFixed(seedSpread, 4)}</span>`
  }`;
}

/** Published numbers as they are printed, each with what it is about and its record; a dash where there is none. */
export function printedNumbers(published: readonly ReportPublished[], records: RecordList): Markup {
  if (published.length === 0) return html`<span class="none">\u2013</span>`;
  return html`${published.map(
    ({ printed, about, source, record }) =>
      html`<div class="published"><span class="number">${printed}</span>${records.refer(record, `Published, ${source}: ${printed}`)} <span class="about">${about}${about === "" ? "" : "; "}${source}</span></div>`,
  )}`;
}

/** A whole number with thin spaces between its thousands; a dash for null. */
export function count(n: number | null): string {
  return n === null ? "\u2013" : String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** A share in percent with one decimal, or nothing when the whole is unknown or empty. */
export function percent(part: number | null, whole: number | null): string {
  return part === null || whole === null || whole === 0 ? "" : `${formatFixed((100 * part) / whole, 1)}%`;
}

/** A code as words: `TOO_FEW_POSITIVES` becomes "too few positives". */
export function words(code: string): string {
  return /^[A-Z][A-Z_]+$/.test(code) ? code.toLowerCase().replaceAll("_", " ") : code;
}
