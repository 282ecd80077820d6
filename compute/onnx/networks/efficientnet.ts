import type { Tensor } from "../graph/tensor.ts";
import { batchNorm, convolution, linear } from "./layers.ts";
import type { Architecture, Network } from "./network.ts";

/** x * sigmoid(x) */
function silu(x: Tensor): Tensor {
  return x.times(x.sigmoid());
}

interface ConvOptions {
  readonly outputs: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
}

function normed(network: Network, x: Tensor, name: string, options: ConvOptions): Tensor {
  const padding = (options.kernel - 1) / 2;
  return batchNorm(network, convolution(network, x, `${name}.0`, { ...options, padding }), `${name}.1`);
}

/** Weighs the channels by what their means say. */
function squeezeExcite(network: Network, x: Tensor, name: string, width: number): Tensor {
  const mean = x.mean([2, 3], true);
  const narrow = silu(convolution(network, mean, `${name}.fc1`, { outputs: width, kernel: 1, bias: true }));
  const outputs = x.shape[1] ?? 0;
  return x.times(convolution(network, narrow, `${name}.fc2`, { outputs, kernel: 1, bias: true }).sigmoid());
}

interface Stage {
  readonly expansion: number;
  readonly kernel: number;
  readonly stride: number;
  readonly outputs: number;
  readonly depth: number;
}

function mobileBlock(network: Network, x: Tensor, name: string, stage: Stage): Tensor {
  const { expansion, kernel, stride, outputs } = stage;
  const inputs = x.shape[1] ?? 0;
  const width = inputs * expansion;
  const first = expansion === 1 ? 0 : 1;
  const wide = expansion === 1 ? x : silu(normed(network, x, `${name}.0`, { outputs: width, kernel: 1 }));
  const filtered = silu(
    normed(network, wide, `${name}.${first}`, { outputs: width, kernel, stride, groups: width }),
  );
  const weighed = squeezeExcite(
    network,
    filtered,
    `${name}.${first + 1}`,
    Math.max(1, Math.floor(inputs / 4)),
  );
  const narrow = normed(network, weighed, `${name}.${first + 2}`, { outputs, kernel: 1 });
  return stride === 1 && inputs === outputs ? narrow.plus(x) : narrow;
}

const stages: readonly Stage[] = [
  { expansion: 1, kernel: 3, stride: 1, outputs: 16, depth: 1 },
  { expansion: 6, kernel: 3, stride: 2, outputs: 24, depth: 2 },
  { expansion: 6, kernel: 5, stride: 2, outputs: 40, depth: 2 },
  { expansion: 6, kernel: 3, stride: 2, outputs: 80, depth: 3 },
  { expansion: 6, kernel: 5, stride: 1, outputs: 112, depth: 3 },
  { expansion: 6, kernel: 5, stride: 2, outputs: 192, depth: 4 },
  { expansion: 6, kernel: 3, stride: 1, outputs: 320, depth: 1 },
];

/**
 * Tan & Le 2019, arXiv:1905.11946, without dropout and stochastic depth; weights are named as torchvision names them.
 */
export const efficientnetB0: Architecture = (network, images, classes) => {
  let x = silu(normed(network, images, "features.0", { outputs: 32, kernel: 3, stride: 2 }));
  for (const [place, stage] of stages.entries()) {
    for (let k = 0; k < stage.depth; k += 1) {
      const stride = k === 0 ? stage.stride : 1;
      x = mobileBlock(network, x, `features.${place + 1}.${k}.block`, { ...stage, stride });
    }
  }
  const last = silu(normed(network, x, `features.${stages.length + 1}`, { outputs: 1280, kernel: 1 }));
  const bound = 1 / Math.sqrt(classes);
  return linear(network, last.mean([2, 3]), "classifier.1", classes, { kind: "uniform", bound });
};
