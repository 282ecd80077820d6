import type { AuditReport } from "../audit-report.ts";
import { html, type Markup } from "../html.ts";
import { estimate } from "../numbers.ts";
import { readInterval, readings } from "../reading.ts";
import type { RecordList } from "../record-list.ts";

/** Results whose answer was known before, and what they say about the audit's other numbers. */
export function controlsSection({ controls, margin }: AuditReport, records: RecordList): Markup {
  return html`<p>Networks trained with the recipe of the network of untouched images, on the same patients and split, where it is known what there is to find: nothing, or a mark of known strength.</p>
<table>
<caption>Controls that ran with the audit</caption>
<thead><tr><th scope="col">Control</th><th scope="col">Class</th><th scope="col">Expected</th><th scope="col" class="number">AUC (interval)</th><th scope="col">Reading</th></tr></thead>
<tbody>
${controls.map(
  (one) =>
    html`<tr><th scope="row">${one.title}<br/><span class="about">${one.dataset}, by ${one.unit}</span></th><td>${one.class}</td><td>${one.expected}</td><td class="number">${estimate(one.value, `Control, ${one.title}, ${one.dataset}, ${one.class}, by ${one.unit}, AUC`, records)}</td><td>${readings[readInterval(one.value, margin)]}<br/><span class="about">${one.answer}</span></td></tr>
`,
)}</tbody></table>
`;
}
