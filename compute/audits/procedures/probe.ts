import type { Procedure, Protocol } from "../../protocols/schema.ts";
import { FINDING, findingModelOf, learnableFindings, testFindings } from "../finding-model.ts";
import type { AuditPlanner } from "../planner.ts";
import { resolveAttributes } from "../requirements.ts";

type Probe = Extract<Procedure, { kind: "probe" }>;

/** Simple models of what a model of findings keeps of images that it has not learnt from, validated by patient. */
export function planProbe(
  planner: AuditPlanner,
  protocol: Protocol,
  { layer, models, within, folds }: Probe,
  site: number,
): void {
  const levels = levelsOf(planner, within, site);
  if (within.length > 0 && levels.length === 0) {
    planner.leaveOut(protocol, planner.nameOf(site), "no attribute to look within has patients enough");
    return;
  }
  const evaluation = testFindings(planner, findingModelOf(planner, site), site, "test", layer);
  for (const model of models) {
    const words = model.replaceAll("_", " ");
    const title = `${planner.nameOf(site)}: ${words} of ${layer} features`;
    const step = { title, dataset: site, features: [], pixels: null, embeddings: evaluation, model, folds };
    const { id } = planner.steps.fit(step);
    if (within.length === 0) planner.read(protocol, { evaluation: id, site, variant: words });
    for (const attribute of levels) {
      const by = { attribute, cuts: null };
      planner.read(protocol, { evaluation: id, site, variant: `${words} within ${attribute}`, by });
    }
  }
}

/** The attributes to look within, but for what is asked about and findings that hardly anybody has. */
function levelsOf(planner: AuditPlanner, within: readonly string[], site: number): readonly string[] {
  const facts = planner.facts(site);
  const frequent = learnableFindings(facts, planner.settings);
  return resolveAttributes(within, facts).filter(
    (name) =>
      name !== planner.settings.attribute &&
      (!name.startsWith(FINDING) || frequent.includes(name.slice(FINDING.length))),
  );
}
