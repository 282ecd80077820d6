import { discloseLevel } from "../access/disclosure.ts";
import { ServiceError } from "../errors.ts";
import type { AttributeInfo } from "../predictions/evaluation.queries.ts";
import { type ColumnValues, categoryOf } from "../predictions/evaluation-columns.ts";
import type { Bands } from "./bands.ts";
import type { StratumLevel } from "./metric.table.ts";

/** The level of rows whose attribute is not known: a stratum of its own, so that strata always add up to the whole. */
export const UNKNOWN_LEVEL = "unknown";

/** The level of a study or patient whose images lie in different levels. */
export const MIXED_LEVEL = "mixed";

/** One attribute as levels: every row has one. */
export interface LevelColumn {
  readonly attribute: string;
  /** In order: natural for categories, ascending for bands; then "unknown", then "mixed". */
  readonly levels: readonly string[];
  /** Length n, indexes into `levels`. */
  readonly codes: Uint16Array | Uint32Array;
}

/** Rows divided into strata: by the levels of one or more attributes together. */
export interface Strata {
  /** Length n: the stratum of each row; `levels.length` for a row outside the question. Undefined: all are in 0. */
  readonly codes: Uint16Array | Uint32Array | undefined;
  /** The levels of each stratum, in the order of the attributes; only strata that have rows. */
  readonly levels: readonly (readonly StratumLevel[])[];
  /** Rows in each stratum. */
  readonly sizes: readonly number[];
}

/** Most strata of one question: past it the answer is no longer read by anyone. */
export const MAX_STRATA = 2_000;

const natural = new Intl.Collator("en", { numeric: true });

/** Orders words as people do: "2" before "10"; equal ones by code point, so that the order is total. */
export function compareNaturally(a: string, b: string): number {
  return natural.compare(a, b) || (a < b ? -1 : Number(a > b));
}

/** The level a recorded value stands for; null is unknown. Ages over 89 are one level here too. */
export function levelOf(info: AttributeInfo, recorded: string): string | null {
  const category = categoryOf(info, recorded);
  return category === null ? null : discloseLevel({ attribute: info.name, level: category });
}

/** A category attribute as levels: its categories (through the mapping, if it has one) in natural order. */
export function categoryLevels(info: AttributeInfo, values: ColumnValues): LevelColumn {
  const categories = (info.dictionary ?? []).map((recorded) => levelOf(info, recorded));
  const known = new Set(categories.flatMap((category) => category ?? []));
  known.delete(UNKNOWN_LEVEL);
  const levels = [...[...known].sort(compareNaturally), UNKNOWN_LEVEL];
  const placeOf = new Map(levels.map((level, code) => [level, code]));
  const unknown = levels.length - 1;
  const codeOf = categories.map((category) => placeOf.get(category ?? UNKNOWN_LEVEL) ?? unknown);
  const codes = new (levels.length < 2 ** 16 ? Uint16Array : Uint32Array)(values.length);
  // `!`: row < values.length. A code beyond the dictionary is the encoding's word for unknown.
  for (let row = 0; row < values.length; row += 1) codes[row] = codeOf[values[row]!] ?? unknown;
  return { attribute: info.name, levels, codes };
}

/** A number attribute as levels: the bands it falls into; NaN is unknown. */
export function bandLevels(info: AttributeInfo, values: ColumnValues, bands: Bands): LevelColumn {
  const levels = [bands.below, ...bands.labels, UNKNOWN_LEVEL];
  const unknown = levels.length - 1;
  const edges = Float64Array.from(bands.edges);
  const codes = new Uint16Array(values.length);
  // `!`: row < values.length, band < edges.length.
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row]!;
    let band = 0;
    while (band < edges.length && value >= edges[band]!) band += 1;
    codes[row] = Number.isNaN(value) ? unknown : band;
  }
  return { attribute: info.name, levels, codes };
}

/**
 * The level that all images of a unit share, or "mixed"; a unit without an image inside is "unknown".
 *
 * @param inside - length n, 1 where an image takes part; undefined: all do
 */
export function unitLevels(
  column: LevelColumn,
  units: { readonly ordinals: Uint32Array; readonly count: number },
  inside: Uint8Array | undefined,
): LevelColumn {
  const levels = [...column.levels, MIXED_LEVEL];
  const mixed = levels.length - 1;
  const none = levels.length;
  const unknown = Math.max(0, column.levels.indexOf(UNKNOWN_LEVEL));
  const codes = new Uint32Array(units.count).fill(none);
  // `!`: row < n, and every ordinal is below units.count.
  for (let row = 0; row < units.ordinals.length; row += 1) {
    if (inside !== undefined && inside[row] === 0) continue;
    const unit = units.ordinals[row]!;
    const level = column.codes[row]!;
    const seen = codes[unit]!;
    if (seen === none) codes[unit] = level;
    else if (seen !== level) codes[unit] = mixed;
  }
  return {
    attribute: column.attribute,
    levels,
    codes: codes.map((code) => (code === none ? unknown : code)),
  };
}

