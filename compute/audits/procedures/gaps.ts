import type { Procedure, Protocol } from "../../protocols/schema.ts";
import type { PlannedRates } from "../audit-plan.ts";
import { findingModelOf, testFindings } from "../finding-model.ts";
import type { AuditPlanner } from "../planner.ts";
import { resolveAttributes } from "../requirements.ts";

type Gaps = Extract<Procedure, { kind: "gaps" }>;

const thresholdWords: Readonly<Record<PlannedRates["threshold"], string>> = {
  target_fpr: "target false positive rate",
  sensitivity_equals_specificity: "sensitivity equals specificity",
  f1: "largest F1",
};

/** Error rates of a model of findings by group, at thresholds that are chosen on the validation part. */
export function planGaps(planner: AuditPlanner, protocol: Protocol, procedure: Gaps, site: number): void {
  const { finding, rate, thresholds, targetFpr } = procedure;
  const here = planner.nameOf(site);
  const { findingModel: given } = planner.settings;
  if (given?.knowsValidationOf.includes(site) === true) {
    const reason = "the model of findings has learnt from the images that its thresholds would be chosen on";
    planner.leaveOut(protocol, here, reason);
    return;
  }
  const model = findingModelOf(planner, site);
  if (!model.findings.includes(finding)) {
    planner.leaveOut(protocol, here, `the model of findings does not tell ${finding} by its own yes or no`);
    return;
  }
  const divided = divisionsOf(planner, protocol, procedure, site);
  if (divided.length === 0) return;
  const chosenOn = testFindings(planner, model, site, "validation");
  const evaluation = testFindings(planner, model, site, "test");
  const others = protocol.metrics.filter(
    (id) => id === "fpr" || id === "fnr" || id === "tpr" || id === "tnr",
  );
  const rates = [...new Set([rate, ...others])];
  for (const threshold of thresholds) {
    for (const by of divided) {
      planner.read(protocol, {
        evaluation,
        site,
        variant: `${wordsOf(by)}, ${thresholdWords[threshold]}`,
        rates: {
          finding,
          rates,
          threshold,
          targetFpr: threshold === "target_fpr" ? (targetFpr ?? null) : null,
          chosenOn,
          by,
        },
      });
    }
  }
}

/** The divisions into groups that the dataset allows, each once; `target` is what is asked about. */
function divisionsOf(planner: AuditPlanner, protocol: Protocol, { by }: Gaps, site: number) {
  const here = planner.nameOf(site);
  const divisions = new Map<string, PlannedRates["by"]>();
  for (const strata of by) {
    const named = strata.map(({ attribute, cuts }) => ({
      attribute: attribute === "target" ? planner.settings.attribute : attribute,
      cuts: cuts ?? null,
    }));
    const missing = named.find(
      ({ attribute }) => resolveAttributes([attribute], planner.facts(site)).length === 0,
    );
    if (missing !== undefined) {
      planner.leaveOut(protocol, `${here}, ${wordsOf(named)}`, `${missing.attribute} is not recorded`);
      continue;
    }
    // Asked about sex, "sex and sex" is sex.
    const once = named.filter(
      (one, i) => named.findIndex(({ attribute }) => attribute === one.attribute) === i,
    );
    divisions.set(JSON.stringify(once), once);
  }
  return [...divisions.values()];
}

function wordsOf(by: PlannedRates["by"]): string {
  return by.map(({ attribute }) => attribute).join(" and ");
}
