import { availableParallelism } from "node:os";
import { reachOfChain } from "../transforms/chain.ts";
import { loadTransforms } from "../transforms/load-transforms.ts";
import type { DecodeAnswer, DecodeRequest } from "./decode-thread.ts";
import { batchSizeFor, imageBatches } from "./image-batches.ts";
import type { OpenedModel } from "./open-model.ts";
import type { Parent } from "./parent.ts";
import type { BatchFiles, PreparedBatch } from "./prepare-batch.ts";
import type { EvaluateTask, ExtraOutputs } from "./protocol.ts";
import type { RunAnswer, SessionAnswer, SessionRequest } from "./session-thread.ts";
import { Tally } from "./tally.ts";
import { Thread } from "./thread.ts";
import { withinSeconds } from "./time-limit.ts";

/** Threads that decode: with more, the disk or the session is what waits. */
const MOST_DECODERS = 8;
/** Batches that stand ready before the session. */
const READY = 2;
const PROGRESS_MS = 500;
/** One batch that takes longer than this will not end. */
export const RUN_SECONDS = 300;

/**
 * Scores every image of a task. Files are read and decoded on threads of their own while the session runs on its own, so
 * that it waits for pixels only when they cost more than the rest of the machine has.
 *
 * @throws {RemoteError} with the code of whatever went wrong in a thread
 */
export async function evaluate(task: EvaluateTask, memoryMiB: number, parent: Parent): Promise<void> {
  const started = performance.now();
  await loadTransforms(task.plugins ?? []);
  const { preprocessing, provider, threads } = task;
  const { rows, cols, planes } = preprocessing;
  const session = new Thread<SessionRequest, SessionAnswer>("session-thread");
  const decoders = Array.from(
    { length: Math.max(1, Math.min(MOST_DECODERS, availableParallelism() - 1)) },
    () => new Thread<DecodeRequest, DecodeAnswer>("decode-thread"),
  );
  const maker = { root: task.root, preprocessing, transforms: task.transforms };
  const options = {
    path: task.modelPath,
    sha256: task.modelSha256,
    trusted: task.trusted ?? false,
    preprocessing,
    output: task.output,
    classes: task.classes,
    provider,
    ...(threads === undefined ? {} : { threads }),
    batch: task.batch ?? batchSizeFor(rows * cols * planes * 4, memoryMiB),
    ...(task.extras === undefined ? {} : { extras: task.extras }),
  };
  const [opened] = await Promise.all([
    withinSeconds(RUN_SECONDS, session.ask({ kind: "open", options })),
    ...decoders.map((decoder) => decoder.ask({ kind: "open", maker, plugins: task.plugins ?? [] })),
  ]);
  const { record, batch } = opened as OpenedModel; // safe: the answer to "open"
  await parent.send({ kind: "started", batch, ...record });

  const tally = new Tally(task, parent, started);
  const timer = setInterval(() => void tally.tell(), PROGRESS_MS);
  const batches = imageBatches(parent.pages(), batch, reachOfChain(task.transforms));
  const runs = new Set<Promise<void>>();
  const seconds = RUN_SECONDS * passesOf(task.extras?.saliency);
  const room = new Room(READY);
  const work = async (decoder: Thread<DecodeRequest, DecodeAnswer>) => {
    for (let next = await batches.next(); !next.done; next = await batches.next()) {
      const ready = await prepared(decoder, next.value);
      await tally.leaveOut(ready);
      await room.enter();
      const run = score(session, ready, tally, seconds).finally(() => {
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
  await session.ask({ kind: "close" });
  await tally.finish();
}

/** How often a batch goes through the model, as long as one that only gives scores takes. */
function passesOf(saliency: ExtraOutputs["saliency"]): number {
  if (saliency === undefined || saliency.method === "class-activation") return 1;
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
  session: Thread<SessionRequest, SessionAnswer>,
  { pixels, ordinals, problems }: PreparedBatch,
  tally: Tally,
  seconds: number,
): Promise<void> {
  const request = { kind: "run", pixels, ordinals } as const;
  const answer = await withinSeconds(seconds, session.ask(request, [pixels.buffer]));
  await tally.take(answer as RunAnswer, { ordinals, problems }); // safe: the answer to "run"
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
