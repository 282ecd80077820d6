import { formatFixed } from "../../plots/axis.ts";
import type { AuditReport, ReportShift } from "../audit-report.ts";
import { html, type Markup } from "../html.ts";
import { estimate } from "../numbers.ts";
import type { RecordList } from "../record-list.ts";

/** Whether features are distributed alike in groups: each component in each pair of groups. */
export function shiftsSection({ shifts }: AuditReport, records: RecordList): Markup {
  return html`${shifts.map((one) => shiftPart(one, records))}`;
}

function shiftPart(one: ReportShift, records: RecordList): Markup {
  const explained = one.explained.map((share) => `${formatFixed(100 * share, 1)}%`).join(", ");
  return html`<section class="part">
<h3>${one.title}</h3>
<p>${one.note}</p>
<p>Share of the tests that are rejected: ${estimate(one.rejected, `${one.title}, share of rejected tests`, records)}. ${one.reading} Variance along the components: ${explained}.</p>
<table>
<caption>${one.title}</caption>
<thead><tr><th scope="col" class="number">Component</th><th scope="col">Groups</th><th scope="col" class="number">Distance</th><th scope="col" class="number">p</th><th scope="col" class="number">p, corrected</th></tr></thead>
<tbody>
${one.tests.map(
  ({ component, first, second, distance, p, adjusted }) =>
    html`<tr><td class="number">${component}</td><th scope="row">${first}, ${second}</th><td class="number">${estimate(distance, `${one.title}, component ${component}, ${first} and ${second}, distance`, records)}</td><td class="number">${chanceText(p)}</td><td class="number">${chanceText(adjusted)}</td></tr>
`,
)}</tbody></table>
</section>
`;
}

function chanceText(p: number): string {
  return p < 0.0001 ? "below 0.0001" : formatFixed(p, 4);
}
