import { formatFixed } from "../../plots/axis.ts";
import { forestSvg } from "../../plots/forest-svg.ts";
import type { AuditReport, ReportVariance } from "../audit-report.ts";
import { html, type Markup, svg } from "../html.ts";
import { estimate, printedNumbers } from "../numbers.ts";
import type { RecordList } from "../record-list.ts";
import { sampleDeviation } from "../sample-deviation.ts";

/** What all datasets say together, with the published numbers beside it. */
export function pooledSection({ pooled }: AuditReport, records: RecordList): Markup {
  return html`${pooled.map(
    (one) => html`<section class="part">
<h3>${one.title}, ${one.class}</h3>
<figure>${svg(forestSvg(one.result, { valueName: "AUC" }))}</figure>
<p class="aside">Records pooled: ${one.records.map((id, i) => html`${i === 0 ? "" : " "}${records.refer(id, `Pooled, ${one.title}, ${one.class}`)}`)}. Estimates of one model on several test sets, or of several models on one, are not independent: the pooled interval is then too narrow.</p>
${
  one.published.length === 0
    ? undefined
    : html`<div class="aside"><b>Published, for comparison; not pooled.</b> ${printedNumbers(one.published, records)}</div>
`
}</section>
`,
  )}`;
}

/** How far the same training from other seeds comes out, beside the interval of each. */
export function varianceSection({ variance }: AuditReport, records: RecordList): Markup {
  return html`<p>An interval of one trained model says how far its AUC would move with other test patients. It does not say how far another training would move it. The standard deviation over seeds does: it was measured with the network of untouched images on held-out patients, and stands beside every AUC of a network that the same dataset trained.</p>
<table>
<caption>The same training from several seeds</caption>
<thead><tr><th scope="col">Result</th><th scope="col">Seeds: AUC (interval)</th><th scope="col" class="number">SD over seeds</th><th scope="col" class="number">Mean half-width of the intervals</th></tr></thead>
<tbody>
${variance.map((one) => varianceRow(one, records))}</tbody></table>
`;
}

function varianceRow(one: ReportVariance, records: RecordList): Markup {
  const values = one.runs.flatMap(({ value }) => value.value ?? []);
  const halves = one.runs.flatMap(({ value: { ciLow, ciHigh } }) =>
    ciLow === null || ciHigh === null ? [] : (ciHigh - ciLow) / 2,
  );
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const sd = sampleDeviation(values);
  return html`<tr><th scope="row">${one.title}<br/><span class="about">${one.class}</span></th><td>${one.runs.map(
    ({ seed, value }) =>
      html`<div>${seed}: ${estimate(value, `${one.title}, ${one.class}, seed ${seed}, AUC`, records)}</div>`,
  )}</td><td class="number">${sd === undefined ? "\u2013" : formatFixed(sd, 4)}</td><td class="number">${halves.length === 0 ? "\u2013" : formatFixed(mean(halves), 4)}</td></tr>
`;
}

/** Protocols without a figure of their own. */
export function othersSection({ others }: AuditReport, records: RecordList): Markup {
  return html`${others.map(
    (one) => html`<section class="part">
<h3>${one.title}</h3>
<p>${one.note}</p>
<table class="readings">
<caption>${one.title}</caption>
<thead><tr><th scope="col">What</th><th scope="col">Class</th><th scope="col" class="number">AUC (interval)</th><th scope="col" class="number">Difference (interval)</th><th scope="col">Published</th><th scope="col">Reading</th></tr></thead>
<tbody>
${one.rows.map(
  (row) =>
    html`<tr><th scope="row">${row.label.replaceAll(",", ",\u200b")}${row.about === undefined ? undefined : html`<br/><span class="about">${row.about}</span>`}</th><td>${row.class}</td><td class="number">${estimate(row.value, `${one.title}, ${row.label}, ${row.class}, AUC`, records)}</td><td class="number">${row.difference === null ? "\u2013" : estimate(row.difference, `${one.title}, ${row.label}, ${row.class}, difference`, records)}</td><td>${printedNumbers(row.published, records)}</td><td>${row.reading}</td></tr>
`,
)}</tbody></table>
</section>
`,
  )}`;
}
