import { leastSuccesses } from "./binomial.ts";
import { type Claim, type TruthKind, truthKinds } from "./claims.ts";
import type { TruthOutcome } from "./outcomes.ts";

/** A count so small that chance gives it to less than one study in a thousand is a defect. */
const RISK = 0.001;
/** Of the intervals of audits. */
const LEVEL = 0.95;
/** How far the mean AUC may stay below the bound of the ideal observer, as networks that learn from 384 images do: the audit's margin. */
const SHORTFALL = 0.05;

/** What became of the audits of one kind. */
export interface KindSummary {
  readonly kind: TruthKind;
  readonly audits: number;
  /** Audits all of whose claims hold. */
  readonly said: number;
  /** Fewer are a defect. */
  readonly least: number;
  /** Each number that the reports were held to. */
  readonly claims: readonly {
    readonly name: string;
    readonly expects: Claim["expects"];
    readonly count: number;
    readonly holds: number;
    /** Over seeds. */
    readonly mean: number | null;
    readonly lowest: number | null;
    readonly highest: number | null;
    readonly ideal: number | null;
    /** Intervals that hold the closed form. */
    readonly holdIdeal: number | null;
  }[];
}

/** What a study says as a whole. */
export interface TruthSummary {
  readonly seeds: number;
  readonly kinds: readonly KindSummary[];
  /** Intervals of numbers with nothing behind them: how many hold the null value. */
  readonly coverage: { readonly intervals: number; readonly hold: number; readonly least: number };
  /** What is not as it must be; empty: nothing. */
  readonly defects: readonly string[];
}

/** Adds the outcomes up, and holds them to what chance allows. */
export function summarise(outcomes: readonly TruthOutcome[]): TruthSummary {
  const kinds = truthKinds.map((kind) =>
    summariseKind(
      kind,
      outcomes.filter((one) => one.kind === kind),
    ),
  );
  const open = outcomes.flatMap(({ claims }) => claims.filter(({ expects }) => expects === "nothing"));
  const coverage = {
    intervals: open.length,
    hold: open.filter(({ holds }) => holds).length,
    least: leastSuccesses(open.length, LEVEL, RISK),
  };
  const defects = [
    ...kinds.flatMap(({ kind, audits, said, least }) =>
      said < least ? [`${kind}: ${said} of ${audits} audits said what was planted, fewer than ${least}`] : [],
    ),
    ...kinds.flatMap(({ kind, claims }) =>
      claims.flatMap(({ name, expects, count, holds, mean, ideal }) => [
        ...(expects === "signal" && holds < count
          ? [`${kind}, ${name}: ${count - holds} of ${count} missed`]
          : []),
        ...(ideal !== null && mean !== null && (mean < ideal - SHORTFALL || mean > ideal + SHORTFALL / 2)
          ? [`${kind}, ${name}: mean ${mean.toFixed(3)}, closed form ${ideal.toFixed(3)}`]
          : []),
      ]),
    ),
    ...(coverage.hold < coverage.least
      ? [`coverage: ${coverage.hold} of ${coverage.intervals} intervals, fewer than ${coverage.least}`]
      : []),
  ];
  return {
    seeds: new Set(outcomes.map(({ seed }) => seed)).size,
    kinds,
    coverage,
    defects,
  };
}

function summariseKind(kind: TruthKind, outcomes: readonly TruthOutcome[]): KindSummary {
  // Claims about nothing may fail by chance, each apart at worst: as many as an audit has.
  const open = Math.max(
    0,
    ...outcomes.map(({ claims }) => claims.filter(({ expects }) => expects === "nothing").length),
  );
  const names = [...new Set(outcomes.flatMap(({ claims }) => claims.map(({ name }) => nameOf(name))))];
  return {
    kind,
    audits: outcomes.length,
    said: outcomes.filter(({ claims }) => claims.length > 0 && claims.every(({ holds }) => holds)).length,
    least: leastSuccesses(outcomes.length, LEVEL ** open, RISK),
    claims: names.map((name) => {
      const all = outcomes.flatMap(({ claims }) => claims.filter((one) => nameOf(one.name) === name));
      const values = all.flatMap(({ value }) => value ?? []);
      const [first] = all;
      const ideal = first?.ideal ?? null;
      return {
        name,
        expects: first?.expects ?? "nothing",
        count: all.length,
        holds: all.filter(({ holds }) => holds).length,
        mean: values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length,
        lowest: values.length === 0 ? null : Math.min(...values),
        highest: values.length === 0 ? null : Math.max(...values),
        ideal,
        holdIdeal:
          ideal === null
            ? null
            : all.filter(({ ciLow, ciHigh }) => (ciLow ?? 1) <= ideal && (ciHigh ?? 0) >= ideal).length,
      };
    }),
  };
}

/** Tiles, of which a seed plants one, are one claim. */
function nameOf(name: string): string {
  return name.replace(/^tile \d removed$/, "another tile removed").replace(/^within .*/, "within a device");
}
