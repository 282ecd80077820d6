import { type CountedCell, discloseCells } from "../access/disclosure.ts";
import { stratumKey } from "../access/suppression.ts";
import type { AnalysisFrames } from "./analysis-rows.ts";
import type { Question } from "./question.ts";
import { computeStratifiedAuc } from "./stratified-auc.ts";

/**
 * The counts of every table of fewer attributes, all classes: what a suppressed cell could be subtracted from.
 *
 * @throws {ServiceError} as computeStratifiedAuc
 */
export async function countMargins(
  frames: AnalysisFrames,
  question: Question,
  signal: AbortSignal | undefined,
): Promise<CountedCell[]> {
  const margins: CountedCell[] = [];
  for (const by of properSubsets(question.by)) {
    const request = {
      ...question,
      by,
      classes: null,
      ci: "NONE",
      level: 0.95,
      replicates: 0,
      seed: 0,
    } as const;
    const { cells } = await computeStratifiedAuc(frames, request, signal);
    margins.push(...cells);
  }
  return margins;
}

function properSubsets(names: readonly string[]): string[][] {
  return Array.from({ length: 2 ** names.length - 1 }, (_, subset) =>
    names.filter((__, place) => Math.floor(subset / 2 ** place) % 2 === 1),
  );
}

/** One name for a cell of a table, whatever the order of its attributes. */
export function cellKey({ class: className, stratum }: Pick<CountedCell, "class" | "stratum">): string {
  return JSON.stringify([className, stratumKey(stratum)]);
}

/** Counts of a cell as anybody may see them: to the nearest 5, without patients where those would tell too much. */
export type ShownCounts = Pick<CountedCell, "nPositive" | "nNegative" | "nPatients">;

/** The cells of a table that anybody may see, by cellKey. */
export type ShownCells = ReadonlyMap<string, ShownCounts>;

/**
 * What anybody may see of a table, for statistics other than the AUC: what is hidden there is hidden everywhere.
 * Decided once for each table, since nothing in it ever changes.
 *
 * @throws {ServiceError} as computeStratifiedAuc; FORBIDDEN for tables of too many cells
 */
export function shownCells(
  frames: AnalysisFrames,
  table: Pick<Question, "evaluation" | "unit" | "by">,
): Promise<ShownCells> {
  const by = [...table.by].sort();
  const { evaluation, unit } = table;
  const question = { evaluation, unit, by, where: [], bins: [] };
  return frames.columns.cache.get(
    `shown/${evaluation}/${unit}/${JSON.stringify(by)}`,
    (cells) => 400 * cells.size,
    async () => {
      const request = {
        ...question,
        classes: null,
        ci: "NONE",
        level: 0.95,
        replicates: 0,
        seed: 0,
      } as const;
      const { rows, cells } = await computeStratifiedAuc(frames, request);
      const disclosed = discloseCells(cells, "public", {
        margins: await countMargins(frames, question, undefined),
        exclusiveClasses: rows.plan.evaluation.taskKind !== "multilabel",
        decimals: {},
      });
      return new Map(
        disclosed.cells.flatMap(({ cell }) => (cell === undefined ? [] : [[cellKey(cell), cell]])),
      );
    },
  );
}
