import { defineMetric } from "../plugin.ts";
import { type OperatingRate, operatingPoints, operatingRates } from "./operating-points.ts";

const threshold = {
  kind: "float",
  min: -Number.MAX_VALUE,
  max: Number.MAX_VALUE,
  unit: "score",
  doc: "Positive means score >= threshold; choose it on a validation split.",
} as const;

/** A rate of the calls made at a threshold; prevalence is none of them, since no call enters it. */
function rateMetric(id: Exclude<OperatingRate, "prevalence">) {
  const { doc, better } = operatingRates[id];
  return defineMetric({
    id,
    version: 1,
    doc,
    source:
      "Pepe 2003, The Statistical Evaluation of Medical Tests for Classification and Prediction, section 2.1",
    params: { threshold },
    example: { threshold: 0.5 },
    laws: ["row-order-free", "strata-independent", "replication-free", "bounded"],
    range: [0, 1],
    better,
    needs: "decisions",
    // The level only shapes intervals, which this metric does not report.
    measure: async (rows, params) =>
      operatingPoints(rows, params.threshold, 0.95).map(({ rates }) => ({
        value: rates[id].value,
        reason: rates[id].reason,
      })),
  });
}

const prevalence = defineMetric({
  id: "prevalence",
  version: 1,
  doc: operatingRates.prevalence.doc,
  source:
    "Pepe 2003, The Statistical Evaluation of Medical Tests for Classification and Prediction, section 2.1",
  params: {},
  example: {},
  laws: ["row-order-free", "strata-independent", "replication-free", "rank-invariant", "bounded"],
  range: [0, 1],
  better: operatingRates.prevalence.better,
  needs: "scores",
  // Neither threshold nor level enters the share of positives.
  measure: async (rows) =>
    operatingPoints(rows, 0, 0.95).map(({ rates }) => ({
      value: rates.prevalence.value,
      reason: rates.prevalence.reason,
    })),
});

/** The rates at a threshold, each a metric, and the share of positives they depend on. */
export const decisionMetrics = [
  rateMetric("fpr"),
  rateMetric("fnr"),
  rateMetric("tpr"),
  rateMetric("tnr"),
  rateMetric("ppv"),
  rateMetric("npv"),
  prevalence,
] as const;
