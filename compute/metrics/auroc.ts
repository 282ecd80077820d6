import { defineMetric } from "../plugin.ts";
import { stratifiedAuc } from "./stratified-auc.ts";

/** Area under the ROC curve. */
export const auroc = defineMetric({
  id: "auroc",
  version: 1,
  doc: "The chance that a random positive scores above a random negative, ties counting one half.",
  source: "Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747",
  params: {},
  example: {},
  laws: [
    "row-order-free",
    "strata-independent",
    "replication-free",
    "rank-invariant",
    "symmetric-in-classes",
    "bounded",
  ],
  range: [0, 1],
  better: "higher",
  needs: "scores",
  measure: async (rows) => (await stratifiedAuc(rows)).map(({ auc, reason }) => ({ value: auc, reason })),
});
