import type { MetaAnalysisResult } from "../meta/meta-analysis.ts";

/** A number with its interval, or the reason why there is none; `record` is the id of the metric record that holds it. */
export interface ReportValue {
  readonly value: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  readonly reason: string | null;
  /** Rows behind it: images, studies or patients, by the unit of analysis. */
  readonly n: number | null;
  readonly nPatients: number | null;
  readonly record: string | null;
  /** Of a network: standard deviation of its AUC over trainings from other seeds; absent where none were made. */
  readonly seedSpread?: number;
}

/** A number that a publication prints, as it stands there. */
export interface ReportPublished {
  /** As printed, interval included: `0.947 (0.944-0.951)`. */
  readonly printed: string;
  readonly value: number | null;
  /** What it is about, in the publication's words: dataset, class. */
  readonly about: string;
  /** Table, page or figure. */
  readonly source: string;
  readonly record: string | null;
}

/** How many of a cohort's patients and images have a level. */
export interface ReportLevel {
  readonly level: string;
  readonly patients: number | null;
  readonly images: number | null;
}

/** The images of one dataset that the audit looked at: a column of the study's Table 1. */
export interface ReportCohort {
  readonly dataset: string;
  readonly title: string;
  readonly version: number;
  readonly images: number | null;
  readonly patients: number | null;
  /** Images of each part of the split that was used, in order of use. */
  readonly parts: readonly { readonly name: string; readonly images: number | null }[];
  /** In years, over patients whose age is known; null when none is. */
  readonly age: {
    readonly mean: number;
    readonly sd: number | null;
    readonly known: number;
  } | null;
  /** Self-reported race, sex and whatever else describes the cohort. */
  readonly attributes: readonly {
    readonly name: string;
    readonly levels: readonly ReportLevel[];
    /** Images without a value. */
    readonly unknown: number | null;
  }[];
}

/** One model on one test set, for one class against the rest: a row of the study's Table 3. */
export interface ReportResult {
  readonly experiment: "internal" | "external" | "digitised";
  readonly model: string;
  /** Dataset that the model learned from. */
  readonly train: string;
  readonly test: string;
  readonly class: string;
  readonly unit: string;
  readonly value: ReportValue;
  /** From the internal result, of digitised images on the same patients, where that is what the protocol asks about, and its own sentence on it. */
  readonly difference?: ReportValue | null;
  readonly answer?: string | null;
  readonly published: readonly ReportPublished[];
}

/** A curve of a sweep. */
export interface ReportSeries {
  readonly name: string;
  /** Whether a publication printed it; absent: it was computed here. */
  readonly published?: boolean;
  readonly points: readonly { readonly x: number; readonly value: ReportValue }[];
}

/** AUC over a parameter of a transform, one panel a transform: the study's Figure 1. */
export interface ReportSweep {
  readonly title: string;
  /** What was done and how to read it, in a sentence or two. */
  readonly note: string;
  readonly xName: string;
  readonly scale: "linear" | "log";
  readonly panels: readonly { readonly title: string; readonly series: readonly ReportSeries[] }[];
  /** AUC of the images as they are, where the same model saw them. */
  readonly untouched: readonly { readonly name: string; readonly value: ReportValue }[];
  readonly published: readonly ReportPublished[];
}

/** A sheet of transformed images: the study's Figure 2. */
export interface ReportSheet {
  readonly title: string;
  readonly alt: string;
  readonly png: Uint8Array;
}

/** What attributes other than the image tell, or its grey levels wherever they lie, beside what the image does. */
export interface ReportConfounders {
  readonly title: string;
  /** What the models saw; absent: attributes. */
  readonly sees?: "attributes" | "grey levels";
  readonly class: string;
  /** The image model on the same patients. */
  readonly image: ReportValue;
  readonly models: readonly {
    readonly name: string;
    /** What it saw, in words. */
    readonly features: readonly string[];
    readonly value: ReportValue;
    /** Of the image model from this one, on the same images, and what the protocol's rule says of it. */
    readonly difference?: ReportValue | null;
    readonly reading?: string | null;
    readonly published: readonly ReportPublished[];
  }[];
}

/** The mean map of a class over the test images of that class: for people to look at. */
export interface ReportMap {
  /** Dataset. */
  readonly title: string;
  readonly class: string;
  /** How maps are made, in words. */
  readonly method: string;
  readonly images: number;
  readonly rows: number;
  readonly cols: number;
  /** Row by row. */
  readonly values: readonly number[];
}

/** AUC with one part of the image kept, or removed. */
export interface ReportPatchMap {
  readonly title: string;
  readonly mode: "keep" | "remove";
  readonly class: string;
  readonly rows: number;
  readonly cols: number;
  /** Row by row. */
  readonly values: readonly ReportValue[];
  readonly whole: ReportValue;
  readonly published: readonly (number | null)[] | null;
  readonly publishedAbout: string | null;
}

