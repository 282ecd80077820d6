import { ServiceError } from "../errors.ts";
import type { StratumLevel } from "../metrics/metric.table.ts";
import type { Role } from "./access.table.ts";
import {
  type CountedCell,
  hiddenStrata,
  levelsOf,
  SMALLEST_CELL,
  stratumKey,
  wholeGrid,
} from "./suppression.ts";

export { type CountedCell, SMALLEST_CELL } from "./suppression.ts";

/** Counts leave rounded to a multiple of this, for those without row-level rights. */
export const COUNT_STEP = 5;
/** Decimals of an AUC, a rate and the ends of their intervals: exact ones reveal class counts. */
export const VALUE_DECIMALS = 3;
/** Decimals of a threshold: an exact one is a patient's score. */
export const THRESHOLD_DECIMALS = 2;
/** Fewest of each class behind a ROC curve, which says more of its rows than a single number. */
const SMALLEST_ROC_CLASS = 100;
/** False positive rates at which a disclosed ROC curve is read. */
const ROC_GRID = Array.from({ length: 21 }, (_, step) => step / 20);
/** Most attributes that divide an answer at once: with three, each pair of margins bounds the cells further. */
const MOST_ATTRIBUTES = 2;
/** Most cells of one answer: deciding what to hide of so many takes about 0.2 s. */
const MOST_CELLS = 5_000;
/** Levels of intervals; a free choice would give the standard error to any number of digits. */
const LEVELS: readonly number[] = [0.9, 0.95, 0.99];

const canonicalNames: readonly string[] = [
  "race",
  "sex",
  "age",
  "bmi",
  "breast_density",
  "view",
  "site",
  "equipment",
];

/** A cell as it leaves. `cell` is absent where it is suppressed: too small, zero, or needed to protect one that is. */
export interface DisclosedCell<Cell> {
  readonly class: string;
  readonly stratum: readonly StratumLevel[];
  readonly cell: Cell | undefined;
}

/** What discloseCells returns: cells in the order given, then those that had no rows; and how many are suppressed. */
export interface Disclosure<Cell> {
  readonly cells: readonly DisclosedCell<Cell>[];
  readonly suppressed: number;
}

/** What the choke point needs to know beside the cells. */
export interface DisclosureContext<Cell extends CountedCell> {
  /** Counts of every table of fewer attributes (the whole set too), all classes. Ignored for row-level rights. */
  readonly margins: readonly CountedCell[];
  /** True for binary and multiclass tasks: each row is positive in exactly one class. Then give all classes. */
  readonly exclusiveClasses: boolean;
  /** Number fields beside the counts, with the decimals they keep. A field not named here leaves as it is. */
  readonly decimals: { readonly [Key in keyof Cell]?: number };
}

/** Whether a role sees exact numbers of any size: analysts and stewards have row-level rights. */
export function hasRowRights(role: Role): boolean {
  return role !== "public";
}

/**
 * THE choke point: what leaves of a table of results, for this role. Row-level rights see it as it is; everyone else
 * sees no cell of fewer than 11 distinct patients or 11 of a class, none from which such a cell could be subtracted,
 * counts to the nearest 5 and values to the decimals given. Combinations of levels without rows come back suppressed
 * too, so that a zero looks like a small cell. Pure; filter classes afterwards.
 *
 * @throws {ServiceError} FORBIDDEN for more than 5,000 cells without row-level rights
 */
export function discloseCells<Cell extends CountedCell>(
  cells: readonly Cell[],
  role: Role,
  context: DisclosureContext<Cell>,
): Disclosure<Cell> {
  if (hasRowRights(role)) return { cells: cells.map((cell) => placed(cell, cell)), suppressed: 0 };
  const places = [...cells, ...absentCells(cells, context.margins)];
  if (places.length > MOST_CELLS) {
    throw refused(
      `at most ${MOST_CELLS} cells`,
      String(places.length),
      "divide by attributes of fewer levels",
    );
  }
  const hidden = hiddenStrata([...context.margins, ...cells], context.exclusiveClasses);
  const showsPatients = !overlaps(cells, context.margins);
  const disclosed = places.map((cell): DisclosedCell<Cell> => {
    const visible = hidden.get(cell.class)?.has(stratumKey(cell.stratum)) === false;
    return placed(
      cell,
      visible && isWhole<Cell>(cell) ? coarsen(cell, context.decimals, showsPatients) : undefined,
    );
  });
  return { cells: disclosed, suppressed: disclosed.filter(({ cell }) => cell === undefined).length };
}

