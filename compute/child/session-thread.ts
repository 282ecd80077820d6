import type { ExtraRows } from "./extra-values.ts";
import { type OpenedModel, type OpenModel, type OpenModelOptions, openModel } from "./open-model.ts";
import { serveThread } from "./thread.ts";

/** Asks the session's thread to open a model, to run it, or to let it go. */
export type SessionRequest =
  | { readonly kind: "open"; readonly options: OpenModelOptions }
  | {
      readonly kind: "run";
      readonly pixels: Float32Array<ArrayBuffer>;
      /** One an image that counts; the batch may be filled up behind them. */
      readonly ordinals: Uint32Array;
    }
  | { readonly kind: "close" };

/** Scores of a run. */
export interface RunAnswer {
  /** Length images * classes. */
  readonly scores: Float32Array<ArrayBuffer>;
  /** Wall clock of the run, and how long the session had stood ready before it. */
  readonly seconds: number;
  readonly waitedSeconds: number;
  /** Largest difference from the processor's scores; of the first run on another provider. */
  readonly disagreement?: number;
  readonly extras: readonly ExtraRows[];
  /** Pixels blotted out of each image, where some were to be. */
  readonly occluded?: Uint32Array;
}

export type SessionAnswer = OpenedModel | RunAnswer | undefined;

let model: OpenModel | undefined;
let readySince = 0;

serveThread<SessionRequest, SessionAnswer>(async (request) => {
  if (request.kind === "open") {
    model = await openModel(request.options);
    readySince = performance.now();
    return { value: model.opened };
  }
  if (model === undefined) throw new Error("Expected to be opened first");
  if (request.kind === "close") {
    await model[Symbol.asyncDispose]();
    return { value: undefined };
  }
  const from = performance.now();
  const { scores, extras, disagreement, occluded } = await model.scores(request.pixels, request.ordinals);
  const to = performance.now();
  const value: RunAnswer = {
    scores,
    extras,
    seconds: (to - from) / 1_000,
    waitedSeconds: (from - readySince) / 1_000,
    ...(disagreement === undefined ? {} : { disagreement }),
    ...(occluded === undefined ? {} : { occluded }),
  };
  readySince = performance.now();
  return { value, transfer: [scores.buffer, ...extras.map(({ values }) => values.buffer)] };
});
