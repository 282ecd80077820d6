import type { ProtocolSource } from "./schema.ts";
import { inBothModes, plainClassifier, STUDY, trainedOnTransformed, usual } from "./usual.ts";
import { againstChance, againstOriginal } from "./wording.ts";

const tiles = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const GROUP = "mechanism";
const patches = [{ publication: STUDY, experiments: ["Patch-based training"] }];
const where = [
  "Table 2, Patch-based training (appendix p 30, not available)",
  "Notebook agg_results, cell 38",
];

/** A tile transform after a high pass of radius 100, in the order of the study's code. */
function afterHighPass(id: string): NonNullable<ProtocolSource["transforms"]> {
  const filter = inBothModes("high_pass", { radius: 100 });
  const tile = inBothModes(id, { index: "$tile" });
  return {
    corrected: [...filter.corrected, ...tile.corrected],
    legacy: [...filter.legacy, ...tile.legacy],
  };
}

/** Where in the image the signal is. */
export const regions: readonly ProtocolSource[] = [
  {
    ...usual,
    id: "patch_only",
    title: "One ninth of the image",
    group: GROUP,
    hypothesis: "One tile of a 3 x 3 grid alone recovers the attribute.",
    varies: "The tile that stays, row by row from the top left.",
    procedure: trainedOnTransformed,
    grid: { tile: tiles },
    transforms: inBothModes("patch_keep", { index: "$tile" }),
    answer: againstChance("from this tile"),
    where,
    published: patches,
    cautions: [
      "Legacy tiles leave the last rows and columns of the image to none.",
      "The notebook prints the White class only; the best tile keeps 0.882 of 0.915, the bottom centre 0.599.",
    ],
  },
  {
    ...usual,
    id: "patch_removed",
    title: "All but one ninth of the image",
    group: GROUP,
    hypothesis: "The attribute is recovered without a tile of a 3 x 3 grid, whichever tile goes.",
    varies: "The tile that goes, row by row from the top left.",
    procedure: trainedOnTransformed,
    grid: { tile: tiles },
    transforms: inBothModes("patch_remove", { index: "$tile" }),
    answer: againstOriginal("removing the tile"),
    where,
    published: patches,
    cautions: ["Legacy fills the tile with ImageNet's mean grey, corrected with black."],
  },
  {
    ...usual,
    id: "patch_only_high_pass",
    title: "One ninth of the image, high frequencies only",
    group: GROUP,
    hypothesis: "The high spatial frequencies of one tile alone recover the attribute.",
    varies: "The tile that stays after a high pass of radius 100.",
    procedure: trainedOnTransformed,
    grid: { tile: tiles },
    transforms: afterHighPass("patch_keep"),
    answer: againstChance("from this tile's high frequencies"),
    where,
    published: patches,
  },
  {
    ...usual,
    id: "patch_removed_high_pass",
    title: "All but one ninth of the image, high frequencies only",
    group: GROUP,
    hypothesis: "The high spatial frequencies without one tile recover the attribute, whichever tile goes.",
    varies: "The tile that goes after a high pass of radius 100.",
    procedure: trainedOnTransformed,
    grid: { tile: tiles },
    transforms: afterHighPass("patch_remove"),
    answer: againstChance("from high frequencies without this tile"),
    where,
    published: patches,
  },
  {
    ...usual,
    id: "lungs",
    title: "Lungs, and all but the lungs",
    group: GROUP,
    hypothesis:
      "A model of whole images recovers the attribute from the lungs alone, or from all but the lungs.",
    varies: "Whether pixels inside or outside the lungs stay.",
    procedure: {
      ...plainClassifier,
      testOn: "transformed",
      mask: { region: "lungs", keep: "$keep" },
    },
    grid: { keep: ["inside", "outside"] },
    answer: againstOriginal("blotting out what is outside, or inside, the lungs"),
    requires: { attributes: [], materials: ["region_masks"] },
    where: ["Table 2, Lung segmentation (appendix p 29, not available)"],
    published: [{ publication: STUDY, experiments: ["Lung segmentation"] }],
    cautions: [
      "The model is tested, not trained, on masked images: a fall can come from what it never saw rather than from what it lost.",
    ],
  },
  {
    ...usual,
    id: "occlusion",
    title: "Salient region blotted out",
    group: GROUP,
    hypothesis: "Without the region that the model's map marks, the model no longer recovers the attribute.",
    varies: "Nothing: one region an image, by its map.",
    procedure: { kind: "occlusion", method: "class_activation", threshold: 0.1 },
    answer: againstOriginal("blotting out the salient region"),
    where: ["Table 2, Occlusion (appendix p 30, not available)", "Results"],
    published: [{ publication: STUDY, experiments: ["Occlusion", "Occlusion of saliency regions"] }],
    cautions: [
      "What is blotted out follows the image, so its shape can itself tell the classes apart; the same shape blotted out elsewhere, where the map is lowest, stands beside it as a control.",
      "The study's code places a box computed at 256 x 256 on images of 224 x 224 without rescaling it, and keeps the whole image on any error.",
    ],
  },
];
