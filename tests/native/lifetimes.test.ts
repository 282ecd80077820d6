import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { filterFrequencies } from "../../native/index.ts";
import { randomPixels } from "./reference-filter.ts";

const run = promisify(execFile);
/** The addon as built, called without our checks: what a mistake in them would reach. */
const addon =
  process.env["STRATUM_NATIVE_ADDON"] ??
  fileURLToPath(new URL("../../native/build/Release/stratum_native.node", import.meta.url));

/** Runs a script in a process of its own, where `addon` is the compiled addon and `call(side)` filters a batch. */
async function runScript(script: string): Promise<{ code: number | string | null; output: string }> {
  const prelude = `
    const addon = require(${JSON.stringify(addon)});
    const call = (side, count = 16) => {
      const pixels = new Float32Array(count * side * side).fill(1);
      return addon.filterFrequencies(pixels, count, side, side, Float64Array.of(1, 0, 5), pixels, 2, 0);
    };`;
  try {
    const { stdout } = await run(process.execPath, ["--expose-gc", "-e", prelude + script], {
      timeout: 60_000,
    });
    return { code: 0, output: stdout };
  } catch (error) {
    const {
      code = null,
      signal = null,
      stdout = "",
    } = error as { code?: number; signal?: string; stdout?: string };
    return { code: signal ?? code, output: stdout };
  }
}

