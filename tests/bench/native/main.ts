import { execFile } from "node:child_process";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { instructionSets } from "../../../native/index.ts";
import { Targets } from "./cost.ts";
import { benchFilters } from "./filters.ts";
import { benchPixels } from "./pixels.ts";
import { benchRanks } from "./ranks.ts";

async function benchMemory(targets: Targets): Promise<void> {
  const script = fileURLToPath(new URL("./memory.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const grown = JSON.parse(stdout) as Record<
    "calls" | "rss" | "heapUsed" | "external" | "arrayBuffers",
    number
  >; // our own script's form
  console.log(
    `\nmemory after ${grown.calls} calls of five kinds, growth in MiB: resident ${grown.rss.toFixed(1)}, heap ${grown.heapUsed.toFixed(2)}, outside it ${grown.external.toFixed(2)}, arrays ${grown.arrayBuffers.toFixed(2)}`,
  );
  // The collector's own ups and downs; a leak of one byte in a hundred calls' arrays would be more.
  targets.noteMost(`growth of resident memory over ${grown.calls} calls`, grown.rss, 8, "MiB");
}

const targets = new Targets();
const load = () => loadavg()[0]?.toFixed(1);
console.log(`\nnative addon, ${instructionSets().at(-1)}; load of the machine before the run: ${load()}`);
await benchFilters(targets);
await benchPixels(targets);
await benchRanks(targets);
await benchMemory(targets);
targets.print();
console.log(`load of the machine after the run, which makes about 1 itself: ${load()}`);
