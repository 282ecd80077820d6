import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { type FrequencyFilter, filterFrequencies } from "../../native/index.ts";
import { randomPixels, worstDifference } from "./reference-filter.ts";

const python = ["/usr/bin/python3", "python3"].find(
  (candidate) => spawnSync(candidate, ["-c", "from numpy import frombuffer"]).status === 0,
);

/** The study's recipe, in double precision, over the float32 pixels on standard input. */
const RECIPE = `
import sys, numpy as np
rows, cols, kind, inner, outer = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4]), float(sys.argv[5])
image = np.frombuffer(sys.stdin.buffer.read(), dtype="<f4").reshape(rows, cols).astype(np.float64)
y, x = np.ogrid[:rows, :cols]
d2 = (y - rows / 2) ** 2 + (x - cols / 2) ** 2
below = d2 < outer ** 2
ring = below & (d2 >= inner ** 2)
mask = {"low": below, "high": ~below, "band": ring, "notch": ~ring}[kind]
out = np.fft.ifft2(np.fft.ifftshift(np.fft.fftshift(np.fft.fft2(image)) * mask)).real
sys.stdout.buffer.write(out.astype("<f8").tobytes())
`;

const sizes = [
  [224, 224],
  [320, 320],
  [225, 225],
  [223, 224],
  [224, 223],
  [211, 97],
  [500, 331],
] as const;

const filters: readonly FrequencyFilter[] = [
  { kind: "low", radius: 10 },
  { kind: "high", radius: 75 },
  { kind: "low", radius: 112.3 },
  { kind: "high", radius: 150 },
  { kind: "band", inner: 10, outer: 25 },
  { kind: "notch", inner: 50, outer: 100 },
];

describe("the study's recipe in NumPy", () => {
  test.skipIf(python === undefined).each(sizes)(
    "agrees to 1e-5 of the range at %i x %i (SKIPPED where python3 has no numpy)",
    async (rows, cols) => {
      const pixels = randomPixels(rows * cols, rows + cols);
      for (const filter of filters) {
        const [inner, outer] = "radius" in filter ? [0, filter.radius] : [filter.inner, filter.outer];
        const answer = execFileSync(
          python ?? "",
          ["-c", RECIPE, ...[rows, cols, filter.kind, inner, outer].map(String)],
          {
            input: Buffer.from(pixels.buffer),
            maxBuffer: 2 ** 28,
          },
        );
        const expected = new Float64Array(new Uint8Array(answer).buffer);
        const got = await filterFrequencies({ pixels, count: 1, rows, cols }, filter);
        expect(worstDifference(got, expected)).toBeLessThan(1e-5);
      }
    },
  );
});
