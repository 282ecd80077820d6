import { seedParam } from "../params.ts";
import { defineAucInterval } from "../plugin.ts";
import { bootstrapAuc } from "./patient-bootstrap.ts";

/** The percentile interval from resampled patients, as a plugin. */
export const patientBootstrap = defineAucInterval({
  id: "patient_bootstrap",
  version: 1,
  doc: "Percentile interval from resampled patients: images of one patient may depend on each other.",
  source:
    "Efron & Tibshirani 1993, An Introduction to the Bootstrap, section 13.3; Field & Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x",
  params: {
    replicates: {
      kind: "int",
      min: 100,
      max: 1_000_000,
      default: 2000,
      unit: "resamples",
      doc: "Number of resamples.",
    },
    seed: seedParam("Seed of the resamples."),
  },
  example: { replicates: 200, seed: 1 },
  laws: ["bounded", "grows-with-level"],
  intervals({ order, labels, strata, stratumCount, patients, patientCount }, level, { replicates, seed }) {
    const columns = [{ order, labels }];
    return bootstrapAuc(
      { columns, strata, stratumCount, patients, patientCount },
      { replicates, seed, level },
    );
  },
});
