import { describe, expect, test } from "vitest";
import { type ArchitectureName, architectures } from "../../compute/onnx/networks/architectures.ts";
import { lossCase, ownGradients } from "../support/network-gradients.ts";
import { torchGradients, torchPython } from "../support/torch-gradients.ts";

// The referee is PyTorch's autograd in double precision on the same weights and batch (runners/torch-gradients.py), on
// the same side of every bend. Tolerance: relative L2 of all gradients together under 1e-5. Measured: 2e-7 for the linear
// probe, 6e-7 for the small CNN, 1.5e-6 to 3.5e-6 for ResNets, 5e-6 for DenseNet-121, 7e-6 for the depthwise ones; PyTorch's
// own single precision is as far off.

/** Relative L2 distance of gradients, one after the other, without the loss that leads them. */
function distance(gradients: Iterable<number>, referee: Float64Array): number {
  let place = 1;
  let [difference, whole] = [0, 0];
  for (const value of gradients) {
    const expected = referee[place] ?? Number.NaN;
    difference += (value - expected) ** 2;
    whole += expected ** 2;
    place += 1;
  }
  expect(place).toBe(referee.length);
  return Math.sqrt(difference / whole);
}

function* joined(parts: readonly Float32Array[]): Generator<number> {
  for (const part of parts) yield* part;
}

const names = Object.keys(architectures) as readonly ArchitectureName[]; // safe: the keys of the table

describe("gradients of every architecture", { timeout: 600_000 }, () => {
  test.skipIf(torchPython === undefined).each(names)(
    "%s agree with PyTorch (SKIPPED where python3 has no torch)",
    async (name) => {
      for (const seed of [1, 2, 3]) {
        const referee = await torchGradients(torchPython ?? "", lossCase(name, seed));
        const [loss, ...gradients] = await ownGradients(lossCase(name, seed));
        const expected = referee[0] ?? Number.NaN;
        expect(Math.abs((loss?.[0] ?? Number.NaN) - expected)).toBeLessThan(2e-5 * Math.max(1, expected));
        expect(distance(joined(gradients), referee), `seed ${seed}`).toBeLessThan(1e-5);
      }
    },
  );
});
