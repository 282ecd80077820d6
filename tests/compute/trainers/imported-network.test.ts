import { describe, expect, test } from "vitest";
import type { Constant } from "../../../compute/onnx/graph/graph.ts";
import { modelOf } from "../../../compute/onnx/graph/to-model.ts";
import { bakedModel } from "../../../compute/onnx/import/import-graph.ts";
import { architectures } from "../../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../../compute/onnx/networks/initialise.ts";
import { buildNetwork } from "../../../compute/onnx/networks/network.ts";
import { runModelOnce } from "../../../compute/onnx/run-model.ts";
import { RandomStream } from "../../../compute/random.ts";
import { bakedNetwork } from "../../../compute/trainers/baked-network.ts";
import { freeBatch } from "../../../compute/trainers/free-batch.ts";
import { importedStart } from "../../../compute/trainers/imported-network.ts";
import { NetworkSession } from "../../../compute/trainers/network-session.ts";
import { trainedNetwork } from "../../../compute/trainers/trained-network.ts";
import { SIDE, trainingRecipe } from "../../support/training-tasks.ts";

const BATCH = 4;
const stream = new RandomStream(3);
const images = Float32Array.from({ length: BATCH * SIDE * SIDE }, () => stream.normal());
const targets = Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1);

/** A small CNN with statistics of its own, as a file for `batch` images: batch norms as they are, or folded. */
function classifier(kind: "plain" | "folded", batch = BATCH, classes = 2): Uint8Array {
  const shape = { batch, planes: 1, rows: SIDE, cols: SIDE, classes };
  const { network, logits } = buildNetwork(architectures.small_cnn, "inference", shape);
  const random = new RandomStream(9);
  const numbers = new Map<string, Float32Array>();
  for (const { name, shape: size, initial } of network.parameters) {
    numbers.set(name, initialNumbers(name, size, initial, 5));
  }
  for (const { name, shape: size, initial } of network.statistics) {
    numbers.set(
      name,
      Float32Array.from({ length: size[0] ?? 0 }, () => initial + 0.2 * random.uniform()),
    );
  }
  network.graph.output("logits", logits);
  if (kind === "folded") return modelOf(bakedNetwork(network.graph, numbers, "Softmax"));
  const weights = network.graph.inputs.flatMap((tensor) => {
    const own = numbers.get(tensor.name);
    return own === undefined ? [] : [{ tensor, numbers: own }];
  });
  return bakedModel({ graph: network.graph, inputs: [], outputs: network.graph.outputs, weights });
}

const request = { input: "images", shape: [BATCH, 1, SIDE, SIDE], classes: 2, isOther: false } as const;
const recipe = trainingRecipe({ batch: BATCH });
const batch = (step: number) => {
  const weights = new Float32Array(BATCH).fill(1);
  return { images, targets, weights, learningRate: 0.001, step };
};

/** Trains three steps; the numbers before and after. */
async function trained(bytes: Uint8Array, output: string, learn: "all" | "last-block" | "head") {
  const network = trainedNetwork(recipe, await importedStart({ ...request, bytes, output, learn }));
  const session = await NetworkSession.open(network, {
    provider: "cpu",
    threads: 1,
    betas: [0.9, 0.999],
    stepsPerCall: 1,
  });
  const before = await session.logits(images);
  const losses = await session.learn([1, 2, 3].map(batch));
  return { network, before, losses, after: await session.kept("last") };
}

async function logitsOf(bytes: Uint8Array, output: string): Promise<readonly number[]> {
  const fed: Constant = { type: "float", shape: request.shape, data: images };
  const results = await runModelOnce(bytes, { images: fed });
  return Array.from(results[output]?.data ?? [], Number);
}

describe("a model of others", () => {
  test.each(["plain", "folded"] as const)(
    "that is %s begins as it is, and all of it learns",
    async (kind) => {
      const bytes = classifier(kind);
      const output = kind === "plain" ? "logits" : "scores";
      const { network, before, losses, after } = await trained(bytes, output, "all");
      const expected = await logitsOf(classifier("plain"), "logits");
      for (const [k, logit] of expected.entries()) expect(before[k]).toBeCloseTo(logit, 4);
      expect(losses[2]).toBeLessThan(losses[0] ?? 0);
      const isStill = ([name, numbers]: [string, Float32Array]) => {
        const first = network.initial.get(name);
        return numbers.every((value, k) => value === first?.[k]);
      };
      // A convolution's bias before a batch norm has no gradient; there is none here.
      expect([...after].filter(isStill).map(([name]) => name)).toEqual([]);
      const statistics = [...after.keys()].filter((name) => name.endsWith("running_var"));
      expect(statistics.length).toBe(kind === "plain" ? 15 : 0);
    },
  );

  test("changes its last block and head alone where no more is asked for", async () => {
    const { network, after } = await trained(classifier("plain"), "logits", "last-block");
    const changed = [...after].flatMap(([name, numbers]) =>
      numbers.some((value, k) => value !== network.initial.get(name)?.[k]) ? [name] : [],
    );
    expect(changed).toContain("body.layer3.1.conv2.weight");
    expect(changed).toContain("body.fc.weight");
    expect(changed.filter((name) => /conv1.weight|layer[12]/.test(name) && !name.includes("layer3"))).toEqual(
      [],
    );
    // Six norms of the last stage take statistics again; those before stay at rest, as constants.
    expect(changed.filter((name) => name.endsWith("running_mean")).length).toBe(5);
  });

  test("gets a fresh head on frozen features", async () => {
    for (const kind of ["plain", "folded"] as const) {
      const output = kind === "plain" ? "logits" : "scores";
      const { network, losses, after } = await trained(classifier(kind), output, "head");
      const changed = [...after].flatMap(([name, numbers]) =>
        numbers.some((value, k) => value !== network.initial.get(name)?.[k]) ? [name] : [],
      );
      expect(changed).toEqual(["head.weight", "head.bias"]);
      expect(losses[2]).toBeLessThan(losses[0] ?? 0);
    }
  });

  test("gets a fresh head for other classes", async () => {
    const many = {
      ...request,
      bytes: classifier("plain", BATCH, 5),
      output: "logits",
      learn: "all",
    } as const;
    expect((await importedStart(many)).learns?.("head.weight")).toBe(true);
    const renamed = { ...many, bytes: classifier("plain"), isOther: true };
    expect((await importedStart(renamed)).learns?.("head.weight")).toBe(true);
    const same = { ...many, bytes: classifier("plain") };
    expect((await importedStart(same)).learns?.("head.weight")).toBe(false);
  });

  test("of a fixed number of images takes another", async () => {
    const bytes = freeBatch(classifier("folded", 1), "images", 1, BATCH);
    const { before } = await trained(bytes, "scores", "all");
    const expected = await logitsOf(classifier("plain"), "logits");
    for (const [k, logit] of expected.entries()) expect(before[k]).toBeCloseTo(logit, 4);
  });
});
