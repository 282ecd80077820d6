import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Graph } from "../../../compute/onnx/graph/graph.ts";
import { binaryCrossEntropy, crossEntropy } from "../../../compute/onnx/networks/losses.ts";
import { RandomStream } from "../../../compute/random.ts";
import { lossOf, probabilities, targetRows } from "../../../compute/trainers/targets.ts";
import { validationMeasures } from "../../../compute/trainers/validation.ts";
import { runGraph } from "../../support/run-graph.ts";
import { trainingRecipe } from "../../support/training-tasks.ts";

const classes = ["a", "b", "c"];

describe("targets", () => {
  test("of exclusive classes are what PyTorch's cross-entropy makes of weights and smoothing", () => {
    const recipe = { classes, task: "exclusive", labelSmoothing: 0.1, classWeights: [1, 2, 0.5] } as const;
    const logits = Float32Array.of(1, 0, -1, 0.5, 2, 0);
    const shares = [
      [1, 0, -1],
      [0.5, 2, 0],
    ].map((row) => row.map((logit) => logit - Math.log(row.reduce((sum, each) => sum + Math.exp(each), 0))));
    const weights = recipe.classWeights;
    // By its documentation: (1 - e) w[y] nll + e / C sum w[c] nll[c], over the sum of w[y].
    const expected =
      [2, 0].reduce((sum, y, row) => {
        const nll = (k: number) => -(shares[row]?.[k] ?? 0);
        const smooth = weights.reduce((all, weight, k) => all + weight * nll(k), 0);
        return sum + 0.9 * (weights[y] ?? 0) * nll(y) + (0.1 / 3) * smooth;
      }, 0) / 1.5;
    expect(lossOf(recipe, logits, targetRows(recipe, [2, 0]))).toBeCloseTo(expected, 6);
  });

  test("leave out what is unknown of many findings", () => {
    const recipe = { classes, task: "multilabel", labelSmoothing: 0.2, classWeights: [1, 1, 3] } as const;
    const { targets, weights } = targetRows(recipe, [[1, 0, -1]]);
    expect([...targets]).toEqual([0.9, 0.1, 0].map(Math.fround));
    expect([...weights]).toEqual([1, 1, 0]);
  });

  test.each(["exclusive", "multilabel"] as const)("give the loss that a %s step has", async (task) => {
    const recipe = { classes, task, labelSmoothing: 0.05, classWeights: [1, 2, 0.5] };
    const stream = new RandomStream(2);
    const logits = Float32Array.from({ length: 12 }, () => 3 * stream.normal());
    const truths = task === "exclusive" ? [0, 2, 1, 2] : Array.from({ length: 4 }, (_, k) => [k % 2, -1, 1]);
    const rows = targetRows(recipe, truths);
    const graph = new Graph();
    const [x, t] = [graph.input("logits", [4, 3]), graph.input("targets", [4, 3])];
    const w = graph.input("weights", task === "exclusive" ? [4] : [4, 3]);
    graph.output("loss", task === "exclusive" ? crossEntropy(x, t, w) : binaryCrossEntropy(x, t, w));
    const { loss } = await runGraph(graph, { logits, ...rows });
    expect(lossOf(recipe, logits, rows)).toBeCloseTo(Number(loss?.[0]), 5);
  });
});

describe("probabilities", () => {
  test("of exclusive classes sum to 1 and keep the order of the logits, however large", () => {
    const row = fc.array(fc.float({ min: -500, max: 500, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(row, (logits) => {
        const shares = probabilities("exclusive", Float32Array.from(logits), 3);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        const [a = 0, b = 0] = logits;
        if (a > b) expect(shares[0]).toBeGreaterThanOrEqual(shares[1] ?? 1);
      }),
    );
  });
});

describe("validation", () => {
  const recipe = trainingRecipe({ classes });
  const logits = Float32Array.from({ length: 36 }, (_, k) => (Math.floor(k / 3) % 3 === k % 3 ? 2 : 0));
  const images = Array.from({ length: 12 }, (_, k) => ({ target: k % 3, patient: k }));

  test("gives each class its AUC against the rest", async () => {
    const { validationAuc } = await validationMeasures(recipe, images, logits);
    expect(validationAuc.map(({ auc }) => auc)).toEqual([1, 1, 1]);
    const [first] = images;
    const wrong = images.map((image) => (image === first ? { ...image, target: 1 } : image));
    const [a] = (await validationMeasures(recipe, wrong, logits)).validationAuc;
    // One negative above all: (3 * 9 - 3 / 2 of ties) / 27.
    expect(a?.auc).toBeCloseTo((27 - 1.5) / 27, 12);
  });

  test("resamples patients where they have several images, and says why there is no number", async () => {
    const stream = new RandomStream(6);
    const many = Array.from({ length: 60 }, (_, k) => ({ target: k % 2, patient: Math.floor(k / 4) }));
    const noisy = Float32Array.from(
      { length: 180 },
      (_, k) => (many[Math.floor(k / 3)]?.target === k % 3 ? 1 : 0) + stream.normal(),
    );
    const clustered = (await validationMeasures(recipe, many, noisy)).validationAuc;
    const alone = many.map((image, patient) => ({ ...image, patient }));
    const single = (await validationMeasures(recipe, alone, noisy)).validationAuc;
    expect(clustered[0]?.auc).toBe(single[0]?.auc);
    expect(clustered[0]?.ciLow).not.toBe(single[0]?.ciLow);
    expect(clustered[2]).toEqual({
      class: "c",
      auc: null,
      ciLow: null,
      ciHigh: null,
      reason: "NO_POSITIVES",
    });
  });
});
