import { formatFixed } from "../../plots/axis.ts";
import { gapSvg } from "../../plots/gap-svg.ts";
import type { AuditReport, ReportGaps } from "../audit-report.ts";
import { html, type Markup, svg } from "../html.ts";
import { estimate, printedNumbers, words } from "../numbers.ts";
import type { RecordList } from "../record-list.ts";

/** What a model of findings gets wrong in each group, at thresholds that were chosen on other patients. */
export function gapsSection({ gaps }: AuditReport, records: RecordList): Markup {
  return html`<p>A model of findings, its threshold chosen on the validation part and recorded, judged on patients that neither trained it nor chose the threshold. Intervals are Wilson's and, for gaps, Newcombe's, with the images of a patient as one cluster (Rao &amp; Scott 1992). A gap cannot be read without how frequent the finding is in each group, which stands beside it, and without the labels' own errors, which nobody recorded here.</p>
${gaps.map((one) => gapsPart(one, records))}`;
}

function gapsPart(one: ReportGaps, records: RecordList): Markup {
  const about = `${one.rateName} of ${one.finding} by ${one.groupName}, ${one.rule}`;
  const rows = one.rows.map(({ group, value: { reason, ...value } }) => ({
    label: group,
    ...value,
    reason: reason === null ? null : words(reason),
  }));
  const threshold = one.threshold === null ? "no threshold" : `threshold ${formatFixed(one.threshold, 4)}`;
  return html`<section class="part">
<h3>${one.title}: ${one.groupName}, ${one.rule}</h3>
<figure>${svg(gapSvg(rows, { valueName: one.rateName, overall: one.overall.value, rowName: "Group" }))}</figure>
<table>
<caption>${about}; ${threshold}</caption>
<thead><tr><th scope="col">${one.groupName}</th><th scope="col" class="number">${one.rateName} (interval)</th><th scope="col" class="number">From the rest (interval)</th>${one.otherNames.map((name) => html`<th scope="col" class="number">${name} (interval)</th>`)}<th scope="col" class="number">Share of ${one.finding}</th><th scope="col">Reading</th></tr></thead>
<tbody>
<tr><th scope="row">All</th><td class="number">${estimate(one.overall, `${about}, all`, records)}</td><td></td>${one.otherNames.map(() => html`<td></td>`)}<td></td><td></td></tr>
${one.rows.map(
  ({ group, value, others, difference, reading, prevalence }) =>
    html`<tr><th scope="row">${group}</th><td class="number">${estimate(value, `${about}, ${group}`, records)}</td><td class="number">${estimate(difference, `${about}, ${group} less the rest`, records)}</td>${others.map((other, i) => html`<td class="number">${estimate(other, `${one.otherNames[i] ?? ""} of ${one.finding}, ${one.rule}, ${group}`, records)}</td>`)}<td class="number">${prevalence === null ? "\u2013" : `${formatFixed(100 * prevalence, 1)}%`}</td><td>${reading}</td></tr>
`,
)}</tbody></table>
${
  one.published.length === 0
    ? undefined
    : html`<div class="aside"><b>Published.</b> ${printedNumbers(one.published, records)}</div>
`
}</section>
`;
}
