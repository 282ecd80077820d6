import type { SessionRecord } from "../onnx/provider.ts";
import type { TrainTask } from "./protocol.ts";
import { Thread } from "./thread.ts";
import type { TrainingAnswer, TrainingAnswers, TrainingRequest } from "./training-thread.ts";

/** The thread that holds a network's weights, as the rest of the child sees it. */
export class TrainingSession {
  readonly record: SessionRecord;
  readonly #thread: Thread<TrainingRequest, TrainingAnswer>;
  #seconds = 0;
  #waitedSeconds = 0;
  #idleSince = performance.now();

  private constructor(thread: Thread<TrainingRequest, TrainingAnswer>, record: SessionRecord) {
    this.#thread = thread;
    this.record = record;
  }

  /** @throws {RemoteError} with the code of whatever went wrong in the thread */
  static async open({ recipe, initial, provider, threads, folder }: TrainTask): Promise<TrainingSession> {
    const thread = new Thread<TrainingRequest, TrainingAnswer>("training-thread");
    const options = {
      recipe,
      provider,
      folder,
      ...(initial === undefined ? {} : { initial }),
      ...(threads === undefined ? {} : { threads }),
    };
    const record = await thread.ask({ kind: "open", options });
    return new TrainingSession(thread, record as SessionRecord); // safe: the answer to "open"
  }

  /** Wall clock inside requests so far, and between them. */
  get seconds(): { readonly busy: number; readonly waited: number } {
    return { busy: this.#seconds, waited: this.#waitedSeconds };
  }

  /**
   * Asks the thread; one request at a time, so that time is counted right.
   *
   * @throws {RemoteError} with the code of whatever went wrong in the thread
   */
  async ask<Kind extends TrainingRequest["kind"]>(
    request: Extract<TrainingRequest, { readonly kind: Kind }>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<TrainingAnswers[Kind]> {
    const from = performance.now();
    this.#waitedSeconds += (from - this.#idleSince) / 1_000;
    const answer = await this.#thread.ask(request, transfer);
    this.#idleSince = performance.now();
    this.#seconds += (this.#idleSince - from) / 1_000;
    return answer as TrainingAnswers[Kind]; // safe: the answer to this kind
  }
}
