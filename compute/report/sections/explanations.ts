import { formatFixed } from "../../plots/axis.ts";
import { gapSvg } from "../../plots/gap-svg.ts";
import type { AuditReport, ReportConfounders, ReportStrata, ReportValue } from "../audit-report.ts";
import { featureWords } from "../feature-words.ts";
import { html, type Markup, svg } from "../html.ts";
import { estimate, printedNumbers, words } from "../numbers.ts";
import type { RecordList } from "../record-list.ts";

/** What the attributes that go along with it tell without the image, beside what the image tells. */
export function confoundersSection({ confounders, attribute }: AuditReport, records: RecordList): Markup {
  return html`<p>Models that see recorded attributes and no pixels, or grey levels but not where they lie, each fold of patients scored by a model of the folds before it. Where their intervals lie well below that of the image model, what they see does not account for what the image model recovers; it may still use attributes that nobody recorded. Patients of the first fold train only and have no score; of a small dataset, those of the next ones may too.</p>
${confounders.map((one) => confounderPart(one, attribute, records))}`;
}

function confounderPart(one: ReportConfounders, attribute: string, records: RecordList): Markup {
  const rows = [
    { label: "Image model", ...numbers(one.image) },
    ...one.models.map(({ name, value }) => ({ label: name, ...numbers(value) })),
  ];
  const title = `${one.title}: AUC of ${one.class} against the rest`;
  return html`<section class="part">
<h3>${one.title}, ${one.class}</h3>
<figure>${svg(gapSvg(rows, { valueName: "AUC", overall: 0.5, gapNote: false, rowName: "Model" }))}</figure>
<table>
<caption>Recovery of ${attribute} ${one.sees === "grey levels" ? "from grey levels, wherever they lie" : "without the image"}</caption>
<thead><tr><th scope="col">Model</th><th scope="col">Sees</th><th scope="col" class="number">AUC (interval)</th><th scope="col" class="number">Below the image model by</th><th scope="col">Published</th></tr></thead>
<tbody>
<tr><th scope="row">Image model</th><td>pixels</td><td class="number">${estimate(one.image, `${title}, image model`, records)}</td><td></td><td></td></tr>
${one.models.map(
  ({ name, features, value, published, difference, reading }) =>
    html`<tr><th scope="row">${name}</th><td>${featureWords(features)}${reading === undefined || reading === null ? undefined : html`<br/><span class="about">${reading}</span>`}</td><td class="number">${estimate(value, `${title}, ${name}`, records)}</td><td class="number">${difference === undefined || difference === null ? distance(one.image, value) : estimate(difference, `${title}, image model less ${name}`, records)}</td><td>${printedNumbers(published, records)}</td></tr>
`,
)}</tbody></table>
</section>
`;
}

function distance(image: ReportValue, other: ReportValue): string {
  return image.value === null || other.value === null ? "\u2013" : formatFixed(image.value - other.value, 3);
}

/** How the numbers differ between strata, beside how frequent the class is there. */
export function strataSection({ strata }: AuditReport, records: RecordList): Markup {
  return html`<p>A difference between strata can come from different prevalence, age mix, image quality or labels as well as from the model. Each stratum's share of the class stands beside it. Strata with few patients have wide intervals.</p>
${strata.map((one) => strataPart(one, records))}`;
}

function strataPart(one: ReportStrata, records: RecordList): Markup {
  const about = `${one.valueName} of ${one.class} by ${one.attribute}`;
  const rows = one.rows.map(({ level, value }) => ({ label: level, ...numbers(value) }));
  const options = { valueName: one.valueName, overall: one.overall.value };
  return html`<section class="part">
<h3>${one.title}, ${one.class}</h3>
<figure>${svg(gapSvg(rows, options))}</figure>
<table>
<caption>${about}</caption>
<thead><tr><th scope="col">${one.attribute}</th><th scope="col" class="number">${one.valueName} (interval)</th><th scope="col" class="number">Share of ${one.class}</th></tr></thead>
<tbody>
<tr><th scope="row">All</th><td class="number">${estimate(one.overall, `${about}, all`, records)}</td><td></td></tr>
${one.rows.map(
  ({ level, value, prevalence }) =>
    html`<tr><th scope="row">${level}</th><td class="number">${estimate(value, `${about}, ${level}`, records)}</td><td class="number">${prevalence === null ? "\u2013" : `${formatFixed(100 * prevalence, 1)}%`}</td></tr>
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

function numbers({ value, ciLow, ciHigh, reason }: ReportValue) {
  return { value, ciLow, ciHigh, reason: reason === null ? null : words(reason) };
}
