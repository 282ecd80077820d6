import { type PatchGrid, patchMapSvg } from "../../plots/patch-map-svg.ts";
import type { AuditReport, ReportPatchMap } from "../audit-report.ts";
import { html, type Markup, pngUri, svg } from "../html.ts";
import { estimate, words } from "../numbers.ts";
import type { RecordList } from "../record-list.ts";

const kept = { keep: "Only this part kept", remove: "This part removed" } as const;

/** Where in the image the signal sits: AUC with one part kept, or removed; maps of one title and class stand side by side. */
export function patchesSection({ patches }: AuditReport, records: RecordList): Markup {
  const groups = new Map<string, ReportPatchMap[]>();
  for (const map of patches) {
    const name = `${map.title}, ${map.class}`;
    groups.set(name, [...(groups.get(name) ?? []), map]);
  }
  return html`<p>Each number stands where its part of the image lies. A part that carries little by itself may still be one of many that each suffice: then removing any one changes little.</p>
${[...groups].map(
  ([name, maps]) => html`<section class="part">
<h3>${name}</h3>
<figure>${svg(patchMapSvg(maps.map(gridOf), { title: `AUC of ${name}`, showTitle: false }))}</figure>
${maps.map((map) => recordsOf(map, name, records))}</section>
`,
)}`;
}

function recordsOf(map: ReportPatchMap, name: string, records: RecordList): Markup {
  const about = `${name}, ${kept[map.mode].toLowerCase()}`;
  const marks = map.values.map(
    (value, i) =>
      html`${i === 0 ? "" : " "}${records.referTo(value, `${about}, part ${i + 1}, AUC`) ?? words(value.reason ?? "none")}`,
  );
  return html`<p class="aside">${kept[map.mode]}: records, row by row ${marks}. Whole image ${estimate(map.whole, `${name}, whole image, AUC`, records)}.${map.publishedAbout === null ? undefined : html` Published: ${map.publishedAbout}.`}</p>
`;
}

function gridOf({ rows, cols, values, published, mode }: ReportPatchMap): PatchGrid {
  return {
    title: kept[mode],
    rows,
    cols,
    cells: values.map(({ value, ciLow, ciHigh, reason }, i) => ({
      value,
      ciLow,
      ciHigh,
      reason: reason === null ? null : words(reason),
      published: published?.[i] ?? null,
    })),
  };
}

/** What the models saw: as the study's Figure 2. */
export function sheetsSection({ sheets }: AuditReport): Markup {
  return html`${sheets.map(
    ({ title, alt, png }) =>
      html`<figure><img src="${pngUri(png)}" alt="${alt}"/><figcaption>${title}</figcaption></figure>
`,
  )}`;
}
