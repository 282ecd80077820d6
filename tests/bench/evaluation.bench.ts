import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { pino } from "pino";
import { operator } from "../../api/access/principal.ts";
import { readConfig } from "../../api/config.ts";
import { createServices, type ServiceDeps } from "../../api/services.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import type { Database } from "./bench-database.ts";
import { type BenchNetwork, benchNetwork } from "./bench-network.ts";
import { addBenchDataset, type BenchFiles, benchFiles } from "./dataset-files.ts";
import { startWorkProcess } from "./processes.ts";
import { median } from "./timing.ts";

const run = promisify(execFile);
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];
const CLASSES = ["a", "b", "c"];
const ROUNDS = 3;

/** What is measured: a network, and as many images as a few seconds take. */
const cases = [
  { name: "resnet34", depths: [3, 4, 6, 3], side: 224, batch: 8, images: 480 },
  { name: "resnet18", depths: [2, 2, 2, 2], side: 64, batch: 32, images: 9_600 },
] as const;
type Case = (typeof cases)[number];

/**
 * Images a second from files on disk to rows in Postgres, by a worker, against a bare session on ready tensors and
 * against PyTorch on the same files; in turns, since other work on the machine falls on all alike.
 */
export async function benchEvaluation(database: Database, home: string): Promise<void> {
  console.log(`Evaluation, ${availableParallelism()} processors`);
  using scratch = new ScratchFolder();
  const config = readConfig({}, { STRATUM_HOME: home });
  const log = pino({ level: "warn" }, pino.destination({ dest: 2, sync: true }));
  // A process of its own, as in production: building networks here would keep it from its heartbeats.
  await using _worker = await startWorkProcess(home);
  for (const each of cases) await benchCase(each, { database, config, log }, scratch);
}

async function benchCase(each: Case, deps: ServiceDeps, scratch: ScratchFolder): Promise<void> {
  const { name, side, batch, images } = each;
  const network = benchNetwork(name, { side, batch, classes: CLASSES.length });
  const { path } = scratch.file(`${name}.onnx`, network.bytes);
  const services = createServices(deps);
  await services.modelRegistrations.registerFile(
    path,
    {
      model: name,
      task: "finding",
      classes: CLASSES,
      activation: "softmax",
      preprocessing: { mean: MEAN, deviation: DEVIATION },
    },
    new AbortController().signal,
  );
  const files = await benchFiles(scratch, images);
  const bare: number[] = [];
  const ours: number[] = [];
  const scoring: number[] = [];
  let scores = new Float32Array();
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(images / (await bareSeconds(path, each)));
    const dataset = await addBenchDataset(deps.database, files);
    const begun = performance.now();
    const request = { dataset, model: name, where: [], transforms: [], onBadImage: "fail" } as const;
    const { run: queued } = await services.evaluate.request(request, operator);
    const summary = await finished(deps.database, queued.id);
    ours.push((images * 1_000) / (performance.now() - begun));
    scoring.push(images / Number(summary["seconds"]));
    scores = await storedScores(deps.database, queued.id);
  }
  const rate = (values: readonly number[]) => median([...values].sort((a, b) => a - b));
  const row = (what: string, value: number) =>
    console.log(
      `  ${what.padEnd(52)} ${value.toFixed(1).padStart(8)} images/s ${((100 * value) / rate(bare)).toFixed(0).padStart(4)} %`,
    );
  console.log(` ${name}, ${side} x ${side}, batches of ${batch}, ${images} images of ${files.kind}`);
  row("a bare session on ready tensors", rate(bare));
  row("Stratum, from files to rows, with everything", rate(ours));
  row("  of that, the compute child alone", rate(scoring));
  await benchTorch(each, network, { files, scratch, scores, row });
}

/** What a run that succeeded has to say; waits for it. */
export async function finished(
  database: Database,
  runId: number,
): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const { rows } = await database.pool.query<{
      state: string;
      failure: string | null;
      summary: Record<string, unknown>;
    }>("select state, failure, summary from run where id = $1", [runId]);
    const [row] = rows;
    if (row?.state === "succeeded") return row.summary;
    if (row?.state === "failed" || row?.state === "cancelled")
      throw new Error(`The run ended: ${row.failure}`);
    await sleep(20);
  }
}

/** Scores of a run as stored: class after class. */
async function storedScores(database: Database, runId: number): Promise<Float32Array<ArrayBuffer>> {
  const { rows } = await database.pool.query<{ scores: Buffer }>(
    `select scores from score_block join prediction_set on prediction_set.id = prediction_set_id
     where run_id = $1 order by class_index, block`,
    [runId],
  );
  return new Float32Array(Uint8Array.from(Buffer.concat(rows.map(({ scores }) => scores))).buffer);
}

async function bareSeconds(path: string, { side, batch, images }: Case): Promise<number> {
  const script = join(import.meta.dirname, "bare-session.js");
  const { stdout } = await run(process.execPath, [script, path, ...[side, batch, images].map(String)]);
  const { seconds } = JSON.parse(stdout) as { seconds: number }; // safe: our own script's form
  return seconds;
}

/** The same network in PyTorch on the same files; its scores must be ours, or the comparison means nothing. */
async function benchTorch(
  { side, batch, images, depths }: Case,
  { weights }: BenchNetwork,
  at: {
    readonly files: BenchFiles;
    readonly scratch: ScratchFolder;
    readonly scores: Float32Array;
    readonly row: (what: string, value: number) => void;
  },
): Promise<void> {
  const { files, scratch, scores, row } = at;
  const names = [...weights].map(([name, { shape }]) => [name, shape]);
  const task = {
    files: files.files.map(({ uri }) => join(files.root, uri)),
    ...{ side, batch, depths, weights: names, mean: MEAN, deviation: DEVIATION },
    ...{ threads: availableParallelism(), workers: [0, 1, 2] },
  };
  await writeFile(join(scratch.path, "task.json"), JSON.stringify(task));
  await writeFile(
    join(scratch.path, "weights.f32"),
    Buffer.concat([...weights.values()].map(({ numbers }) => Buffer.from(numbers.buffer))),
  );
  const python = process.env["STRATUM_BENCH_PYTHON"] ?? "/usr/bin/python3";
  const script = join(import.meta.dirname, "../../../tests/bench/peers/torch_evaluate.py");
  const answer = await run(python, [script, scratch.path]).catch(() => undefined);
  if (answer === undefined) {
    console.log("  SKIPPED PyTorch: python3 with torch and PIL is not here");
    return;
  }
  // Safe: our own script's form.
  const { version, seconds } = JSON.parse(answer.stdout) as {
    version: string;
    seconds: Record<string, number>;
  };
  for (const [workers, each] of Object.entries(seconds)) {
    row(`PyTorch ${version}, DataLoader with ${workers} workers`, images / each);
  }
  const theirs = new Float32Array(Uint8Array.from(await readFile(join(scratch.path, "scores.f32"))).buffer);
  let most = 0;
  for (let image = 0; image < images; image++) {
    for (let k = 0; k < CLASSES.length; k++) {
      const ours = scores[k * images + image] ?? Number.NaN;
      most = Math.max(most, Math.abs(ours - (theirs[image * CLASSES.length + k] ?? Number.NaN)));
    }
  }
  console.log(`  largest difference of a probability from PyTorch's: ${most.toExponential(1)}`);
  if (!(most < 1e-3)) throw new Error("PyTorch and Stratum disagree");
}