/** A count as it leaves: exact with row-level rights, else to the nearest 5. */
export function discloseCount(count: number, role: Role): number {
  return hasRowRights(role) ? count : roundCount(count);
}

/** Whether counts of this size (patients, and each class) may leave, where there is a single cell and no table. */
export function mayDisclose(counts: Omit<CountedCell, "class" | "stratum">, role: Role): boolean {
  const { nPatients, nPositive, nNegative, nPositivePatients, nNegativePatients } = counts;
  const smallest = [nPatients ?? 0, nPositive ?? 0, nNegative ?? 0, nPositivePatients, nNegativePatients];
  return hasRowRights(role) || smallest.every((count) => count == null || count >= SMALLEST_CELL);
}

/** Columns of a ROC curve from (0, 0) to (1, 1), equally long; thresholds where they may be told. */
export interface RocPoints {
  readonly fpr: readonly number[];
  readonly tpr: readonly number[];
  readonly threshold: readonly (number | null)[];
}

/**
 * A ROC curve as it leaves: whole with row-level rights; else read at 21 false positive rates, to two decimals and
 * without thresholds, where each class has at least 100 rows and patients; undefined (suppressed) where not. Exact
 * points reveal the class counts, and thresholds are scores of patients.
 *
 * @param points - in order of rising false positive rate
 */
export function discloseRoc(
  points: RocPoints,
  counts: Omit<CountedCell, "class" | "stratum">,
  role: Role,
): RocPoints | undefined {
  if (hasRowRights(role)) return points;
  const { nPatients, nPositive, nNegative, nPositivePatients, nNegativePatients } = counts;
  const sizes = [nPatients ?? 0, nPositive ?? 0, nNegative ?? 0, nPositivePatients, nNegativePatients];
  if (sizes.some((count) => count != null && count < SMALLEST_ROC_CLASS)) return undefined;
  return {
    fpr: ROC_GRID,
    tpr: ROC_GRID.map((rate) => roundTo(truePositiveRateAt(points, rate), 2)),
    threshold: ROC_GRID.map(() => null),
  };
}

/** A question as far as disclosure cares. */
export interface DisclosureQuestion {
  /** Attributes that divide the answer. */
  readonly by?: readonly string[];
  /** Whether rows are filtered by conditions of the caller. */
  readonly filtersRows?: boolean;
  /** Whether the caller chose bands of a number attribute. */
  readonly customBands?: boolean;
  /** Whether the caller chose a threshold on scores. */
  readonly customThreshold?: boolean;
  /** Whether stored results are filtered or ordered by their value or counts. */
  readonly selectsByValue?: boolean;
  /** Level of the intervals. */
  readonly level?: number;
}

/**
 * Refuses questions whose answers could be set off against each other until single patients show: conditions on rows,
 * bands or thresholds of the caller's choice, more than two attributes, attributes beyond the canonical ones.
 *
 * @throws {ServiceError} FORBIDDEN, with what may be asked instead
 */
export function assertMayQuery(role: Role, question: DisclosureQuestion): void {
  if (hasRowRights(role)) return;
  const by = question.by ?? [];
  const free = by.filter((name) => !canonicalNames.includes(name) && !name.startsWith("finding:"));
  if (question.filtersRows) throw refused("no conditions on rows", "some", "divide with by instead");
  if (question.customBands) throw refused("the study's bands", "others", "leave bins out");
  if (question.customThreshold) throw refused("a threshold by rule", "a number", "leave the number out");
  if (question.selectsByValue) throw refused("no filter or order by value", "one", "order by id");
  if (free.length > 0)
    throw refused(`attributes among ${canonicalNames.join(", ")}`, "another", "choose of these");
  if (by.length > MOST_ATTRIBUTES) {
    throw refused(`at most ${MOST_ATTRIBUTES} attributes`, String(by.length), "divide by fewer");
  }
  if (question.level !== undefined && !LEVELS.includes(question.level)) {
    throw refused(`a level of ${LEVELS.join(", ")}`, "another", "choose one of these");
  }
}

