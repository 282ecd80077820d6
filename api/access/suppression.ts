import type { StratumLevel } from "../metrics/metric.table.ts";

/** Fewest distinct patients, and fewest of each class, behind a number that leaves; an interval must be as wide. */
export const SMALLEST_CELL = 11;

/** Counts of one cell of a table, and where it lies. */
export interface CountedCell {
  /** Class of the task; "" where the table has no classes. */
  readonly class: string;
  /** Attributes and levels, in any order; [] is the whole set. */
  readonly stratum: readonly StratumLevel[];
  readonly nPositive: number | null;
  readonly nNegative: number | null;
  /** Distinct patients; null where the source names none, which counts as too few. */
  readonly nPatients: number | null;
  /** Distinct patients with a positive (negative) row, where rows are images: many images may be of one patient. */
  readonly nPositivePatients?: number | null;
  readonly nNegativePatients?: number | null;
}

/** One name for a place in a table, whatever the order of its attributes. */
export function stratumKey(stratum: readonly StratumLevel[]): string {
  return JSON.stringify(stratum.map(({ attribute, level }) => [attribute, level]).sort(byAttribute));
}

/** Levels of each attribute that the cells name, in order of first appearance. */
export function levelsOf(cells: readonly CountedCell[]): ReadonlyMap<string, readonly string[]> {
  const levels = new Map<string, Set<string>>();
  for (const { stratum } of cells) {
    for (const { attribute, level } of stratum) {
      const seen = levels.get(attribute);
      if (seen) seen.add(level);
      else levels.set(attribute, new Set([level]));
    }
  }
  return new Map([...levels].map(([attribute, seen]) => [attribute, [...seen]]));
}

/** Every combination of levels of these attributes; absent cells are zeros, so that a zero looks like a small cell. */
export function wholeGrid(
  attributes: readonly string[],
  levels: ReadonlyMap<string, readonly string[]>,
): readonly (readonly StratumLevel[])[] {
  return attributes.reduce<readonly (readonly StratumLevel[])[]>(
    (strata, attribute) =>
      strata.flatMap((stratum) =>
        (levels.get(attribute) ?? []).map((level) => [...stratum, { attribute, level }]),
      ),
    [[]],
  );
}

/**
 * Decides which cells of a set of tables must be hidden, for every class: cells of fewer than 11 distinct patients
 * or 11 of a class (also zeros), and as many further cells as it takes that no hidden count can be told to within 11
 * by subtraction, within a table or from its margins, even by someone who knows every visible count exactly.
 *
 * Tables are decided from the margins down (the whole, single attributes, pairs), each on the decisions above it
 * only, so a table is hidden alike in every question that holds it. Below a hidden margin everything is hidden.
 * What small patient counts hide is decided before, and apart from, what small classes hide: so one class never
 * shows the patients that another hides.
 *
 * @param cells - all classes of the asked table and of every table of fewer of its attributes
 * @param exclusiveClasses - each row is positive in exactly one class, so classes can be subtracted from each other
 * @returns keys of the hidden strata (see stratumKey), by class
 */
export function hiddenStrata(
  cells: readonly CountedCell[],
  exclusiveClasses: boolean,
): ReadonlyMap<string, ReadonlySet<string>> {
  const levels = levelsOf(cells);
  const classes = [...new Set(cells.map((cell) => cell.class))];
  const tables = new Map(
    classes.map((name) => [
      name,
      buildTables(
        cells.filter((cell) => cell.class === name),
        levels,
      ),
    ]),
  );
  const hidden = new Map<string, ReadonlySet<string>>();
  for (const [name, ofClass] of tables) {
    const byPatients = close(ofClass, new Set(), ["patients"]);
    hidden.set(name, close(ofClass, byPatients, MEASURES));
  }
  if (!exclusiveClasses) return hidden;
  for (;;) {
    const union = new Set([...hidden.values()].flatMap((keys) => [...keys]));
    if ([...hidden.values()].every((keys) => keys.size === union.size)) return hidden;
    for (const [name, ofClass] of tables) hidden.set(name, close(ofClass, union, MEASURES));
  }
}

const MEASURES = ["patients", "positive", "negative"] as const;
type Measure = (typeof MEASURES)[number];

interface Node {
  readonly key: string;
  readonly patients: number;
  readonly positive: number;
  readonly negative: number;
  /** The cell that each sum over one attribute gives. */
  readonly parents: readonly string[];
}

/** Cells that add up to a cell with one attribute fewer. */
interface Line {
  readonly parent: string;
  readonly nodes: readonly Node[];
}

interface Table {
  readonly nodes: readonly Node[];
  readonly lines: readonly Line[];
  readonly linesOf: ReadonlyMap<string, readonly Line[]>;
}

/** The tables of every subset of the attributes, fewest attributes first. */
function buildTables(
  cells: readonly CountedCell[],
  levels: ReadonlyMap<string, readonly string[]>,
): readonly Table[] {
  const found = new Map(cells.map((cell) => [stratumKey(cell.stratum), cell]));
  const given = new Set(cells.map(({ stratum }) => axesKey(stratum.map(({ attribute }) => attribute))));
  return subsets([...levels.keys()])
    .filter((attributes) => given.has(axesKey(attributes)))
    .map((attributes) => buildTable(wholeGrid(attributes, levels), found));
}

