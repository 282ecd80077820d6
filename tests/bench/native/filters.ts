import { availableParallelism } from "node:os";
import {
  type FrequencyFilter,
  filterBank,
  filterFrequencies,
  type ImageBatch,
} from "../../../native/index.ts";
import { cell, LeastCost, ratio, requireAgreement, settle, type Targets } from "./cost.ts";
import { compileFftw, findPython, Referee, SharedFolder, source } from "./referee.ts";

const SIZES = [224, 256, 320];
const RADII = [10, 25, 75, 200];
const SWEEP = [1, 5, 10, 25, 50, 75, 100, 125, 150, 200];
const ODD_SIZES = [
  [225, 225],
  [251, 251],
  [321, 321],
  [500, 331],
] as const;
const PYTHON_METHODS = ["recipe", "scipy", "torch"] as const;
const ROUNDS = 12;
/** Images that the slow referees get. */
const FEW = 8;
/** Of pixels in [0, 1]; the recipe computes in double, the others as we do. */
const TOLERANCE = 1e-5;

/** The referees that were found. */
interface Peers {
  readonly fftw: string | undefined;
  readonly python: string | undefined;
  readonly folder: SharedFolder;
}

/** Prints the frequency filters beside every referee that is found. @throws {Error} when one disagrees. */
export async function benchFilters(targets: Targets): Promise<void> {
  console.log(
    "\nfrequency filters, one thread: microseconds of processor time an image, least of several runs in",
  );
  console.log(
    "turn, and theirs over ours (taken: the batch's memory becomes the result's, as inside a chain)",
  );
  using folder = new SharedFolder();
  const peers: Peers = {
    folder,
    fftw: compileFftw(folder.path),
    python: findPython(["numpy"], ["scipy", "torch"]),
  };
  for (const size of SIZES) {
    const least = await benchSize(size, size, RADII, peers);
    targets.note(
      `one filter, ${size} x ${size}, over FFTW: the worst of radii ${RADII.join(", ")}`,
      least,
      1.8,
    );
  }
  for (const [rows, cols] of ODD_SIZES)
    await benchSize(rows, cols, [25, 75], { ...peers, python: undefined });
  console.log("\nsweep: 10 radii, low and high, in one call; processor time an output");
  for (const size of SIZES) {
    targets.note(
      `sweep of 20 filters, ${size} x ${size}, over FFTW one by one`,
      await benchSweep(size, peers),
      6,
    );
  }
  await benchThreads(peers, targets);
}

function randomBatch(count: number, rows: number, cols: number, folder?: SharedFolder): ImageBatch {
  const pixels = Float32Array.from({ length: count * rows * cols }, () => Math.random());
  folder?.write("images.f32", pixels);
  return { pixels, count, rows, cols };
}

const filterName = (filter: FrequencyFilter) => ("radius" in filter ? `${filter.kind} ${filter.radius}` : "");

/** The least ratio over FFTW of all radii. */
async function benchSize(
  rows: number,
  cols: number,
  radii: readonly number[],
  peers: Peers,
): Promise<number> {
  const count = 32;
  const batch = randomBatch(count, rows, cols, peers.folder);
  const { path } = peers.folder;
  await using fftw =
    peers.fftw === undefined ? undefined : new Referee(peers.fftw, [rows, cols, count], path);
  await using arrays =
    peers.python === undefined
      ? undefined
      : new Referee(peers.python, [source("filters.py"), rows, cols, FEW, 1], path);
  await fftw?.ready();
  await arrays?.ready();
  console.log(
    `\n  ${`${rows} x ${cols}`.padEnd(12)}    taken   copied |     FFTW  ratio |   recipe  ratio |    scipy  ratio |    torch  ratio`,
  );
  let least = Number.POSITIVE_INFINITY;
  let into: Float32Array | undefined;
  for (const radius of radii) {
    const filter: FrequencyFilter = { kind: "low", radius };
    await requireSame(batch, filter, fftw, arrays);
    const [ours, copied, theirs] = [new LeastCost(), new LeastCost(), new LeastCost()];
    const others = PYTHON_METHODS.map((method) => ({ method, cost: new LeastCost() }));
    let taken: ImageBatch = { ...batch, pixels: batch.pixels.slice() };
    for (let round = 0; round < ROUNDS; round += 1) {
      await ours.measure(count, async () => {
        taken = {
          ...taken,
          pixels: await filterFrequencies(taken, filter, { threads: 1, ownership: "take" }),
        };
      });
      await copied.measure(count, async () => {
        into = await filterFrequencies(batch, filter, { threads: 1, into });
      });
      theirs.add(await fftw?.ask(filterName(filter)));
      if (round % 4 > 0) continue;
      for (const { method, cost } of others) cost.add(await arrays?.ask(`${method} ${filterName(filter)}`));
    }
    least = Math.min(least, theirs.cpu / ours.cpu);
    const columns = [theirs, ...others.map(({ cost }) => cost)].map(
      ({ cpu }) => `${cell(cpu, 8)} ${ratio(cpu, ours.cpu).padStart(6)}`,
    );
    console.log(
      `  radius ${String(radius).padStart(3)}  ${cell(ours.cpu)}${cell(copied.cpu)} | ${columns.join(" | ")}`,
    );
  }
  return least;
}

