import type { Database } from "../../db/client.ts";
import { epochEventsOfRuns } from "./train.queries.ts";

/** The AUC of one class on the validation images after an epoch. */
export interface EpochAucAnswer {
  readonly class: string;
  readonly auc: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  readonly reason: string | null;
}

/** An epoch of a training as answers hold it. */
export interface TrainingEpochAnswer {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly learningRate: number;
  readonly trainingLoss: number;
  readonly validationLoss: number | null;
  readonly validationAuc: readonly EpochAucAnswer[] | null;
  readonly best: boolean;
  readonly seconds: number;
}

/** The epochs of these runs, each once: as it was gone through last, where a crash took it back. */
export async function historiesOfRuns(
  { db }: Pick<Database, "db">,
  runIds: readonly number[],
): Promise<readonly { readonly runId: number; readonly epoch: TrainingEpochAnswer }[]> {
  const events = await epochEventsOfRuns(db, runIds);
  const newest = new Map(
    events.map(({ runId, payload }) => {
      const epoch = epochOf(payload as unknown as TrainingEpochAnswer); // safe: only attempts write such events
      return [`${runId} ${epoch.epoch}`, { runId, epoch }] as const;
    }),
  );
  return [...newest.values()].sort((a, b) => a.runId - b.runId || a.epoch.epoch - b.epoch.epoch);
}

/** Absent parts are null in answers. */
function epochOf(payload: TrainingEpochAnswer): TrainingEpochAnswer {
  return {
    ...payload,
    validationLoss: payload.validationLoss ?? null,
    validationAuc: payload.validationAuc?.map((each) => ({ ...each, reason: each.reason ?? null })) ?? null,
  };
}
