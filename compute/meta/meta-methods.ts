import type { ParamSpecs, ParamValues } from "../params.ts";
import type { PluginDescriptor } from "../plugin.ts";
import { metaScales } from "./effect-size.ts";
import { metaTests } from "./mixed-model.ts";
import type { MetaModel } from "./tau-squared.ts";

const params = {
  scale: {
    kind: "choice",
    choices: metaScales,
    default: "LOGIT",
    doc: "LOGIT pools log(x / (1 - x)) and reports x; RAW pools the values as they are.",
  },
  test: {
    kind: "choice",
    choices: metaTests,
    default: "HARTUNG_KNAPP",
    doc: "HARTUNG_KNAPP estimates the scale of the standard errors and uses t with k - p degrees of freedom; Z takes them as known.",
  },
  level: { kind: "float", min: 0.5, max: 0.9999, default: 0.95, unit: "1", doc: "Confidence level." },
} as const satisfies ParamSpecs;

/** A way to model the spread of the true effects; `metaAnalysis` runs it by its `model`. */
export interface MetaMethod extends PluginDescriptor {
  readonly kind: "META";
  readonly model: MetaModel;
}

function defineMetaMethod(model: MetaModel, doc: string, source: string): MetaMethod {
  const example: ParamValues<typeof params> = { scale: "LOGIT", test: "HARTUNG_KNAPP", level: 0.95 };
  return Object.freeze({
    kind: "META",
    id: model.toLowerCase(),
    version: 1,
    model,
    doc,
    source,
    params,
    example,
    laws: [],
  });
}

/** The seven models, from the simplest. */
export const metaMethodList: readonly MetaMethod[] = [
  defineMetaMethod(
    "COMMON",
    "Inverse-variance pooling under one common true effect.",
    "Hedges & Olkin 1985, Statistical Methods for Meta-Analysis, chapter 6",
  ),
  defineMetaMethod(
    "DL",
    "Random effects; between-study variance by the moments of Cochran's Q.",
    "DerSimonian & Laird 1986, doi:10.1016/0197-2456(86)90046-2",
  ),
  defineMetaMethod(
    "PM",
    "Random effects; the between-study variance at which the generalised Q equals its expectation.",
    "Paule & Mandel 1982, doi:10.6028/jres.087.022",
  ),
  defineMetaMethod(
    "REML",
    "Random effects; between-study variance by restricted maximum likelihood.",
    "Viechtbauer 2005, doi:10.3102/10769986030003261",
  ),
  defineMetaMethod(
    "ML",
    "Random effects; between-study variance by maximum likelihood, biased downwards in small samples.",
    "Viechtbauer 2005, doi:10.3102/10769986030003261",
  ),
  defineMetaMethod(
    "SJ",
    "Random effects; between-study variance from the weighted residuals around a crude first guess.",
    "Sidik & Jonkman 2005, doi:10.1111/j.1467-9876.2005.00489.x",
  ),
  defineMetaMethod(
    "HE",
    "Random effects; between-study variance by the moments of the unweighted scatter.",
    "Hedges & Olkin 1985, Statistical Methods for Meta-Analysis, chapter 9",
  ),
];
