import type { Procedure, Protocol } from "../../protocols/schema.ts";
import type { AuditPlanner } from "../planner.ts";
import { resolveAttributes } from "../requirements.ts";

type Features = Extract<Procedure, { kind: "features" }>;

/** Models of what is recorded, validated by patient over the whole dataset. */
export function planFeatures(
  planner: AuditPlanner,
  protocol: Protocol,
  { sets, models, folds }: Features,
  site: number,
): void {
  const facts = planner.facts(site);
  for (const { name, features } of sets) {
    const missing = features.find((one) => resolveAttributes([one], facts).length === 0);
    // What is asked about tells itself.
    const given = resolveAttributes(features, facts).filter((one) => one !== planner.settings.attribute);
    if (missing !== undefined || given.length === 0) {
      const reason = missing === undefined ? "nothing but what is asked about" : `${missing} is not recorded`;
      planner.leaveOut(protocol, `${planner.nameOf(site)}, ${name}`, reason);
      continue;
    }
    for (const model of models) {
      const words = `${name.replaceAll("_", " ")}, ${model.replaceAll("_", " ")}`;
      const title = `${planner.nameOf(site)}: ${words}`;
      const { id } = planner.steps.fit({ title, dataset: site, features: given, pixels: null, model, folds });
      planner.read(protocol, { evaluation: id, site, variant: words });
    }
  }
}
