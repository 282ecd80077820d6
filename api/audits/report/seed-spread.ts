import { type AuditPlan, type Protocol, sampleDeviation } from "../../../compute/index.ts";
import type { Reading } from "./measured-readings.ts";

/**
 * The readings, those of a network that learns what is asked about each with the standard deviation, class by class, over trainings
 * of its dataset from other seeds: an interval of one network does not say how far another training would come out.
 *
 * @param protocols - of those, the ones that train from several seeds measure it, with the network of untouched images
 */
export function withSeedSpread(
  readings: readonly Reading[],
  plan: AuditPlan,
  protocols: readonly Protocol[],
): readonly Reading[] {
  const measuring = new Set(
    protocols.flatMap(({ id, procedure }) =>
      procedure.kind === "classifier" && procedure.seeds !== undefined ? [id] : [],
    ),
  );
  const spreads = new Map<string, ReadonlyMap<string, number>>();
  for (const reading of readings) {
    const key = keyOf(reading);
    if (!measuring.has(reading.protocol) || spreads.has(key)) continue;
    const runs = readings.filter((other) => measuring.has(other.protocol) && keyOf(other) === key);
    spreads.set(key, spreadOf(runs));
  }
  const networks = new Set(
    plan.steps.flatMap((step) => (step.kind === "train" && step.findings === undefined ? [step.id] : [])),
  );
  const scored = new Set(
    plan.steps.flatMap((step) => (step.kind === "evaluate" && networks.has(step.model) ? [step.id] : [])),
  );
  return readings.map((reading) => {
    const spread = spreads.get(keyOf(reading));
    const isOfNetwork = scored.has(reading.evaluation) && reading.control === undefined;
    return spread === undefined || !isOfNetwork || measuring.has(reading.protocol)
      ? reading
      : { ...reading, spread };
  });
}

function keyOf({ trainDataset, unit }: Reading): string {
  return `${trainDataset} ${unit}`;
}

/** Over the AUCs of the whole set, where there are two or more. */
function spreadOf(runs: readonly Reading[]): ReadonlyMap<string, number> {
  const values = new Map<string, number[]>();
  for (const { values: rows } of runs) {
    for (const { className, stratum, value } of rows) {
      if (className === null || stratum.length > 0 || value === null) continue;
      values.set(className, [...(values.get(className) ?? []), value]);
    }
  }
  return new Map(
    [...values].flatMap(([name, aucs]) => {
      const spread = sampleDeviation(aucs);
      return spread === undefined ? [] : [[name, spread] as const];
    }),
  );
}
