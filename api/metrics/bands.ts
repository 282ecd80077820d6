import { ServiceError } from "../errors.ts";

/** Bands of a number: band i is [edges[i], edges[i + 1]), the last one is open; `labels` has one word for each. */
export interface Bands {
  readonly edges: readonly number[];
  readonly labels: readonly string[];
  /** The word for values below the first edge. */
  readonly below: string;
}

/** The edges a caller gives for one number attribute. */
export interface BinEdges {
  readonly attribute: string;
  readonly edges: readonly number[];
}

/** Ages from here on are one band: very old patients are few, and found by their age. */
export const OLDEST_BAND = 90;

/** Edges that a band list may have at most. */
const MAX_EDGES = 100;

/** The bands of the study, used where a question gives none; all are closed below and open above. */
const defaultBands: Readonly<Record<string, Bands>> = {
  age: { edges: [0, 20, 40, 60, 80], labels: ["0-20", "20-40", "40-60", "60-80", "80-"], below: "<0" },
  // As the study prints them; 30 itself belongs to the last.
  bmi: { edges: [18.5, 25, 30], labels: ["18.5-25", "25-30", ">30"], below: "<18.5" },
};

/**
 * The bands in which a number attribute is a stratum: the caller's edges, or the study's for `age` and `bmi`.
 * Ages over 89 are one band, "90+", whatever the edges.
 *
 * @throws {ServiceError} BAD_USER_INPUT when the attribute needs edges and has none, or they are not ascending
 */
export function bandsFor(attribute: string, bins: readonly BinEdges[]): Bands {
  const given = bins.find((bin) => bin.attribute === attribute);
  if (given !== undefined) return bandsOf(attribute, given.edges);
  const bands = Object.hasOwn(defaultBands, attribute) ? defaultBands[attribute] : undefined;
  if (bands !== undefined) return bands;
  throw new ServiceError(
    "BAD_USER_INPUT",
    `Expected bins for the number attribute "${attribute}", got none; give {attribute, edges}`,
  );
}

function bandsOf(attribute: string, given: readonly number[]): Bands {
  const ascending = given.every((edge, i) => Number.isFinite(edge) && edge > (given[i - 1] ?? -Infinity));
  if (given.length === 0 || given.length > MAX_EDGES || !ascending) {
    throw new ServiceError(
      "BAD_USER_INPUT",
      `Expected 1 to ${MAX_EDGES} ascending edges for "${attribute}", got others; sort them and drop repeats`,
    );
  }
  const edges = attribute === "age" ? [...new Set(given.map((edge) => Math.min(edge, OLDEST_BAND)))] : given;
  const oldest = attribute === "age" && edges.at(-1) === OLDEST_BAND;
  const labels = edges.map((edge, i) => {
    const end = edges[i + 1];
    if (end !== undefined) return `${edge}-${end}`;
    return oldest ? "90+" : `${edge}-`;
  });
  return { edges, labels, below: `<${edges[0]}` };
}
