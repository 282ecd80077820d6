import { encodeId } from "../graphql/node-id.ts";
import type { RunRecord } from "../runs/run.queries.ts";
import type { PlannedAudit } from "./audit.service.ts";
import { endedAudit } from "./audit.service.ts";
import type { Audit, AuditGap, AuditPlan, AuditStep } from "./audit.type.ts";
import { readAuditParams } from "./audit-params.ts";
import type { StepState } from "./audit-steps.ts";

/** A step as GraphQL shows it, with the row id of its run. */
export interface StepView extends AuditStep {
  readonly runId: number | null;
}

/** An audit as GraphQL shows it; its run as the row is. */
export interface AuditView extends Omit<Audit, "run"> {
  readonly run: RunRecord;
}

export function stepView({ step, run, state, reason }: StepState): StepView {
  return { name: step.id, kind: step.kind, title: step.title, state, reason, runId: run };
}

export function planView({ plan, cost, done }: PlannedAudit): AuditPlan {
  const steps = plan.steps.map((step) => {
    const state = done.has(step.id) ? ("succeeded" as const) : ("waiting" as const);
    return stepView({ step, run: null, state, reason: null });
  });
  return { steps, leftOut: [...plan.leftOut], ...cost };
}

export function auditView(run: RunRecord | undefined): AuditView | undefined {
  if (run === undefined) return undefined;
  const { datasets, settings } = readAuditParams(run.params);
  const { attribute, classes, protocols, ...rest } = settings;
  return {
    id: encodeId("Audit", run.id),
    run,
    attribute,
    classes: [...classes],
    datasets: datasets.map(({ slug }) => slug),
    protocols: protocols.map(({ id }) => id),
    settings: { ...rest, datasets },
  };
}

export function gapsOf(run: RunRecord): readonly AuditGap[] {
  return endedAudit(run)?.plan.leftOut ?? [];
}
