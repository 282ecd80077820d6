import { activationRules } from "./activations.ts";
import { arithmeticRules } from "./arithmetic.ts";
import { convolutionRules } from "./convolution.ts";
import { matrixRules } from "./matrix-products.ts";
import { normalisationRules } from "./normalisation.ts";
import { poolingRules } from "./pooling.ts";
import { resizingRules } from "./resizing.ts";
import type { Rule } from "./rule.ts";
import { shapeRules } from "./shape-changes.ts";

/** Every operator of ONNX's own domain that can be differentiated, by name. */
export const gradientRules: Readonly<Record<string, Rule>> = {
  ...arithmeticRules,
  ...activationRules,
  ...shapeRules,
  ...matrixRules,
  ...convolutionRules,
  ...poolingRules,
  ...normalisationRules,
  ...resizingRules,
};
