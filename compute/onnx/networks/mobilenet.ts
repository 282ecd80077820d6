import type { Tensor } from "../graph/tensor.ts";
import { batchNorm, convolution, globalMean, linear } from "./layers.ts";
import type { Architecture, Network } from "./network.ts";

/** min(max(x, 0), 6) */
function relu6(x: Tensor): Tensor {
  const bounds = [x.graph.scalar(0), x.graph.scalar(6)];
  return x.graph.apply("Clip", [x, ...bounds], { shape: x.shape, type: x.type });
}

interface ConvOptions {
  readonly outputs: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
}

function normed(
  network: Network,
  x: Tensor,
  [conv, bn]: readonly [string, string],
  options: ConvOptions,
): Tensor {
  const padding = (options.kernel - 1) / 2;
  return batchNorm(network, convolution(network, x, conv, { ...options, padding }), bn);
}

interface Stage {
  readonly expansion: number;
  readonly outputs: number;
  readonly depth: number;
  readonly stride: number;
}

/** Widen by 1 x 1, filter each channel, narrow by 1 x 1 without a rectifier; a shortcut where the shape stays. */
function invertedResidual(
  network: Network,
  x: Tensor,
  name: string,
  { expansion, outputs, stride }: Stage,
): Tensor {
  const inputs = x.shape[1] ?? 0;
  const width = inputs * expansion;
  const parts = expansion === 1 ? 1 : 2;
  const part = (k: number) => [`${name}.conv.${k}.0`, `${name}.conv.${k}.1`] as const;
  const wide = expansion === 1 ? x : relu6(normed(network, x, part(0), { outputs: width, kernel: 1 }));
  const options = { outputs: width, kernel: 3, stride, groups: width };
  const filtered = relu6(normed(network, wide, part(parts - 1), options));
  const last = [`${name}.conv.${parts}`, `${name}.conv.${parts + 1}`] as const;
  const narrow = normed(network, filtered, last, { outputs, kernel: 1 });
  return stride === 1 && inputs === outputs ? narrow.plus(x) : narrow;
}

const stages: readonly Stage[] = [
  { expansion: 1, outputs: 16, depth: 1, stride: 1 },
  { expansion: 6, outputs: 24, depth: 2, stride: 2 },
  { expansion: 6, outputs: 32, depth: 3, stride: 2 },
  { expansion: 6, outputs: 64, depth: 4, stride: 2 },
  { expansion: 6, outputs: 96, depth: 3, stride: 1 },
  { expansion: 6, outputs: 160, depth: 3, stride: 2 },
  { expansion: 6, outputs: 320, depth: 1, stride: 1 },
];

/** Sandler et al. 2018, doi:10.1109/CVPR.2018.00474, width 1, without dropout; weights are named as torchvision names them. */
export const mobilenetV2: Architecture = (network, images, classes) => {
  const part = (k: number) => [`features.${k}.0`, `features.${k}.1`] as const;
  let x = relu6(normed(network, images, part(0), { outputs: 32, kernel: 3, stride: 2 }));
  let place = 1;
  for (const stage of stages) {
    for (let k = 0; k < stage.depth; k += 1) {
      const stride = k === 0 ? stage.stride : 1;
      x = invertedResidual(network, x, `features.${place}`, { ...stage, stride });
      place += 1;
    }
  }
  const last = relu6(normed(network, x, part(place), { outputs: 1280, kernel: 1 }));
  return linear(network, globalMean(last), "classifier.1", classes, { kind: "normal", deviation: 0.01 });
};
