import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import autocannon from "autocannon";
import pino from "pino";
import { encodeId } from "../../api/graphql/node-id.ts";
import { ImportService } from "../../api/predictions/import/import.service.ts";
import { loadPublications } from "../../api/publications/publication.loader.ts";
import { drawCohort, mappingOf, writeCsv } from "./bench-cohort.ts";
import type { Database } from "./bench-database.ts";
import { startServeProcess } from "./processes.ts";

const STRATIFIED = `query Bench($input: StratifiedAucInput!) {
  stratifiedAuc(input: $input) { suppressed cells { class stratum { attribute level } auc se ciLow ciHigh nPositive nNegative nPatients status reason } }
}`;
/** A page of metric records. */
export const METRICS = `query Bench { metrics(first: 50) { pageInfo { hasNextPage endCursor } nodes {
  id metric value ciLow ciHigh class unit status reason printed source dataset { slug } model { slug } publication { slug } } } }`;

/** The API over HTTP, served by a process of its own: requests a second and latencies at 1 and at 8 connections. */
export async function benchHttp(database: Database, home: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "stratum-bench-"));
  await using served = await startServeProcess(home);
  try {
    const classes = Array.from({ length: 15 }, (_, index) => `class${index}`);
    const cohort = drawCohort(6_373, classes, 2, 3);
    const path = join(folder, "scores.csv");
    await writeCsv(cohort, path);
    const outcome = await new ImportService(database).importPredictions({
      dataset: "bench",
      model: "bench",
      mapping: mappingOf(cohort),
      predictions: { path },
    });
    if (outcome.status !== "stored")
      throw new Error(`Expected an import, got ${JSON.stringify(outcome.totals)}`);
    await loadPublications(database, pino({ level: "silent" }));
    const input = { evaluation: encodeId("Evaluation", outcome.evaluationId), by: ["site"] };
    console.log("\nHTTP, one API process, load from the same machine");
    await load(served.url, "stratifiedAuc: 6,373 images x 15 classes x 2 strata", {
      query: STRATIFIED,
      variables: { input },
    });
    await load(served.url, "metrics: a page of 50", { query: METRICS });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function load(url: string, what: string, body: Record<string, unknown>): Promise<void> {
  const headers = { "content-type": "application/json" };
  const payload = JSON.stringify(body);
  const first = await fetch(`${url}/graphql`, { method: "POST", headers, body: payload });
  const answer = (await first.json()) as { errors?: unknown };
  if (answer.errors !== undefined)
    throw new Error(`Expected an answer, got ${JSON.stringify(answer.errors)}`);
  console.log(`  ${what}`);
  for (const connections of [1, 8]) {
    await autocannon({
      url: `${url}/graphql`,
      method: "POST",
      headers,
      body: payload,
      connections,
      duration: 2,
    });
    const { latency, requests, non2xx } = await autocannon({
      url: `${url}/graphql`,
      method: "POST",
      headers,
      body: payload,
      connections,
      duration: 6,
    });
    if (non2xx > 0) throw new Error(`Expected only answers, got ${non2xx} refusals`);
    console.log(
      `    ${connections} connection${connections > 1 ? "s" : " "}  ${requests.average.toFixed(0).padStart(6)} requests/s   p50 ${latency.p50} ms   p99 ${latency.p99} ms`,
    );
  }
}
