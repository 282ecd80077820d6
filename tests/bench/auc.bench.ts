import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { from as copyFrom } from "pg-copy-streams";
import { pino } from "pino";
import { operator } from "../../api/access/principal.ts";
import { readConfig } from "../../api/config.ts";
import { ImportService } from "../../api/predictions/import/import.service.ts";
import { createServices } from "../../api/services.ts";
import { delongInterval, type ScoreOrder, sortScores, stratifiedAuc } from "../../compute/index.ts";
import { type BenchCohort, drawCohort, mappingOf, writeColumns, writeCsv } from "./bench-cohort.ts";
import { type Database, withClient } from "./bench-database.ts";
import { costs, median, printRow, timings } from "./timing.ts";

const run = promisify(execFile);
const LEVEL = 0.95;

/** [class, stratum, AUC, low, high] */
type Cell = readonly [number, number, number, number, number];

/**
 * Stratified AUCs with DeLong intervals at the size of MIMIC-CXR: 228,915 images, 3 classes, 16 strata.
 * Every contestant starts with its data where it keeps it (arrays in memory, rows in Postgres) and must give the same cells.
 */
export async function benchAuc(database: Database, home: string): Promise<void> {
  const cohort = drawCohort(228_915, ["Asian", "Black", "White"], 16, 7);
  console.log("\nstratified AUC with DeLong intervals, 228,915 images x 3 classes x 16 strata, 48 cells");
  const ours = await ourCells(cohort);
  const sorting = median(await timings(15, () => ourCells(cohort)));
  const orders = await Promise.all(cohort.scores.map(sortScores));
  const cached = median(await timings(15, () => cellsOf(cohort, orders)));
  printRow("ours, from unsorted arrays", sorting);
  await printCosts(() => ourCells(cohort));
  printRow("ours, sort order cached", cached);
  await printCosts(() => cellsOf(cohort, orders));
  await benchWarehouse(database, home, cohort, ours, sorting);
  await benchSql(database, cohort, ours, sorting);
  await benchScikitLearn(cohort, ours, sorting);
}

/** The whole way from Postgres: with nothing in memory, and asked again. */
async function benchWarehouse(
  database: Database,
  home: string,
  cohort: BenchCohort,
  ours: readonly Cell[],
  seconds: number,
): Promise<void> {
  const path = join(home, "cohort.csv");
  await writeCsv(cohort, path);
  const outcome = await new ImportService(database).importPredictions({
    dataset: "bench",
    model: "bench",
    mapping: mappingOf(cohort),
    predictions: { path },
  });
  if (outcome.status !== "stored")
    throw new Error(`Expected an import, got ${JSON.stringify(outcome.totals)}`);
  const request = {
    evaluation: outcome.evaluationId,
    by: ["site"],
    where: [],
    bins: [],
    unit: "image",
    classes: null,
    ci: "DELONG",
    level: LEVEL,
    replicates: 0,
    seed: 0,
  } as const;
  const config = readConfig({}, { STRATUM_HOME: home });
  const fresh = () => createServices({ database, config, log: pino({ level: "silent" }) }).stratifiedAucs;
  const cold = median(await timings(5, () => fresh().answer(request, operator)));
  const kept = fresh();
  const { cells } = await kept.answer(request, operator);
  agree(
    "the warehouse",
    ours,
    cells
      .map((cell): Cell => {
        const code = Number(cell.stratum[0]?.level.slice(1));
        return [
          cohort.classes.indexOf(cell.class),
          code,
          cell.auc ?? NaN,
          cell.ciLow ?? NaN,
          cell.ciHigh ?? NaN,
        ];
      })
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]),
  );
  const warm = median(await timings(15, () => kept.answer(request, operator)));
  printRow("ours, asked of the warehouse, nothing in memory", cold, seconds);
  printRow("ours, asked of the warehouse again", warm, seconds);
  await printCosts(() => kept.answer(request, operator));
}

/** What others on the machine pay for an answer: processor time of all threads, and turns of the event loop. */
async function printCosts(work: () => Promise<unknown>): Promise<void> {
  const { processor, eventLoop } = await costs(15, work);
  printRow("  its processor time", median(processor));
  printRow("  of it on the event loop", median(eventLoop));
}

async function ourCells(cohort: BenchCohort): Promise<Cell[]> {
  return cellsOf(cohort, await Promise.all(cohort.scores.map(sortScores)));
}

async function cellsOf(
  { truth, stratum, strata }: BenchCohort,
  orders: readonly ScoreOrder[],
): Promise<Cell[]> {
  const codes = Uint16Array.from(stratum);
  const cells = await Promise.all(
    orders.map((order, index) => {
      const labels = truth.map((code) => (code === index ? 1 : 0));
      return stratifiedAuc({ order, labels, strata: codes, stratumCount: strata });
    }),
  );
  return cells.flatMap((ofClass, index) =>
    ofClass.map((cell, code): Cell => {
      const { low, high } = delongInterval(cell, LEVEL);
      return [index, code, cell.auc ?? Number.NaN, low ?? Number.NaN, high ?? Number.NaN];
    }),
  );
}

