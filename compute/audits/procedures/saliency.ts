import type { Procedure, Protocol } from "../../protocols/schema.ts";
import type { AuditPlanner } from "../planner.ts";

type Saliency = Extract<Procedure, { kind: "saliency" }>;

/** Maps of each class over the test images of that class, by the network of untouched images; no number is read off them. */
export function planSaliency(
  planner: AuditPlanner,
  protocol: Protocol,
  { method }: Saliency,
  site: number,
): void {
  const { attribute, classes } = planner.settings;
  for (const name of classes) {
    const { id } = planner.steps.evaluate({
      title: `${planner.nameOf(site)}: maps of ${name}`,
      model: planner.base(site).id,
      dataset: site,
      part: "test",
      transforms: [],
      where: [{ attribute, in: [name] }],
      maps: { class: name, method },
    });
    planner.read(protocol, { evaluation: id, site, variant: name });
  }
}
