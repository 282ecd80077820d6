import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parseChain, prepareModelInput, RandomStream } from "../../compute/index.ts";

// The referee is NumPy in double precision, SciPy for the blur and PyTorch for the legacy enlargement, as the study's
// code has them (its definitions: Gichoya et al. 2022, repository of the study, frequency_training and the MXR notebook).
// Tolerance: 1e-5 of the range of the image.
const modules = ["numpy", "numpy, scipy.ndimage", "numpy, torch"] as const;
const python = (imports: string) =>
  ["/usr/bin/python3", "python3"].find(
    (candidate) => spawnSync(candidate, ["-c", `import ${imports}; numpy.frombuffer`]).status === 0,
  );
const pythons = Object.fromEntries(modules.map((name) => [name, python(name)]));

const HEAD = `
import sys, numpy as np
count, rows, cols = (int(a) for a in sys.argv[1:4])
x = np.frombuffer(sys.stdin.buffer.read(), dtype="<f4").reshape(count, rows, cols).astype(np.float64)
MEAN, SD = np.array([.485, .456, .406]), np.array([.229, .224, .225])
def normalise(b): return (b[:, None] - MEAN[:, None, None]) / SD[:, None, None]
def grey(b): return np.repeat(((b - .485) / .229)[:, None], 3, axis=1)
def mask(inner, outer):
    y, c = np.ogrid[:rows, :cols]
    d2 = (y - rows / 2) ** 2 + (c - cols / 2) ** 2
    return (d2 >= inner ** 2) & (d2 < outer ** 2)
def filtered(b, keep):
    f = np.fft.fftshift(np.fft.fft2(b), axes=(-2, -1)) * keep
    return np.fft.ifft2(np.fft.ifftshift(f, axes=(-2, -1))).real
`;
const TAIL = `
sys.stdout.buffer.write(np.ascontiguousarray(out, dtype="<f8").tobytes())
`;

interface Case {
  readonly name: string;
  readonly chain: readonly { readonly id: string; readonly params: Readonly<Record<string, unknown>> }[];
  readonly script: string;
  readonly needs?: (typeof modules)[number];
}

