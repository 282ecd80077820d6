import { adjustPValues, type PAdjustment } from "../multiplicity/adjust-p.ts";
import { kolmogorovSmirnov, type SmirnovMethod } from "./kolmogorov-smirnov.ts";
import { principalComponents } from "./principal-components.ts";

/** Whether one component lies alike in two groups. */
export interface ShiftTest {
  /** From 0. */
  readonly component: number;
  /** Indexes of the groups. */
  readonly first: number;
  readonly second: number;
  readonly distance: number;
  readonly p: number;
  readonly method: SmirnovMethod;
  /** Adjusted for all tests together. */
  readonly adjusted: number;
}

/** Whether features are distributed alike in groups. */
export interface FeatureShift {
  readonly tests: readonly ShiftTest[];
  /** Share of the tests whose adjusted p-value is at most alpha; null without any test. */
  readonly rejected: number | null;
  /** Share of the variance along each component. */
  readonly explained: readonly number[];
  /** Rows of each group. */
  readonly sizes: readonly number[];
}

/** A group of fewer rows is tested against none: its distribution function has hardly a step. */
const LEAST_ROWS = 5;

/**
 * Tests each principal component of features in each pair of groups (Glocker et al. 2023, doi:10.1148/ryai.230060). Components
 * are those of all rows that have a group. O(rows * cols * components) a round and O(rows^2) a test.
 *
 * @param values - rows * cols, row by row: independent rows, so one of each patient
 * @param groups - of each row, 0..groupCount-1; another number leaves the row out
 */
export async function featureShift(
  {
    values,
    cols,
    groups,
  }: { readonly values: Float64Array; readonly cols: number; readonly groups: Int32Array },
  {
    groupCount,
    components,
    correction,
    alpha,
  }: {
    readonly groupCount: number;
    readonly components: number;
    readonly correction: PAdjustment;
    readonly alpha: number;
  },
): Promise<FeatureShift> {
  const kept = [...groups.keys()].filter(
    (row) => (groups[row] ?? -1) >= 0 && (groups[row] ?? 0) < groupCount,
  );
  const sizes = Array.from(
    { length: groupCount },
    (_, group) => kept.filter((row) => groups[row] === group).length,
  );
  if (kept.length < 2) return { tests: [], rejected: null, explained: [], sizes };
  const held = new Float64Array(kept.length * cols);
  for (const [place, row] of kept.entries())
    held.set(values.subarray(row * cols, (row + 1) * cols), place * cols);
  const found = await principalComponents(held, { rows: kept.length, cols }, components);
  const bare = found.scores.flatMap((scores, component) => {
    const samples = sizes.map((_, group) =>
      scores.filter((_score, place) => groups[kept[place] ?? -1] === group),
    );
    return pairsOf(groupCount).flatMap(([first, second]) => {
      const [a, b] = [samples[first], samples[second]];
      if (a === undefined || b === undefined || Math.min(a.length, b.length) < LEAST_ROWS) return [];
      return [{ component, first, second, ...kolmogorovSmirnov(a, b) }];
    });
  });
  const adjusted = adjustPValues(
    bare.map(({ p }) => p),
    correction,
  );
  const tests = bare.map((one, i) => ({ ...one, adjusted: adjusted[i] ?? 1 }));
  const rejected =
    tests.length === 0 ? null : tests.filter((one) => one.adjusted <= alpha).length / tests.length;
  return { tests, rejected, explained: found.explained, sizes };
}

function pairsOf(count: number): readonly (readonly [number, number])[] {
  return Array.from({ length: count }, (_, first) =>
    Array.from({ length: count - first - 1 }, (_other, k) => [first, first + k + 1] as const),
  ).flat();
}
