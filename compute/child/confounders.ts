import { crossValidate } from "../confounders/cross-validate.ts";
import type { Parent } from "./parent.ts";
import type { ConfoundersTask } from "./protocol.ts";

/** Rows of scores a message. */
const ROWS = 65_536;

/** Cross-validates a model of what is recorded; no file is opened. */
export async function confounders({ rows, validation }: ConfoundersTask, parent: Parent): Promise<void> {
  const started = performance.now();
  const { folds } = validation;
  const seconds = () => (performance.now() - started) / 1_000;
  const count = rows.truth.length;
  const scores = await crossValidate(rows, validation, (done) =>
    parent.send({
      kind: "progress",
      done,
      total: folds,
      perSecond: (count * done) / folds / Math.max(seconds(), 1e-3),
    }),
  );
  const classes = rows.classes.length;
  for (let row = 0; row < count; row += ROWS) {
    const end = Math.min(count, row + ROWS);
    await parent.send({
      kind: "scores",
      ordinals: Uint32Array.from({ length: end - row }, (_, place) => row + place),
      scores: scores.slice(row * classes, end * classes),
    });
  }
  await parent.send({
    kind: "done",
    done: count,
    leftOut: 0,
    seconds: seconds(),
    sessionSeconds: 0,
    waitingSeconds: 0,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
  });
}
