import { expect, test } from "vitest";
import { startComputeChild } from "../../../compute/child/start-child.ts";
import { crossValidate } from "../../../compute/confounders/cross-validate.ts";
import type { ConfounderRows } from "../../../compute/confounders/feature-columns.ts";
import { patientFolds } from "../../../compute/confounders/patient-folds.ts";
import { confounderModelIds } from "../../../compute/protocols/schema.ts";
import { RandomStream } from "../../../compute/random.ts";
import { lastOf, runChild, ScratchFolder } from "../../support/child-tasks.ts";

function rowsOf(patients: number): ConfounderRows {
  const stream = new RandomStream(4);
  const truth = Int32Array.from({ length: patients }, (_, row) => row % 2);
  return {
    classes: ["a", "b"],
    truth,
    patients: Uint32Array.from({ length: patients }, (_, row) => row),
    columns: [
      { name: "age", kind: "number", values: Float64Array.from(truth, (code) => code + stream.normal()) },
    ],
  };
}

test.each(confounderModelIds)(
  "a child gives the out-of-fold scores of %s, and says which fold it is at",
  async (model) => {
    const rows = rowsOf(120);
    const validation = { model, folds: 3, seed: 5 } as const;
    const scores = new Float32Array(240);
    const folds: number[] = [];
    const kinds: string[] = [];
    for await (const message of startComputeChild({ kind: "confounders", rows, validation })) {
      if (message.kind === "progress") folds.push(message.done);
      else kinds.push(message.kind);
      if (message.kind !== "scores") continue;
      for (const [place, ordinal] of message.ordinals.entries()) {
        scores.set(message.scores.subarray(2 * place, 2 * place + 2), 2 * ordinal);
      }
    }
    expect(kinds).toEqual(["scores", "done"]);
    expect(folds).toEqual([1, 2, 3]);
    expect(scores).toEqual(await crossValidate(rows, validation));
  },
);

test("a child leaves out images that cannot be read where it may, and neither learns from them nor scores them", async () => {
  using folder = new ScratchFolder();
  const { files } = await folder.images(60, 8);
  const images = files.map((file) => (file.ordinal === 7 ? { ...file, sha256: "0".repeat(64) } : file));
  const rows = { ...rowsOf(60), columns: [] };
  const statistic = { kind: "thresholds", thresholds: [0, 0.5] } as const;
  const validation = { model: "logistic_regression", folds: 3, seed: 5 } as const;
  const messagesOf = async (onBadImage: "fail" | "skip") => {
    const pixels = { statistic, root: folder.path, onBadImage };
    return runChild({ kind: "confounders", rows, validation, pixels }, { images: [images] });
  };
  const skipped = await messagesOf("skip");
  expect(skipped).toContainEqual({ kind: "problem", ordinal: 7, code: "IMAGE_CHANGED" });
  expect(lastOf(skipped)).toMatchObject({ kind: "done", done: 59, leftOut: 1 });
  const scored = skipped.flatMap((message) => (message.kind === "scores" ? [...message.ordinals] : []));
  expect(scored).toEqual(files.map(({ ordinal }) => ordinal).filter((ordinal) => ordinal !== 7));
  expect(lastOf(await messagesOf("fail"))).toMatchObject({
    kind: "failed",
    code: "IMAGE_CHANGED",
    ordinal: 7,
  });
});

test("a child says how many rows train only, and gives them no score", async () => {
  const rows = rowsOf(60);
  const validation = { model: "logistic_regression", folds: 3, seed: 5, scheme: "progressive" } as const;
  const messages = await runChild({ kind: "confounders", rows, validation });
  expect(lastOf(messages)).toMatchObject({ kind: "done", done: 40, leftOut: 20, onlyTrained: 20 });
  const scored = messages.flatMap((message) => (message.kind === "scores" ? [...message.ordinals] : []));
  const first = patientFolds(rows, 3, 5);
  expect(scored).toEqual([...first.keys()].filter((row) => first[row] !== 0));
});

test("a child refuses with the code of what is wrong", async () => {
  const rows = { ...rowsOf(10), classes: ["a", "b", "c"] };
  const validation = { model: "logistic_regression", folds: 3, seed: 5 } as const;
  const messages = [];
  for await (const message of startComputeChild({ kind: "confounders", rows, validation }))
    messages.push(message);
  expect(messages).toMatchObject([{ kind: "failed", code: "INVALID_INPUT" }]);
});
