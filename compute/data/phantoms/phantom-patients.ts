import { normalCdf } from "../../distributions.ts";
import { ComputeError } from "../../errors.ts";
import { phantomStream } from "../phantom-cohort.ts";
import type { Planted } from "./planted.ts";

/** The attribute that is planted, and its two levels: the second is the one whose signal is stronger. */
export const imagePhantomAttributes = {
  race: ["White", "Black"],
  sex: ["F", "M"],
} as const;
export type ImagePhantomAttribute = keyof typeof imagePhantomAttributes;

export const imagePhantomSites = ["north", "south"] as const;
const equipments = ["Alpha 100", "Beta 7"] as const;
const views = ["PA", "AP"] as const;
const splits = ["train", "validate", "test"] as const;

/** What images to make up. */
export interface ImagePhantomSpec {
  /** Any safe integer; the same seed makes the same bytes, and fewer patients are the first of more. */
  readonly seed: number;
  readonly patients: number;
  readonly planted: Planted;
  /** d' of the ideal observer on one image: distance of the classes' means in standard deviations; 0 to 6. */
  readonly strength: number;
  readonly attribute: ImagePhantomAttribute;
  /** Images of each patient, 1 to 20; each its own study. */
  readonly imagesPerPatient: number;
  /** Rows and columns of each image, 16 to 1024. */
  readonly side: number;
  /** One site for all patients; absent: each site as likely. */
  readonly site?: (typeof imagePhantomSites)[number];
  /** Seed of the planted pattern: sites to be compared share it. */
  readonly patternSeed: number;
  /** Share of the patients in the part for the test, 0.05 to 0.9; of the others a fifth validates. Absent: a quarter. */
  readonly testShare?: number;
}

/** One image of a patient that never lived. */
export interface ImagePhantomRow {
  readonly patient: number;
  /** Within the patient, from 0. */
  readonly image: number;
  readonly race: (typeof imagePhantomAttributes.race)[number];
  readonly sex: (typeof imagePhantomAttributes.sex)[number];
  /** Whole years, 18 to 90. */
  readonly age: number;
  readonly site: (typeof imagePhantomSites)[number];
  readonly equipment: (typeof equipments)[number];
  readonly view: (typeof views)[number];
  readonly split: (typeof splits)[number];
  /** Effusion is drawn into the image; it has nothing to do with the attribute. */
  readonly effusion: boolean;
  /** 1 for the second level of the planted attribute, else 0. */
  readonly truth: 0 | 1;
  /** What is planted, in standard deviations. */
  readonly t: number;
}

const TRAITS_STREAM = 11;
/** Share of the planted signal's variance that a patient's images have in common. */
export const PATIENT_SHARE = 0.5;
/** Parts of the patients that train, and that train or validate, where the test has a quarter. */
const PARTS = [0.6, 0.75] as const;
const MEAN_AGE = 54;
const AGE_DEVIATION = 11;

/**
 * Makes up the patients of a cohort, image by image in order of patient.
 *
 * The planted t of an image is a standard normal about -strength/2 or +strength/2 by class, half of its variance the
 * patient's. Where a confounder is planted, the confounder goes with the class instead, and t with the confounder; where it is
 * hidden, age goes with the class and t with nothing.
 *
 * @throws {ComputeError} INVALID_PARAM for a value out of range.
 */
export function imagePhantomRows(spec: ImagePhantomSpec): readonly ImagePhantomRow[] {
  requireSpec(spec);
  return Array.from({ length: spec.patients }, (_, patient) => imagesOf(spec, patient)).flat();
}

function imagesOf(spec: ImagePhantomSpec, patient: number): readonly ImagePhantomRow[] {
  const { planted, strength, attribute } = spec;
  // Every patient draws the same numbers whatever is planted, so cohorts differ by what is planted alone.
  const stream = phantomStream(spec.seed, TRAITS_STREAM, patient);
  const coin = () => (stream.uniform() < 0.5 ? 0 : 1);
  const codes = { race: coin(), sex: coin(), site: coin() } as const;
  const truth = codes[attribute];
  const shift = (truth - 0.5) * strength;
  const dice = { equipment: stream.uniform(), split: stream.uniform() };
  const common = Math.sqrt(PATIENT_SHARE) * stream.normal();
  const years = stream.normal();

  const [train, seen] =
    spec.testShare === undefined ? PARTS : [0.8 * (1 - spec.testShare), 1 - spec.testShare];
  const byAge = planted.kind === "confounder" && planted.by === "age";
  const isHidden = planted.kind === "hidden";
  const byEquipment = planted.kind === "confounder" && planted.by === "equipment";
  const z = years + (byAge || isHidden ? shift : 0);
  const age = Math.min(90, Math.max(18, Math.round(MEAN_AGE + AGE_DEVIATION * z)));
  const equipment = dice.equipment < (byEquipment ? secondDeviceShare(truth, strength) : 0.5) ? 1 : 0;
  return Array.from({ length: spec.imagesPerPatient }, (_, image) => {
    const view = stream.uniform() < 0.4 ? 1 : 0;
    const effusion = stream.uniform() < 0.3;
    const own = Math.sqrt(1 - PATIENT_SHARE) * stream.normal();
    const planted_t = byAge
      ? (age - MEAN_AGE) / AGE_DEVIATION
      : byEquipment
        ? 2 * equipment - 1
        : common + own + (planted.kind === "none" || isHidden ? 0 : shift);
    // `!`: codes are 0 or 1, every table has two entries.
    return {
      patient,
      image,
      race: imagePhantomAttributes.race[codes.race]!,
      sex: imagePhantomAttributes.sex[codes.sex]!,
      age,
      site: spec.site ?? imagePhantomSites[codes.site]!,
      equipment: equipments[equipment]!,
      view: views[view]!,
      split: splits[dice.split < train ? 0 : dice.split < seen ? 1 : 2]!,
      effusion,
      truth: truth === 1 ? 1 : 0,
      t: planted_t,
    };
  });
}

/** Shares (1 +- q) / 2 with q = 2 Phi(d'/sqrt 2) - 1 give the device alone the AUC Phi(d'/sqrt 2) (see idealAuc). */
function secondDeviceShare(truth: number, strength: number): number {
  const q = 2 * normalCdf(strength / Math.SQRT2) - 1;
  return (1 + (2 * truth - 1) * q) / 2;
}

function requireSpec({
  patients,
  strength,
  imagesPerPatient,
  side,
  seed,
  patternSeed,
  testShare = 0.25,
}: ImagePhantomSpec): void {
  const refuse = (what: string, got: unknown) => {
    throw new ComputeError("INVALID_PARAM", `Expected ${what}, got ${String(got)}; change it`);
  };
  const whole = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  if (!whole(patients, 1, 10_000_000)) refuse("1 to 10,000,000 patients", patients);
  if (!(strength >= 0 && strength <= 6)) refuse("a strength from 0 to 6", strength);
  if (!whole(imagesPerPatient, 1, 20)) refuse("1 to 20 images a patient", imagesPerPatient);
  if (!whole(side, 16, 1024)) refuse("a side of 16 to 1024 pixels", side);
  if (!(testShare >= 0.05 && testShare <= 0.9)) refuse("a test share from 0.05 to 0.9", testShare);
  if (!Number.isSafeInteger(seed)) refuse("a whole seed", seed);
  if (!Number.isSafeInteger(patternSeed)) refuse("a whole pattern seed", patternSeed);
}
