import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);
const addon =
  process.env["STRATUM_NATIVE_ADDON"] ??
  fileURLToPath(new URL("../../native/build/Release/stratum_native.node", import.meta.url));
/** Processes that are ended in the middle of their calls: CI asks for more. */
const EXITS = Number(process.env["STRATUM_EXITS"] ?? 24);

/** Every call that works on a thread, over and over, results and refusals unheeded; \`begin\` starts a few at once. */
const CALLS = `
  const addon = require(${JSON.stringify(addon)});
  const n = 20000, side = 96, count = 8;
  const scores = Float32Array.from({ length: n }, (_, k) => (k * 7919) % 1000);
  const labels = Uint8Array.from({ length: n }, (_, k) => k % 2), none = new Uint32Array(0);
  const patients = Uint32Array.from({ length: n }, (_, k) => k % 500);
  const pixels = () => new Float32Array(count * side * side).fill(1);
  const calls = [
    (p = pixels()) => addon.filterFrequencies(p, count, side, side, Float64Array.of(0, 0, 9), p, 2, 0),
    (p = pixels()) => addon.runPixelChain(p, count, side, side, Float64Array.of(3, 2), [], none, p, 2, 0),
    () => addon.pixelFeatures(pixels(), count, side, side, 4, 0, 2, new Float32Array(6 * count), 2),
    () => addon.stratifiedAuc(scores, labels, none, 1, new Float64Array(6)),
    () => addon.pairedAuc(scores, scores, labels, none, 1, new Float64Array(8)),
    () => addon.rocSteps(scores, labels, none, 1, 0, new Uint32Array(3 * n + 4)),
    () => addon.stratifiedAuc(scores, labels.map(() => 7), none, 1, new Float64Array(6)),
    async () => {
      const order = await addon.sortScores(scores);
      const plan = await addon.planBootstrap([order], [labels], none, 1, patients, 500);
      return addon.bootstrapAuc(plan, 1, 0, 64, new Float64Array(64), 2);
    },
  ];
  const begin = () => calls.forEach((call) => {
    const again = () => call().then(again, again);
    again();
  });`;

/** How a process ends that runs this after CALLS. */
async function endOf(script: string): Promise<{ code: number | string | null; output: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, ["-e", CALLS + script], { timeout: 120_000 });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const {
      code = null,
      signal,
      stdout = "",
      stderr = "",
    } = error as Record<string, string> & { code?: number };
    return { code: signal ?? code, output: stdout + stderr };
  }
}

/** The ends of \`count\` such processes, a few at a time, each as long after its first call as \`script\` is told. */
async function ends(count: number, script: (milliseconds: number) => string): Promise<Map<unknown, number>> {
  const seen = new Map<unknown, number>();
  let next = 0;
  const work = async () => {
    while (next < count) {
      const k = next++;
      const { code, output } = await endOf(script((k * 7) % 40));
      // What a process that aborts says before it does.
      const end = /terminate called|FATAL|Sanitizer|Segmentation/.test(output) ? output : code;
      seen.set(end, (seen.get(end) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return seen;
}

describe("ending in the middle of calls", () => {
  test("process.exit exits as told, every time", async () => {
    const seen = await ends(
      EXITS,
      (milliseconds) =>
        `begin(); begin(); setTimeout(() => process.exit(${milliseconds % 2}), ${milliseconds});`,
    );
    expect([...seen.keys()].sort()).toEqual([0, 1]);
    expect([...seen.values()].reduce((sum, times) => sum + times, 0)).toBe(EXITS);
  }, 600_000);

  test("process.exit with calls on four threads exits as told", async () => {
    const script = (milliseconds: number) => `
      const { Worker } = require("node:worker_threads");
      for (let k = 0; k < 4; k += 1) new Worker(${JSON.stringify(`${CALLS}begin();`)}, { eval: true });
      begin();
      setTimeout(() => process.exit(0), 60 + ${milliseconds});`;
    expect(await ends(EXITS / 2, script)).toEqual(new Map([[0, EXITS / 2]]));
  }, 600_000);

  test("an error that nobody catches ends the process with 1", async () => {
    const script = (milliseconds: number) =>
      `begin(); setTimeout(() => { throw new Error("x"); }, ${milliseconds});`;
    expect(await ends(8, script)).toEqual(new Map([[1, 8]]));
  }, 600_000);

  test("a signal ends the process as that signal", async () => {
    const script = (milliseconds: number) =>
      `begin(); setTimeout(() => process.kill(process.pid, "SIGTERM"), ${milliseconds});`;
    expect(await ends(8, script)).toEqual(new Map([["SIGTERM", 8]]));
  }, 600_000);

  test("workers that are terminated, or exit, take nothing down and spoil no other's answers", async () => {
    const { code, output } = await endOf(`
      const { Worker } = require("node:worker_threads");
      const ending = ${JSON.stringify(CALLS)} + "begin(); if (Math.random() < 0.3) setTimeout(() => process.exit(), 5);";
      let right = 0, ended = 0, wrong = 0;
      const check = async () => {
        while (ended < ${EXITS}) {
          const p = pixels().fill(3);
          await addon.filterFrequencies(p, count, side, side, Float64Array.of(0, 0, 9), p, 2, 0);
          p.every((pixel) => Math.abs(pixel - 3) < 1e-4) ? right += 1 : wrong += 1;
        }
      };
      const end = async () => {
        for (let k = 0; k < ${EXITS} / 4; k += 1) {
          const worker = new Worker(ending, { eval: true });
          await new Promise((resolve) => worker.once("online", resolve));
          await new Promise((resolve) => setTimeout(resolve, (k * 5) % 23));
          await worker.terminate();
          ended += 1;
        }
      };
      Promise.all([check(), end(), end(), end(), end()]).then(() => {
        console.log(wrong === 0 && right > 0 ? "right" : "wrong: " + wrong + " of " + (wrong + right));
        process.exit();
      });`);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: "right" });
  }, 600_000);
});
