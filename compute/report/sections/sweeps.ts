import { sweepSvg } from "../../plots/sweep-svg.ts";
import type { AuditReport, ReportSeries, ReportSweep } from "../audit-report.ts";
import { html, type Markup, svg } from "../html.ts";
import { estimate, printedNumbers } from "../numbers.ts";
import type { RecordList } from "../record-list.ts";

/** AUC over the parameter of a transform: as the study's Figure 1, with every number under it. */
export function sweepsSection({ sweeps }: AuditReport, records: RecordList): Markup {
  return html`${sweeps.map(
    (sweep) => html`<section class="part">
<h3>${sweep.title}</h3>
<p>${sweep.note}</p>
<figure>${svg(sweepSvg(sweep.panels.map(panelOf), { title: sweep.title, xName: sweep.xName, scale: sweep.scale, showTitle: false }))}</figure>
${sweep.panels.map(({ title, series }) => valueTable(sweep, title, series, records))}${untouched(sweep, records)}${
  sweep.published.length === 0
    ? undefined
    : html`<div class="aside"><b>Published.</b> ${printedNumbers(sweep.published, records)}</div>
`
}</section>
`,
  )}`;
}

function panelOf({ title, series }: ReportSweep["panels"][number]) {
  return {
    title,
    series: series.map(({ name, points }) => ({
      name,
      points: [...points]
        .sort((a, b) => a.x - b.x)
        .map(({ x, value: { value, ciLow, ciHigh } }) => ({ x, value, ciLow, ciHigh })),
    })),
  };
}

function valueTable(
  sweep: ReportSweep,
  title: string,
  series: readonly ReportSeries[],
  records: RecordList,
): Markup {
  // Published curves have values where nothing was computed; the figure shows those.
  const ours = series.filter(({ published }) => published !== true);
  const xs = [...new Set(ours.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  return html`<table class="compact">
<caption>${title}: AUC (interval) at each ${sweep.xName}</caption>
<thead><tr><th scope="col" class="number">${sweep.xName}</th>${series.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>
${xs.map(
  (x) =>
    html`<tr><th scope="row" class="number">${x}</th>${series.map(({ name, points }) => {
      const point = points.find((one) => one.x === x);
      const about = `${title}, ${sweep.xName} ${x}, ${name}, AUC`;
      return html`<td class="number">${point === undefined ? "\u2013" : estimate(point.value, about, records)}</td>`;
    })}</tr>
`,
)}</tbody></table>
`;
}

function untouched({ untouched: values, title }: ReportSweep, records: RecordList): Markup | undefined {
  if (values.length === 0) return undefined;
  return html`<p class="aside">Images as they are: ${values.map(
    ({ name, value }, i) =>
      html`${i === 0 ? "" : "; "}${name} ${estimate(value, `${title}, images as they are, ${name}, AUC`, records)}`,
  )}.</p>
`;
}
