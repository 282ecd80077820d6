import { linear } from "./layers.ts";
import type { Architecture } from "./network.ts";

/** Logistic regression on whatever it is given: pixels, or the features of another network. */
export const linearProbe: Architecture = (network, images, classes) => {
  const [count = 0] = images.shape;
  return linear(network, images.reshape([count, images.size / count]), "fc", classes);
};
