import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ChildMessage, ExtraOutputs } from "../../../compute/child/protocol.ts";
import { readModel, writeModel } from "../../../compute/onnx/model-bytes.ts";
import {
  evaluateTask,
  lastOf,
  runChild,
  ScratchFolder,
  scoresByOrdinal,
  sha256Of,
} from "../../support/child-tasks.ts";
import { readNpy } from "../../support/npy.ts";
import { classifierBytes, graph, model, node, value } from "../../support/onnx-models.ts";

const SIZE = 16;
const FILTERS = 4;
const bytes = classifierBytes({ size: SIZE, classes: 3, filters: FILTERS });

/** A tensor of the classifier's head. */
function weightsOf(name: string): Float32Array {
  const tensor = readModel(bytes).graph?.initializer.find((each) => each.name === name);
  return new Float32Array(Uint8Array.from(tensor?.rawData ?? []).buffer);
}

async function evaluate(
  folder: ScratchFolder,
  extras: Omit<ExtraOutputs, "folder">,
  { isBad = false, model: given = bytes, batch = 4 } = {},
): Promise<{ messages: ChildMessage[]; at: (file: string) => string }> {
  const { files } = await folder.images(9, SIZE);
  if (isBad) files[5] = { ordinal: 5, uri: "gone.png", sha256: "" };
  const into = join(folder.path, "artefacts");
  mkdirSync(into);
  const task = evaluateTask(folder, given, {
    size: SIZE,
    classes: 3,
    batch,
    onBadImage: "skip",
    extras: { folder: into, ...extras },
  });
  return { messages: await runChild(task, { images: [files] }), at: (file) => join(into, file) };
}

