import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { sizeOf } from "../../compute/onnx/graph/shapes.ts";
import { modelOf } from "../../compute/onnx/graph/to-model.ts";
import { initialNumbers } from "../../compute/onnx/networks/initialise.ts";
import { loopOf } from "../../compute/onnx/training/training-loop.ts";
import { buildTrainingStep } from "../../compute/onnx/training/training-step.ts";
import { benchNetwork } from "./bench-network.ts";
import { batchOf, LEARNING_RATE, specOf, type TrainingCase } from "./training-case.ts";

/** What this process is asked to time. */
export interface SideTask {
  readonly training: TrainingCase;
  readonly kind: "train" | "infer";
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

async function open(bytes: Uint8Array, threads: number): Promise<InferenceSession> {
  return await InferenceSession.create(bytes, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    enableMemPattern: false,
    logSeverityLevel: 3,
    ...(process.env["STRATUM_BENCH_PROFILE"] === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: process.env["STRATUM_BENCH_PROFILE"] }),
    extra: { session: { set_denormal_as_zero: "1" } },
  });
}

/** Takes the steps of one call, gives the losses, and feeds all state back. */
async function trainer({ training, loop, threads }: SideTask): Promise<() => Promise<readonly number[]>> {
  const single = buildTrainingStep(specOf(training));
  const step = loop === 1 ? single : loopOf(single, loop);
  const session = await open(modelOf(step.graph), threads);
  const shapes = new Map(step.graph.inputs.map(({ name, shape }) => [name, shape]));
  const feed = (name: string, numbers: Float32Array) => {
    const shape = shapes.get(name) ?? [];
    const all = new Float32Array(sizeOf(shape));
    for (let at = 0; at < all.length; at += numbers.length) all.set(numbers, at);
    return new Tensor("float32", all, [...shape]);
  };
  const { images, targets } = batchOf(training);
  const feeds: Record<string, Tensor> = {
    images: feed("images", images),
    targets: feed("targets", targets),
    weights: feed("weights", new Float32Array(training.batch).fill(1)),
    "learning rate": feed("learning rate", Float32Array.of(LEARNING_RATE)),
  };
  for (const { name, shape, initial } of step.state) {
    feeds[name] = new Tensor("float32", initialNumbers(name, shape, initial, 7), [...shape]);
  }
  let taken = 0;
  const correction = (beta: number) =>
    Float32Array.from({ length: loop }, (_, turn) => 1 - beta ** (taken + turn + 1));
  return async () => {
    feeds["correction 1"] = feed("correction 1", correction(0.9));
    feeds["correction 2"] = feed("correction 2", correction(0.999));
    const results = await session.run(feeds);
    taken += loop;
    for (const { name } of step.state) feeds[name] = results[`next ${name}`] as Tensor; // safe: it is an output
    const losses = results["loss"]?.data as Float32Array; // safe: so is this
    return [...losses];
  };
}

/** The network at rest, its weights in the file. */
async function classifier({ training, threads }: SideTask): Promise<() => Promise<readonly number[]>> {
  const session = await open(benchNetwork(training.name, training).bytes, threads);
  const { planes, side, batch } = training;
  const images = new Tensor("float32", batchOf(training).images, [batch, planes, side, side]);
  return async () => {
    const results = await session.run({ images });
    const logits = results["logits"]?.data as Float32Array; // safe: the only output
    return [logits.reduce((sum, value) => sum + value, 0)];
  };
}
