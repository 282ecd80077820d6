import { beforeAll, describe, expect, test } from "vitest";
import { runModelOnce } from "../../../../compute/onnx/run-model.ts";
import { parseSaliency, type SaliencyRequest } from "../../../../compute/onnx/saliency/saliency-method.ts";
import { openSaliency } from "../../../../compute/onnx/saliency/saliency-session.ts";
import { RandomStream } from "../../../../compute/random.ts";
import { BATCH, isInPatch, plantedImages, plantedNetwork, SIDE } from "../../../support/planted-network.ts";

/** Images of class 1 have a patch of stripes, the others none. */
const stripes = (isOfClass1: boolean, _row: number, col: number) =>
  isOfClass1 ? (col % 2 === 0 ? 2 : -2) : 0;

describe("a network that has learnt to see a planted patch", () => {
  let bytes: Uint8Array = new Uint8Array();
  beforeAll(async () => {
    bytes = await plantedNetwork(stripes);
  });

  // A map that knows nothing of the patch has a share of 1.
  test.each<SaliencyRequest>([
    { method: "gradient" },
    { method: "smoothgrad", samples: 8, noise: 0.1 },
    { method: "grad-cam" },
  ])("looks at it by %j: 2.5 times its share of the image and more", async (request) => {
    const { corners, pixels } = plantedImages(BATCH, new RandomStream(4), stripes);
    const feeds = { images: { type: "float", shape: [BATCH, 1, SIDE, SIDE], data: pixels } } as const;
    const scores = (await runModelOnce(bytes, feeds))["logits"]?.data as Float32Array;
    for (let image = 0; image < BATCH; image += 1) {
      const isSeen = (scores[2 * image + 1] ?? 0) > (scores[2 * image] ?? 0);
      expect(isSeen).toBe(image % 2 === 1);
    }
    const spec = parseSaliency(request);
    if (spec.method === "class-activation") throw new Error("Expected a method by differentiation");
    const sides = { planes: 1, rows: SIDE, cols: SIDE, batch: BATCH };
    await using session = await openSaliency({
      ...{ bytes, input: "images", output: "logits", ...sides },
      ...{ classes: 2, classIndex: 1, spec, provider: "cpu", threads: 1 },
    });
    const { values, rows, cols } = await session.maps(
      pixels,
      Array.from({ length: BATCH }, (_, i) => i),
      scores,
    );
    for (let image = 1; image < BATCH; image += 2) {
      let [inside, whole, area] = [0, 0, 0];
      for (let at = 0; at < SIDE * SIDE; at += 1) {
        const [row, col] = [Math.floor(at / SIDE), at % SIDE];
        const place = Math.floor((row * rows) / SIDE) * cols + Math.floor((col * cols) / SIDE);
        const mass = Math.abs(values[image * rows * cols + place] ?? 0);
        // A layer's field reaches beyond the patch.
        const counts = isInPatch(corners[image] ?? [], row, col, 2);
        whole += mass;
        if (counts) [inside, area] = [inside + mass, area + 1];
      }
      const share = inside / whole / (area / SIDE / SIDE);
      expect(share).toBeGreaterThan(2.5);
    }
  });
});
