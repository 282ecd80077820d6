import { stratifiedAuc } from "../metrics/stratified-auc.ts";
import { defineAucInterval } from "../plugin.ts";
import { delongInterval, delongLogitInterval } from "./delong.ts";

/** DeLong's interval on the scale of the AUC. */
export const delong = defineAucInterval({
  id: "delong",
  version: 2,
  doc: "Normal interval from the variance of the placements, cut at 0 and 1; images are taken as independent.",
  source: "DeLong, DeLong & Clarke-Pearson 1988, doi:10.2307/2531595",
  params: {},
  example: {},
  laws: ["row-order-free", "strata-independent", "bounded", "contains-estimate", "grows-with-level"],
  intervals: async (rows, level) => (await stratifiedAuc(rows)).map((cell) => delongInterval(cell, level)),
});

/** DeLong's interval on the logit scale. */
export const delongLogit = defineAucInterval({
  id: "delong_logit",
  version: 2,
  doc: "DeLong's variance on the logit scale, carried back: always inside (0, 1); images are taken as independent.",
  source:
    "Pepe 2003, The Statistical Evaluation of Medical Tests for Classification and Prediction, section 5.2.4",
  params: {},
  example: {},
  laws: ["row-order-free", "strata-independent", "bounded", "contains-estimate", "grows-with-level"],
  intervals: async (rows, level) =>
    (await stratifiedAuc(rows)).map((cell) => delongLogitInterval(cell, level)),
});
