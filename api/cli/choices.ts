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
  ThresholdRule: ["youden", "f1", "balanced", "sensitivity", "specificity", "value"],
  TrainArchitecture: [
    "resnet18",
    "resnet34",
    "resnet50",
    "densenet121",
    "efficientnet_b0",
    "mobilenet_v2",
    "small_cnn",
    "linear_probe",
  ],
  Learn: ["all", "last-block", "head"],
  OptimiserKind: ["adam", "adamw", "sgd"],
  ScheduleKind: ["constant", "plateau", "step", "cosine"],
  Monitor: ["validation-loss", "validation-auc"],
  SamplingKind: ["shuffle", "balanced", "equal-strata", "matched-strata"],
  Keep: ["best", "last"],
  OperatingRate: ["fpr", "fnr", "tpr", "tnr", "ppv", "npv", "prevalence"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** `delong-logit` as the API writes it: DELONG_LOGIT. */
export function enumOf(text: string): string {
  return text.toUpperCase().replaceAll("-", "_");
}
