import type { ProtocolSource } from "./schema.ts";
import { STUDY, usual } from "./usual.ts";
import { againstRest } from "./wording.ts";

/** One protocol that reads the scores of `internal_validation` by strata of one attribute. */
function byStrata(
  attribute: string,
  name: string,
  rest: Pick<ProtocolSource, "where" | "published"> & {
    readonly title: string;
    readonly cuts?: number[];
    readonly cautions?: string[];
  },
): ProtocolSource {
  const { cuts, ...said } = rest;
  return {
    ...usual,
    id: `${attribute}_strata`,
    group: "confounders",
    hypothesis: `The attribute is recovered in every stratum by ${name}, so differences in ${name} are not what is read.`,
    varies: `The stratum by ${name}.`,
    procedure: { kind: "strata", by: [cuts === undefined ? { attribute } : { attribute, cuts }] },
    answer: againstRest(`stratum by ${name}`),
    requires: { attributes: [attribute], materials: [] },
    ...said,
  };
}

/** The AUC by strata of what is recorded about patients and images. */
export const strataProtocols: readonly ProtocolSource[] = [
  byStrata("bmi", "body mass index", {
    title: "Strata by body mass index",
    cuts: [18.5, 25, 30],
    where: [
      "Table 2, BMI strata (appendix p 24, not available)",
      "Notebook Race classification_MIMIC_Densenet121",
    ],
    published: [{ publication: STUDY, experiments: ["BMI strata"] }],
    cautions: [
      "Only 17 % of the study's test images have a body mass index.",
      "An earlier state of the notebook cuts at 24 and 30; one printed AUC rests on eight positive images.",
    ],
  }),
  byStrata("age", "age", {
    title: "Strata by age",
    cuts: [20, 40, 60, 80],
    where: [
      "Table 2, Age strata (appendix p 27, not available)",
      "Notebook Race classification_MIMIC_Densenet121",
    ],
    published: [{ publication: STUDY, experiments: ["Age strata"] }],
  }),
  byStrata("sex", "sex", {
    title: "Strata by sex",
    where: [
      "Table 2, Sex strata (appendix p 28, not available)",
      "Notebook Race classification_MIMIC_Densenet121",
    ],
    published: [{ publication: STUDY, experiments: ["Sex strata"] }],
    cautions: ["Where sex is the attribute asked about, a stratum holds one class only and has no AUC."],
  }),
  byStrata("view", "view", {
    title: "Strata by view",
    where: ["Discussion", "Lotter 2024, doi:10.1038/s41467-024-52003-3"],
    published: [],
    cautions: ["Portable AP images are of sicker patients; view stands for more than geometry."],
  }),
  byStrata("equipment", "equipment", {
    title: "Strata by equipment",
    where: ["Results, Mechanisms of race detection, image acquisition"],
    published: [],
  }),
  byStrata("site", "site", {
    title: "Strata by site",
    where: ["Results, Mechanisms of race detection, image acquisition"],
    published: [],
  }),
];
