import type { Interval } from "../intervals/interval.ts";
import type { ProtocolAnswer } from "./schema.ts";

/** What an interval says about a reference and a margin around it. */
export const protocolVerdicts = {
  above_margin: "The whole interval lies above the reference by more than the margin.",
  above: "The whole interval lies above the reference; not the whole of it by more than the margin.",
  within_margin: "The whole interval lies within the margin: equivalent to the reference.",
  undecided: "The interval holds the reference and reaches beyond the margin: the data do not decide.",
  below: "The whole interval lies below the reference; not the whole of it by more than the margin.",
  below_margin: "The whole interval lies below the reference by more than the margin.",
  not_estimable: "There is no number.",
  none: "Nothing is decided by a number.",
} as const satisfies Record<string, string>;
export type ProtocolVerdict = keyof typeof protocolVerdicts;

/** An answer to a protocol's question. */
export interface ProtocolReading {
  readonly verdict: ProtocolVerdict;
  /** Whether the interval leaves the reference out; a difference can be both detected and within the margin. */
  readonly excludesReference: boolean;
  /** The protocol's own sentence for this verdict. */
  readonly sentence: string;
}

/**
 * Reads an interval by a protocol's rule: within the margin comes first, so that a difference that is detected but
 * smaller than the margin is called equivalent, with `excludesReference` beside it.
 *
 * Equivalence by the inclusion of an interval of level 1 - a in the margin is a test of level a/2 on each side
 * (Schuirmann 1987, doi:10.1007/BF01068419), so at 0.95 stricter than the usual 0.90.
 *
 * @param interval - of the answer's quantity; null bounds: there is none.
 */
export function readAnswer(
  answer: ProtocolAnswer,
  interval: Pick<Interval, "low" | "high">,
): ProtocolReading {
  const { low, high } = interval;
  const { reference, margin } = answer;
  if (answer.quantity === "none")
    return { verdict: "none", excludesReference: false, sentence: answer.undecided };
  if (low === null || high === null) {
    return {
      verdict: "not_estimable",
      excludesReference: false,
      sentence: "There is no number to answer with.",
    };
  }
  const excludesReference = low > reference || high < reference;
  if (low >= reference - margin && high <= reference + margin) {
    return { verdict: "within_margin", excludesReference, sentence: answer.within };
  }
  if (low > reference) {
    const verdict = low > reference + margin ? "above_margin" : "above";
    return { verdict, excludesReference, sentence: answer.above };
  }
  if (high < reference) {
    const verdict = high < reference - margin ? "below_margin" : "below";
    return { verdict, excludesReference, sentence: answer.below };
  }
  return { verdict: "undecided", excludesReference, sentence: answer.undecided };
}
