import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deviceEnvironment } from "../../../compute/child/device-environment.ts";
import { writeModel } from "../../../compute/onnx/model-bytes.ts";
import { evaluateTask, lastOf, runChild, ScratchFolder, scoresByOrdinal } from "../../support/child-tasks.ts";
import { readNpy } from "../../support/npy.ts";
import { classifierBytes, floats, graph, model, node, value } from "../../support/onnx-models.ts";

const SIZE = 16;
/** The software Vulkan driver that Debian's chromium brings: slow, and the same everywhere. */
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";
const given = deviceEnvironment(process.env);
const isGiven = given["VK_ICD_FILENAMES"] !== undefined || given["VK_DRIVER_FILES"] !== undefined;
const device = isGiven
  ? given
  : existsSync(softwareDriver)
    ? { ...given, VK_ICD_FILENAMES: softwareDriver }
    : undefined;
if (device === undefined) {
  process.stderr.write("SKIPPED: sessions on webgpu: there is no Vulkan driver (VK_ICD_FILENAMES) here\n");
}

/** Grouped and strided convolutions, pooling and sizes worked out at run time, as exporters write them. */
function largerModel(): Uint8Array {
  const weights = (name: string, dims: number[]) =>
    floats(
      name,
      dims,
      Float32Array.from({ length: 97 }, (_, i) => Math.sin(i * 1.7) / 4),
    );
  return writeModel(
    model(
      graph({
        node: [
          node("Conv", ["image", "k1"], ["a"], { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n] }),
          node("Relu", ["a"], ["b"]),
          node("Conv", ["b", "k2"], ["c"], { kernel_shape: [3n, 3n], group: 4n, strides: [2n, 2n] }),
          node("Sigmoid", ["c"], ["d"]),
          node("MaxPool", ["d"], ["e"], { kernel_shape: [2n, 2n], strides: [2n, 2n] }),
          node("Shape", ["e"], ["shape"]),
          node("Gather", ["shape", "zero"], ["n"], { axis: 0n }),
          node("Concat", ["n", "rest"], ["flatShape"], { axis: 0n }),
          node("Reshape", ["e", "flatShape"], ["flat"]),
          node("MatMul", ["flat", "w"], ["logits"]),
        ],
        initializer: [
          weights("k1", [24, 1, 3, 3]),
          weights("k2", [24, 6, 3, 3]),
          weights("w", [24 * 9, 3]),
          { ...floats("zero", [1], [0]), dataType: 7, rawData: new Uint8Array(8) },
          { ...floats("rest", [1], [0]), dataType: 7, rawData: new Uint8Array(8).fill(255) },
        ],
        input: [value("image", ["n", 1, SIZE, SIZE])],
        output: [value("logits", ["n", 3])],
      }),
    ),
  );
}

async function evaluate(
  bytes: Uint8Array,
  provider: "cpu" | "webgpu" | "cuda",
  env: Readonly<Record<string, string>>,
  classes = 2,
) {
  using folder = new ScratchFolder();
  const { files } = await folder.images(5, SIZE);
  const task = evaluateTask(folder, bytes, { size: SIZE, provider, batch: 2, classes });
  return await runChild(task, { images: [files], env });
}

describe("a session", () => {
  test.skipIf(device === undefined)("on webgpu gives the scores of the processor", async () => {
    for (const [bytes, classes] of [
      [classifierBytes({ size: SIZE }), 2],
      [largerModel(), 3],
    ] as const) {
      const expected = scoresByOrdinal(await evaluate(bytes, "cpu", {}, classes), classes);
      const messages = await evaluate(bytes, "webgpu", device ?? {}, classes);
      expect(messages[0]).toMatchObject({
        kind: "started",
        provider: "webgpu",
        device: expect.stringMatching(/^webgpu /),
      });
      const scores = scoresByOrdinal(messages, classes);
      expect(scores.size).toBe(5);
      for (const [ordinal, row] of expected) {
        for (const [i, score] of row.entries()) {
          const difference = Math.abs((scores.get(ordinal)?.[i] ?? Number.NaN) - score);
          expect(difference).toBeLessThan(1e-5 * Math.max(1, Math.abs(score)));
        }
      }
      expect(lastOf(messages)).toMatchObject({ kind: "done", disagreement: expect.any(Number) });
    }
  });

  test.skipIf(device === undefined)("on webgpu gives the maps of the processor", async () => {
    const maps = async (provider: "cpu" | "webgpu", env: Readonly<Record<string, string>>) => {
      using folder = new ScratchFolder();
      const { files } = await folder.images(3, SIZE);
      const into = join(folder.path, "artefacts");
      mkdirSync(into);
      const saliency = { method: "gradient", classIndex: 1 } as const;
      const extras = { folder: into, saliency };
      const task = evaluateTask(folder, largerModel(), {
        size: SIZE,
        provider,
        batch: 2,
        classes: 3,
        extras,
      });
      expect(lastOf(await runChild(task, { images: [files], env }))).toMatchObject({ kind: "done" });
      return readNpy(join(into, "saliency.npy"));
    };
    const expected = await maps("cpu", {});
    const found = await maps("webgpu", device ?? {});
    expect(found.shape).toEqual([3, SIZE, SIZE]);
    const largest = Math.max(...expected.values.map(Math.abs));
    expect(largest).toBeGreaterThan(0);
    for (const [k, value] of expected.values.entries()) {
      expect(Math.abs((found.values[k] ?? Number.NaN) - value)).toBeLessThan(1e-4 * largest);
    }
  });

  test("on webgpu without a device is refused, never run on the processor", async () => {
    const messages = await evaluate(classifierBytes({ size: SIZE }), "webgpu", {
      VK_ICD_FILENAMES: "/nowhere.json",
      VK_DRIVER_FILES: "/nowhere.json",
    });
    expect(messages).toEqual([expect.objectContaining({ kind: "failed", code: "PROVIDER_UNAVAILABLE" })]);
  });

  test("on cuda without its libraries is refused, never run on the processor", async () => {
    const messages = await evaluate(classifierBytes({ size: SIZE }), "cuda", {});
    expect(messages).toEqual([expect.objectContaining({ kind: "failed", code: "PROVIDER_UNAVAILABLE" })]);
  });

  test.skipIf(device === undefined)("on webgpu refuses what webgpu cannot run", async () => {
    // float64 has no place on a graphics device.
    const bytes = writeModel(
      model(
        graph({
          node: [
            node("GlobalAveragePool", ["image"], ["pooled"]),
            node("Flatten", ["pooled"], ["flat"]),
            node("Cast", ["flat"], ["double"], { to: 11n }),
            node("MatMul", ["double", "w"], ["scored"]),
            node("Cast", ["scored"], ["logits"], { to: 1n }),
          ],
          initializer: [{ ...floats("w", [1, 2], []), dataType: 11, rawData: new Uint8Array(16) }],
          input: [value("image", ["n", 1, SIZE, SIZE])],
          output: [value("logits", ["n", 2])],
        }),
      ),
    );
    expect(await evaluate(bytes, "cpu", {})).toContainEqual(expect.objectContaining({ kind: "done" }));
    expect(await evaluate(bytes, "webgpu", device ?? {})).toEqual([
      expect.objectContaining({ kind: "failed", code: "PROVIDER_UNAVAILABLE" }),
    ]);
  });
});
