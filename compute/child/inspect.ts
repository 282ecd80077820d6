import { stat } from "node:fs/promises";
import { inspectModel } from "../onnx/inspect-model.ts";
import { type OpenedModel, readModelFile } from "./open-model.ts";
import type { Parent } from "./parent.ts";
import type { InspectTask, ProbeTask } from "./protocol.ts";
import type { RunAnswer, SessionAnswer, SessionRequest } from "./session-thread.ts";
import { Thread } from "./thread.ts";
import { withinSeconds } from "./time-limit.ts";

/** A model that needs longer for one image scores no dataset; a bomb is over by then. */
const PROBE_SECONDS = 10;
/** And a second more for each so many bytes that must be read and packed first. */
const BYTES_A_SECOND = 20e6;

/** Reads a model's signature. */
export async function inspect({ modelPath, maxBytes }: InspectTask, parent: Parent): Promise<void> {
  const started = performance.now();
  const { bytes, sha256 } = await readModelFile(modelPath, maxBytes);
  const signature = inspectModel(bytes, maxBytes === undefined ? {} : { maxBytes });
  await parent.send({ kind: "inspected", sha256, signature });
  await parent.send({ kind: "done", done: 0, leftOut: 0, ...spent(started, undefined) });
}

/** Opens a model and scores one grey image. */
export async function probe(task: ProbeTask, parent: Parent): Promise<void> {
  const started = performance.now();
  const { preprocessing, output, classes, modelPath: path, modelSha256: sha256 } = task;
  const { rows, cols, planes } = preprocessing;
  const session = new Thread<SessionRequest, SessionAnswer>("session-thread");
  const provider = task.provider ?? "cpu";
  const options = {
    path,
    sha256,
    trusted: task.trusted ?? false,
    preprocessing,
    output,
    classes,
    provider,
    batch: 1,
  };
  // A file that is not there is refused by the thread.
  const size = await stat(path).then(
    (status) => status.size,
    () => 0,
  );
  const seconds = task.seconds ?? PROBE_SECONDS + size / BYTES_A_SECOND;
  const opened = await withinSeconds(seconds, session.ask({ kind: "open", options }));
  const { record, batch } = opened as OpenedModel; // safe: the answer to "open"
  await parent.send({ kind: "started", batch, ...record });
  const pixels = new Float32Array(batch * planes * rows * cols);
  const answer = await withinSeconds(
    seconds,
    session.ask({ kind: "run", pixels, ordinals: new Uint32Array(batch) }),
  );
  await session.ask({ kind: "close" });
  await parent.send({ kind: "done", done: 1, leftOut: 0, ...spent(started, answer as RunAnswer) }); // safe: "run"
}

function spent(started: number, answer: RunAnswer | undefined) {
  return {
    seconds: (performance.now() - started) / 1_000,
    sessionSeconds: answer?.seconds ?? 0,
    waitingSeconds: 0,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
    ...(answer?.disagreement === undefined ? {} : { disagreement: answer.disagreement }),
  };
}
