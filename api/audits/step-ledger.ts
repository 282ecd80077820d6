import type { AuditPlan } from "../../compute/index.ts";
import type { Db } from "../db/client.ts";
import { type RunRecord, runsByIds } from "../runs/run.queries.ts";
import { neededBy, type StepState } from "./audit-steps.ts";

/** What became of a step when it was asked for: the run that it is, or why it was refused. */
export interface LedgerEntry {
  readonly step: string;
  /** In which asking for the audit: one that is asked for again asks again for what failed or was cancelled. */
  readonly round: number;
  readonly run: number | null;
  /** Whether the audit's request made the run. */
  readonly created: boolean;
  readonly refusal: string | null;
}

/** More steps than this are a mistake. */
const STEPS_A_ROUND = 100_000;

/** The part of the run under which the plan is stored, and an entry of a round. */
export const PLAN_PART = 0;
export function partOf(round: number, stepIndex: number): number {
  return round * STEPS_A_ROUND + 1 + stepIndex;
}

/** The plan and the newest entry of each step, as the run's parts hold them; no plan: nothing was begun. */
export function readLedger(parts: readonly { readonly part: number; readonly payload: Buffer }[]): {
  readonly plan: AuditPlan | undefined;
  readonly entries: ReadonlyMap<string, LedgerEntry>;
} {
  let plan: AuditPlan | undefined;
  const entries = new Map<string, LedgerEntry>();
  // Safe in both: the audit's own runner wrote them.
  for (const { part, payload } of parts) {
    if (part === PLAN_PART) plan = JSON.parse(payload.toString()) as AuditPlan;
    else {
      const entry = JSON.parse(payload.toString()) as LedgerEntry;
      entries.set(entry.step, entry);
    }
  }
  return { plan, entries };
}

/** How far each step is, in the plan's order. One statement. */
export async function stepStates(
  db: Db,
  plan: AuditPlan,
  entries: ReadonlyMap<string, LedgerEntry>,
  round: number,
): Promise<readonly StepState[]> {
  const ids = [...entries.values()].flatMap(({ run }) => run ?? []);
  const records = new Map((await runsByIds(db, ids)).map((run) => [run.id, run]));
  const states = new Map<string, StepState>();
  for (const step of plan.steps) {
    const entry = entries.get(step.id);
    const needed = states.get(neededBy(step) ?? "");
    states.set(step.id, {
      step,
      ...stateOf(entry, entry?.run == null ? undefined : records.get(entry.run), round, needed),
    });
  }
  return [...states.values()];
}

function stateOf(
  entry: LedgerEntry | undefined,
  run: RunRecord | undefined,
  round: number,
  needed: StepState | undefined,
): Omit<StepState, "step"> {
  const hasEndedEmpty = run?.state === "failed" || run?.state === "cancelled" || entry?.refusal != null;
  const isOfBefore = entry !== undefined && entry.round < round && hasEndedEmpty;
  if (entry === undefined || isOfBefore) {
    if (needed === undefined || !isLost(needed)) return { run: null, state: "waiting", reason: null };
    return {
      run: null,
      state: "left out",
      reason: `its ${needed.step.kind === "train" ? "training" : "evaluation"} ${needed.state === "cancelled" ? "was cancelled" : "failed"}`,
    };
  }
  if (entry.refusal !== null) return { run: null, state: "failed", reason: entry.refusal };
  return { run: entry.run, state: run?.state ?? "waiting", reason: run?.failure ?? null };
}

/** Whether a step has ended without a result. */
export function isLost({ state }: Pick<StepState, "state">): boolean {
  return state === "failed" || state === "cancelled" || state === "left out";
}
