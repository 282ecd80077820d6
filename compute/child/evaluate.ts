import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { differentiates, type SaliencySpec } from "../onnx/saliency/saliency-method.ts";
import { occlusionOf, reachOfChain, withoutOcclusion } from "../transforms/chain.ts";
import { loadTransforms } from "../transforms/load-transforms.ts";
import type { DecodeAnswer, DecodeRequest } from "./decode-thread.ts";
import { batchBytes, batchSizeFor, imageBatches } from "./image-batches.ts";
import type { Parent } from "./parent.ts";
import { shareOfCache } from "./pixel-cache.ts";
import type { BatchFiles, PreparedBatch } from "./prepare-batch.ts";
import type { EvaluateTask } from "./protocol.ts";
import { SessionPool, shareProcessors } from "./session-pool.ts";
import { Tally } from "./tally.ts";
import { Thread } from "./thread.ts";
import { withinSeconds } from "./time-limit.ts";

/** Threads that decode: with more, the disk or the session is what waits. */
const MOST_DECODERS = 8;
/** Batches that a session has: one runs, one waits. */
const READY = 2;
const PROGRESS_MS = 500;
/** One batch that takes longer than this will not end. */
export const RUN_SECONDS = 300;

/**
 * Scores every image of a task. Files are read and decoded on threads of their own while the sessions run on theirs, so
 * that they wait for pixels only when those cost more than the rest of the machine has.
 *
 * @throws {RemoteError} with the code of whatever went wrong in a thread
 */
export async function evaluate(task: EvaluateTask, memoryMiB: number, parent: Parent): Promise<void> {
  const started = performance.now();
  await loadTransforms(task.plugins ?? []);
  const { preprocessing, provider } = task;
  const { rows, cols, planes } = preprocessing;
  const inputBytes = rows * cols * planes * 4;
  const usual = batchSizeFor(inputBytes, memoryMiB);
  const asked = task.batch ?? usual;
  const share = await shareOf(task, memoryMiB, batchBytes(inputBytes, usual));
  const pool = new SessionPool(Math.min(share.sessions, Math.max(1, Math.ceil(task.total / asked))));
  const decoders = Array.from(
    { length: Math.max(1, Math.min(MOST_DECODERS, availableParallelism() - 1)) },
    () => new Thread<DecodeRequest, DecodeAnswer>("decode-thread"),
  );
  const occlusion = occlusionOf(task.transforms);
  const maker = {
    root: task.root,
    preprocessing,
    transforms: withoutOcclusion(task.transforms),
    maskRoots: task.maskRoots ?? {},
  };
  const options = {
    path: task.modelPath,
    sha256: task.modelSha256,
    trusted: task.trusted ?? false,
    preprocessing,
    output: task.output,
    classes: task.classes,
    provider,
    threads: share.threads,
    batch: asked,
    ...(task.extras === undefined ? {} : { extras: task.extras }),
    ...(occlusion === undefined ? {} : { occlusion }),
  };
  const cache = await shareOfCache(task.pixelCache, decoders.length);
  const [{ record, batch }] = await Promise.all([
    withinSeconds(RUN_SECONDS, pool.open(options)),
    ...decoders.map((decoder) =>
      decoder.ask({
        kind: "open",
        maker,
        plugins: task.plugins ?? [],
        ...(cache === undefined ? {} : { cache }),
      }),
    ),
  ]);
  // A model may insist on batches of its own, which may be too large for several.
  await pool.keep(Math.max(1, Math.min(pool.size, Math.floor((share.sessions * usual) / batch))));
  await parent.send({ kind: "started", batch, sessions: pool.size, ...record });

  const tally = new Tally(task, parent, { started, sessions: pool.size });
  const timer = setInterval(() => void tally.tell(), PROGRESS_MS);
  const batches = imageBatches(parent.pages(), batch, reachOfChain(task.transforms));
  const runs = new Set<Promise<void>>();
  const seconds =
    RUN_SECONDS *
    (passesOf(task.extras?.saliency ?? occlusion?.saliency) + (occlusion === undefined ? 0 : 1));
  const room = new Room(READY * pool.size);
  const work = async (decoder: Thread<DecodeRequest, DecodeAnswer>) => {
    for (let next = await batches.next(); !next.done; next = await batches.next()) {
      const ready = await prepared(decoder, next.value);
      await tally.leaveOut(ready);
      await room.enter();
      const run = score(pool, ready, tally, seconds).finally(() => {
        runs.delete(run);
        room.leave();
      });
      // A failure is seen below; until then nothing more is started.
      run.catch(() => undefined);
      runs.add(run);
    }
  };
  await Promise.all(decoders.map(work));
  await Promise.all(runs);
  clearInterval(timer);
  await pool.keep(0);
  await tally.finish();
}

/**
 * On the processor several sessions share its threads. With files of further outputs it is one: they hold more memory, and
 * their rows are in the order of the images; with maps that blot out, which hold more too, as well.
 */
async function shareOf(
  task: EvaluateTask,
  memoryMiB: number,
  batchHolds: number,
): Promise<{ readonly sessions: number; readonly threads: number }> {
  const processors = task.threads ?? availableParallelism();
  const holdsMore = task.extras !== undefined || occlusionOf(task.transforms) !== undefined;
  if (task.provider !== "cpu" || holdsMore) return { sessions: 1, threads: processors };
  // A file that is not there is refused with its code when it is opened.
  const { size: modelBytes } = await stat(task.modelPath).catch(() => ({ size: 0 }));
  return shareProcessors({ processors, memoryMiB, modelBytes, batchBytes: batchHolds });
}

/** How often a batch goes through the model, as long as one that only gives scores takes. */
function passesOf(saliency: SaliencySpec | undefined): number {
  if (saliency === undefined || !differentiates(saliency)) return 1;
  // Forth and back is three times forth; the first time also by the referee.
  return 7 + (saliency.method === "smoothgrad" ? 3 * saliency.samples : 0);
}

async function prepared(
  decoder: Thread<DecodeRequest, DecodeAnswer>,
  files: BatchFiles,
): Promise<PreparedBatch> {
  const answer = await withinSeconds(RUN_SECONDS, decoder.ask({ kind: "prepare", files }));
  if (answer === undefined) throw new Error("Expected a batch of a decoding thread, got nothing");
  return answer;
}

async function score(
  pool: SessionPool,
  { pixels, ordinals, problems }: PreparedBatch,
  tally: Tally,
  seconds: number,
): Promise<void> {
  const answer = await pool.run({ kind: "run", pixels, ordinals }, seconds);
  await tally.take(answer, { ordinals, problems });
}

/** Lets so many in; others wait their turn. */
class Room {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
