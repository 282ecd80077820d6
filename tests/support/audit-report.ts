import { type AuditReport, metaAnalysis, type ReportValue } from "../../compute/index.ts";

let next = 0;

/** An AUC with an interval of the given half-width and a record of its own. */
export function auc(value: number, half = 0.02): ReportValue {
  next += 1;
  const [ciLow, ciHigh] = [Math.max(0, value - half), Math.min(1, value + half)];
  return { value, ciLow, ciHigh, reason: null, n: 3_050, nPatients: 1_012, record: recordId(next) };
}

/** No AUC, for a reason. */
export function noAuc(reason: string): ReportValue {
  next += 1;
  return {
    value: null,
    ciLow: null,
    ciHigh: null,
    reason,
    n: 8,
    nPatients: 3,
    record: recordId(next),
  };
}

function recordId(n: number): string {
  return Buffer.from(`MetricRecord:${n}`).toString("base64url");
}

/** The smallest PNG there is: one grey pixel. */
export const greyPixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  "base64",
);

const classes = ["Asian", "Black", "White"] as const;

/** A report with something in every chapter; the same one each time. */
export function fullReport(): AuditReport {
  next = 0;
  const radii = [1, 5, 10, 25, 50, 75, 100, 125, 150, 200];
  const low = [0.54, 0.74, 0.86, 0.93, 0.951, 0.958, 0.96, 0.962, 0.962, 0.96];
  const high = [0.964, 0.967, 0.96, 0.947, 0.931, 0.92, 0.89, 0.76, 0.594, 0.5];
  const curves = (values: readonly number[]) =>
    classes.map((name, c) => ({
      name,
      points: radii.map((x, i) => ({
        x,
        value:
          c === 0 && i === 9 ? noAuc("NO_POSITIVES") : auc((values[i] ?? 0.5) - 0.02 * c, 0.015 + 0.005 * c),
      })),
    }));
  const patch = [0.8725, 0.8822, 0.8729, 0.82, 0.8313, 0.8221, 0.7526, 0.5991, 0.7468];
  const external = {
    printed: "0.962 (0.957-0.966)",
    value: 0.962,
    about: "MXR to CXP, Black",
    source: "Table 3",
    record: "cHVi",
  };
  return {
    title: "Self-reported race in chest x-rays of two sites",
    audit: "QXVkaXQ6Nw",
    fingerprint: "4be1".repeat(16),
    attribute: "self-reported race",
    classes,
    level: 0.95,
    margin: 0.05,
    facts: [
      { name: "Architecture", value: "small_cnn, 64 x 64" },
      { name: "Seeds", value: "0, 1, 2" },
      { name: "Intervals", value: "DeLong" },
    ],
    cohorts: ["north", "south"].map((dataset, i) => ({
      dataset: `${dataset}-hospital`,
      title: `${dataset === "north" ? "North" : "South"} Hospital`,
      version: 1,
      images: 12_480 - 5_000 * i,
      patients: 4_102 - 1_500 * i,
      parts: [
        { name: "train", images: 7_488 - 3_000 * i },
        { name: "validation", images: 1_248 - 500 * i },
        { name: "test", images: 3_744 - 1_500 * i },
      ],
      age: i === 0 ? { mean: 58.24, sd: 17.31, known: 4_100 } : null,
      attributes: [
        {
          name: "self-reported race",
          levels: classes.map((level, c) => ({ level, patients: 500 * (c + 1), images: 1_400 * (c + 1) })),
          unknown: 12,
        },
        {
          name: "sex",
          levels: [
            { level: "F", patients: 2_001, images: 6_100 },
            { level: "M", patients: 2_101, images: 6_380 },
          ],
          unknown: 0,
        },
      ],
    })),
    results: [
      ...classes.map((name, i) => ({
        experiment: "internal" as const,
        model: "race-north",
        train: "north-hospital",
        test: "north-hospital",
        class: name,
        unit: "image",
        value: auc(0.97 - 0.01 * i, 0.008),
        published: [],
      })),
      ...classes.map((name, i) => ({
        experiment: "external" as const,
        model: "race-north",
        train: "north-hospital",
        test: "south-hospital",
        class: name,
        unit: "image",
        value: auc(0.93 - 0.01 * i, 0.013),
        published: name === "Black" ? [external] : [],
      })),
    ],
    sweeps: [
      {
        title: "Low-pass and high-pass filter",
        note: "A new model is trained on the filtered images for each radius, and tested on images filtered alike.",
        xName: "radius (frequency bins)",
        scale: "linear",
        panels: [
          { title: "Low pass", series: curves(low) },
          { title: "High pass", series: curves(high) },
        ],
        untouched: classes.map((name, i) => ({ name, value: auc(0.97 - 0.01 * i, 0.008) })),
        published: [{ ...external, printed: "0.969", about: "MXR, low pass 125, Black", source: "Figure 1" }],
      },
      {
        title: "Resolution",
        note: "The model of the original images is tested on images brought down to so many pixels a side and back.",
        xName: "pixels a side",
        scale: "log",
        panels: [
          {
            title: "Resolution",
            series: [
              {
                name: "Black",
                points: [1, 2, 4, 8, 16, 32, 64, 160, 320].map((x, i) => ({
                  x,
                  value: auc(0.5 + 0.055 * i, 0.02),
                })),
              },
            ],
          },
        ],
        untouched: [],
        published: [],
      },
    ],
    sheets: [
      { title: "One image under the filters of the sweep", alt: "Sheet of filtered images", png: greyPixel },
    ],
    patches: (["keep", "remove"] as const).map((mode, m) => ({
      title: "Patches, 3 x 3",
      mode,
      class: "White",
      rows: 3,
      cols: 3,
      values: patch.map((value, i) =>
        m === 0 && i === 8 ? noAuc("TOO_FEW_PATIENTS") : auc(m === 0 ? value : 0.905 + 0.001 * i, 0.02),
      ),
      whole: auc(0.9148, 0.008),
      published: m === 0 ? patch : null,
      publishedAbout: m === 0 ? "MXR, White, the study's notebook" : null,
    })),
    maps: ["Black", "White"].map((name, k) => ({
      title: "MXR",
      class: name,
      method: "Class activation",
      images: 1_500 + k,
      rows: 7,
      cols: 7,
      values: Array.from({ length: 49 }, (_, at) => (((at * 5 + k) % 49) - 10 * k) / 10),
    })),
    confounders: [
      {
        title: "Labels, age, sex and body habitus",
        class: "Black",
        image: auc(0.96, 0.008),
        models: [
          {
            name: "Logistic regression",
            features: ["age", "sex", "bmi", "14 findings"],
            value: auc(0.64, 0.02),
            published: [{ ...external, printed: "0.65", value: 0.65, about: "EMX", source: "Table 2" }],
          },
          {
            name: "Boosted trees",
            features: ["age", "sex", "bmi", "14 findings"],
            value: auc(0.66, 0.02),
            published: [],
          },
        ],
      },
    ],
    strata: [
      {
        title: "AUC by age",
        attribute: "age",
        valueName: "AUC",
        class: "Black",
        overall: auc(0.96, 0.008),
        rows: [
          { level: "0-20", value: noAuc("TOO_FEW_POSITIVES"), prevalence: 0.181 },
          { level: "20-40", value: auc(0.93, 0.02), prevalence: 0.29 },
          { level: "40-60", value: auc(0.96, 0.012), prevalence: 0.22 },
          { level: "60-80", value: auc(0.965, 0.01), prevalence: 0.15 },
        ],
        published: [],
      },
    ],
    gaps: [
      {
        title: "Underdiagnosis, north-hospital",
        finding: "No Finding",
        groupName: "self-reported race",
        rateName: "False positive rate",
        rule: "largest F1 on the validation part",
        threshold: 0.4375,
        overall: auc(0.21, 0.01),
        otherNames: ["False negative rate"],
        rows: ["Black", "White"].map((group, i) => ({
          group,
          value: auc(0.25 - 0.05 * i, 0.02),
          others: [auc(0.3, 0.02)],
          difference: auc(0.05, 0.03),
          reading: "The rate is higher than that of the rest.",
          prevalence: 0.3 + 0.1 * i,
        })),
        published: [external],
      },
    ],
    shifts: [
      {
        title: "Distribution of features by group, north-hospital",
        note: "Two components, one pair of groups.",
        rejected: auc(0.5),
        reading: "At least one component lies otherwise.",
        explained: [0.4, 0.15],
        tests: [1, 2].map((component) => ({
          component,
          first: "Black",
          second: "White",
          distance: auc(0.3),
          p: component === 1 ? 1e-7 : 0.2,
          adjusted: component === 1 ? 3e-7 : 0.6,
        })),
      },
    ],
    others: [
      {
        title: "Blur",
        note: "The model of the original images is tested on blurred ones (Gaussian, 2 px).",
        rows: [
          {
            label: "north-hospital",
            class: "Black",
            value: auc(0.66, 0.03),
            difference: auc(-0.3, 0.03),
            reading: "The AUC is lower after blurring.",
            published: [],
          },
        ],
      },
    ],
    pooled: [
      {
        title: "Internal and external results",
        class: "Black",
        result: metaAnalysis({
          estimates: [
            { label: "north-hospital", value: 0.96, ciLow: 0.95, ciHigh: 0.968 },
            { label: "south-hospital", value: 0.92, ciLow: 0.905, ciHigh: 0.933 },
            { label: "north to south", value: 0.93, ciLow: 0.91, ciHigh: 0.945 },
          ],
        }),
        records: [recordId(2), recordId(5), recordId(901)],
        published: [external],
      },
    ],
    variance: [
      {
        title: "north-hospital, internal",
        class: "Black",
        runs: [0, 1, 2].map((seed) => ({ seed, value: auc(0.955 + 0.004 * seed, 0.008) })),
      },
    ],
    controls: [
      {
        kind: "negative",
        title: "Attribute shuffled between patients",
        dataset: "north-hospital",
        unit: "image",
        answer: "The interval holds 0.5.",
        expected: "0.5",
        class: "Black",
        value: auc(0.503, 0.03),
      },
      {
        kind: "positive",
        title: "Mark planted in the image",
        dataset: "north-hospital",
        unit: "image",
        expected: "1",
        class: "brighter mark",
        value: auc(0.999, 0.001),
        answer: "The mark is found.",
      },
    ],
    steps: [
      {
        protocol: "internal-validation",
        title: "Internal validation",
        outcome: "done",
        reason: null,
        runs: ["UnVuOjE", "UnVuOjI"],
      },
      {
        protocol: "lung-masks",
        title: "Lung and non-lung masks",
        outcome: "left out",
        reason: "no masks are given for north-hospital",
        runs: [],
      },
    ],
    cautions: ["South Hospital gives no ages: its cohort cannot be compared by age."],
    software: { stratum: "0.1.0", node: "20.20.0" },
  };
}
