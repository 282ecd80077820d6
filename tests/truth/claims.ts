import type { AuditReport, ReportControl, ReportValue } from "../../compute/index.ts";

/** Where a study plants the signal of an attribute. */
export const truthKinds = ["low", "high", "patch", "confounder", "hidden", "none"] as const;
export type TruthKind = (typeof truthKinds)[number];

/** The tile of the 3 x 3 grid that a seed plants in. */
export const tileOfSeed = (seed: number): number => seed % 9;

/** So many tiles that an audit of a seed removes, the planted one among them. */
export const tilesOfSeed = (seed: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => (tileOfSeed(seed) + 4 * i) % 9);

/** What is planted, as `stratum phantom --planted` takes it. */
export function plantedText(kind: TruthKind, seed: number): string {
  if (kind === "confounder") return "confounder:equipment";
  const tile = tileOfSeed(seed);
  return kind === "patch" ? `patch:${Math.floor(tile / 3)},${tile % 3}` : kind;
}

/**
 * One number of a report and what it must say: `signal` that its interval lies above the null value, `nothing` that it
 * holds it, `no more` that it does not lie above it.
 */
export interface Claim {
  readonly name: string;
  readonly expects: "signal" | "nothing" | "no more";
  /** Of an AUC 0.5, of a difference 0. */
  readonly none: number;
  /** The AUC that no observer can exceed, where there is one in closed form. */
  readonly ideal: number | null;
  readonly value: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  readonly holds: boolean;
}

/** The closed forms of a cohort, by unit of analysis. */
export interface Ideal {
  readonly image: number;
  readonly patient: number;
  /** Of what is recorded: the confounder alone. */
  readonly recorded: number;
  /** Of the mark of the positive control. */
  readonly mark: number;
}

/**
 * What the report of an audit must say of a cohort, and whether it does. Everything is read off the report's values; a
 * number that is not there does not hold.
 *
 * @param tileCount - how many tiles the audit removes
 */
export function claimsOf(
  kind: TruthKind,
  seed: number,
  report: AuditReport,
  { ideal, tileCount }: { readonly ideal: Ideal; readonly tileCount: number },
): readonly Claim[] {
  const { results, controls } = report;
  const signal = (name: string, value: ReportValue | undefined, bound: number | null = null) =>
    claim(name, "signal", value, { ideal: bound });
  const nothing = (name: string, value: ReportValue | undefined) => claim(name, "nothing", value);
  const internal = results.find(({ experiment, unit }) => experiment === "internal" && unit === "image");
  const patients = results.find(({ experiment, unit }) => experiment === "internal" && unit === "patient");
  const filtered = (title: RegExp) => report.others.find((one) => title.test(one.title))?.rows[0]?.value;
  const [low, high] = [filtered(/^Low/), filtered(/^High/)];
  const recorded = report.confounders[0]?.models[0];
  const tiles = tilesOfSeed(seed, tileCount).map((tile) => ({
    name: `tile ${tile} removed`,
    value: report.patches[0]?.values[tile],
    tile,
  }));
  const found = [
    signal("internal, by image", internal?.value, ideal.image),
    signal("internal, by patient", patients?.value, ideal.patient),
  ];
  const noConfounder = nothing("recorded attributes alone", recorded?.value);
  const control = (side: ReportControl["kind"]) =>
    controls.find(({ kind: its, unit }) => its === side && unit === "image")?.value;
  const devices = ["Alpha 100", "Beta 7"];
  const own: Readonly<Record<TruthKind, () => readonly Claim[]>> = {
    low: () => [
      ...found,
      signal("low pass 8", low),
      nothing("high pass 8", high),
      noConfounder,
      nothing("negative control", control("negative")),
    ],
    high: () => [...found, nothing("low pass 8", low), signal("high pass 8", high), noConfounder],
    patch: () => [
      ...found,
      ...tiles.map(({ name, value, tile }) =>
        tile === tileOfSeed(seed) ? nothing("planted tile removed", value) : signal(name, value),
      ),
      noConfounder,
    ],
    confounder: () => [
      signal("internal, by image", internal?.value, ideal.image),
      signal("recorded attributes alone", recorded?.value, ideal.recorded),
      ...devices.map((level) =>
        nothing(`within ${level}`, report.strata[0]?.rows.find((row) => row.level === level)?.value),
      ),
      claim("images beyond recorded attributes", "no more", recorded?.difference ?? undefined, { none: 0 }),
    ],
    hidden: () => [
      nothing("internal, by image", internal?.value),
      signal("recorded attributes alone", recorded?.value, ideal.recorded),
      claim("images beyond recorded attributes", "no more", recorded?.difference ?? undefined, { none: 0 }),
    ],
    none: () => [
      nothing("internal, by image", internal?.value),
      nothing("low pass 8", low),
      nothing("high pass 8", high),
      noConfounder,
      signal("positive control", control("positive"), ideal.mark),
    ],
  };
  return own[kind]();
}

function claim(
  name: string,
  expects: Claim["expects"],
  given: ReportValue | undefined,
  { none = 0.5, ideal = null }: { readonly none?: number; readonly ideal?: number | null } = {},
): Claim {
  const { value = null, ciLow = null, ciHigh = null } = given ?? {};
  const isKnown = ciLow !== null && ciHigh !== null;
  const holds =
    isKnown &&
    { signal: ciLow > none, nothing: ciLow <= none && ciHigh >= none, "no more": ciLow <= none }[expects];
  return { name, expects, none, ideal, value, ciLow, ciHigh, holds };
}
