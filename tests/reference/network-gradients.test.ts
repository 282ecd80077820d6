import { describe, expect, test } from "vitest";
import { type ArchitectureName, architectures } from "../../compute/onnx/networks/architectures.ts";
import { lossCase, ownGradients } from "../support/network-gradients.ts";
import { torchGradients, torchPython } from "../support/torch-gradients.ts";

// The referee is PyTorch's autograd in double precision on the same weights and batch (runners/torch-gradients.py), on
// the same side of every bend. Tolerance: relative L2 of all gradients together under 1e-5, or under 1.5 times what
// PyTorch's own single precision is off, where that is more: deep networks of many batch norms lose so much to rounding
// in anyone's single precision (measured: 9e-5 for ResNet-50, 2e-5 for the depthwise ones, 1e-5 or less for the others).

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

describe("gradients of every architecture", () => {
  test.skipIf(torchPython === undefined).each(names)(
    "%s agree with PyTorch (SKIPPED where python3 has no torch)",
    async (name) => {
      const python = torchPython ?? "";
      const referee = await torchGradients(python, lossCase(name, 1));
      const single = await torchGradients(python, lossCase(name, 1), "single");
      const [loss, ...gradients] = await ownGradients(lossCase(name, 1));
      const expected = referee[0] ?? Number.NaN;
      expect(Math.abs((loss?.[0] ?? Number.NaN) - expected)).toBeLessThan(2e-5 * Math.max(1, expected));
      const most = Math.max(1e-5, 1.5 * distance(single.subarray(1), referee));
      expect(distance(joined(gradients), referee)).toBeLessThan(most);
    },
  );
});
