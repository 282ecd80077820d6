import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { lowerStep } from "../../compute/onnx/lowering/lower-step.ts";
import { probeBlock } from "../../compute/onnx/lowering/probe-block.ts";
import { initialNumbers } from "../../compute/onnx/networks/initialise.ts";
import type { Provider } from "../../compute/onnx/provider.ts";
import { sessionOptions } from "../../compute/onnx/session-options.ts";
import { openStep } from "../../compute/onnx/training/step-session.ts";
import { loopOf } from "../../compute/onnx/training/training-loop.ts";
import { buildTrainingStep } from "../../compute/onnx/training/training-step.ts";
import { benchNetwork } from "./bench-network.ts";
import { batchOf, LEARNING_RATE, specOf, type TrainingCase } from "./training-case.ts";

/** What this process is asked to time. */
export interface SideTask {
  readonly training: TrainingCase;
  readonly kind: "train" | "infer";
  readonly provider: Provider;
  readonly lowered: boolean;
  /** Steps of one call; 1: no loop. */
  readonly loop: number;
  readonly threads: number;
}

// A process of its own for each side: its memory is its own, and another's threads do not spin beside it.
const task = JSON.parse(process.argv[2] ?? "") as SideTask; // safe: the bench calls us
const run = await (task.kind === "train" ? trainer(task) : classifier(task));
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const calls = Number(line);
  const results: number[] = [];
  const [begun, used] = [performance.now(), process.cpuUsage()];
  for (let call = 0; call < calls; call += 1) results.push(...(await run()));
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(used);
  const peak = /VmHWM:\s+(\d+) kB/.exec(readStatus())?.[1];
  const answer = {
    seconds: seconds / results.length,
    processor: (user + system) / 1e6 / results.length,
    results,
    peak: peak === undefined ? null : 1_024 * Number(peak),
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);

function readStatus(): string {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return ""; // only Linux has it
  }
}

/** Takes the steps of one call, and gives the losses. */
async function trainer({
  training,
  provider,
  lowered,
  loop,
  threads,
}: SideTask): Promise<() => Promise<readonly number[]>> {
  const portable = buildTrainingStep(specOf(training));
  const block = lowered ? await probeBlock() : undefined;
  const single = block === undefined ? portable : lowerStep(portable, block);
  const step = loop === 1 ? single : loopOf(single, loop);
  const session = await openStep(step, { provider, threads });
  session.writeState(
    new Map(step.state.map(({ name, shape, initial }) => [name, initialNumbers(name, shape, initial, 7)])),
  );
  const repeated = (numbers: Float32Array) => {
    const all = new Float32Array(loop * numbers.length);
    for (let turn = 0; turn < loop; turn += 1) all.set(numbers, turn * numbers.length);
    return all;
  };
  const { images, targets } = batchOf(training);
  const feeds = {
    images: repeated(images),
    targets: repeated(targets),
    weights: new Float32Array(loop * training.batch).fill(1),
    "learning rate": new Float32Array(loop).fill(LEARNING_RATE),
  };
  let taken = 0;
  const correction = (beta: number) =>
    Float32Array.from({ length: loop }, (_, turn) => 1 - beta ** (taken + turn + 1));
  return async () => {
    const corrections = { "correction 1": correction(0.9), "correction 2": correction(0.999) };
    const { loss } = await session.run({ ...feeds, ...corrections });
    taken += loop;
    return [...(loss as Float32Array)]; // safe: an output of the step
  };
}

/** The network at rest, its weights in the file. */
async function classifier({ training, threads }: SideTask): Promise<() => Promise<readonly number[]>> {
  const { bytes } = benchNetwork(training.name, training);
  const session = await InferenceSession.create(bytes, sessionOptions("cpu", threads));
  const { planes, side, batch } = training;
  const images = new Tensor("float32", batchOf(training).images, [batch, planes, side, side]);
  return async () => {
    const results = await session.run({ images });
    const logits = results["logits"]?.data as Float32Array; // safe: the only output
    return [logits.reduce((sum, value) => sum + value, 0)];
  };
}