function buildTable(
  grid: readonly (readonly StratumLevel[])[],
  found: ReadonlyMap<string, CountedCell>,
): Table {
  const lines = new Map<string, { parent: string; nodes: Node[] }>();
  const linesOf = new Map<string, Line[]>();
  const nodes = grid.map((stratum) => {
    const cell = found.get(stratumKey(stratum));
    const rests = stratum.map((_, dropped) => stratum.filter((_, axis) => axis !== dropped));
    const positive = cell?.nPositive ?? 0;
    const negative = cell?.nNegative ?? 0;
    const node: Node = {
      key: stratumKey(stratum),
      patients: cell?.nPatients ?? 0,
      positive: Math.min(positive, cell?.nPositivePatients ?? positive),
      negative: Math.min(negative, cell?.nNegativePatients ?? negative),
      parents: rests.map(stratumKey),
    };
    linesOf.set(
      node.key,
      node.parents.map((parent, axis) => {
        const name = `${stratum[axis]?.attribute} ${parent}`;
        const line = lines.get(name) ?? { parent, nodes: [] };
        line.nodes.push(node);
        lines.set(name, line);
        return line;
      }),
    );
    return node;
  });
  return { nodes, lines: [...lines.values()], linesOf };
}

/** Hides what is small in one of the measures, what lies below a hidden margin, and what subtraction would give away. */
function close(
  tables: readonly Table[],
  already: ReadonlySet<string>,
  measures: readonly Measure[],
): ReadonlySet<string> {
  const hidden = new Set(already);
  for (const table of tables) {
    for (const node of table.nodes) {
      const small = measures.some((measure) => node[measure] < SMALLEST_CELL);
      if (small || node.parents.some((parent) => hidden.has(parent))) hidden.add(node.key);
    }
    // Each round hides at least one more cell, so it ends.
    while (hideFurther(table, hidden, measures));
  }
  return hidden;
}

/** For each hidden cell that can be told too closely, hides the smallest visible cell it shares a sum with. */
function hideFurther(table: Table, hidden: Set<string>, measures: readonly Measure[]): boolean {
  const further = new Set<string>();
  for (const measure of measures) {
    const bounds = boundHidden(table, hidden, measure);
    for (const [key, { low, high }] of bounds) {
      if (high - low >= SMALLEST_CELL) continue;
      const lines = table.linesOf.get(key) ?? [];
      if (lines.some(({ nodes }) => nodes.some((node) => further.has(node.key)))) continue;
      const candidates = lines.flatMap(({ nodes }) => nodes.filter((node) => !hidden.has(node.key)));
      const smallest = candidates.sort(bySize)[0];
      if (smallest) further.add(smallest.key);
    }
  }
  for (const key of further) hidden.add(key);
  return further.size > 0;
}

/** What someone who knows every visible count exactly can say of the hidden ones, sum by sum, to a fixed point. */
function boundHidden(
  { nodes, lines }: Table,
  hidden: ReadonlySet<string>,
  measure: Measure,
): ReadonlyMap<string, { low: number; high: number }> {
  const bounds = new Map<string, { low: number; high: number }>();
  for (const { key } of nodes) {
    if (hidden.has(key)) bounds.set(key, { low: 0, high: Number.POSITIVE_INFINITY });
  }
  // A sum is known where its margin is visible; the rest of the line is then known too.
  const sums = lines
    .filter(({ parent }) => !hidden.has(parent))
    .map((line) => line.nodes.filter(({ key }) => hidden.has(key)))
    .map((unknown) => ({
      total: unknown.reduce((sum, node) => sum + node[measure], 0),
      ranges: unknown.flatMap(({ key }) => bounds.get(key) ?? []),
    }));
  for (let changed = true; changed; ) {
    changed = false;
    for (const { total, ranges } of sums) {
      const lows = ranges.reduce((sum, { low }) => sum + low, 0);
      for (const range of ranges) {
        const high = total - (lows - range.low);
        if (high < range.high) {
          range.high = high;
          changed = true;
        }
      }
      for (const range of ranges) {
        // Summed anew: infinite bounds cannot be subtracted again.
        const others = ranges.reduce((sum, other) => (other === range ? sum : sum + other.high), 0);
        if (total - others > range.low) {
          range.low = total - others;
          changed = true;
        }
      }
    }
  }
  return bounds;
}

function subsets(attributes: readonly string[]): readonly (readonly string[])[] {
  const all: (readonly string[])[] = [[]];
  for (const attribute of attributes) all.push(...all.map((subset) => [...subset, attribute]));
  return all.sort((a, b) => a.length - b.length);
}

function axesKey(attributes: readonly string[]): string {
  return JSON.stringify([...attributes].sort());
}

function bySize(a: Node, b: Node): number {
  return a.patients - b.patients || (a.key < b.key ? -1 : 1);
}

function byAttribute([a = ""]: readonly string[], [b = ""]: readonly string[]): number {
  return a < b ? -1 : Number(a > b);
}
