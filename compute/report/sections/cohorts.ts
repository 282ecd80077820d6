import { formatFixed } from "../../plots/axis.ts";
import type { AuditReport, ReportCohort } from "../audit-report.ts";
import { html, type Markup } from "../html.ts";
import { count, percent } from "../numbers.ts";

/** Who was looked at: a column a dataset, as the study's Table 1. */
export function cohortsSection({ cohorts }: AuditReport): Markup {
  const row = (name: string, of: (cohort: ReportCohort) => Markup | string) =>
    html`<tr><th scope="row">${name}</th>${cohorts.map((cohort) => html`<td class="number">${of(cohort)}</td>`)}</tr>
`;
  return html`<table>
<caption>Images and patients of each dataset. Shares are of patients, or of images where patients are not known.</caption>
<thead><tr><th scope="col"></th>${cohorts.map(
    ({ title, dataset, version }) =>
      html`<th scope="col" class="number">${title}<br/><span class="about">${dataset}, version ${version}</span></th>`,
  )}</tr></thead>
<tbody>
${row("Images", ({ images }) => count(images))}${row("Patients", ({ patients }) => count(patients))}${partNames(
  cohorts,
).map((name) =>
  row(`Images, ${name}`, ({ parts, images }) => {
    const part = parts.find((one) => one.name === name);
    return part === undefined ? "\u2013" : counted(part.images, images);
  }),
)}${row("Age in years, mean (SD)", ageText)}</tbody>
${attributeNames(cohorts).map((name) => attributeBody(name, cohorts))}</table>
`;
}

function attributeBody(name: string, cohorts: readonly ReportCohort[]): Markup {
  const of = (cohort: ReportCohort) => cohort.attributes.find((one) => one.name === name);
  const levels = [
    ...new Set(cohorts.flatMap((cohort) => of(cohort)?.levels.map(({ level }) => level) ?? [])),
  ];
  const cell = (cohort: ReportCohort, level: string): Markup | string => {
    const found = of(cohort)?.levels.find((one) => one.level === level);
    if (found === undefined) return "\u2013";
    return found.patients === null
      ? counted(found.images, cohort.images)
      : counted(found.patients, cohort.patients);
  };
  return html`<tbody>
<tr class="group"><th scope="rowgroup" colspan="${cohorts.length + 1}">${name}</th></tr>
${levels.map(
  (level) =>
    html`<tr><th scope="row" class="level">${level}</th>${cohorts.map((cohort) => html`<td class="number">${cell(cohort, level)}</td>`)}</tr>
`,
)}<tr><th scope="row" class="level">Images without a value</th>${cohorts.map((cohort) => html`<td class="number">${count(of(cohort)?.unknown ?? null)}</td>`)}</tr>
</tbody>
`;
}

function counted(part: number | null, whole: number | null): Markup {
  const share = percent(part, whole);
  return html`${count(part)}${share === "" ? "" : html` <span class="about">(${share})</span>`}`;
}

function ageText({ age }: ReportCohort): string {
  if (age === null) return "\u2013";
  const spread = age.sd === null ? "" : ` (${formatFixed(age.sd, 1)})`;
  return `${formatFixed(age.mean, 1)}${spread}`;
}

function partNames(cohorts: readonly ReportCohort[]): readonly string[] {
  return [...new Set(cohorts.flatMap(({ parts }) => parts.map(({ name }) => name)))];
}

function attributeNames(cohorts: readonly ReportCohort[]): readonly string[] {
  return [...new Set(cohorts.flatMap(({ attributes }) => attributes.map(({ name }) => name)))];
}
