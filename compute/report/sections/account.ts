import type { AuditReport } from "../audit-report.ts";
import { studyCautions } from "../cautions.ts";
import { html, type Markup } from "../html.ts";
import type { RecordList } from "../record-list.ts";

/** What was done, what was left out and why. */
export function stepsSection({ steps }: AuditReport): Markup {
  return html`<table>
<caption>Every protocol that was asked for, and what became of it</caption>
<thead><tr><th scope="col">Protocol</th><th scope="col">Outcome</th><th scope="col">Runs</th></tr></thead>
<tbody>
${steps.map(
  ({ protocol, title, outcome, reason, runs }) =>
    html`<tr><th scope="row">${title}<br/><span class="about">${protocol}</span></th><td>${outcome}${reason === null ? "" : `: ${reason}`}</td><td class="about">${runs.length === 0 ? "\u2013" : runs.join(", ")}</td></tr>
`,
)}</tbody></table>
`;
}

/** What these numbers cannot say. */
export function cautionsSection({ cautions }: AuditReport): Markup {
  return html`${
    cautions.length === 0
      ? undefined
      : html`<h3>Of this audit</h3>
<ul class="cautions">${cautions.map((caution) => html`<li>${caution}</li>`)}</ul>
<h3>Of all such audits</h3>
`
  }<ul class="cautions">${studyCautions.map((caution) => html`<li>${caution}</li>`)}</ul>
`;
}

/** How it was made, so that it can be made again. */
export function methodsSection({ facts, software, audit, fingerprint }: AuditReport): Markup {
  const rows = [
    { name: "Audit", value: audit },
    { name: "Fingerprint", value: fingerprint },
    ...facts,
    ...Object.entries(software)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => ({ name: `Software: ${name}`, value })),
  ];
  return html`<table class="compact"><tbody>
${rows.map(
  ({ name, value }) => html`<tr><th scope="row">${name}</th><td><code>${value}</code></td></tr>
`,
)}</tbody></table>
`;
}

/** The records that the small numbers on the page stand for. Rendered last: it lists those that the page named. */
export function recordsSection(records: RecordList): Markup {
  return html`<p>Each small number on this page stands for a record of the warehouse, which holds the number in full, its counts, parameters, plugin version and run: <code>metrics(filter: {ids: ["\u2026"]})</code>.</p>
<table class="records">
<thead><tr><th scope="col" class="number">No.</th><th scope="col">Record</th><th scope="col">What it is</th></tr></thead>
<tbody>
${records.all.map(
  ({ number, id, about }) =>
    html`<tr id="record-${number}"><td class="number">${number}</td><td><code>${id}</code></td><td>${about}</td></tr>
`,
)}</tbody></table>
`;
}
