import type { PartialAnalysis, StudyInput } from "../../compute/index.ts";
import { badInput } from "../metrics/question.ts";
import { toMetricSelection } from "../metrics/request.ts";
import type { MetaAnalysisRequest, PooledAnalysis } from "./meta-analysis.service.ts";
import type { EstimateInput, LeaveOneOut, MetaAnalysis, MetaAnalysisInput } from "./meta-analysis.type.ts";

/**
 * The request in an input, with its defaults.
 *
 * @throws {ServiceError} BAD_ID, BAD_USER_INPUT (a moderator without one value)
 */
export function toMetaRequest(input: MetaAnalysisInput): MetaAnalysisRequest {
  const { metrics, estimates, scale, model, test, moderators, level } = input;
  return {
    metrics: metrics == null ? null : toMetricSelection(metrics),
    estimates: estimates == null ? null : estimates.map(toStudy),
    ...{ scale, model, test, level },
    moderators: moderators ?? [],
  };
}

function toStudy({ moderators, ...estimate }: EstimateInput): StudyInput {
  const cells = (moderators ?? []).map(({ name, number, category }) => {
    if ((number == null) === (category == null)) {
      throw badInput(
        "Expected a number or a category for every moderator, got both or none; give one of them",
      );
    }
    return [name, number ?? category ?? null] as const;
  });
  return { ...estimate, moderators: Object.fromEntries(cells) };
}

/** A pooled analysis as GraphQL shows it, with the analysis itself for its figure. */
export function toAnswer(pooled: PooledAnalysis): MetaAnalysis & { readonly pooled: PooledAnalysis } {
  const { analysis, leftOut } = pooled;
  return {
    ...analysis,
    leaveOneOut: analysis.leaveOneOut.map(toLeaveOneOut),
    leftOut,
    remarks: analysis.remarks.map(({ message }) => message),
    pooled,
  };
}

function toLeaveOneOut(part: PartialAnalysis): LeaveOneOut {
  if (part.status === "OK") {
    const { estimate, ciLow, ciHigh, tau2, i2 } = part;
    return { omitted: part.label, estimate, ciLow, ciHigh, tau2, i2, reason: null };
  }
  const nothing = { estimate: null, ciLow: null, ciHigh: null, tau2: null, i2: null };
  return { omitted: part.label, ...nothing, reason: part.reason };
}
