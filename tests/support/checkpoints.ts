import { noBestEpoch } from "../../compute/trainers/best-epoch.ts";
import type { Checkpoint } from "../../compute/trainers/checkpoint.ts";
import { firstRate } from "../../compute/trainers/schedules.ts";

/** A checkpoint with these numbers, of some training. */
export function checkpointOf(numbers: Omit<Checkpoint, "fingerprint" | "progress">, step = 3): Checkpoint {
  const progress = {
    epoch: 1,
    stepInEpoch: step,
    step,
    lossSum: 0.1 + step / 3,
    rate: firstRate,
    best: noBestEpoch,
    history: [],
  };
  return { fingerprint: "f".repeat(64), progress, ...numbers };
}
