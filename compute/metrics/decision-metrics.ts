import { defineMetric } from "../plugin.ts";
import { type OperatingRate, operatingPoints, operatingRates } from "./operating-points.ts";

const threshold = {
  kind: "float",
  min: -Number.MAX_VALUE,
  max: Number.MAX_VALUE,
  unit: "score",
  doc: "Positive means score >= threshold; choose it on a validation split.",
} as const;

function rateMetric(id: OperatingRate) {
  const { doc, better } = operatingRates[id];
  return defineMetric({
    id,
    version: 1,
    doc: `Share, at a threshold. ${doc}`,
    source:
      "Pepe 2003, The Statistical Evaluation of Medical Tests for Classification and Prediction, section 2.1",
    params: { threshold },
    example: { threshold: 0.5 },
    laws: ["row-order-free", "strata-independent", "replication-free", "bounded"],
    range: [0, 1],
    better,
    needs: "decisions",
    // The level only shapes intervals, which this metric does not report.
    measure: (rows, params) =>
      operatingPoints(rows, params.threshold, 0.95).map(({ rates }) => ({
        value: rates[id].value,
        reason: rates[id].reason,
      })),
  });
}

/** The rates at a threshold, each a metric. */
export const decisionMetrics = [
  rateMetric("fpr"),
  rateMetric("fnr"),
  rateMetric("tpr"),
  rateMetric("tnr"),
  rateMetric("ppv"),
  rateMetric("npv"),
  rateMetric("prevalence"),
] as const;