describe("an evaluation", () => {
  test("leaves embeddings that give the scores by the model's last layer", async () => {
    using folder = new ScratchFolder();
    const { messages, at } = await evaluate(folder, { embedding: "pooled" });
    const scores = scoresByOrdinal(messages, 3);
    const { shape, values } = readNpy(at("embeddings.npy"));
    expect(shape).toEqual([9, FILTERS]);
    const ordinals = readNpy(at("ordinals.npy"));
    expect(ordinals.shape).toEqual([9]);
    expect([...ordinals.values].sort((a, b) => a - b)).toEqual([...scores.keys()].sort((a, b) => a - b));
    const [weights, bias] = [weightsOf("weights"), weightsOf("bias")];
    for (const [row, ordinal] of ordinals.values.entries()) {
      for (let k = 0; k < 3; k++) {
        let logit = bias[k] ?? 0;
        for (let f = 0; f < FILTERS; f++)
          logit += (values[row * FILTERS + f] ?? 0) * (weights[f * 3 + k] ?? 0);
        expect(logit).toBeCloseTo(scores.get(ordinal)?.[k] ?? Number.NaN, 5);
      }
    }
    const last = lastOf(messages);
    expect(last).toMatchObject({ kind: "done" });
    for (const artefact of (last.kind === "done" && last.artefacts) || []) {
      expect(artefact.sha256).toBe(sha256Of(readFileSync(at(artefact.file))));
      expect(artefact.shape).toEqual(readNpy(at(artefact.file)).shape);
    }
  });

  test("leaves class activation maps whose mean is the class's logit less its bias", async () => {
    using folder = new ScratchFolder();
    const { messages, at } = await evaluate(folder, {
      saliency: { method: "class-activation", classIndex: 2 },
      embedding: "kept",
    });
    const scores = scoresByOrdinal(messages, 3);
    const { shape, values } = readNpy(at("saliency.npy"));
    expect(shape).toEqual([9, SIZE, SIZE]);
    expect(readNpy(at("embeddings.npy")).shape).toEqual([9, FILTERS * SIZE * SIZE]);
    for (const [row, ordinal] of readNpy(at("ordinals.npy")).values.entries()) {
      const map = values.slice(row * SIZE * SIZE, (row + 1) * SIZE * SIZE);
      const mean = map.reduce((sum, each) => sum + each, 0) / map.length;
      expect(mean + (weightsOf("bias")[2] ?? 0)).toBeCloseTo(scores.get(ordinal)?.[2] ?? Number.NaN, 4);
    }
    const last = lastOf(messages);
    const told =
      (last.kind === "done" && last.artefacts?.find(({ file }) => file === "saliency.npy")?.mean) ||
      undefined;
    expect(told).toMatchObject({ images: 9, rows: SIZE, cols: SIZE });
    for (const [at, value] of (told?.values ?? []).entries()) {
      const ofPlace = Array.from({ length: 9 }, (_, row) => values[row * SIZE * SIZE + at] ?? Number.NaN);
      expect(value).toBeCloseTo(ofPlace.reduce((sum, each) => sum + each, 0) / 9, 4);
    }
  });

  test("leaves maps by derivatives, the same each time and whatever the batch, and the same scores", async () => {
    using plain = new ScratchFolder();
    const { files } = await plain.images(9, SIZE);
    const task = evaluateTask(plain, bytes, { size: SIZE, classes: 3, batch: 4 });
    const expected = scoresByOrdinal(await runChild(task, { images: [files] }), 3);
    const rowsOf = async (saliency: NonNullable<ExtraOutputs["saliency"]>, batch: number) => {
      using folder = new ScratchFolder();
      const { messages, at } = await evaluate(folder, { saliency }, { batch, isBad: true });
      const scores = scoresByOrdinal(messages, 3);
      for (const [ordinal, row] of scores) expect(row).toEqual(expected.get(ordinal));
      const { shape, values } = readNpy(at("saliency.npy"));
      expect(shape).toEqual([8, SIZE, SIZE]);
      const ordinals = [...readNpy(at("ordinals.npy")).values];
      const size = SIZE * SIZE;
      return new Map(ordinals.map((ordinal, row) => [ordinal, values.slice(row * size, (row + 1) * size)]));
    };
    const smooth = { method: "smoothgrad", samples: 3, noise: 0.2, seed: 1, classIndex: 2 } as const;
    const first = await rowsOf(smooth, 4);
    const other = await rowsOf({ ...smooth, seed: 2 }, 4);
    const bare = await rowsOf({ method: "gradient", classIndex: 2 }, 9);
    const again = await rowsOf(smooth, 3);
    for (const [ordinal, map] of first) {
      expect(again.get(ordinal)).toEqual(map);
      expect(other.get(ordinal)).not.toEqual(map);
      expect(bare.get(ordinal)).not.toEqual(map);
    }
  });

  test("leaves no rows of images that were left out", async () => {
    using folder = new ScratchFolder();
    const { messages, at } = await evaluate(folder, { embedding: "pooled" }, { isBad: true });
    expect(scoresByOrdinal(messages, 3).size).toBe(8);
    expect(readNpy(at("ordinals.npy")).values).not.toContain(5);
    expect(readNpy(at("embeddings.npy")).shape).toEqual([8, FILTERS]);
  });

  test("refuses layers that are not there, and maps of a model without a linear layer", async () => {
    using folder = new ScratchFolder();
    const { messages } = await evaluate(folder, { embedding: "no such layer" });
    expect(messages).toEqual([expect.objectContaining({ kind: "failed", code: "MODEL_SIGNATURE_MISMATCH" })]);
    const headless = writeModel(
      model(
        graph({
          node: [
            node("GlobalMaxPool", ["image"], ["largest"]),
            node("Flatten", ["largest"], ["flat"]),
            node("Concat", ["flat", "flat", "flat"], ["logits"], { axis: 1n }),
          ],
          input: [value("image", ["n", 1, SIZE, SIZE])],
          output: [value("logits", ["n", 3])],
        }),
      ),
    );
    using other = new ScratchFolder();
    expect(
      (
        await evaluate(
          other,
          { saliency: { method: "class-activation", classIndex: 0 } },
          { model: headless },
        )
      ).messages,
    ).toEqual([expect.objectContaining({ kind: "failed", code: "MODEL_SIGNATURE_MISMATCH" })]);
  });

  const numpy = findNumpy();
  test.skipIf(numpy === undefined)("leaves files that NumPy reads", async () => {
    using folder = new ScratchFolder();
    const { at } = await evaluate(folder, { saliency: { method: "class-activation", classIndex: 0 } });
    const script = `import numpy, sys; a = numpy.load(sys.argv[1]); print(a.dtype, a.shape)`;
    const told = execFileSync(numpy ?? "", ["-c", script, at("saliency.npy")], { encoding: "utf8" });
    expect(told.trim()).toBe(`float32 (9, ${SIZE}, ${SIZE})`);
  });
});

function findNumpy(): string | undefined {
  try {
    execFileSync("/usr/bin/python3", ["-c", "from numpy import frombuffer"], { stdio: "ignore" });
    return "/usr/bin/python3";
  } catch {
    process.stderr.write("SKIPPED: reading artefacts with NumPy: python3 with numpy is not here\n");
    return undefined;
  }
}
