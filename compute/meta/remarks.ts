import type { Effect, LeftOutStudy } from "./effect-size.ts";
import { leftOutReasons, studyRemarks } from "./effect-size.ts";
import type { MixedModelFailure, MixedModelFit } from "./mixed-model.ts";

/** What a reader of a pooled result should know. */
export const metaRemarkCodes = [
  "STUDIES_LEFT_OUT",
  "STUDY_REMARKS",
  "MODERATOR_REDUNDANT",
  "LIKELIHOOD_HIGHER_ELSEWHERE",
  "HARTUNG_KNAPP_FEW_STUDIES",
  "HARTUNG_KNAPP_FACTOR_BELOW_ONE",
  "HARTUNG_KNAPP_NARROWER_THAN_Z",
  "EGGER_FEW_STUDIES",
] as const;
export type MetaRemarkCode = (typeof metaRemarkCodes)[number];

/** A code with one sentence for people. */
export interface MetaRemark {
  readonly code: MetaRemarkCode;
  readonly message: string;
}

/** Everything that may need a remark. */
export interface RemarkableAnalysis {
  readonly leftOut: readonly LeftOutStudy[];
  readonly effects: readonly Effect[];
  readonly redundant: readonly string[];
  readonly fit: MixedModelFit | MixedModelFailure;
}

/** The remarks on an analysis, those about its studies first. */
export function remarksOf({ leftOut, effects, redundant, fit }: RemarkableAnalysis): MetaRemark[] {
  const remarks: MetaRemark[] = [];
  const add = (code: MetaRemarkCode, message: string) => remarks.push({ code, message });
  for (const [reason, labels] of groupLabels(leftOut, ({ reason }) => [reason])) {
    add("STUDIES_LEFT_OUT", `Left out because ${leftOutReasons[reason]}: ${labels.join("; ")}.`);
  }
  for (const [code, labels] of groupLabels(effects, (effect) => effect.remarks)) {
    add("STUDY_REMARKS", `Pooled although ${studyRemarks[code]}: ${labels.join("; ")}.`);
  }
  if (redundant.length > 0) {
    add("MODERATOR_REDUNDANT", `Dropped because other moderators determine it: ${redundant.join(", ")}.`);
  }
  if (fit.status !== "OK") return remarks;

  const { hartungKnapp, heterogeneity, higherMaximum } = fit;
  if (higherMaximum !== null) {
    const other = Number(higherMaximum.toPrecision(3));
    add(
      "LIKELIHOOD_HIGHER_ELSEWHERE",
      `The likelihood has a second, higher maximum at tau2 = ${other}; compare with PM, or look for the study that stands apart.`,
    );
  }
  if (hartungKnapp !== null && heterogeneity.qDf === 1) {
    add(
      "HARTUNG_KNAPP_FEW_STUDIES",
      "One degree of freedom: the t quantile makes the interval extremely wide.",
    );
  }
  if (hartungKnapp !== null && hartungKnapp.factor < 1) {
    const factor = hartungKnapp.factor.toPrecision(3);
    add(
      "HARTUNG_KNAPP_FACTOR_BELOW_ONE",
      `The studies scatter less around the model than it expects (Hartung-Knapp factor ${factor}); the ad hoc interval holds the factor at 1.`,
    );
  }
  if (hartungKnapp?.narrowerThanZ) {
    add(
      "HARTUNG_KNAPP_NARROWER_THAN_Z",
      "The Hartung-Knapp interval is narrower than the z interval; prefer the ad hoc one.",
    );
  }
  if (heterogeneity.qDf < 9) {
    add("EGGER_FEW_STUDIES", "Egger's test has little power with fewer than ten studies.");
  }
  return remarks;
}

function groupLabels<Item extends { readonly label: string }, Code extends string>(
  items: readonly Item[],
  codesOf: (item: Item) => readonly Code[],
): Map<Code, string[]> {
  const groups = new Map<Code, string[]>();
  for (const item of items) {
    for (const code of codesOf(item)) groups.set(code, [...(groups.get(code) ?? []), item.label]);
  }
  return groups;
}