const cases: readonly Case[] = [
  { name: "plain", chain: [], script: "out = normalise(x)" },
  {
    name: "low pass, corrected: the grey image before normalisation",
    chain: [{ id: "low_pass", params: { radius: 10 } }],
    script: "out = normalise(filtered(x, mask(0, 10)))",
  },
  {
    name: "low pass, legacy: the first plane after normalisation, copied",
    chain: [{ id: "low_pass", params: { radius: 10, mode: "legacy" } }],
    script: "out = np.repeat(filtered((x - .485) / .229, mask(0, 10))[:, None], 3, axis=1)",
  },
  {
    name: "high pass by diameter",
    chain: [{ id: "high_pass", params: { radius: 20, measure: "diameter" } }],
    script: "out = normalise(filtered(x, ~mask(0, 10)))",
  },
  {
    name: "high pass, legacy",
    chain: [{ id: "high_pass", params: { radius: 25, mode: "legacy" } }],
    script: "out = np.repeat(filtered((x - .485) / .229, ~mask(0, 25))[:, None], 3, axis=1)",
  },
  {
    name: "band pass",
    chain: [{ id: "band_pass", params: { inner: 10, outer: 25 } }],
    script: "out = normalise(filtered(x, mask(10, 25)))",
  },
  {
    name: "notch, legacy",
    chain: [{ id: "notch", params: { inner: 10, outer: 25, mode: "legacy" } }],
    script: "out = np.repeat(filtered((x - .485) / .229, ~mask(10, 25))[:, None], 3, axis=1)",
  },
  {
    name: "tile removed, legacy: floor(side / 3), 0 after normalisation",
    chain: [{ id: "patch_remove", params: { index: 5, mode: "legacy" } }],
    script: "t = rows // 3, cols // 3; out = normalise(x); out[..., t[0]:2*t[0], 2*t[1]:3*t[1]] = 0",
  },
  {
    name: "tile removed, corrected: black, and the tiles cover the image",
    chain: [{ id: "patch_remove", params: { index: 8 } }],
    script: "b = x.copy(); b[:, 2*rows//3:, 2*cols//3:] = 0; out = normalise(b)",
  },
  {
    name: "tile kept, legacy: enlarged bilinear without antialias",
    needs: "numpy, torch",
    chain: [{ id: "patch_keep", params: { index: 4, mode: "legacy" } }],
    script: `
import torch
t = rows // 3, cols // 3
cut = torch.from_numpy(normalise(x)[..., t[0]:2*t[0], t[1]:2*t[1]])
out = torch.nn.functional.interpolate(cut, size=(rows, cols), mode="bilinear", align_corners=False).numpy()`,
  },
  {
    name: "clip, legacy: normalised values above 0.6",
    chain: [{ id: "clip", params: { ceiling: 0.6, mode: "legacy" } }],
    script: "out = np.minimum(normalise(x), .6)",
  },
  {
    name: "clip, corrected: brightness above 0.6",
    chain: [{ id: "clip", params: {} }],
    script: "out = normalise(np.minimum(x, .6))",
  },
  {
    name: "blur, corrected: within each image",
    needs: "numpy, scipy.ndimage",
    chain: [{ id: "blur", params: {} }],
    script: `
from scipy.ndimage import gaussian_filter
out = normalise(np.stack([gaussian_filter(image, 2) for image in x]))`,
  },
  {
    name: "blur, legacy: along the order of the images too",
    needs: "numpy, scipy.ndimage",
    chain: [{ id: "blur", params: { mode: "legacy" } }],
    script: `
from scipy.ndimage import gaussian_filter
out = normalise(gaussian_filter(x[..., None], sigma=(2, 2, 2, 0))[..., 0])`,
  },
  {
    name: "window: a range of brightness stretched, the rest black or white",
    chain: [{ id: "window", params: { centre: 0.4, width: 0.6 } }],
    script: "out = normalise(np.clip((x - (.4 - .3)) / .6, 0, 1))",
  },
  {
    name: "field of view: the middle enlarged",
    needs: "numpy, torch",
    chain: [{ id: "field_of_view", params: { share: 0.833 } }],
    script: `
import torch
kept = round(.833 * rows), round(.833 * cols)
top, left = (rows - kept[0]) // 2, (cols - kept[1]) // 2
cut = torch.from_numpy(x[:, None, top:top + kept[0], left:left + kept[1]])
big = torch.nn.functional.interpolate(cut, size=(rows, cols), mode="bilinear", align_corners=False, antialias=True)
out = normalise(big[:, 0].numpy())`,
  },
  {
    name: "a chain: filter, clip, then a tile removed after normalisation",
    chain: [
      { id: "low_pass", params: { radius: 30 } },
      { id: "clip", params: { ceiling: 0.7 } },
      { id: "patch_remove", params: { index: 0, mode: "legacy" } },
    ],
    script: "out = normalise(np.minimum(filtered(x, mask(0, 30)), .7)); out[..., :rows // 3, :cols // 3] = 0",
  },
];

const sizes = [
  [5, 224, 224],
  [20, 65, 97],
] as const;

describe("transforms against NumPy in double precision", () => {
  for (const { name, chain, script, needs = "numpy" } of cases) {
    const program = pythons[needs];
    test.skipIf(program === undefined).each(sizes)(
      `${name}, %i images of %i x %i (SKIPPED where python3 has no ${needs})`,
      async (count, rows, cols) => {
        const stream = new RandomStream(rows + count);
        const pixels = Float32Array.from({ length: count * rows * cols }, () => stream.uniform());
        const answer = execFileSync(
          program ?? "",
          ["-c", HEAD + script + TAIL, `${count}`, `${rows}`, `${cols}`],
          {
            input: Buffer.from(pixels.slice().buffer),
            maxBuffer: 2 ** 28,
          },
        );
        const expected = new Float64Array(new Uint8Array(answer).buffer);
        const imageNumbers = Uint32Array.from({ length: count }, (_, i) => i);
        const { pixels: got } = await prepareModelInput(
          { pixels, count, planes: 1, rows, cols, imageNumbers },
          parseChain(chain),
          { planes: 3, scale: 1, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
        );
        expect(got.length).toBe(expected.length);
        let worst = 0;
        let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        for (const [i, value] of expected.entries()) {
          worst = Math.max(worst, Math.abs((got[i] ?? Number.NaN) - value));
          [low, high] = [Math.min(low, value), Math.max(high, value)];
        }
        // The range of the plain model input, where the result is flat or nearly so.
        expect(worst / Math.max(high - low, 1)).toBeLessThan(1e-5);
      },
    );
  }
});