describe("lifetimes", () => {
  test("64 calls at once are all answered alike", async () => {
    const batch = { pixels: randomPixels(4 * 60 * 50, 1), count: 4, rows: 60, cols: 50 };
    const filter = { kind: "high", radius: 4 } as const;
    const expected = await filterFrequencies(batch, filter);
    const all = await Promise.all(Array.from({ length: 64 }, () => filterFrequencies(batch, filter)));
    for (const got of all) expect(got).toEqual(expected);
  });

  test("8 worker threads call at once", async () => {
    const { code, output } = await runScript(`
      const { Worker } = require("node:worker_threads");
      const script = \`
        const addon = require(${JSON.stringify(addon)});
        const { parentPort } = require("node:worker_threads");
        (async () => {
          for (let k = 0; k < 20; k += 1) {
            const pixels = new Float32Array(4 * 64 * 64).fill(k + 1);
            await addon.filterFrequencies(pixels, 4, 64, 64, Float64Array.of(0, 0, 3), pixels, 2, 0);
            if (pixels.some((pixel) => Math.abs(pixel - k - 1) > 1e-4)) throw new Error("wrong");
          }
          parentPort.postMessage("done");
        })();\`;
      let done = 0;
      for (let k = 0; k < 8; k += 1) {
        new Worker(script, { eval: true }).on("message", () => { if (++done === 8) console.log("all"); });
      }`);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: "all" });
  });

  test.each([0, 1, 5, 20])("a worker terminated %i ms into its calls takes nothing down", async (delay) => {
    const { code, output } = await runScript(`
      const { Worker } = require("node:worker_threads");
      const script = \`
        const addon = require(${JSON.stringify(addon)});
        const loop = () => {
          const pixels = new Float32Array(32 * 128 * 128);
          addon.filterFrequencies(pixels, 32, 128, 128, Float64Array.of(0, 0, 9), pixels, 2, 0).then(loop);
        };
        loop(); loop(); loop();\`;
      (async () => {
        for (let k = 0; k < 5; k += 1) {
          const worker = new Worker(script, { eval: true });
          await new Promise((resolve) => worker.once("online", resolve));
          await new Promise((resolve) => setTimeout(resolve, ${delay}));
          await worker.terminate();
        }
        console.log("alive");
      })();`);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: "alive" });
  });

  test.each([0, 2, 10])("process.exit %i ms into calls exits as told", async (delay) => {
    const { code } = await runScript(`
      for (let k = 0; k < 6; k += 1) call(200);
      setTimeout(() => process.exit(7), ${delay});`);
    expect(code).toBe(7);
  });

  // A sanitised build keeps what is freed for a while.
  const sanitised = process.env["STRATUM_NATIVE_ADDON"] !== undefined;
  test.skipIf(sanitised)("results that nobody holds are collected", async () => {
    const { code, output } = await runScript(`
      (async () => {
        for (let k = 0; k < 300; k += 1) await call(64, 4);
        const before = process.memoryUsage.rss();
        for (let k = 0; k < 3000; k += 1) await call(64, 4);
        console.log(process.memoryUsage.rss() - before < 64 * 2 ** 20 ? "steady" : "grows");
      })();`);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: "steady" });
  });

  test.skipIf(sanitised)("orders and plans that nobody holds are freed", async () => {
    const { code, output } = await runScript(`
      (async () => {
        const scores = Float32Array.from({ length: 50_000 }, (_, row) => row % 977);
        const labels = new Uint8Array(50_000), none = new Uint32Array(0), patients = new Uint32Array(50_000);
        const once = async () => addon.planBootstrap([await addon.sortScores(scores)], [labels], none, 1, patients, 1);
        for (let k = 0; k < 300; k += 1) await once();
        const before = process.memoryUsage.rss();
        // Half a megabyte each: a gigabyte in all.
        for (let k = 0; k < 2000; k += 1) await once();
        console.log(process.memoryUsage.rss() - before < 200 * 2 ** 20 ? "steady" : "grows");
      })();`);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: "steady" });
  });

  test("an order outlives its column while calls use it", async () => {
    const { code, output } = await runScript(`
      (async () => {
        const labels = Uint8Array.from({ length: 200_000 }, (_, row) => row & 1);
        let order = await addon.sortScores(Float32Array.from(labels, (label, row) => row % 1013));
        const calls = Array.from({ length: 30 }, () =>
          addon.stratifiedAuc(order, labels, new Uint32Array(0), 1, new Float64Array(6)));
        order = undefined;
        gc();
        const answers = (await Promise.all(calls)).map((answer) => answer.join());
        console.log(new Set(answers).size);
      })();`);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: "1" });
  });

  test("lists of columns that a getter gives away are refused by the addon itself", async () => {
    const { code, output } = await runScript(`
      (async () => {
        const order = await addon.sortScores(new Float32Array(4096));
        const patients = new Uint32Array(4096), none = new Uint32Array(0), labels = [];
        Object.defineProperty(labels, 0, { get() {
          structuredClone(patients.buffer, { transfer: [patients.buffer] });
          return new Uint8Array(4096);
        } });
        console.log(await addon.planBootstrap([order], labels, none, 1, patients, 1).catch((error) => error.code));
      })();`);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: "BAD_BUFFER_LENGTH" });
  });

  test("what a call works on stays alive until it ends, held by nobody else", async () => {
    const { code, output } = await runScript(`
      require("node:v8").setFlagsFromString("--expose-gc");
      const collect = require("node:vm").runInNewContext("gc");
      const [count, side] = [16, 96], length = count * side * side;
      const none = new Uint32Array(0), wide = Float64Array.of(3, 60, 9, 0, 0, 0, 1, 0);
      let garbage;
      (async () => {
        let wrong = 0;
        for (let round = 0; round < 3; round += 1) {
          // A blur so wide that most images are still to be read when the garbage is collected.
          const calls = Array.from({ length: 8 }, (_, k) =>
            addon.runPixelChain(new Float32Array(length).fill(k), count, side, side, wide, [new Uint8Array(side * side)], none,
              new Float32Array(length), 1, 0).then((pixels) => pixels.every((pixel) => Math.abs(pixel - k) < 1e-3)));
          collect();
          garbage = Array.from({ length: 16 }, () => [new Float32Array(length).fill(-1), new Uint8Array(side * side).fill(99)]);
          collect();
          for (const right of await Promise.all(calls)) wrong += right ? 0 : 1;
        }
        console.log(wrong);
      })();`);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: "0" });
  });

  test("arrays that a getter gives away, and outputs over their inputs, are refused by the addon itself", async () => {
    const { code, output } = await runScript(`
      const pixels = new Float32Array(4096), steps = Float64Array.of(9, 0, 1, 0, 0, 0), none = new Uint32Array(0);
      const bitmaps = [];
      Object.defineProperty(bitmaps, 0, { get() {
        structuredClone(pixels.buffer, { transfer: [pixels.buffer] });
        return new Uint8Array(4096);
      } });
      const bytes = new Uint8Array(pixels.buffer, 0, 1024);
      const calls = [
        // Two outputs over the images, one output a little beside them, and steps that end before their parameters do.
        () => addon.filterFrequencies(pixels.subarray(0, 64), 1, 8, 8, Float64Array.of(0, 0, 3, 1, 0, 3), pixels.subarray(0, 128), 1, 0),
        () => addon.filterFrequencies(pixels.subarray(1, 65), 1, 8, 8, Float64Array.of(0, 0, 3), pixels.subarray(0, 64), 1, 0),
        () => addon.runPixelChain(pixels.subarray(1, 65), 1, 8, 8, new Float64Array(0), [], none, pixels.subarray(0, 64), 1, 0),
        () => addon.runPixelChain(pixels.subarray(0, 64), 1, 8, 8, Float64Array.of(0, 1), [], none, new Float32Array(64), 1, 0),
        () => addon.runPixelChain(bytes, 1, 32, 32, new Float64Array(0), [], none, pixels.subarray(0, 1024), 1, 0, false),
        () => addon.runPixelChain(pixels, 1, 64, 64, steps, bitmaps, none, new Float32Array(4096), 1, 0, false),
      ];
      (async () => {
        const codes = [];
        for (const call of calls) codes.push(await Promise.resolve().then(call).then(() => "done", (error) => error.code));
        console.log(codes.join(" "));
      })();`);
    expect({ code, output: output.trim() }).toEqual({
      code: 0,
      output: "BAD_PARAMETER BAD_PARAMETER BAD_PARAMETER BAD_PARAMETER BAD_PARAMETER BAD_BUFFER_LENGTH",
    });
  });

  test("columns that are not as long as their scores are refused by the addon itself", async () => {
    const { code, output } = await runScript(`
      const f = new Float32Array(4096), u8 = new Uint8Array(4096), u16 = new Uint16Array(4096), u32 = new Uint32Array(4096);
      const half = (array) => array.slice(0, 2048), none = u32.slice(0, 0);
      (async () => {
        const order = await addon.sortScores(f);
        const calls = [half(u8), u8.slice(0, 0)].map((labels) => [labels, none]).concat([[u8, half(u16)], [u8, half(u32)]]).flatMap(
          ([labels, strata]) => [
            () => addon.stratifiedAuc(f, labels, strata, 1, new Float64Array(6)),
            () => addon.stratifiedAuc(order, labels, strata, 1, new Float64Array(6)),
            () => addon.pairedAuc(f, order, labels, strata, 1, new Float64Array(8)),
            () => addon.rocSteps(f, labels, strata, 1, 0, new Uint32Array(3 * labels.length + 4)),
            () => addon.planBootstrap([order], [labels], strata, 1, u32, 1),
          ]);
        calls.push(() => addon.pairedAuc(half(f), order, u8, none, 1, new Float64Array(8)));
        calls.push(() => addon.planBootstrap([order], [u8], none, 1, half(u32), 1));
        const codes = new Set();
        for (const call of calls) codes.add(await Promise.resolve().then(call).then(() => "done", (error) => error.code));
        console.log(calls.length, ...codes);
      })();`);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: "22 BAD_BUFFER_LENGTH" });
  });

  test("what the typed face would never pass is refused, not followed", async () => {
    const { code, output } = await runScript(`
      (async () => {
      const f = new Float32Array(16), d = Float64Array.of(0, 0, 1), u8 = new Uint8Array(16), u32 = new Uint32Array(16);
      const odd = [undefined, null, 0, -1, 40000, 1.5, NaN, 1e300, "x", {}, [], f, d, u8, u32, new Float32Array(0), Symbol.iterator, () => 0, 4n];
      let state = 1;
      const draw = (n) => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff, (state >>> 8) % n);
      const order = await addon.sortScores(f), other = await addon.sortScores(d);
      const plan = await addon.planBootstrap([order], [u8], u32, 1, u32, 16);
      odd.push(order, other, plan);
      const calls = {
        filterFrequencies: [f, 1, 4, 4, d, f, 1, 0],
        runPixelChain: [f, 1, 4, 4, Float64Array.of(0, 1, 0), [u8], new Uint32Array(0), f, 1, 0, false],
        pixelFeatures: [f, 1, 4, 4, 4, 0, 1, new Float32Array(6), 1],
        stratifiedAuc: [f, u8, u32, 1, new Float64Array(6)],
        pairedAuc: [f, f, u8, u32, 1, new Float64Array(8)],
        rocSteps: [order, u8, u32, 1, 0, new Uint32Array(52)],
        sortScores: [f],
        readOrder: [order, u32, u8],
        missingRows: [order],
        planBootstrap: [[order], [u8], u32, 1, u32, 16],
        readPlan: [plan],
        bootstrapAuc: [plan, 0, 0, 2, new Float64Array(2), 1],
      };
      const codes = new Set();
        for (const [name, good] of Object.entries(calls)) {
          await addon[name](...good);
          for (let k = 0; k < 3000; k += 1) {
            const args = good.slice(0, draw(20) === 0 ? draw(good.length) : good.length);
            for (let n = draw(3); n >= 0; n -= 1) args[draw(good.length)] = odd[draw(odd.length)];
            try { await addon[name](...args); } catch (error) { codes.add(error.code ?? error.message); }
          }
        }
        console.log([...codes].sort().join(" "));
      })();`);
    expect({ code, output: output.trim() }).toEqual({
      code: 0,
      output: "BAD_BUFFER_LENGTH BAD_IMAGE_SHAPE BAD_PARAMETER",
    });
  });
});
