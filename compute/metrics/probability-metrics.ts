import { defineMetric } from "../plugin.ts";
import { binnings, calibrationByStratum } from "./calibration.ts";
import { recalibrationByStratum } from "./recalibration.ts";

/** Brier score. */
export const brier = defineMetric({
  id: "brier",
  version: 1,
  doc: "Mean squared difference between the score, read as a probability, and the truth.",
  source: "Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2",
  params: {},
  example: {},
  laws: ["row-order-free", "strata-independent", "replication-free", "bounded"],
  range: [0, 1],
  better: "lower",
  needs: "scores",
  measure: async (rows) =>
    calibrationByStratum(rows, { bins: 1 }).map(({ brier: value, reason }) => ({ value, reason })),
});

/** Expected calibration error. */
export const expectedCalibrationError = defineMetric({
  id: "ece",
  version: 1,
  doc: "Mean distance, over rows, between observed rate and mean score of the row's bin.",
  source: "Naeini, Cooper & Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602",
  params: {
    bins: { kind: "int", min: 1, max: 1000, default: 10, unit: "bins", doc: "Number of bins." },
    binning: {
      kind: "choice",
      choices: binnings,
      default: "equal_width",
      doc: "How scores are put into bins.",
    },
  },
  example: { bins: 15, binning: "equal_width" },
  laws: ["row-order-free", "strata-independent", "replication-free", "bounded"],
  range: [0, 1],
  better: "lower",
  needs: "scores",
  measure: async (rows, options) =>
    calibrationByStratum(rows, options).map(({ ece, reason }) => ({ value: ece, reason })),
});

/** Calibration in the large. */
export const calibrationIntercept = defineMetric({
  id: "calibration_intercept",
  version: 1,
  doc: "Shift of the score's log odds that makes the mean score equal the observed rate; 0 is ideal.",
  source: "Van Calster et al. 2019, doi:10.1186/s12916-019-1466-7",
  params: {},
  example: {},
  laws: ["row-order-free", "strata-independent", "replication-free"],
  range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  better: "neither",
  needs: "scores",
  measure: async (rows) =>
    recalibrationByStratum(rows).map(({ intercept, reason }) => ({
      value: intercept?.value ?? null,
      reason,
    })),
});

/** Calibration slope. */
export const calibrationSlope = defineMetric({
  id: "calibration_slope",
  version: 1,
  doc: "Slope of the truth's log odds on the score's; 1 is ideal, below 1 the scores are too extreme.",
  source: "Cox 1958, doi:10.1093/biomet/45.3-4.562",
  params: {},
  example: {},
  laws: ["row-order-free", "strata-independent", "replication-free"],
  range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  better: "neither",
  needs: "scores",
  measure: async (rows) =>
    recalibrationByStratum(rows).map(({ slope, reason }) => ({ value: slope?.value ?? null, reason })),
});
