import { availableParallelism } from "node:os";
import { ScratchFolder } from "../support/child-tasks.ts";
import { median } from "./timing.ts";
import { type TrainingCase, writePeerTask } from "./training-case.ts";
import { type Answer, requireAgreement, type Side, startOurs, startPeer } from "./training-processes.ts";
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
    startOurs({ training, kind, provider: "cpu", lowered, loop, threads });
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