/** The lowest age that is not told apart from higher ones, for anyone (45 CFR 164.514(b)(2)). */
export const TOP_AGE = 90;

/** A level as it leaves: ages over 89 read "90+", for everyone. Strata must be merged by this before they are counted. */
export function discloseLevel({ attribute, level }: StratumLevel): string {
  if (attribute !== "age" || !/^[0-9]+(\.[0-9]+)?$/.test(level)) return level;
  return Number(level) >= TOP_AGE ? `${TOP_AGE}+` : level;
}

/** Rounds a number to so many decimals; null stays null. */
export function roundTo(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function refused(expected: string, got: string, advice: string): ServiceError {
  return new ServiceError(
    "FORBIDDEN",
    `Expected ${expected} from callers without row-level rights, got ${got}; ${advice}, or ask for the analyst role`,
  );
}

function placed<Cell>(
  at: Pick<CountedCell, "class" | "stratum">,
  cell: Cell | undefined,
): DisclosedCell<Cell> {
  return { class: at.class, stratum: at.stratum, cell };
}

/** Places of the asked table that had no rows, for every class. */
function absentCells(
  cells: readonly CountedCell[],
  margins: readonly CountedCell[],
): readonly Pick<CountedCell, "class" | "stratum">[] {
  const attributes = cells[0]?.stratum.map(({ attribute }) => attribute) ?? [];
  const grid = wholeGrid(attributes, levelsOf([...cells, ...margins]));
  return [...new Set(cells.map((cell) => cell.class))].flatMap((name) => {
    const present = new Set(
      cells.filter((cell) => cell.class === name).map((cell) => stratumKey(cell.stratum)),
    );
    return grid
      .filter((stratum) => !present.has(stratumKey(stratum)))
      .map((stratum) => ({ class: name, stratum }));
  });
}

function isWhole<Cell extends CountedCell>(
  cell: Cell | Pick<CountedCell, "class" | "stratum">,
): cell is Cell {
  return "nPatients" in cell;
}

/**
 * Whether patients lie in several cells of the table, as when levels are of images. The sum of the cells less the whole
 * would then tell how many do, however few: so their numbers of patients stay here.
 */
function overlaps(cells: readonly CountedCell[], margins: readonly CountedCell[]): boolean {
  return margins.some(({ class: name, stratum, nPatients }) => {
    if (stratum.length > 0) return false;
    const ofClass = cells.filter((cell) => cell.class === name);
    return ofClass.reduce((sum, cell) => sum + (cell.nPatients ?? 0), 0) > (nPatients ?? 0);
  });
}

function coarsen<Cell extends CountedCell>(
  cell: Cell,
  decimals: DisclosureContext<Cell>["decimals"],
  showsPatients: boolean,
): Cell {
  const counts = ["nPositive", "nNegative", "nPatients", "nPositivePatients", "nNegativePatients"] as const;
  const coarse = new Map<string, unknown>(Object.entries(cell));
  for (const name of counts) {
    const count = cell[name];
    if (count != null) coarse.set(name, roundCount(count));
  }
  if (!showsPatients) {
    for (const name of ["nPatients", "nPositivePatients", "nNegativePatients"]) coarse.set(name, null);
  }
  for (const [name, places] of Object.entries(decimals)) {
    const value = coarse.get(name);
    if (typeof value === "number" && typeof places === "number") coarse.set(name, roundTo(value, places));
  }
  // Safe: the same keys; numbers in place of numbers, and null only where null is allowed.
  return Object.fromEntries(coarse) as unknown as Cell;
}

function roundCount(count: number): number {
  return COUNT_STEP * Math.round(count / COUNT_STEP);
}

/** The curve's height at a false positive rate: between points along the straight line, on a step its top. */
function truePositiveRateAt({ fpr, tpr }: RocPoints, rate: number): number {
  const after = fpr.findIndex((value) => value > rate);
  const last = after === -1 ? fpr.length - 1 : after - 1;
  const [x0 = 0, y0 = 0] = [fpr[last], tpr[last]];
  if (after === -1) return y0;
  const [x1 = 1, y1 = 1] = [fpr[after], tpr[after]];
  return y0 + ((y1 - y0) * (rate - x0)) / (x1 - x0);
}
