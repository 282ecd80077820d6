import type { ProtocolSource } from "./schema.ts";
import { plainClassifier, STUDY, usual } from "./usual.ts";
import { againstChance, againstInternal } from "./wording.ts";

/** Whether a model recovers the attribute from images, here and elsewhere. */
export const raceDetection: readonly ProtocolSource[] = [
  {
    ...usual,
    id: "internal_validation",
    title: "Internal validation",
    group: "race_detection",
    hypothesis:
      "A network trained on images recovers the attribute on patients of the same set that it has not seen.",
    varies: "Nothing: the reference that other protocols are compared with.",
    procedure: plainClassifier,
    answer: againstChance("from images of the same source"),
    where: [
      "Table 2, CXR internal, Limb x-ray internal, Cervical spine internal",
      "Table 3",
      "Methods, Deep learning models",
    ],
    published: [
      {
        publication: STUDY,
        experiments: [
          "CXR internal",
          "CXR internal (all classes, comparator)",
          "5-class race model",
          "Limb x-ray internal",
          "Cervical spine internal",
          "Jabbour et al. race from AHRF (cited)",
        ],
      },
      { publication: "duffy-2022", experiments: ["Sex from echo video", "Race from echo video, range"] },
      { publication: "khara-2024", experiments: ["Race from mammograms, direct"] },
    ],
    cautions: [
      "Self-reported race is what a person or a clerk recorded, not biology.",
      "The published intervals are most likely by image; those here resample patients.",
      "Table 2 prints numbers for Black patients by its caption; several of them agree with Table 3 for no class.",
    ],
  },
  {
    ...usual,
    id: "external_validation",
    title: "External validation",
    group: "race_detection",
    hypothesis: "A network trained on one dataset recovers the attribute on another dataset.",
    varies: "The dataset that is tested on; the model stays as it is.",
    procedure: { ...plainClassifier, testSet: "external" },
    answer: againstInternal("another dataset"),
    requires: { attributes: [], materials: ["external_dataset"] },
    where: ["Table 2, CXR external", "Table 3", "Results, Race detection in radiology imaging"],
    published: [{ publication: STUDY, experiments: ["CXR external", "x-ray external range"] }],
    cautions: [
      "The summary's range for external x-ray sets (0.91 to 0.99) takes an internal number in; Table 3's largest external one is 0.983.",
      "A random split shares its dataset's bias; only another dataset tests beyond it.",
    ],
  },
  {
    ...usual,
    id: "several_architectures",
    title: "Several architectures",
    group: "race_detection",
    hypothesis: "The attribute is recovered whatever the architecture of the network.",
    varies: "The architecture; data, split and seeds stay.",
    procedure: { ...plainClassifier, architectures: "several" },
    answer: againstChance("by this architecture"),
    requires: { attributes: [], materials: ["several_architectures"] },
    where: ["Table 2, CXR comparison of models (appendix p 26, not available)"],
    published: [{ publication: STUDY, experiments: ["CXR comparison of models"] }],
    cautions: [
      "Spread from run to run can exceed the difference between two architectures; see run_to_run_variance.",
    ],
  },
  {
    ...usual,
    id: "slice_to_study",
    title: "From slices to studies",
    group: "race_detection",
    hypothesis: "The mean score of a study's images recovers the attribute better than one image does.",
    varies:
      "The unit of analysis: image or slice, study, patient; the score of a unit is the mean of its images.",
    procedure: plainClassifier,
    units: ["image", "study", "patient"],
    answer: againstChance("from a study"),
    requires: { attributes: [], materials: ["several_images_a_study"] },
    where: ["Table 2, CT internal, CT external, Mammography internal", "Table 3, note on slices"],
    published: [
      {
        publication: STUDY,
        experiments: [
          "CT internal",
          "CT external",
          "CT external range",
          "Mammography internal",
          "Mammography",
        ],
      },
    ],
    cautions: ["The study's code for computed tomography is not published."],
  },
];
