import { type AuditRates, usualRates } from "../../compute/index.ts";
import type { Db } from "../db/client.ts";
import { newestSpeeds } from "./audit.queries.ts";

const RUNS_LOOKED_AT = 20;

/** How fast the newest runs of this warehouse were, by the median; where none tells, what is usual. Two statements. */
export async function ratesOf(db: Db): Promise<AuditRates> {
  const [trainings, evaluations] = await Promise.all([
    newestSpeeds(db, "training", RUNS_LOOKED_AT),
    newestSpeeds(db, "evaluation", RUNS_LOOKED_AT),
  ]);
  const trained = trainings.flatMap(({ seconds, summary }) => {
    const [images, epochs] = [countIn(summary?.["training"], "images"), numberIn(summary?.["epochs"])];
    if (images === undefined || epochs === undefined || !(seconds > usualRates.trainingStart)) return [];
    return [(seconds - usualRates.trainingStart) / (images * epochs)];
  });
  const evaluated = evaluations.flatMap(({ seconds, summary }) => {
    const images = numberIn(summary?.["scored"]);
    if (images === undefined || !(seconds > usualRates.evaluationStart)) return [];
    return [(seconds - usualRates.evaluationStart) / images];
  });
  return {
    ...usualRates,
    trainingImage: median(trained) ?? usualRates.trainingImage,
    evaluationImage: median(evaluated) ?? usualRates.evaluationImage,
    measuredOn: trained.length + evaluated.length,
  };
}

function countIn(part: unknown, name: string): number | undefined {
  return typeof part === "object" && part !== null && name in part
    ? numberIn((part as Readonly<Record<string, unknown>>)[name]) // safe: an object
    : undefined;
}

function numberIn(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
