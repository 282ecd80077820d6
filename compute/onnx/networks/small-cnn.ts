import type { Tensor } from "../graph/tensor.ts";
import { batchNorm, convolution, globalMean, linear } from "./layers.ts";
import type { Architecture, Network } from "./network.ts";

function residual(network: Network, x: Tensor, name: string, width: number, stride: number): Tensor {
  const part = (from: Tensor, k: number, by: number) =>
    batchNorm(
      network,
      convolution(network, from, `${name}.conv${k}`, { outputs: width, kernel: 3, stride: by, padding: 1 }),
      `${name}.bn${k}`,
    );
  const second = part(part(x, 1, stride).relu(), 2, 1);
  if (stride === 1 && x.shape[1] === width) return second.plus(x).relu();
  const down = convolution(network, x, `${name}.downsample.0`, { outputs: width, kernel: 1, stride });
  return second.plus(batchNorm(network, down, `${name}.downsample.1`)).relu();
}

/** A residual network for images of about 64 x 64: widths 16, 32, 64, two blocks each, 175,000 weights. */
export const smallCnn: Architecture = (network, images, classes) => {
  const stem = { outputs: 16, kernel: 3, padding: 1 };
  let x = batchNorm(network, convolution(network, images, "conv1", stem), "bn1").relu();
  for (const [stage, width] of [16, 32, 64].entries()) {
    for (const k of [0, 1]) {
      x = residual(network, x, `layer${stage + 1}.${k}`, width, k === 0 && stage > 0 ? 2 : 1);
    }
  }
  return linear(network, globalMean(x), "fc", classes);
};