/**
 * Divides rows by several attributes at once, into the strata that have rows, ordered by the levels of the first
 * attribute, then the second. Without attributes the whole is one stratum. O(n) an attribute.
 *
 * @param inside - length n, 1 where a row takes part; undefined: all do
 * @throws {ServiceError} QUERY_TOO_COSTLY past MAX_STRATA
 */
export function combineStrata(
  count: number,
  columns: readonly LevelColumn[],
  inside: Uint8Array | undefined,
): Strata {
  if (columns.length === 0 && inside === undefined) {
    return { codes: undefined, levels: [[]], sizes: [count] };
  }
  // Codes are merged attribute by attribute and packed each time, so they stay small however many levels there are.
  let packed = packCodes(new Uint32Array(count), 1, inside);
  let levels: StratumLevel[][] = [[]];
  for (const { attribute, levels: words, codes } of columns) {
    const width = words.length;
    const outside = packed.sizes.length;
    const product = new Float64Array(count);
    // `!`: row < count, the length of both columns.
    for (let row = 0; row < count; row += 1) {
      const stratum = packed.codes[row]!;
      product[row] = stratum === outside ? -1 : stratum * width + codes[row]!;
    }
    packed = packCodes(product, outside * width, undefined);
    const before = levels;
    levels = packed.origins.map((code) => [
      ...(before[Math.floor(code / width)] ?? []),
      { attribute, level: words[code % width] ?? UNKNOWN_LEVEL },
    ]);
  }
  // Nobody inside is an answer too: one stratum of the whole, without rows.
  if (columns.length === 0 && packed.sizes.length === 0) {
    return { codes: new Uint16Array(count).fill(1), levels: [[]], sizes: [0] };
  }
  return { codes: narrow(packed.codes, packed.sizes.length), levels, sizes: packed.sizes };
}

interface PackedCodes {
  /** 0..sizes.length-1 in ascending order of the original code; sizes.length for a row outside. */
  readonly codes: Uint32Array;
  readonly sizes: readonly number[];
  /** The original code of each packed one. */
  readonly origins: readonly number[];
}

/** Renumbers codes so that only those in use remain; negative codes and rows not inside are outside. */
function packCodes(
  codes: Uint32Array | Float64Array,
  codeCount: number,
  inside: Uint8Array | undefined,
): PackedCodes {
  const counts = new Map<number, number>();
  const dense = codeCount <= 2 ** 20 ? new Uint32Array(codeCount) : undefined;
  for (let row = 0; row < codes.length; row += 1) {
    // `!`: row < codes.length, and codes are below codeCount.
    const code = codes[row]!;
    if (code < 0 || (inside !== undefined && inside[row] === 0)) continue;
    if (dense !== undefined) dense[code]! += 1;
    else counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  dense?.forEach((size, code) => {
    if (size > 0) counts.set(code, size);
  });
  const origins = [...counts.keys()].sort((a, b) => a - b);
  if (origins.length > MAX_STRATA) {
    throw new ServiceError(
      "QUERY_TOO_COSTLY",
      `Expected at most ${MAX_STRATA} strata, got ${origins.length}; ask by fewer attributes or wider bins`,
    );
  }
  const place = new Map(origins.map((code, packed) => [code, packed]));
  const lookup = dense === undefined ? undefined : new Uint32Array(codeCount);
  if (lookup !== undefined) for (const [code, packed] of place) lookup[code] = packed;
  const outside = origins.length;
  const packed = new Uint32Array(codes.length);
  for (let row = 0; row < codes.length; row += 1) {
    const code = codes[row]!; // as above
    const absent = code < 0 || (inside !== undefined && inside[row] === 0);
    packed[row] = absent ? outside : (lookup?.[code] ?? place.get(code) ?? outside);
  }
  return { codes: packed, sizes: origins.map((code) => counts.get(code) ?? 0), origins };
}

/** Half the memory, and half the cache misses, while codes fit 16 bits. */
function narrow(codes: Uint32Array, stratumCount: number): Uint16Array | Uint32Array {
  return stratumCount < 2 ** 16 ? Uint16Array.from(codes) : codes;
}
