/**
 * The words that options take, in the order of the help. Each is a value of the API's enumeration, written the way of
 * command lines (`enumOf`); a test holds them to schema.graphql.
 */
export const choices = {
  UnitOfAnalysis: ["image", "study", "patient"],
  CiMethod: ["delong", "delong-logit", "bootstrap", "none"],
  PAdjustment: ["holm", "benjamini-hochberg", "benjamini-yekutieli", "none"],
  MetaScale: ["logit", "raw"],
  MetaModel: ["common", "dl", "pm", "reml", "ml", "sj", "he"],
  MetaTest: ["z", "hartung-knapp"],
  ThresholdRule: ["youden", "f1", "sensitivity", "specificity", "value"],
  OperatingRate: ["fpr", "fnr", "tpr", "tnr", "ppv", "npv", "prevalence"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** `delong-logit` as the API writes it: DELONG_LOGIT. */
export function enumOf(text: string): string {
  return text.toUpperCase().replaceAll("-", "_");
}
