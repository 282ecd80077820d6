import type { ProtocolSource } from "./schema.ts";
import { plainClassifier, testedOnTransformed, usual } from "./usual.ts";
import { againstChance, againstOriginal, againstRest, rateGap } from "./wording.ts";

const GROUP = "later_work";
const acquisition = [
  { id: "window", params: { width: "$width" } },
  { id: "field_of_view", params: { share: "$share" } },
];
const everyBand = [20, 30, 40, 50, 60, 70, 80];

/** What later work asks for beside the study. */
export const laterWork: readonly ProtocolSource[] = [
  {
    ...usual,
    id: "encoding_probe",
    title: "Probe of frozen features",
    group: GROUP,
    hypothesis: "The frozen features of a network trained to find disease encode the attribute.",
    varies: "The model of the features: logistic regression, random forest.",
    procedure: {
      kind: "probe",
      layer: "penultimate",
      models: ["logistic_regression", "random_forest"],
      folds: 5,
    },
    answer: againstChance("from the features"),
    requires: { attributes: [], materials: ["finding_model"] },
    where: [
      "Notebook experiment_A3",
      "Glocker et al. 2023, doi:10.1016/j.ebiom.2023.104467",
      "Yang et al. 2024, doi:10.1038/s41591-024-03113-4",
    ],
    published: [
      { publication: "gichoya-2022", experiments: ["Race from frozen pathology features (A3)"] },
      { publication: "khara-2024", experiments: ["Race from frozen density model"] },
    ],
    cautions: ["That features encode an attribute does not show that a prediction uses it."],
  },
  {
    ...usual,
    id: "encoding_probe_given_labels",
    title: "Probe of frozen features within labels",
    group: GROUP,
    hypothesis: "Frozen features encode the attribute beyond what the labels carry.",
    varies: "The level of each label within which the probe is tested.",
    procedure: {
      kind: "probe",
      layer: "penultimate",
      models: ["logistic_regression", "random_forest"],
      within: ["finding:*"],
      folds: 5,
    },
    answer: againstChance("from the features within a level of a label"),
    requires: { attributes: ["finding:*"], materials: ["finding_model"] },
    where: ["Yang et al. 2024, doi:10.1038/s41591-024-03113-4"],
    published: [],
    cautions: ["That features encode an attribute does not show that a prediction uses it."],
  },
  {
    ...usual,
    id: "resampled_test",
    title: "Test set evened out for the attribute, prevalence and age",
    group: GROUP,
    hypothesis: "The AUC stays when groups agree in size, prevalence and age.",
    varies: "What the groups of the test set agree in.",
    procedure: {
      kind: "resampled_test",
      steps: [
        { attribute: "target" },
        { attribute: "finding:No Finding" },
        { attribute: "age", cuts: everyBand },
      ],
      timesSize: 3,
      replicates: 2000,
      seed: 0,
    },
    answer: {
      ...againstRest("evened-out test set"),
      quantity: "difference_from_original",
      above: "The AUC is higher on the evened-out test set than on the set as it is.",
      below: "The AUC is lower on the evened-out test set than on the set as it is.",
      within:
        "The AUC on the evened-out test set is equivalent to that on the set as it is within the margin.",
      undecided:
        "The interval of the difference holds 0 and reaches beyond the margin: these data do not decide whether size, prevalence and age account for the AUC.",
    },
    requires: { attributes: ["finding:No Finding", "age"], materials: [] },
    where: [
      "Glocker et al. 2023, doi:10.1016/j.ebiom.2023.104467",
      "Duffy et al. 2022, doi:10.1038/s41746-022-00720-8",
    ],
    published: [{ publication: "duffy-2022", experiments: ["Race from echo after tuning confounder share"] }],
    cautions: [
      "Images drawn several times carry no new information: intervals resample patients.",
      "Every combination of levels weighs the same, so rare ones weigh much; where one has no rows there is no number.",
    ],
  },
  {
    ...usual,
    id: "feature_shift",
    title: "Distribution of features by group",
    group: GROUP,
    hypothesis: "The principal components of the features are distributed alike in all groups.",
    varies: "The component and the pair of groups.",
    procedure: {
      kind: "feature_shift",
      layer: "penultimate",
      components: 4,
      test: "kolmogorov_smirnov",
      correction: "benjamini_yekutieli",
      alpha: 0.05,
    },
    answer: {
      quantity: "share_of_tests",
      reference: 0,
      margin: 0,
      level: 0.95,
      above: "At least one component is distributed otherwise in two groups after correction for all tests.",
      below: "A share of tests cannot be below 0.",
      within:
        "No component is distributed detectably otherwise in two groups after correction; this is no proof of sameness.",
      undecided: "These data do not decide.",
    },
    requires: { attributes: [], materials: ["finding_model"] },
    where: ["Glocker et al. 2023, doi:10.1148/ryai.230060"],
    published: [{ publication: "glocker-2023", experiments: ["Feature-shift tests significant"] }],
    cautions: ["With many images any difference becomes significant: read the size of the statistic."],
  },
  {
    ...usual,
    id: "underdiagnosis",
    title: "Underdiagnosis by group at recorded thresholds",
    group: GROUP,
    hypothesis: "A model of findings calls ill patients healthy equally often in all groups.",
    varies: "The group, alone and by sex and age, and how the threshold was chosen.",
    procedure: {
      kind: "gaps",
      finding: "No Finding",
      rate: "fpr",
      thresholds: ["target_fpr", "sensitivity_equals_specificity", "f1"],
      targetFpr: 0.2,
      by: [
        [{ attribute: "target" }],
        [{ attribute: "target" }, { attribute: "sex" }],
        [{ attribute: "target" }, { attribute: "age", cuts: [20, 40, 60, 80] }],
      ],
    },
    metrics: ["fpr", "fnr", "tpr"],
    interval: "newcombe",
    units: ["image"],
    answer: rateGap("rate of wrong No Finding"),
    requires: { attributes: ["finding:No Finding"], materials: ["finding_model"] },
    where: [
      "Seyyed-Kalantari et al. 2021, doi:10.1038/s41591-021-01595-0",
      "Bernhardt et al. 2022, doi:10.1038/s41591-022-01846-8",
      "Wang et al. 2024",
    ],
    published: [
      { publication: "wang-2024", experiments: ["Change in error-rate disparity with augmentation"] },
    ],
    cautions: [
      "A gap cannot be read without the prevalence and the labels' errors in each group.",
      "Thresholds are chosen on the validation part and recorded.",
      "Intervals take the images of a patient as one cluster (Rao & Scott 1992, doi:10.2307/2532311).",
    ],
  },
  {
    ...usual,
    id: "acquisition_shift",
    title: "Acquisition: window width and field of view",
    group: GROUP,
    hypothesis:
      "A model recovers the attribute whatever the window width and the field of view of the test images.",
    varies: "The width of the window, as a share of the grey scale, and the share of the sides that is seen.",
    procedure: testedOnTransformed,
    grid: { width: [1, 0.949, 0.898, 0.852, 0.801], share: [1, 0.953, 0.911, 0.868, 0.833] },
    transforms: { corrected: acquisition, legacy: acquisition },
    answer: againstOriginal("changing window and field of view"),
    where: ["Lotter 2024, doi:10.1038/s41467-024-52003-3"],
    published: [],
    cautions: [
      "Widths are 256, 243, 230, 218 and 205 of 256 grey levels, shares 224 of 224, 235, 246, 258 and 269 pixels.",
      "The work also reads how the mean score moves by group; a model can rank alike and still shift.",
    ],
  },
  {
    ...usual,
    id: "run_to_run_variance",
    title: "Variance from run to run",
    group: GROUP,
    hypothesis: "Training again with another seed gives the same AUC within the margin.",
    varies: "The seed of training; data and split stay.",
    procedure: { ...plainClassifier, seeds: [0, 1, 2, 3, 4] },
    answer: {
      quantity: "spread_over_seeds",
      reference: 0,
      margin: 0.01,
      level: 0.95,
      above: "The standard deviation over seeds lies above 0: report it beside every interval.",
      below: "A standard deviation cannot be below 0.",
      within: "The standard deviation over seeds lies within the margin.",
      undecided: "These runs do not decide how large the spread is.",
    },
    where: ["Notebook Race classification_MIMIC_Densenet121, two runs"],
    published: [],
    cautions: [
      "In the study's notebooks single cells moved by up to 0.055 between reruns: more than the printed intervals.",
    ],
  },
];
