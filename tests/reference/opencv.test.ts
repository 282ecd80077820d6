import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../api/package-root.ts";
import { type ArchitectureName, architectures } from "../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../compute/onnx/networks/initialise.ts";
import { buildNetwork } from "../../compute/onnx/networks/network.ts";
import { runModelOnce } from "../../compute/onnx/run-model.ts";
import { RandomStream } from "../../compute/random.ts";
import { bakedNetwork } from "../../compute/trainers/baked-network.ts";
import { modelFile } from "../../compute/trainers/model-file.ts";
import { ScratchFolder } from "../support/child-tasks.ts";

// The referee is OpenCV's dnn module (Debian's python3-opencv), which reads ONNX by itself: what a training leaves is plain
// enough for a tool that shares nothing with onnxruntime.
const runner = join(packageRoot, "tests/reference/runners/opencv-scores.py");
const python = ["/usr/bin/python3", "python3"].find(
  (candidate) => spawnSync(candidate, ["-c", "import cv2"]).status === 0,
);
const shape = { batch: 1, planes: 1, rows: 64, cols: 64, classes: 3 };
// Safe: the keys of the table. MobileNetV2's Clip has its bounds as inputs, as ONNX has it since operator set 11: OpenCV 4.6
// does not read that.
const names = (Object.keys(architectures) as readonly ArchitectureName[]).filter(
  (name) => name !== "mobilenet_v2",
);

/** A finished model of drawn numbers, as a training leaves it. */
function finished(name: ArchitectureName): Uint8Array {
  const { network, logits } = buildNetwork(architectures[name], "inference", shape);
  network.graph.output("logits", logits);
  const stream = new RandomStream(7);
  const numbers = new Map<string, Float32Array>();
  for (const { name: key, shape: size, initial } of network.parameters)
    numbers.set(key, initialNumbers(key, size, initial, 3));
  for (const { name: key, shape: size, initial } of network.statistics) {
    numbers.set(
      key,
      Float32Array.from({ length: size[0] ?? 0 }, () => initial + 0.2 * stream.uniform()),
    );
  }
  return modelFile(bakedNetwork(network.graph, numbers, "Softmax"), { key: "value" }, true);
}

describe("a finished model", { timeout: 120_000 }, () => {
  test.skipIf(python === undefined).each(names)(
    "of %s scores in OpenCV as in onnxruntime (SKIPPED where python3 has no cv2)",
    async (name) => {
      using folder = new ScratchFolder();
      const bytes = finished(name);
      const stream = new RandomStream(11);
      const data = Float32Array.from({ length: 64 * 64 }, () => stream.normal());
      writeFileSync(join(folder.path, "model.onnx"), bytes);
      writeFileSync(join(folder.path, "images.f32"), Buffer.from(data.buffer));
      execFileSync(python ?? "", [runner, folder.path, "1,1,64,64"], {
        stdio: ["ignore", "ignore", "inherit"],
      });
      const scores = new Float32Array(new Uint8Array(readFileSync(join(folder.path, "scores.f32"))).buffer);
      const expected = await runModelOnce(bytes, { images: { type: "float", shape: [1, 1, 64, 64], data } });
      expect(scores).toHaveLength(3);
      for (const [k, score] of Array.from(expected["scores"]?.data ?? [], Number).entries())
        expect(scores[k]).toBeCloseTo(score, 4);
    },
  );
});
