import type { Tensor } from "../graph/tensor.ts";
import { batchNorm, convolution, globalMean, linear, maxPool } from "./layers.ts";
import type { Architecture, Network } from "./network.ts";

type Block = (network: Network, x: Tensor, name: string, width: number, stride: number) => Tensor;

/** A convolution and its batch norm: `conv1` with `bn1`, `downsample.0` with `downsample.1`. */
function normed(
  network: Network,
  x: Tensor,
  [conv, bn]: readonly [string, string],
  options: {
    readonly outputs: number;
    readonly kernel: number;
    readonly stride?: number;
    readonly padding?: number;
  },
): Tensor {
  return batchNorm(network, convolution(network, x, conv, options), bn);
}

function shortcut(network: Network, x: Tensor, name: string, outputs: number, stride: number): Tensor {
  if (stride === 1 && x.shape[1] === outputs) return x;
  const names = [`${name}.downsample.0`, `${name}.downsample.1`] as const;
  return normed(network, x, names, { outputs, kernel: 1, stride });
}

const basic: Block = (network, x, name, width, stride) => {
  const part = (k: number) => [`${name}.conv${k}`, `${name}.bn${k}`] as const;
  const first = normed(network, x, part(1), { outputs: width, kernel: 3, stride, padding: 1 }).relu();
  const second = normed(network, first, part(2), { outputs: width, kernel: 3, padding: 1 });
  return second.plus(shortcut(network, x, name, width, stride)).relu();
};

/** The stride is in the 3 x 3 convolution, as in the implementations that people use ("v1.5"). */
const bottleneck: Block = (network, x, name, width, stride) => {
  const part = (k: number) => [`${name}.conv${k}`, `${name}.bn${k}`] as const;
  const narrow = normed(network, x, part(1), { outputs: width, kernel: 1 }).relu();
  const middle = normed(network, narrow, part(2), { outputs: width, kernel: 3, stride, padding: 1 }).relu();
  const wide = normed(network, middle, part(3), { outputs: 4 * width, kernel: 1 });
  return wide.plus(shortcut(network, x, name, 4 * width, stride)).relu();
};

function resnet(block: Block, depths: readonly number[]): Architecture {
  return (network, images, classes) => {
    const stem = { outputs: 64, kernel: 7, stride: 2, padding: 3 };
    let x = maxPool(normed(network, images, ["conv1", "bn1"], stem).relu(), 3, 2, 1);
    for (const [stage, depth] of depths.entries()) {
      for (let k = 0; k < depth; k += 1) {
        const stride = k === 0 && stage > 0 ? 2 : 1;
        x = block(network, x, `layer${stage + 1}.${k}`, 64 * 2 ** stage, stride);
      }
    }
    return linear(network, globalMean(x), "fc", classes);
  };
}

/** He et al. 2016, doi:10.1109/CVPR.2016.90; weights are named as torchvision names them. */
export const resnet18 = resnet(basic, [2, 2, 2, 2]);
/** As `resnet18`, deeper. */
export const resnet34 = resnet(basic, [3, 4, 6, 3]);
/** As `resnet18`, of bottlenecks. */
export const resnet50 = resnet(bottleneck, [3, 4, 6, 3]);
