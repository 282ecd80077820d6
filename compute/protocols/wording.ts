import type { ProtocolAnswer } from "./schema.ts";

/** The study states no margins; these are this project's conventions, and a protocol file may set its own. */
const AUC_FROM_CHANCE = 0.05;
const AUC_DIFFERENCE = 0.02;
const RATE_DIFFERENCE = 0.02;
const LEVEL = 0.95;

/** An AUC against one half. `source`: what the attribute would be recovered from, as in "from these images". */
export function againstChance(source: string): ProtocolAnswer {
  return {
    quantity: "value",
    reference: 0.5,
    margin: AUC_FROM_CHANCE,
    level: LEVEL,
    above: `The attribute is recovered ${source} better than by chance: the interval lies above 0.5.`,
    below:
      "The interval lies below 0.5: scores and attribute run opposite ways; check the order of the classes.",
    within: `What is recovered ${source} is equivalent to chance within the margin.`,
    undecided: `The interval holds 0.5 and reaches beyond the margin: these data do not decide whether the attribute is recovered ${source}.`,
  };
}

/** A change of AUC against the untransformed images. `change`: what was done, as in "removing bone". */
export function againstOriginal(change: string): ProtocolAnswer {
  return {
    quantity: "difference_from_original",
    reference: 0,
    margin: AUC_DIFFERENCE,
    level: LEVEL,
    above: `The AUC is higher after ${change}: the interval of the difference lies above 0.`,
    below: `The AUC is lower after ${change}: the interval of the difference lies below 0.`,
    within: `The AUC after ${change} is equivalent to that of the whole images within the margin.`,
    undecided: `The interval of the difference holds 0 and reaches beyond the margin: these data do not decide what ${change} does.`,
  };
}

/** A fall of AUC on other images than the model's own. `other`: as in "another dataset". */
export function againstInternal(other: string): ProtocolAnswer {
  return {
    quantity: "difference_from_internal",
    reference: 0,
    margin: 0.05,
    level: LEVEL,
    above: `The AUC on ${other} is higher than on the model's own test set.`,
    below: `The AUC on ${other} is lower than on the model's own test set: the interval of the difference lies below 0.`,
    within: `The AUC on ${other} is equivalent to that on the model's own test set within the margin.`,
    undecided: `The interval of the difference holds 0 and reaches beyond the margin: these data do not decide whether the AUC holds on ${other}.`,
  };
}

/** A stratum against the rest. */
export function againstRest(strata: string): ProtocolAnswer {
  return {
    quantity: "difference_of_stratum",
    reference: 0,
    margin: 0.05,
    level: LEVEL,
    above: `The AUC in this ${strata} is higher than in the rest.`,
    below: `The AUC in this ${strata} is lower than in the rest.`,
    within: `The AUC in this ${strata} is equivalent to that in the rest within the margin.`,
    undecided: `The interval of the difference holds 0 and reaches beyond the margin: these data do not decide whether the AUC depends on the ${strata}.`,
  };
}

/** The image model against a model without pixels. `without`: as in "the labels alone". */
export function againstImages(without: string): ProtocolAnswer {
  return {
    quantity: "difference_from_images",
    reference: 0,
    margin: AUC_FROM_CHANCE,
    level: LEVEL,
    above: `The images give more than ${without}: the interval of the difference lies above 0, so ${without} alone do not account for the image model's AUC.`,
    below: `The images give less than ${without}: the interval of the difference lies below 0.`,
    within: `The images give no more than ${without} within the margin: these would be enough to account for the image model's AUC.`,
    undecided: `The interval of the difference holds 0 and reaches beyond the margin: these data do not decide whether the images give more than ${without}.`,
  };
}

/** A group's error rate against the rest. */
export function rateGap(rate: string): ProtocolAnswer {
  return {
    quantity: "gap",
    reference: 0,
    margin: RATE_DIFFERENCE,
    level: LEVEL,
    above: `The ${rate} of this group is higher than that of the rest at the recorded threshold.`,
    below: `The ${rate} of this group is lower than that of the rest at the recorded threshold.`,
    within: `The ${rate} of this group is equivalent to that of the rest within the margin at the recorded threshold.`,
    undecided: `The interval of the gap holds 0 and reaches beyond the margin: these data do not decide whether the ${rate} differs.`,
  };
}

/** Maps that people read. */
export const readByPeople: ProtocolAnswer = {
  quantity: "none",
  reference: 0,
  margin: 0,
  level: LEVEL,
  above: "Nothing is decided by a number.",
  below: "Nothing is decided by a number.",
  within: "Nothing is decided by a number.",
  undecided: "The maps are for people to read; nothing is decided by a number.",
};
