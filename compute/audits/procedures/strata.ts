import type { Procedure, Protocol } from "../../protocols/schema.ts";
import type { AuditPlanner } from "../planner.ts";

type Strata = Extract<Procedure, { kind: "strata" }>;

/** The scores of the network on the untouched test images, by strata; nothing is trained. */
export function planStrata(planner: AuditPlanner, protocol: Protocol, { by }: Strata, site: number): void {
  const evaluation = planner.test(planner.base(site), site, [], []);
  for (const { attribute, cuts } of by) {
    if (attribute === planner.settings.attribute) {
      const reason = "a stratum of the attribute that is asked about holds one class only";
      planner.leaveOut(protocol, planner.nameOf(site), reason);
    } else planner.read(protocol, { evaluation, site, by: { attribute, cuts: cuts ?? null } });
  }
}
