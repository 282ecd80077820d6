import { answersOf } from "./answers.ts";
import type { AuditReport } from "./audit-report.ts";
import { html, Markup } from "./html.ts";
import { RecordList } from "./record-list.ts";
import { cautionsSection, methodsSection, recordsSection, stepsSection } from "./sections/account.ts";
import { cohortsSection } from "./sections/cohorts.ts";
import { controlsSection } from "./sections/controls.ts";
import { confoundersSection, strataSection } from "./sections/explanations.ts";
import { gapsSection } from "./sections/gaps.ts";
import { mapsSection } from "./sections/maps.ts";
import { patchesSection, sheetsSection } from "./sections/places.ts";
import { resultsSection } from "./sections/results.ts";
import { shiftsSection } from "./sections/shifts.ts";
import { sweepsSection } from "./sections/sweeps.ts";
import { othersSection, pooledSection, varianceSection } from "./sections/together.ts";
import { reportStyle } from "./style.ts";

/** A chapter of the report; one that is not `wanted` has nothing to say and does not appear. */
interface Chapter {
  readonly title: string;
  readonly wanted: (report: AuditReport) => boolean;
  readonly render: (report: AuditReport, records: RecordList) => Markup;
}

const chapters: readonly Chapter[] = [
  { title: "Who was looked at", wanted: ({ cohorts }) => cohorts.length > 0, render: cohortsSection },
  {
    title: "Does a model recover it, here and elsewhere",
    wanted: ({ results }) => results.length > 0,
    render: resultsSection,
  },
  { title: "All datasets together", wanted: ({ pooled }) => pooled.length > 0, render: pooledSection },
  {
    title: "Which frequencies and resolutions carry it",
    wanted: ({ sweeps }) => sweeps.length > 0,
    render: sweepsSection,
  },
  { title: "What the models saw", wanted: ({ sheets }) => sheets.length > 0, render: sheetsSection },
  {
    title: "Where in the image it sits",
    wanted: ({ patches }) => patches.length > 0,
    render: patchesSection,
  },
  { title: "What the maps mark", wanted: ({ maps }) => maps.length > 0, render: mapsSection },
  {
    title: "Do recorded attributes or grey levels explain it",
    wanted: ({ confounders }) => confounders.length > 0,
    render: confoundersSection,
  },
  { title: "By stratum", wanted: ({ strata }) => strata.length > 0, render: strataSection },
  {
    title: "Errors of a model of findings by group",
    wanted: ({ gaps }) => gaps.length > 0,
    render: gapsSection,
  },
  {
    title: "What a model of findings keeps of images, by group",
    wanted: ({ shifts }) => shifts.length > 0,
    render: shiftsSection,
  },
  { title: "Further experiments", wanted: ({ others }) => others.length > 0, render: othersSection },
  {
    title: "How far another training comes out",
    wanted: ({ variance }) => variance.length > 0,
    render: varianceSection,
  },
  { title: "Controls", wanted: ({ controls }) => controls.length > 0, render: controlsSection },
  {
    title: "What was done and what was left out",
    wanted: ({ steps }) => steps.length > 0,
    render: stepsSection,
  },
  { title: "Limits and cautions", wanted: () => true, render: cautionsSection },
  { title: "How it was made", wanted: () => true, render: methodsSection },
  { title: "Records", wanted: () => true, render: (_report, records) => recordsSection(records) },
];

/**
 * One self-contained HTML page of an audit: no scripts, nothing fetched, figures as inline SVG, images as data URIs, laid
 * out for screen and print. Every value is escaped. The same values give the same bytes. O(numbers).
 */
export function renderReport(report: AuditReport): string {
  const records = new RecordList();
  const shown = chapters.filter(({ wanted }) => wanted(report));
  const answers = answersOf(report);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"/>
<meta name="color-scheme" content="only light"/>
<title>${report.title}</title>
<style>${new Markup(reportStyle)}</style>
</head>
<body>
<main>
<h1>${report.title}</h1>
<p class="lead">What a model recovers of ${report.attribute} (${report.classes.join(", ")}) from images, where the signal sits, and what goes along with it. Audit ${report.audit}.</p>
${
  answers.length === 0
    ? undefined
    : html`<dl class="answers">
${answers.map(
  ({ question, text }) => html`<dt>${question}</dt><dd>${text}</dd>
`,
)}</dl>
`
}<nav aria-label="Chapters"><ol>
${shown.map(
  ({ title }, i) => html`<li><a href="#chapter-${i + 1}">${title}</a></li>
`,
)}</ol></nav>
${shown.map(
  ({ title, render }, i) => html`<section id="chapter-${i + 1}">
<h2>${i + 1}. ${title}</h2>
${render(report, records)}</section>
`,
)}</main>
</body>
</html>
`;
  return page.text;
}