// Mid-ranks by two window functions, placements from them, DeLong's variance from the placements.
const SQL = `
with ranked as (
  select class, stratum, positive,
    rank() over overall + (count(*) over ties_overall - 1) / 2.0::float8 as overall_rank,
    rank() over own + (count(*) over ties_own - 1) / 2.0::float8 as own_rank,
    count(*) filter (where positive) over cell as positives,
    count(*) filter (where not positive) over cell as negatives
  from bench_score
  window cell as (partition by class, stratum),
    overall as (partition by class, stratum order by score),
    ties_overall as (partition by class, stratum, score),
    own as (partition by class, stratum, positive order by score),
    ties_own as (partition by class, stratum, positive, score)
), placed as (
  select class, stratum, positive, positives, negatives,
    case when positive then (overall_rank - own_rank) / negatives
      else 1 - (overall_rank - own_rank) / positives end as placement
  from ranked
), cells as (
  select class, stratum,
    avg(placement) filter (where positive) as auc,
    var_samp(placement) filter (where positive) / min(positives)
      + var_samp(placement) filter (where not positive) / min(negatives) as variance
  from placed group by class, stratum
)
select class, stratum, auc, auc - 1.959963984540054 * sqrt(variance) as low, auc + 1.959963984540054 * sqrt(variance) as high
from cells order by class, stratum`;

async function benchSql(
  database: Database,
  cohort: BenchCohort,
  ours: readonly Cell[],
  seconds: number,
): Promise<void> {
  await database.pool.query(
    "create unlogged table bench_score (class smallint, stratum smallint, positive boolean, image integer, score real)",
  );
  await withClient(database, async (client) => {
    const stream = client.query(copyFrom("copy bench_score from stdin"));
    const finished = new Promise((resolve, reject) => stream.on("finish", resolve).on("error", reject));
    cohort.scores.forEach((column, index) => {
      const lines: string[] = [];
      column.forEach((score, row) => {
        lines.push(`${index}\t${cohort.stratum[row]}\t${cohort.truth[row] === index}\t${row}\t${score}\n`);
      });
      stream.write(lines.join(""));
    });
    stream.end();
    await finished;
    await client.query("set statement_timeout = 0");
    // What an operator would set for such a question; the default of 4 MB sorts on disk.
    await client.query("set work_mem = '512MB'");
    await client.query("analyze bench_score");
    let rows: { class: number; stratum: number; auc: number; low: number; high: number }[] = [];
    const sql = median(
      await timings(3, async () => {
        rows = (await client.query(SQL)).rows;
      }),
    );
    agree(
      "SQL",
      ours,
      rows.map((row): Cell => [row.class, row.stratum, row.auc, row.low, row.high]),
    );
    printRow("SQL window functions over a row-per-score table", sql, seconds);
    await client.query("reset all");
  });
  await database.pool.query("drop table bench_score");
}

async function benchScikitLearn(cohort: BenchCohort, ours: readonly Cell[], seconds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "stratum-bench-"));
  try {
    await writeColumns(cohort, folder);
    // Debian's python3 is the one that has the packages where several are installed.
    const answer = await run(process.env["STRATUM_BENCH_PYTHON"] ?? "/usr/bin/python3", [
      join(import.meta.dirname, "../../../tests/bench/peers/sklearn_delong.py"),
      folder,
      ...[cohort.rows, cohort.classes.length, cohort.strata, 5].map(String),
    ]);
    const { seconds: theirs, cells } = JSON.parse(answer.stdout) as { seconds: number[]; cells: Cell[] }; // safe: our own script's form
    agree(
      "scikit-learn",
      ours,
      [...cells].sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    );
    printRow("scikit-learn roc_auc_score + NumPy DeLong", median([...theirs].sort((a, b) => a - b)), seconds);
  } catch (error) {
    if (error instanceof Error && /disagree/.test(error.message)) throw error;
    console.log("  SKIPPED scikit-learn: python3 with scikit-learn is not here");
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A fast wrong answer is no answer: every cell within 1e-6. */
function agree(peer: string, ours: readonly Cell[], theirs: readonly Cell[]): void {
  const same =
    ours.length === theirs.length &&
    ours.every((cell, index) =>
      cell.every((value, part) => Math.abs(value - (theirs[index]?.[part] ?? Number.NaN)) < 1e-6),
    );
  if (!same) throw new Error(`Expected the same cells as ${peer}, but they disagree`);
}
