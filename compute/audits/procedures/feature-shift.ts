import type { Procedure, Protocol } from "../../protocols/schema.ts";
import { findingModelOf, testFindings } from "../finding-model.ts";
import type { AuditPlanner } from "../planner.ts";

type FeatureShift = Extract<Procedure, { kind: "feature_shift" }>;

/** Tests of what a model of findings keeps of images, between the levels of what is asked about. */
export function planFeatureShift(
  planner: AuditPlanner,
  protocol: Protocol,
  { layer, components, correction, alpha }: FeatureShift,
  site: number,
): void {
  const evaluation = testFindings(planner, findingModelOf(planner, site), site, "test", layer);
  planner.read(protocol, { evaluation, site, shift: { components, correction, alpha } });
}
