import type { Claim, TruthKind } from "./claims.ts";

/** What the audit of one cohort said. */
export interface TruthOutcome {
  readonly kind: TruthKind;
  readonly seed: number;
  readonly planted: string;
  readonly claims: readonly Claim[];
}

/** One line of JSON an outcome, numbers to six digits. */
export function writeOutcomes(outcomes: readonly TruthOutcome[]): string {
  const rounded = (_key: string, value: unknown) =>
    typeof value === "number" ? Number(value.toFixed(6)) : value;
  return outcomes.map((outcome) => `${JSON.stringify(outcome, rounded)}\n`).join("");
}

/** Reads what `writeOutcomes` wrote. */
export function readOutcomes(text: string): readonly TruthOutcome[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as TruthOutcome); // safe: the script wrote it
}
