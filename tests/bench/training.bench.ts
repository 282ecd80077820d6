import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packageRoot } from "../../api/package-root.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import { median } from "./timing.ts";
import { type TrainingCase, writePeerTask } from "./training-case.ts";
import type { SideTask } from "./training-side.ts";

const ROUNDS = 5;
/** About as long as a side works on a case in one round. */
const ROUND_SECONDS = 4;
const TURNS = 4;

const resnet = { planes: 3, side: 224, batch: 8, classes: 1_000 };
/** What is timed; a target is the largest ratio to PyTorch's time that we promise. */
const cases: readonly (TrainingCase & { readonly targets?: { portable: number; lowered: number } })[] = [
  {
    name: "small_cnn",
    planes: 1,
    side: 64,
    batch: 32,
    classes: 10,
    targets: { portable: 1.7, lowered: 1.2 },
  },
  { name: "resnet18", ...resnet, targets: { portable: 1.7, lowered: 1.2 } },
  { name: "resnet34", ...resnet, targets: { portable: 1.7, lowered: 1.2 } },
  { name: "densenet121", ...resnet },
  { name: "efficientnet_b0", ...resnet },
];
const INFERENCE_TARGET = 0.75;

/** What a side answers: seconds of a step by the clock and of all its threads, what each step gave, and its peak memory. */
interface Answer {
  readonly seconds: number;
  readonly processor: number;
  readonly results: readonly number[];
  readonly peak: number | null;
}

/** A process that takes steps when told to. */
class Side implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string, parameters: readonly string[]) {
    this.#child = spawn(command, parameters, { stdio: ["pipe", "pipe", "inherit"] });
    if (this.#child.stdout === null) throw new Error("Expected a pipe, got none");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line, or undefined where the process ended. */
  async next(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    return done ? undefined : JSON.parse(value);
  }

  async take(request: string): Promise<Answer> {
    this.#child.stdin?.write(`${request}\n`);
    const answer = await this.next();
    if (answer === undefined) throw new Error(`Expected an answer to ${request}, got none`);
    return answer as Answer; // safe: our own scripts' form
  }

  async [Symbol.asyncDispose]() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }
}

/** Seconds of a step of one contestant in each round. */
interface Timing {
  readonly what: string;
  readonly seconds: readonly number[];
  readonly processor: readonly number[];
  readonly peak: number | null;
}

/**
 * Time of a training step (forward, loss, gradients, Adam, all state back in JavaScript) and of a batch at rest against
 * PyTorch on the same weights, batch and threads; in turns, since other work on the machine falls on all alike.
 * STRATUM_BENCH_CASES names some of the cases, separated by commas; STRATUM_BENCH_THREADS sets the threads of each side.
 */
export async function benchTraining(): Promise<void> {
  const threads = Number(process.env["STRATUM_BENCH_THREADS"] ?? availableParallelism());
  console.log(`Training, ${threads} threads, ${ROUNDS} rounds in turns; medians`);
  const wanted = process.env["STRATUM_BENCH_CASES"]?.split(",");
  for (const each of cases) {
    if (wanted === undefined || wanted.includes(each.name)) await benchCase(each, threads);
  }
}

async function benchCase(each: (typeof cases)[number], threads: number): Promise<void> {
  const { targets, ...training } = each;
  const { name, side, batch } = training;
  console.log(` ${name}, ${side} x ${side}, batches of ${batch}`);
  using scratch = new ScratchFolder();
  writePeerTask(training, scratch.path, threads);
  const ours = (kind: SideTask["kind"], lowered: boolean, loop: number) =>
    startOurs({ training, kind, lowered, loop, threads });
  {
    await using peer = await startPeer(scratch.path);
    await using portable = await ours("train", false, 1);
    await using lowered = await ours("train", true, TURNS);
    const sides = [
      { what: "Stratum, portable graph", side: portable, request: (steps: number) => `${steps}` },
      {
        what: `Stratum, lowered, ${TURNS} steps a call`,
        side: lowered,
        request: (steps: number) => `${Math.max(1, Math.round(steps / TURNS))}`,
      },
    ];
    const referee = peer && { ...peer, request: (steps: number) => `train ${steps}` };
    const timings = await rounds(referee ? [referee, ...sides] : sides);
    print("a training step", timings, peer !== undefined, [targets?.portable, targets?.lowered]);
  }
  // A peer anew, whose weights have learnt nothing yet.
  await using peer = await startPeer(scratch.path);
  await using rest = await ours("infer", false, 1);
  const sides = [{ what: "Stratum's session", side: rest, request: (steps: number) => `${steps}` }];
  const referee = peer && { ...peer, request: (steps: number) => `infer ${steps}` };
  print("a batch at rest", await rounds(referee ? [referee, ...sides] : sides), peer !== undefined, [
    INFERENCE_TARGET,
  ]);
}

