import { blur } from "./blur.ts";
import { clip } from "./clip.ts";
import { fieldOfView } from "./field-of-view.ts";
import { highPass, lowPass } from "./frequency-circle.ts";
import { bandPass, notch } from "./frequency-ring.ts";
import { mark } from "./mark.ts";
import { mask } from "./mask.ts";
import { noise } from "./noise.ts";
import { randomSquare, rectanglePatch } from "./rectangle.ts";
import { resolution } from "./resolution.ts";
import { salientRegion } from "./salient-region.ts";
import { patchKeep, patchRemove } from "./tile.ts";
import type { Transform } from "./transform.ts";
import { window } from "./window.ts";

/** Every image transform that is built in. Adding one means: one file here, one line, one reference test. */
export const builtInTransforms: readonly Transform[] = [
  lowPass,
  highPass,
  bandPass,
  notch,
  patchKeep,
  patchRemove,
  rectanglePatch,
  randomSquare,
  mask,
  mark,
  clip,
  noise,
  blur,
  resolution,
  window,
  fieldOfView,
  salientRegion,
];
