import type { AuditPlan } from "./audit-plan.ts";
import type { AuditSettings, DatasetFacts } from "./audit-settings.ts";
import { AuditPlanner } from "./planner.ts";
import { planProcedure } from "./procedures/procedure-plans.ts";
import { missingOf } from "./requirements.ts";

/**
 * Plans an audit: which networks are trained and evaluated on what, and which numbers are read off them. Deterministic;
 * the same training or evaluation asked for by several protocols is one step. What cannot be done is left out with the
 * reason. O(protocols * conditions * datasets).
 *
 * @param datasets - the first is the one that is asked about; the others are external, but for one digitised otherwise
 */
export function planAudit(settings: AuditSettings, datasets: readonly DatasetFacts[]): AuditPlan {
  const planner = new AuditPlanner(settings, datasets);
  const external = datasets.length - 1 - (settings.digitised === undefined ? 0 : 1);
  for (const protocol of settings.protocols) {
    for (const site of planner.sites) {
      if (site >= datasets.length) continue;
      const missing = missingOf(protocol, planner.facts(site), settings, external);
      if (missing !== undefined) planner.leaveOut(protocol, planner.nameOf(site), missing);
      else planProcedure(planner, protocol, site);
    }
  }
  return planner.plan;
}
