import { pino } from "pino";
import { operator } from "../../api/access/principal.ts";
import { readConfig } from "../../api/config.ts";
import { encodeId } from "../../api/graphql/node-id.ts";
import { createServices } from "../../api/services.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import type { Database } from "./bench-database.ts";
import { benchNetwork } from "./bench-network.ts";
import { addBenchDataset, benchFiles } from "./dataset-files.ts";
import { finished } from "./evaluation.bench.ts";
import { METRICS } from "./http.bench.ts";
import { type PacedResult, pacedLoad } from "./paced-load.ts";
import { type LoopDelays, startServeProcess, startWorkProcess } from "./processes.ts";

const REQUESTS = 10_000;
/** Half of what one process answers: latencies are those of requests, not of a queue that the load itself makes. */
const PER_SECOND = 250;
const CONNECTIONS = 32;
const SIDE = 64;
const IMAGES = 6_400;
const MOST_EVALUATIONS = 12;
const CLASSES = ["a", "b", "c"];

const AUC = `query Bench($evaluation: ID!) { stratifiedAuc(input: {evaluation: $evaluation, by: ["sex"]}) {
  cells { class stratum { attribute level } auc ciLow ciHigh nPatients status } } }`;
const RUNS = "query Bench { runs(first: 20) { nodes { id kind state progress { done total perSecond } } } }";

/** 10,000 requests of three kinds, 250 a second at moments of their own, while a worker evaluates a network on all processors: latencies and stalls. */
export async function benchLoad(database: Database, home: string): Promise<void> {
  using scratch = new ScratchFolder();
  const config = readConfig({}, { STRATUM_HOME: home });
  const services = createServices({ database, config, log: pino({ level: "silent" }) });
  const { path } = scratch.file(
    "network.onnx",
    benchNetwork("resnet18", { side: SIDE, batch: 32, classes: CLASSES.length }).bytes,
  );
  await services.modelRegistrations.registerFile(
    path,
    { model: "load", task: "finding", classes: CLASSES, activation: "softmax", preprocessing: {} },
    new AbortController().signal,
  );
  const files = await benchFiles(scratch, IMAGES);
  // Made beforehand: while the load is sent, this process does nothing else.
  const unused: string[] = [];
  for (let i = 0; i < MOST_EVALUATIONS; i += 1) unused.push(await addBenchDataset(database, files));
  const evaluate = async () => {
    const dataset = unused.pop();
    if (dataset === undefined) throw new Error(`Expected ${MOST_EVALUATIONS} evaluations at most, got more`);
    const request = { dataset, model: "load", where: [], transforms: [], onBadImage: "fail" } as const;
    const { run } = await services.evaluate.request(request, operator);
    await finished(database, run.id);
    return run.id;
  };
  await using _worker = await startWorkProcess(home);
  await using api = await startServeProcess(home);
  const { rows } = await database.pool.query<{ id: number }>(
    "select id from prediction_set where run_id = $1",
    [await evaluate()],
  );
  const evaluation = encodeId("Evaluation", rows[0]?.id ?? 0);
  const bodies = [{ query: AUC, variables: { evaluation } }, { query: METRICS }, { query: RUNS }];
  const load = { url: `${api.url}/graphql`, bodies: bodies.map((body) => JSON.stringify(body)) };
  const ask = (amount: number) =>
    pacedLoad({ ...load, amount, perSecond: PER_SECOND, connections: CONNECTIONS });
  await ask(1_000); // everything compiled and kept
  await api.loopDelays();
  console.log(
    `\n${REQUESTS} requests, ${PER_SECOND} a second at moments of their own, load from the same machine`,
  );
  report("nothing else at work", await ask(REQUESTS), await api.loopDelays());
  let isOver = false;
  let evaluations = 0;
  const evaluating = (async () => {
    for (; !isOver; evaluations += 1) await evaluate();
  })();
  const result = await ask(REQUESTS);
  const delays = await api.loopDelays();
  isOver = true;
  await evaluating;
  report(`beside ${evaluations} evaluations of ${IMAGES} images`, result, delays);
}

function report(
  what: string,
  { perSecond, p50, p99: slow, max: slowest }: PacedResult,
  { max, p99, stalls, ran, waited, collected }: LoopDelays,
): void {
  console.log(
    `  ${what}: ${perSecond.toFixed(0)} requests/s   p50 ${p50.toFixed(1)} ms   p99 ${slow.toFixed(1)} ms   most ${slowest.toFixed(1)} ms`,
  );
  console.log(
    `    event loop late by p99 ${p99.toFixed(1)} ms, most ${max.toFixed(1)} ms (ran ${ran.toFixed(1)}, collected garbage ${collected.toFixed(1)}, in line for a processor ${waited.toFixed(1)}); ${stalls} stalls of 50 ms`,
  );
}
