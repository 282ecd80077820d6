import type { AuditReport, ReportResult } from "../audit-report.ts";
import { html, type Markup } from "../html.ts";
import { count, estimate, printedNumbers } from "../numbers.ts";
import { readInterval, readings } from "../reading.ts";
import type { RecordList } from "../record-list.ts";

const titles: Readonly<Record<ReportResult["experiment"], string>> = {
  internal: "Internal: held-out patients of the dataset that the model learned from",
  external: "External: another dataset, none of whose images the model learned from",
  digitised: "Digitised otherwise: other images of held-out patients, paired with the first ones by patient",
};

/** Does a model recover the attribute, here and elsewhere: as the study's Table 3. */
export function resultsSection(report: AuditReport, records: RecordList): Markup {
  const { results, attribute, level, margin } = report;
  return html`<p>Area under the ROC curve (AUC) for each class of ${attribute} against the rest. 0.5 is chance, 1 a perfect order. Intervals are ${100 * level}% confidence intervals. The last column compares the interval with 0.5 and with a margin of ${margin} around it.</p>
<table>
<caption>Recovery of ${attribute} from the pixels, with the numbers that the study prints for its own datasets.</caption>
<thead><tr><th scope="col">Model</th><th scope="col">Tested on</th><th scope="col">Class</th><th scope="col" class="number">AUC (interval)</th><th scope="col" class="number">Rows; patients</th><th scope="col">Published</th><th scope="col">Reading</th></tr></thead>
${(["internal", "external", "digitised"] as const).map((experiment) => {
  const rows = results.filter((one) => one.experiment === experiment);
  if (rows.length === 0) return undefined;
  return html`<tbody>
<tr class="group"><th scope="rowgroup" colspan="7">${titles[experiment]}</th></tr>
${rows.map((row) => resultRow(row, margin, records))}</tbody>
`;
})}</table>
`;
}

function resultRow(row: ReportResult, margin: number, records: RecordList): Markup {
  const { model, train, test, value, published, unit } = row;
  const about = `${row.experiment}, ${model}, trained on ${train}, tested on ${test}, ${row.class}, AUC`;
  return html`<tr><td>${model}<br/><span class="about">trained on ${train}</span></td><td>${test}</td><th scope="row">${row.class}</th><td class="number">${estimate(value, about, records)}</td><td class="number counts">${count(value.n)} ${unit}s<br/><span class="about">${count(value.nPatients)} patients</span></td><td>${printedNumbers(published, records)}</td><td>${readings[readInterval(value, margin)]}${difference(row, about, records)}</td></tr>
`;
}

function difference(row: ReportResult, about: string, records: RecordList): Markup | undefined {
  const { difference: value, answer } = row;
  if (value == null) return undefined;
  return html`<br/><span class="about">Difference from internal ${estimate(value, `${about}, difference from internal`, records)}. ${answer}</span>`;
}
