import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../api/package-root.ts";
import { type ArchitectureName, architectures } from "../../compute/onnx/networks/architectures.ts";
import { type GradientSummary, summaryDistance, summaryOf } from "../support/gradient-summary.ts";
import { ownGradients, smoothCase } from "../support/network-gradients.ts";
import { torchGradients, torchPython } from "../support/torch-gradients.ts";

// Gradients of every architecture by PyTorch's autograd in double precision, kept as summaries so that the comparison runs
// without Python, on networks without bends (`smoothCase`): those with bends are compared in network-gradients.test.ts, where
// PyTorch is there to take the same sides. Tolerance as there: 1e-5, or 1.5 times what PyTorch's own single precision is off.
// STRATUM_UPDATE_FIXTURES=1 writes the file anew, by PyTorch alone.

interface KeptGradients extends GradientSummary {
  /** Relative L2 distance of PyTorch's own gradients in single precision. */
  readonly single: number;
}
const file = join(packageRoot, "tests/reference/fixtures/gradients.json");
const SEEDS = [1, 2, 3];
const names = Object.keys(architectures) as readonly ArchitectureName[]; // safe: the keys of the table
const updating = process.env["STRATUM_UPDATE_FIXTURES"] === "1" && torchPython !== undefined;

function readKept(): Record<string, KeptGradients> {
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, KeptGradients>; // safe: written below
}

async function byTorch(name: ArchitectureName, seed: number): Promise<KeptGradients> {
  const [whole, single] = [
    await torchGradients(torchPython ?? "", smoothCase(name, seed)),
    await torchGradients(torchPython ?? "", smoothCase(name, seed), "single"),
  ].map((numbers) =>
    summaryOf(
      numbers[0] ?? Number.NaN,
      numbers.subarray(1),
      smoothCase(name, seed).parameters.map(({ size }) => size),
    ),
  ) as [GradientSummary, GradientSummary]; // safe: two of two
  const short = (value: number) => Number(value.toPrecision(12));
  return {
    loss: short(whole.loss),
    norm: short(whole.norm),
    norms: whole.norms.map((norm) => Number(norm.toPrecision(6))),
    projections: whole.projections.map(short),
    single: Number(summaryDistance(single, whole).toPrecision(3)),
  };
}

describe("kept gradients of PyTorch", () => {
  test.runIf(updating).each(names)("of %s are written anew", { timeout: 3_600_000 }, async (name) => {
    const kept = { ...readKept() };
    for (const seed of SEEDS) kept[`${name} ${seed}`] = await byTorch(name, seed);
    const lines = Object.entries(kept).map(
      ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
    );
    writeFileSync(file, `{\n${lines.join(",\n")}\n}\n`);
  });

  const kept = readKept();
  test.each(names)("%s has them", { timeout: 300_000 }, async (name) => {
    for (const seed of SEEDS) {
      const expected = kept[`${name} ${seed}`];
      if (expected === undefined)
        throw new Error(`Expected kept gradients of ${name}, got none; write them anew`);
      const made = smoothCase(name, seed);
      const sizes = made.parameters.map(({ size }) => size);
      const [loss, ...gradients] = await ownGradients(made);
      const actual = summaryOf(Number(loss?.[0]), joined(gradients), sizes);
      expect(Math.abs(actual.loss - expected.loss)).toBeLessThan(2e-5 * Math.max(1, expected.loss));
      expect(summaryDistance(actual, expected), `seed ${seed}`).toBeLessThan(
        Math.max(1e-5, 1.5 * expected.single),
      );
      // Each parameter too, so that small gradients do not hide behind large ones.
      for (const [k, norm] of expected.norms.entries()) {
        const most = 1e-3 * norm + 1e-5 * expected.norm;
        expect(Math.abs((actual.norms[k] ?? Number.NaN) - norm), made.parameters[k]?.name ?? "").toBeLessThan(
          most,
        );
      }
    }
  });
});

function* joined(parts: readonly Float32Array[]): Generator<number> {
  for (const part of parts) yield* part;
}

test("a summary tells how far gradients are apart", () => {
  const one = Float64Array.from({ length: 4_000 }, (_, k) => Math.sin(k));
  const other = one.map((value, k) => value + 1e-3 * Math.cos(7 * k));
  let [difference, whole] = [0, 0];
  for (const [k, value] of one.entries()) {
    difference += ((other[k] ?? 0) - value) ** 2;
    whole += value ** 2;
  }
  const distance = summaryDistance(summaryOf(0, other, [1_000, 3_000]), summaryOf(0, one, [1_000, 3_000]));
  expect(distance / Math.sqrt(difference / whole)).toBeGreaterThan(0.6);
  expect(distance / Math.sqrt(difference / whole)).toBeLessThan(1.6);
  expect(summaryOf(0, [3, 4, 12], [2, 1])).toMatchObject({ norm: 13, norms: [5, 12] });
});
