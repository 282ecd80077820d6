import type { ProtocolSource } from "./schema.ts";
import { usual } from "./usual.ts";
import { againstChance } from "./wording.ts";

const GROUP = "controls";

/** Trainings whose answer is known beforehand: whether an audit would find what is there, and finds nothing where nothing is. */
export const controls: readonly ProtocolSource[] = [
  {
    ...usual,
    id: "shuffled_attribute",
    title: "Negative control: the attribute shuffled among patients",
    group: GROUP,
    hypothesis: "A network trained like the audit's does not recover labels that were dealt out by chance.",
    varies: "The labels: each patient has another's, by a seed; as many patients have each class as before.",
    procedure: { kind: "shuffled_labels" },
    answer: {
      ...againstChance("from shuffled labels"),
      above:
        "Labels dealt out by chance are recovered: the interval lies above 0.5. Chance does that to one audit in forty; repeat with another seed, and if it stays, training and test share patients or copies of images.",
      below:
        "The interval lies below 0.5, which chance does to one audit in forty; repeat with another seed.",
      within:
        "As it must be: what is recovered of labels dealt out by chance is equivalent to 0.5 within the margin.",
      undecided:
        "As it must be: the interval holds 0.5. It reaches beyond the margin, so a leak smaller than the interval would not show.",
    },
    where: [
      "Ojala and Garriga 2010, Permutation tests for studying classifier performance, JMLR 11:1833-1863",
    ],
    published: [],
    cautions: ["A patient whose images differ in the attribute gives the level of the first one."],
  },
  {
    ...usual,
    id: "planted_mark",
    title: "Positive control: a mark of known strength in the images",
    group: GROUP,
    hypothesis:
      "A network trained like the audit's tells brighter from darker marks in a corner of the images.",
    varies: "A square in one corner, its grey drawn about one of two means for each image.",
    procedure: { kind: "planted_mark", strength: 3 },
    // Each image has its own mark, so a patient's images are of both kinds.
    units: ["image"],
    answer: {
      ...againstChance("from marks"),
      above:
        "The mark is found: the interval lies above 0.5, so trainings like these find a signal of this strength.",
      below: "The interval lies below 0.5: scores and marks run opposite ways.",
      within:
        "A mark that is there is not found: what is recovered is equivalent to chance within the margin. An AUC near 0.5 elsewhere in this audit is no evidence that nothing is there; train longer, or on more images.",
      undecided:
        "A mark that is there is not found: the interval holds 0.5. An AUC near 0.5 elsewhere in this audit is no evidence that nothing is there; train longer, or on more images.",
    },
    where: ["Green and Swets 1966, Signal Detection Theory and Psychophysics, section 3.2.4"],
    published: [],
    cautions: [
      "Finding a mark of this strength does not say that a weaker signal, or one spread over the image, would be found.",
    ],
  },
];
