import {
  filterBank,
  filterFrequencies,
  planBootstrap,
  rankAuc,
  rankBootstrap,
  sortScores,
  transformPixels,
} from "../../../native/index.ts";
import { collectGarbage } from "./cost.ts";

const CALLS = 100_000;
const side = 24;
const batch = { pixels: new Float32Array(2 * side * side).fill(0.5), count: 2, rows: side, cols: side };
const rows = { scores: Float32Array.of(0.1, 0.4, 0.3, 0.9), labels: Uint8Array.of(0, 0, 1, 1) };
const column = { order: await sortScores(rows.scores), labels: rows.labels };
const planned = { columns: [column], patients: Uint32Array.of(0, 1, 2, 3), patientCount: 4 };

const calls = [
  () => filterFrequencies(batch, { kind: "low", radius: 5 }, { threads: 2 }),
  () => filterBank(batch, [{ kind: "band", inner: 2, outer: 7 }], { threads: 1 }),
  () => transformPixels(batch, [{ kind: "blur", deviation: 2 }], { threads: 2 }),
  () => rankAuc(rows),
  async () => rankAuc({ ...rows, scores: await sortScores(rows.scores) }),
  async () => rankBootstrap(await planBootstrap(planned), 1, 0, 20, { threads: 2 }),
];

const afterCollection = () => {
  collectGarbage();
  return process.memoryUsage();
};

// A process of its own: nothing else allocates. The first tenth warms up.
async function callInTurn(count: number): Promise<void> {
  for (let call = 0; call < count; call += 1) {
    // When the collector runs of itself is its own affair, and what it leaves for later would count as growth.
    if (call % 500 === 0) collectGarbage();
    await calls[call % calls.length]?.();
  }
}
await callInTurn(CALLS / 10);
const before = afterCollection();
await callInTurn(CALLS);
const after = afterCollection();
const growth = (field: "rss" | "heapUsed" | "external" | "arrayBuffers") =>
  (after[field] - before[field]) / 2 ** 20;
console.log(
  JSON.stringify({
    calls: CALLS,
    rss: growth("rss"),
    heapUsed: growth("heapUsed"),
    external: growth("external"),
    arrayBuffers: growth("arrayBuffers"),
  }),
);
