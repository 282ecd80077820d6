import { concat, type Tensor } from "../graph/tensor.ts";
import { averagePool, batchNorm, convolution, globalMean, linear, maxPool } from "./layers.ts";
import type { Architecture, Network } from "./network.ts";

const GROWTH = 32;
const BOTTLENECK = 4 * GROWTH;

function denseLayer(network: Network, x: Tensor, name: string): Tensor {
  const first = batchNorm(network, x, `${name}.norm1`).relu();
  const narrow = convolution(network, first, `${name}.conv1`, { outputs: BOTTLENECK, kernel: 1, fan: "in" });
  const second = batchNorm(network, narrow, `${name}.norm2`).relu();
  return convolution(network, second, `${name}.conv2`, { outputs: GROWTH, kernel: 3, padding: 1, fan: "in" });
}

function transition(network: Network, x: Tensor, name: string): Tensor {
  const normed = batchNorm(network, x, `${name}.norm`).relu();
  const outputs = Math.floor((x.shape[1] ?? 0) / 2);
  return averagePool(convolution(network, normed, `${name}.conv`, { outputs, kernel: 1, fan: "in" }), 2, 2);
}

/** Huang et al. 2017, doi:10.1109/CVPR.2017.243; weights are named as torchvision names them. */
export const densenet121: Architecture = (network, images, classes) => {
  const stem = { outputs: 64, kernel: 7, stride: 2, padding: 3, fan: "in" } as const;
  const first = batchNorm(network, convolution(network, images, "features.conv0", stem), "features.norm0");
  let x = maxPool(first.relu(), 3, 2, 1);
  for (const [block, depth] of [6, 12, 24, 16].entries()) {
    if (block > 0) x = transition(network, x, `features.transition${block}`);
    for (let k = 1; k <= depth; k += 1) {
      const added = denseLayer(network, x, `features.denseblock${block + 1}.denselayer${k}`);
      x = concat([x, added], 1);
    }
  }
  const last = batchNorm(network, x, "features.norm5").relu();
  return linear(network, globalMean(last), "classifier", classes);
};
