import { createRequire } from "node:module";
import type { FeatureColumn } from "./feature-columns.ts";

/** What is used here of `ydf-training`, a CommonJS package without types. */
interface Ydf {
  readonly RandomForestLearner: Learner;
  readonly GradientBoostedTreesLearner: Learner;
}
type Learner = new (label: string, task: "CLASSIFICATION") => { train(csv: string): Model };
interface Model {
  getLabelClasses(): string[];
  /** Two classes: the second one's chance a row; more: every class's, row by row. */
  predict(csv: string): number[];
  unload(): void;
}
type Load = (options: { print(line: string): void; printErr(line: string): void }) => Promise<Ydf>;

/** The forests there are, by the learners of YDF that make them. */
const learners = {
  random_forest: "RandomForestLearner",
  boosted_trees: "GradientBoostedTreesLearner",
} as const;
export type ForestId = keyof typeof learners;

const LABEL = "truth";

/** Rows of each class that a forest needs: YDF takes a class of fewer for an unknown one and refuses it. */
export const LEAST_OF_CLASS = 5;

/**
 * Trains a forest of Google's Yggdrasil Decision Forests, as WebAssembly, with its own settings (300 trees; boosted
 * ones stop early on a tenth of the training rows), and scores other rows. Its seed is fixed, so the same rows give
 * the same scores. Blocks the thread: a random forest of 4,000 rows and 8 features takes about 5 s.
 *
 * Guillame-Bert et al. 2023, doi:10.1145/3580305.3599933.
 *
 * @param training - rows to learn from, each with a class; at least LEAST_OF_CLASS of each.
 * @returns wanted.length * classes chances, row by row.
 */
export async function forestScores(
  id: ForestId,
  columns: readonly FeatureColumn[],
  truth: ArrayLike<number>,
  classes: number,
  training: readonly number[],
  wanted: readonly number[],
): Promise<Float64Array> {
  const ydf = await loadYdf();
  const head = [...columns.map((_, index) => `f${index}`), LABEL].join(",");
  const table = (rows: readonly number[]) =>
    `${[head, ...rows.map((row) => [...columns.map((column) => cell(column, row)), `c${Math.max(0, truth[row] ?? 0)}`].join(","))].join("\n")}\n`;
  const model = new ydf[learners[id]](LABEL, "CLASSIFICATION").train(table(training));
  try {
    // Its own order of classes is by how frequent they are.
    const order = model.getLabelClasses().map((name) => Number(name.slice(1)));
    const given = model.predict(table(wanted));
    const scores = new Float64Array(wanted.length * classes);
    for (let row = 0; row < wanted.length; row += 1) {
      for (const [place, code] of order.entries()) {
        const chance =
          order.length === 2
            ? place === 1
              ? (given[row] ?? Number.NaN)
              : 1 - (given[row] ?? Number.NaN)
            : (given[row * order.length + place] ?? Number.NaN);
        scores[row * classes + code] = chance;
      }
    }
    return scores;
  } finally {
    model.unload();
  }
}

let loaded: Promise<Ydf> | undefined;

/** Loaded when it is first wanted: 3 MB of WebAssembly. */
function loadYdf(): Promise<Ydf> {
  const load = createRequire(import.meta.url)("ydf-training") as Load; // safe: see Ydf
  loaded ??= load({ print: () => {}, printErr: () => {} });
  return loaded;
}

/** Levels go by number: names could hold commas, or read as numbers. */
function cell(column: FeatureColumn, row: number): string {
  if (column.kind === "category") {
    const code = column.codes[row] ?? -1;
    return code < 0 ? "" : `l${code}`;
  }
  const value = column.values[row] ?? Number.NaN;
  return Number.isNaN(value) ? "" : String(value);
}
