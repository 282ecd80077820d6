import { placeMapSvg } from "../../plots/place-map-svg.ts";
import type { AuditReport, ReportMap } from "../audit-report.ts";
import { html, type Markup, svg } from "../html.ts";
import { count } from "../numbers.ts";

/** What of the image the model's maps mark, on average over the test images of each class. */
export function mapsSection({ maps, attribute }: AuditReport): Markup {
  const groups = new Map<string, ReportMap[]>();
  for (const map of maps) {
    const name = `${map.title}, ${map.method}`;
    groups.set(name, [...(groups.get(name) ?? []), map]);
  }
  return html`<p>The mean of the maps of each class of ${attribute} over the test images of that class, as the model sees them, top of the image up. A map shows which places raise this one model's score of the class. By itself it localises nothing: places that it leaves dark may carry the attribute as well, another training may mark others, and the study's readers found no region that explains its models. What the model loses without the marked region is measured by blotting it out; nothing here is decided by a number.</p>
${[...groups].map(
  ([name, group]) => html`<section class="part">
<h3>${name}</h3>
<figure>${svg(placeMapSvg(group.map(gridOf), { title: `Mean maps, ${name}` }))}<figcaption>Each on a scale of its own. ${group.map(({ class: of, images }, i) => `${i === 0 ? "" : "; "}${of}: ${count(images)} images`)}.</figcaption></figure>
</section>
`,
)}`;
}

function gridOf({ class: title, rows, cols, values }: ReportMap) {
  return { title, rows, cols, values };
}
