import { densenet121 } from "./densenet.ts";
import { efficientnetB0 } from "./efficientnet.ts";
import { linearProbe } from "./linear-probe.ts";
import { mobilenetV2 } from "./mobilenet.ts";
import type { Architecture } from "./network.ts";
import { resnet18, resnet34, resnet50 } from "./resnet.ts";
import { smallCnn } from "./small-cnn.ts";

/** Every architecture that can be trained from scratch, by name. */
export const architectures = {
  resnet18,
  resnet34,
  resnet50,
  densenet121,
  efficientnet_b0: efficientnetB0,
  mobilenet_v2: mobilenetV2,
  small_cnn: smallCnn,
  linear_probe: linearProbe,
} as const satisfies Readonly<Record<string, Architecture>>;
export type ArchitectureName = keyof typeof architectures;