/** The first images, filtered by everyone. */
async function requireSame(
  batch: ImageBatch,
  filter: FrequencyFilter,
  fftw: Referee | undefined,
  arrays: Referee | undefined,
): Promise<void> {
  const ours = (await filterFrequencies(batch, filter)).subarray(0, FEW * batch.rows * batch.cols);
  const same = (peer: string, theirs: Float32Array | undefined) =>
    requireAgreement(
      `${peer}'s ${filterName(filter)} of ${batch.rows} x ${batch.cols}`,
      ours,
      theirs,
      TOLERANCE,
    );
  same("FFTW", (await fftw?.resultOf(filterName(filter)))?.subarray(0, ours.length));
  for (const method of PYTHON_METHODS) {
    same(method, await arrays?.resultOf(`${method} ${filterName(filter)}`));
  }
}

const sweepFilters = SWEEP.flatMap((radius): FrequencyFilter[] => [
  { kind: "low", radius },
  { kind: "high", radius },
]);

/** How many times less an output costs than by FFTW, filter by filter. */
async function benchSweep(size: number, { fftw: program, folder }: Peers): Promise<number> {
  const count = 8;
  const batch = randomBatch(count, size, size, folder);
  await using fftw =
    program === undefined ? undefined : new Referee(program, [size, size, count], folder.path);
  await fftw?.ready();
  let into = await filterBank(batch, sweepFilters);
  const outputs = into.length / sweepFilters.length;
  for (const [index, filter] of sweepFilters.entries()) {
    const theirs = await fftw?.resultOf(filterName(filter));
    const ours = into.subarray(index * outputs, (index + 1) * outputs);
    requireAgreement(`FFTW's ${filterName(filter)} of the sweep`, ours, theirs, TOLERANCE);
  }
  const fresh = new LeastCost();
  const ours = new LeastCost();
  const theirs = sweepFilters.map(() => new LeastCost());
  for (let round = 0; round < ROUNDS; round += 1) {
    await fresh.measure(count * sweepFilters.length, () => filterBank(batch, sweepFilters, { threads: 1 }));
    await settle();
    await ours.measure(count * sweepFilters.length, async () => {
      into = await filterBank(batch, sweepFilters, { threads: 1, into });
    });
    for (const [index, filter] of sweepFilters.entries())
      theirs[index]?.add(await fftw?.ask(filterName(filter)));
  }
  const mean = theirs.reduce((sum, { cpu }) => sum + cpu, 0) / theirs.length;
  console.log(
    `  ${size} x ${size}: ours ${ours.cpu.toFixed(1)} into given memory, ${fresh.cpu.toFixed(1)} into fresh; FFTW one by one ${mean.toFixed(1)}, ${ratio(mean, ours.cpu)}`,
  );
  return mean / ours.cpu;
}

async function benchThreads({ python, folder }: Peers, targets: Targets): Promise<void> {
  if (availableParallelism() < 2) return console.log("SKIPPED: two threads (one processor)");
  console.log(
    "\ntwo threads, 224 x 224: microseconds an image (sweep: an output) by the clock, least of many runs in",
  );
  console.log("turn; other work on the machine shows here as it does nowhere else");
  const count = 64;
  let batch = randomBatch(count, 224, 224, folder);
  await using arrays =
    python === undefined
      ? undefined
      : new Referee(python, [source("filters.py"), 224, 224, count, 2], folder.path);
  await arrays?.ready();
  for (const radius of [25, 75]) {
    const filter: FrequencyFilter = { kind: "low", radius };
    const [one, two] = [new LeastCost(), new LeastCost()];
    const others = PYTHON_METHODS.slice(1).map((method) => ({ method, cost: new LeastCost() }));
    for (let round = 0; round < 5 * ROUNDS; round += 1) {
      for (const [threads, cost] of [
        [1, one],
        [2, two],
      ] as const) {
        await cost.measure(count, async () => {
          batch = {
            ...batch,
            pixels: await filterFrequencies(batch, filter, { threads, ownership: "take" }),
          };
        });
      }
      if (round % 12 > 0) continue;
      for (const { method, cost } of others) cost.add(await arrays?.ask(`${method} ${filterName(filter)}`));
    }
    const beside = others.map(({ method, cost }) => `${method} ${ratio(cost.wall, two.wall)}`).join(", ");
    console.log(
      `  radius ${radius}: one ${one.wall.toFixed(1)}, two ${two.wall.toFixed(1)}, ${ratio(one.wall, two.wall)}; with two threads too: ${beside}`,
    );
    targets.note(`two threads over one, radius ${radius}`, one.wall / two.wall, 1.8);
  }
  const few: ImageBatch = { ...batch, count: 16, pixels: batch.pixels.slice(0, 16 * 224 * 224) };
  const [one, two] = [new LeastCost(), new LeastCost()];
  let into: Float32Array | undefined;
  for (let round = 0; round < 2 * ROUNDS; round += 1) {
    for (const [threads, cost] of [
      [1, one],
      [2, two],
    ] as const) {
      await cost.measure(few.count * sweepFilters.length, async () => {
        into = await filterBank(few, sweepFilters, { threads, into });
      });
    }
  }
  console.log(
    `  sweep: one ${one.wall.toFixed(1)}, two ${two.wall.toFixed(1)}, ${ratio(one.wall, two.wall)}`,
  );
  targets.note("two threads over one, the sweep", one.wall / two.wall, 1.8);
}