/** A value by the levels of an attribute. */
export interface ReportStrata {
  readonly title: string;
  readonly attribute: string;
  /** Such as "AUC" or "False positive rate". */
  readonly valueName: string;
  readonly class: string;
  readonly overall: ReportValue;
  readonly rows: readonly {
    readonly level: string;
    readonly value: ReportValue;
    /** Share of the class among the stratum's rows. */
    readonly prevalence: number | null;
  }[];
  readonly published: readonly ReportPublished[];
}

/** An error rate of a model of findings by group, at one threshold. */
export interface ReportGaps {
  readonly title: string;
  readonly finding: string;
  /** What the groups are divided by. */
  readonly groupName: string;
  /** As in "False positive rate". */
  readonly rateName: string;
  /** How the threshold was chosen, and which it is; null where there is none. */
  readonly rule: string;
  readonly threshold: number | null;
  readonly overall: ReportValue;
  /** Names of the rates in `others`. */
  readonly otherNames: readonly string[];
  readonly rows: readonly {
    readonly group: string;
    readonly value: ReportValue;
    readonly others: readonly ReportValue[];
    /** From the rest, and what the protocol's rule says of it. */
    readonly difference: ReportValue;
    readonly reading: string;
    /** Share of the finding in the group. */
    readonly prevalence: number | null;
  }[];
  readonly published: readonly ReportPublished[];
}

/** Whether what a network keeps of images lies alike in all groups. */
export interface ReportShift {
  readonly title: string;
  /** What was tested, corrected how. */
  readonly note: string;
  /** Share of the tests that are rejected. */
  readonly rejected: ReportValue;
  readonly reading: string;
  /** Share of the variance along each component. */
  readonly explained: readonly number[];
  readonly tests: readonly {
    /** From 1. */
    readonly component: number;
    readonly first: string;
    readonly second: string;
    /** Largest distance of the two distribution functions. */
    readonly distance: ReportValue;
    readonly p: number;
    readonly adjusted: number;
  }[];
}

/** Estimates of several datasets together. */
export interface ReportPooled {
  readonly title: string;
  readonly class: string;
  readonly result: MetaAnalysisResult;
  /** Records that were pooled. */
  readonly records: readonly string[];
  readonly published: readonly ReportPublished[];
}

/** The same training from several seeds. */
export interface ReportVariance {
  readonly title: string;
  readonly class: string;
  readonly runs: readonly { readonly seed: number; readonly value: ReportValue }[];
}

/** A control whose answer is known before the audit. */
export interface ReportControl {
  /** negative: nothing is there to find; positive: something of known strength is. */
  readonly kind: "negative" | "positive";
  readonly title: string;
  /** Dataset that the network learned from and was tested on. */
  readonly dataset: string;
  readonly unit: string;
  readonly expected: string;
  readonly class: string;
  readonly value: ReportValue;
  /** What the interval says, by the protocol's own rule. */
  readonly answer: string;
}

/** What became of one protocol. */
export interface ReportStep {
  readonly protocol: string;
  readonly title: string;
  readonly outcome: "done" | "partly" | "left out";
  /** Why something is missing; null where nothing is. */
  readonly reason: string | null;
  /** Ids of its runs. */
  readonly runs: readonly string[];
}

/** A result of a protocol that has no figure of its own. */
export interface ReportOther {
  readonly title: string;
  readonly note: string;
  readonly rows: readonly {
    readonly label: string;
    readonly class: string;
    readonly value: ReportValue;
    /** From what the protocol compares with. */
    readonly difference: ReportValue | null;
    /** What the number says, by the protocol's own rule. */
    readonly reading: string;
    /** What else is to be known of it; absent: nothing. */
    readonly about?: string;
    readonly published: readonly ReportPublished[];
  }[];
}

/** Everything that a report of an audit says. Plain values: the same ones give the same bytes. */
export interface AuditReport {
  readonly title: string;
  /** Id of the audit. */
  readonly audit: string;
  readonly fingerprint: string;
  /** As a reader calls it: "self-reported race". */
  readonly attribute: string;
  readonly classes: readonly string[];
  /** Confidence level of all intervals, in (0, 1). */
  readonly level: number;
  /** AUCs within this distance of 0.5 count as equivalent to chance when their whole interval lies there. */
  readonly margin: number;
  /** How it was done: seeds, architecture, interval method and the like. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly cohorts: readonly ReportCohort[];
  readonly results: readonly ReportResult[];
  readonly sweeps: readonly ReportSweep[];
  readonly sheets: readonly ReportSheet[];
  readonly patches: readonly ReportPatchMap[];
  readonly maps: readonly ReportMap[];
  readonly confounders: readonly ReportConfounders[];
  readonly strata: readonly ReportStrata[];
  readonly gaps: readonly ReportGaps[];
  readonly shifts: readonly ReportShift[];
  readonly others: readonly ReportOther[];
  readonly pooled: readonly ReportPooled[];
  readonly variance: readonly ReportVariance[];
  readonly controls: readonly ReportControl[];
  readonly steps: readonly ReportStep[];
  /** Cautions that this audit's own data ask for, beside those of the study. */
  readonly cautions: readonly string[];
  readonly software: Readonly<Record<string, string>>;
}
