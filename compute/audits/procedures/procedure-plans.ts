import type { Procedure, Protocol } from "../../protocols/schema.ts";
import type { AuditPlanner } from "../planner.ts";
import { planClassifier } from "./classifier.ts";
import { planPlantedMark, planShuffledLabels } from "./controls.ts";
import { planFeatureShift } from "./feature-shift.ts";
import { planFeatures } from "./features.ts";
import { planGaps } from "./gaps.ts";
import { planOcclusion } from "./occlusion.ts";
import { planPixelStatistics } from "./pixel-statistics.ts";
import { planProbe } from "./probe.ts";
import { planResampledTest } from "./resampled-test.ts";
import { planSaliency } from "./saliency.ts";
import { planStrata } from "./strata.ts";

type Kind = Procedure["kind"];
type Plans = {
  readonly [K in Kind]?: (
    planner: AuditPlanner,
    protocol: Protocol,
    procedure: Extract<Procedure, { kind: K }>,
    site: number,
  ) => void;
};

/** How each kind of procedure becomes steps and readings; a kind that is absent is left out of plans by name. */
const plans: Plans = {
  classifier: planClassifier,
  strata: planStrata,
  features: planFeatures,
  gaps: planGaps,
  resampled_test: planResampledTest,
  saliency: planSaliency,
  occlusion: planOcclusion,
  shuffled_labels: planShuffledLabels,
  planted_mark: planPlantedMark,
  pixel_statistics: planPixelStatistics,
  probe: planProbe,
  feature_shift: planFeatureShift,
};

/** Adds what a protocol needs on a dataset, or says why it cannot be. */
export function planProcedure(planner: AuditPlanner, protocol: Protocol, site: number): void {
  const { procedure } = protocol;
  // Safe: the entry is that of the procedure's own kind.
  const plan = plans[procedure.kind] as ((...given: unknown[]) => void) | undefined;
  if (plan !== undefined) plan(planner, protocol, procedure, site);
  else {
    const reason = `this version of Stratum has no audit step for ${procedure.kind.replaceAll("_", " ")}`;
    planner.leaveOut(protocol, planner.nameOf(site), reason);
  }
}
