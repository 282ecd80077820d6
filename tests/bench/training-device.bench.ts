import { availableParallelism } from "node:os";
import type { Provider } from "../../compute/onnx/provider.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import { median } from "./timing.ts";
import { type TrainingCase, writePeerTask } from "./training-case.ts";
import { type Answer, requireAgreement, startOurs, startPeer } from "./training-processes.ts";

const ROUNDS = 5;
/** About as long as a side works on a case in one round. */
const ROUND_SECONDS = 4;
const CURVE_STEPS = 8;
/** Most that a loss on the device may be off the processor's, as a share of it. */
const MOST_DRIFT = 0.003;

const study = { planes: 3, side: 224, batch: 64, classes: 1_000 };
const cases: readonly TrainingCase[] = [
  { name: "resnet34", ...study },
  { name: "densenet121", ...study },
];
/** What a software device can do; only where it is asked for by name. */
const small: TrainingCase = { name: "small_cnn", planes: 1, side: 16, batch: 4, classes: 2 };

/**
 * A training on a device: its loss over 8 steps against the processor's from the same weights and batch, and the time of a
 * step against PyTorch's, on CUDA where PyTorch has it.
 * STRATUM_BENCH_CASES and STRATUM_BENCH_THREADS as of the processor's.
 */
export async function benchTrainingOn(provider: Exclude<Provider, "cpu">): Promise<void> {
  const threads = Number(process.env["STRATUM_BENCH_THREADS"] ?? availableParallelism());
  console.log(`Training on ${provider}, ${ROUNDS} rounds in turns; medians`);
  const wanted = process.env["STRATUM_BENCH_CASES"]?.split(",") ?? cases.map(({ name }) => name);
  for (const each of [...cases, small]) {
    if (wanted.includes(each.name)) await benchCase(each, provider, threads);
  }
}

async function benchCase(training: TrainingCase, provider: Provider, threads: number): Promise<void> {
  const { name, side, batch } = training;
  console.log(` ${name}, ${side} x ${side}, batches of ${batch}`);
  const ours = (on: Provider) =>
    startOurs({ training, kind: "train", provider: on, lowered: false, loop: 1, threads });
  const expected = await curveOf(ours("cpu"));
  const opening = performance.now();
  await using device = await ours(provider);
  console.log(`  opened and tested in ${((performance.now() - opening) / 1_000).toFixed(0)} s`);
  const found = await device.take(`${CURVE_STEPS}`);
  printCurve(expected, found, provider);
  using scratch = new ScratchFolder();
  writePeerTask(training, scratch.path, threads, "cuda");
  await using peer = await startPeer(scratch.path);
  const first = await peer?.side.take(`train ${CURVE_STEPS}`);
  if (peer && first) requireAgreement([peer.what, provider], [first, found]);
  await race(provider, { ours: device, peer, pace: Math.max(found.seconds, first?.seconds ?? 0) });
}

async function curveOf(starting: ReturnType<typeof startOurs>): Promise<Answer> {
  await using side = await starting;
  return await side.take(`${CURVE_STEPS}`);
}

function printCurve(expected: Answer, found: Answer, provider: Provider): void {
  const drifts = expected.results.map((loss, k) => Math.abs((found.results[k] ?? Number.NaN) / loss - 1));
  const most = Math.max(...drifts);
  const words = ({ results }: Answer) => results.map((loss) => loss.toFixed(5)).join(" ");
  console.log(`  loss on cpu:    ${words(expected)}`);
  console.log(`  loss on ${`${provider}:`.padEnd(7)} ${words(found)}`);
  const isMet = most <= MOST_DRIFT;
  console.log(
    `  at most ${(100 * most).toPrecision(2)} % apart, target ${100 * MOST_DRIFT} %: ${isMet ? "met" : "MISSED"}`,
  );
  if (!isMet) process.exitCode = 1;
}

async function race(
  provider: Provider,
  {
    ours,
    peer,
    pace,
  }: {
    readonly ours: Awaited<ReturnType<typeof startOurs>>;
    readonly peer: Awaited<ReturnType<typeof startPeer>>;
    readonly pace: number;
  },
): Promise<void> {
  const steps = Math.max(1, Math.round(ROUND_SECONDS / pace));
  const mine: Answer[] = [];
  const theirs: Answer[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    if (peer) theirs.push(await peer.side.take(`train ${steps}`));
    mine.push(await ours.take(`${steps}`));
  }
  const middle = (values: readonly number[]) => median([...values].sort((a, b) => a - b));
  const line = (who: string, answers: readonly Answer[]) =>
    `  a training step: ${who.padEnd(34)} ${(1_000 * middle(answers.map(({ seconds }) => seconds))).toFixed(1).padStart(10)} ms`;
  if (peer) console.log(line(peer.what, theirs));
  const ratios = mine.map(({ seconds }, round) => seconds / (theirs[round]?.seconds ?? Number.NaN));
  console.log(
    line(`Stratum on ${provider}`, mine) + (peer ? `  ${middle(ratios).toFixed(2)} of ${peer.what}'s` : ""),
  );
}
