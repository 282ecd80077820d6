import { availableParallelism } from "node:os";
import {
  type FrequencyFilter,
  filterBank,
  filterFrequencies,
  type ImageBatch,
} from "../../../native/index.ts";
import { compileFftw, findPython, Referee, source } from "./referee.ts";

const RADII = [10, 25, 75, 110, 200];
const SWEEP = [1, 5, 10, 25, 50, 75, 100, 125, 150, 200];
const REPEATS = 12;

/** Microseconds of CPU time and of the clock that `work` takes per `units`; the least of what `samples` holds. */
interface Cost {
  cpu: number;
  wall: number;
}

async function measure(best: Cost, units: number, work: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const wall = ((performance.now() - began) * 1000) / units;
  const { user, system } = process.cpuUsage(cpu);
  best.wall = Math.min(best.wall, wall);
  best.cpu = Math.min(best.cpu, (user + system) / units);
}

const never = (): Cost => ({ cpu: Number.POSITIVE_INFINITY, wall: Number.POSITIVE_INFINITY });

function randomBatch(count: number, rows: number, cols: number) {
  return {
    pixels: Float32Array.from({ length: count * rows * cols }, () => Math.random()),
    count,
    rows,
    cols,
  };
}

const times = (theirs: number | undefined, ours: number) =>
  theirs === undefined || !Number.isFinite(theirs) ? "-" : `${(theirs / ours).toFixed(2)}x`;

/** Prints the frequency filters beside every referee that is found. */
export async function benchFilters(): Promise<void> {
  const fftw = compileFftw();
  const python = findPython();
  if (fftw === undefined) console.log("SKIPPED: FFTW (needs a C compiler and libfftw3-dev)");
  if (python === undefined) console.log("SKIPPED: NumPy, SciPy, torch (need python3 with numpy and scipy)");
  console.log(
    "One thread: CPU microseconds an image, least of several runs in turn; ratios are theirs over ours.",
  );
  console.log(
    "The batch is handed over and handed back (ownership: take), as a chain of transforms would.\n",
  );
  for (const size of [224, 256, 320]) await benchSize(size, size, RADII, fftw, python);
  for (const [rows, cols] of [
    [223, 223],
    [225, 225],
    [251, 251],
    [500, 331],
  ] as const) {
    await benchSize(rows, cols, [25, 75], fftw, undefined);
  }
  for (const size of [224, 256, 320]) await benchSweep(size, fftw);
  await benchThreads();
}

async function benchSize(
  rows: number,
  cols: number,
  radii: readonly number[],
  fftw: string | undefined,
  python: string | undefined,
): Promise<void> {
  const count = 32;
  await using fast = fftw === undefined ? undefined : new Referee(fftw, [rows, cols, count].map(String));
  await using arrays =
    python === undefined ? undefined : new Referee(python, [source("arrays.py"), rows, cols, 8].map(String));
  await fast?.ready();
  await arrays?.ready();
  let batch: ImageBatch = randomBatch(count, rows, cols);
  console.log(`${rows} x ${cols}     ours us   copied us |     FFTW   ratio | recipe  scipy  torch`);
  for (const radius of radii) {
    const ours = never();
    const copied = never();
    let theirs = Number.POSITIVE_INFINITY;
    const others = { recipe: Number.NaN, scipy: Number.NaN, torch: Number.NaN };
    let into: Float32Array | undefined;
    const filter: FrequencyFilter = { kind: "low", radius };
    for (let k = 0; k < REPEATS; k += 1) {
      await measure(ours, count, async () => {
        const pixels = await filterFrequencies(batch, filter, { threads: 1, ownership: "take" });
        batch = { ...batch, pixels };
      });
      await measure(copied, count, async () => {
        into = await filterFrequencies(batch, filter, { threads: 1, into });
      });
      theirs = Math.min(theirs, (await fast?.ask(`low ${radius}`)) ?? Number.POSITIVE_INFINITY);
    }
    for (const method of ["recipe", "scipy", "torch"] as const) {
      for (let k = 0; k < 3; k += 1) {
        const answer = await arrays?.ask(`${method} low ${radius}`);
        if (answer !== undefined) others[method] = Math.min(answer, others[method] || answer);
      }
    }
    console.log(
      `  radius ${String(radius).padStart(3)} ${ours.cpu.toFixed(1).padStart(10)} ${copied.cpu.toFixed(1).padStart(10)}  | ${theirs.toFixed(1).padStart(8)} ${times(theirs, ours.cpu).padStart(7)} | ${times(others.recipe, ours.cpu)} ${times(others.scipy, ours.cpu)} ${times(others.torch, ours.cpu)}`,
    );
  }
}

async function benchSweep(size: number, fftw: string | undefined): Promise<void> {
  const count = 8;
  const filters = SWEEP.flatMap((radius): FrequencyFilter[] => [
    { kind: "low", radius },
    { kind: "high", radius },
  ]);
  await using fast = fftw === undefined ? undefined : new Referee(fftw, [size, size, count].map(String));
  await fast?.ready();
  const batch = randomBatch(count, size, size);
  let into: Float32Array = new Float32Array(filters.length * batch.pixels.length);
  const ours = never();
  let theirs = Number.POSITIVE_INFINITY;
  for (let k = 0; k < REPEATS; k += 1) {
    await measure(ours, count * filters.length, async () => {
      into = await filterBank(batch, filters, { threads: 1, into });
    });
    let sum = 0;
    for (const radius of SWEEP) {
      for (const kind of ["low", "high"])
        sum += (await fast?.ask(`${kind} ${radius}`)) ?? Number.POSITIVE_INFINITY;
    }
    theirs = Math.min(theirs, sum / filters.length);
  }
  console.log(
    `sweep ${size}: ${ours.cpu.toFixed(1)} us an output, FFTW one by one ${theirs.toFixed(1)}, ${times(theirs, ours.cpu)}`,
  );
}

async function benchThreads(): Promise<void> {
  if (availableParallelism() < 2) return console.log("SKIPPED: two threads (one processor)");
  const size = 224;
  let batch: ImageBatch = randomBatch(64, size, size);
  for (const radius of [25, 75]) {
    const one = never();
    const two = never();
    for (let k = 0; k < 3 * REPEATS; k += 1) {
      for (const [threads, best] of [
        [1, one],
        [2, two],
      ] as const) {
        await measure(best, batch.count, async () => {
          const filter: FrequencyFilter = { kind: "low", radius };
          batch = {
            ...batch,
            pixels: await filterFrequencies(batch, filter, { threads, ownership: "take" }),
          };
        });
      }
    }
    console.log(
      `threads, radius ${radius}: one ${one.wall.toFixed(1)} us an image by the clock, two ${two.wall.toFixed(1)}, ${times(one.wall, two.wall)}`,
    );
  }
}