/** PyTorch, ready to take steps; undefined where it is not here. */
async function startPeer(
  folder: string,
): Promise<({ readonly what: string; readonly side: Side } & AsyncDisposable) | undefined> {
  const python = process.env["STRATUM_BENCH_PYTHON"] ?? "/usr/bin/python3";
  const script = join(packageRoot, "tests/bench/peers/torch_train.py");
  const side = new Side(python, [script, folder]);
  const hello = await side.next().catch(() => undefined);
  if (hello !== undefined) {
    const { version } = hello as { version: string }; // safe: our own script's form
    return { what: `PyTorch ${version}`, side, [Symbol.asyncDispose]: () => side[Symbol.asyncDispose]() };
  }
  console.log("  SKIPPED PyTorch: python3 with torch is not here");
  await side[Symbol.asyncDispose]();
  return undefined;
}

async function startOurs(task: SideTask): Promise<Side> {
  const script = join(packageRoot, "dist/tests/bench/training-side.js");
  const side = new Side(process.execPath, [script, JSON.stringify(task)]);
  if ((await side.next()) === undefined) throw new Error("Expected our side to start, got an early end");
  return side;
}

/** Lets each side warm up, then all work in turns. All must give the same first results. */
async function rounds(
  sides: readonly { what: string; side: Side; request: (steps: number) => string }[],
): Promise<readonly Timing[]> {
  const first: Answer[] = [];
  for (const { side, request } of sides) first.push(await side.take(request(TURNS)));
  requireAgreement(
    sides.map(({ what }) => what),
    first,
  );
  const pace = Math.max(...first.map(({ seconds }) => seconds));
  const steps = TURNS * Math.max(1, Math.round(ROUND_SECONDS / pace / TURNS));
  const answers: Answer[][] = sides.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [k, { side, request }] of sides.entries()) answers[k]?.push(await side.take(request(steps)));
  }
  return sides.map(({ what }, k) => ({
    what,
    seconds: (answers[k] ?? []).map(({ seconds }) => seconds),
    processor: (answers[k] ?? []).map(({ processor }) => processor),
    peak: answers[k]?.at(-1)?.peak ?? null,
  }));
}

/** A contestant that gives other numbers fails the run: the first loss is the same sum, later ones have drifted a little. */
function requireAgreement(names: readonly string[], answers: readonly Answer[]): void {
  const expected = answers[0]?.results ?? [];
  for (const [k, { results }] of answers.entries()) {
    for (const [step, value] of expected.entries()) {
      const most = (step === 0 ? 1e-4 : 2e-2) * Math.max(1, Math.abs(value));
      if (!(Math.abs((results[step] ?? Number.NaN) - value) <= most)) {
        throw new Error(
          `${names[k]} and ${names[0]} disagree: ${results.join(" ")} and ${expected.join(" ")}`,
        );
      }
    }
  }
}

function print(
  what: string,
  timings: readonly Timing[],
  hasPeer: boolean,
  targets: readonly (number | undefined)[],
): void {
  const ordered = (values: readonly number[]) => [...values].sort((a, b) => a - b);
  const referee = hasPeer ? timings[0] : undefined;
  for (const [k, { what: who, seconds, processor, peak }] of timings.entries()) {
    const ratiosOf = (mine: readonly number[], theirs: readonly number[] | undefined) =>
      ordered(mine.map((value, round) => value / (theirs?.[round] ?? Number.NaN)));
    const ratios = ratiosOf(seconds, referee?.seconds);
    const target = targets[k - (hasPeer ? 1 : 0)];
    const ratio =
      referee === undefined || referee.what === who
        ? ""
        : `  ${median(ratios).toFixed(2)} of PyTorch's (${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)}; processor time ` +
          `${median(ratiosOf(processor, referee.processor)).toFixed(2)})` +
          (target === undefined ? "" : `, target ${target}: ${median(ratios) <= target ? "met" : "MISSED"}`);
    const memory = peak === null ? "" : `${(peak / 2 ** 20).toFixed(0)} MiB`;
    const milliseconds = (values: readonly number[]) => `${(1_000 * median(ordered(values))).toFixed(1)} ms`;
    console.log(
      `  ${what}: ${who.padEnd(34)} ${milliseconds(seconds).padStart(10)} ${milliseconds(processor).padStart(10)} of processors ${memory.padStart(9)}${ratio}`,
    );
  }
}
