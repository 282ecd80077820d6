import { ComputeError } from "../errors.ts";
import { UNKNOWN_LABEL } from "../metrics/stratified-rows.ts";
import { RandomStream } from "../random.ts";

/** The categories and levels that phantom patients and images have; a column's code is an index here. */
export const phantomLevels = {
  race: ["Asian", "Black", "White"],
  sex: ["F", "M"],
  view: ["AP", "PA"],
  site: ["north", "south"],
  split: ["train", "validate", "test"],
} as const;

/** Self-reported race as two imagined record systems write it, with its category (255: none) and share of patients. */
export const phantomRecordedRaces = [
  { recorded: "Asian", category: 0, share: 0.1 },
  { recorded: "Asian, non-Hispanic", category: 0, share: 0.05 },
  { recorded: "Black or African American", category: 1, share: 0.2 },
  { recorded: "Black, non-Hispanic", category: 1, share: 0.1 },
  { recorded: "White", category: 2, share: 0.35 },
  { recorded: "White, non-Hispanic", category: 2, share: 0.15 },
  { recorded: "Patient Refused", category: UNKNOWN_LABEL, share: 0.03 },
  { recorded: "", category: UNKNOWN_LABEL, share: 0.02 },
] as const;

/** What to make up. */
export interface PhantomCohortSpec {
  /** Any safe integer; the same seed makes the same cohort, and fewer patients are the first of more. */
  readonly seed: number;
  readonly patients: number;
  /** Fewest and most images a patient has, each number as likely; default [1, 6]. */
  readonly imagesPerPatient?: readonly [number, number];
  /** Findings with the chance that a study shows them; default none. */
  readonly findings?: Readonly<Record<string, number>>;
}

/** Patients that never lived, image by image. Codes index `phantomLevels`. */
export interface PhantomCohort {
  readonly seed: number;
  readonly imageCount: number;
  readonly patientCount: number;
  readonly studyCount: number;
  /** Ordinals of the image's patient and study; images of a patient and of a study are neighbours. */
  readonly patients: Uint32Array;
  readonly studies: Uint32Array;
  /** Index into `phantomRecordedRaces`. */
  readonly recordedRaces: Uint8Array;
  /** Category of the recorded self-reported race; 255 where none is recorded. */
  readonly races: Uint8Array;
  readonly sexes: Uint8Array;
  /** Years, 0 to 95. */
  readonly ages: Uint8Array;
  readonly views: Uint8Array;
  readonly sites: Uint8Array;
  /** By patient: 60 % train, 20 % validate, 20 % test. */
  readonly splits: Uint8Array;
  /** Per finding: 1 present, 0 absent; images of a study agree. */
  readonly findings: Readonly<Record<string, Uint8Array>>;
}

/** Purposes of random streams: each patient has one of each, so that no draw moves another. */
const TRAITS_STREAM = 1;
const FINDINGS_STREAM = 2;

/** The stream of one patient for one purpose. */
export function phantomStream(seed: number, purpose: number, patient: number): RandomStream {
  return new RandomStream(seed, purpose * 2 ** 40 + patient);
}

/**
 * Makes up a cohort: patients with one self-reported race, sex, age, site and split, several images each, grouped into
 * studies of one or two images, each image with its view.
 *
 * The attributes are drawn independently but for the view, which is AP more often at the south site, so that
 * strata confound each other a little as they do in hospitals.
 *
 * @throws {ComputeError} INVALID_PARAM for counts or chances out of range.
 */
export function makePhantomCohort(spec: PhantomCohortSpec): PhantomCohort {
  const { seed, patients: patientCount } = spec;
  const [fewest, most] = spec.imagesPerPatient ?? [1, 6];
  const chances = Object.entries(spec.findings ?? {});
  requireSpec(patientCount, fewest, most, chances);
  const rows: PhantomImage[] = [];
  let studyCount = 0;
  for (let patient = 0; patient < patientCount; patient += 1) {
    studyCount = addPatient(
      rows,
      seed,
      patient,
      studyCount,
      fewest + phantomCount(seed, patient, most - fewest + 1),
    );
  }
  const bytes = (pick: (row: PhantomImage) => number) => Uint8Array.from(rows, pick);
  const studies = Uint32Array.from(rows, ({ study }) => study);
  const patients = Uint32Array.from(rows, ({ patient }) => patient);
  return {
    seed,
    imageCount: rows.length,
    patientCount,
    studyCount,
    patients,
    studies,
    recordedRaces: bytes(({ recordedRace }) => recordedRace),
    races: bytes(({ recordedRace }) => phantomRecordedRaces[recordedRace]?.category ?? UNKNOWN_LABEL),
    sexes: bytes(({ sex }) => sex),
    ages: bytes(({ age }) => age),
    views: bytes(({ view }) => view),
    sites: bytes(({ site }) => site),
    splits: bytes(({ split }) => split),
    findings: Object.fromEntries(
      chances.map(([name, chance], finding) => {
        const present = drawFindings(seed, finding, chance, studyCount);
        // `!`: studies are below studyCount.
        return [name, Uint8Array.from(studies, (study) => present[study]!)];
      }),
    ),
  };
}

interface PhantomImage {
  readonly patient: number;
  readonly study: number;
  readonly recordedRace: number;
  readonly sex: number;
  readonly age: number;
  readonly site: number;
  readonly split: number;
  readonly view: number;
}

function phantomCount(seed: number, patient: number, choices: number): number {
  return phantomStream(seed, TRAITS_STREAM, patient).below(choices);
}

/** Appends a patient's images; returns the number of studies so far. */
function addPatient(
  rows: PhantomImage[],
  seed: number,
  patient: number,
  firstStudy: number,
  images: number,
): number {
  const stream = phantomStream(seed, TRAITS_STREAM, patient);
  stream.uint32(); // spent on the number of images
  const recordedRace = drawRecordedRace(stream.uniform());
  const sex = stream.uniform() < 0.5 ? 0 : 1;
  const age = Math.round(Math.min(95, Math.max(0, 55 + 18 * stream.normal())));
  const site = stream.uniform() < 0.5 ? 0 : 1;
  const dice = stream.uniform();
  const split = dice < 0.6 ? 0 : dice < 0.8 ? 1 : 2;
  let study = firstStudy;
  let leftInStudy = 0;
  for (let image = 0; image < images; image += 1) {
    if (leftInStudy === 0) {
      if (image > 0) study += 1;
      leftInStudy = stream.uniform() < 0.5 ? 1 : 2;
    }
    leftInStudy -= 1;
    const view = stream.uniform() < (site === 1 ? 0.5 : 0.3) ? 0 : 1;
    rows.push({ patient, study, recordedRace, sex, age, site, split, view });
  }
  return study + 1;
}

function drawRecordedRace(dice: number): number {
  let below = 0;
  for (const [index, { share }] of phantomRecordedRaces.entries()) {
    below += share;
    if (dice < below) return index;
  }
  return phantomRecordedRaces.length - 1;
}

function drawFindings(seed: number, finding: number, chance: number, studyCount: number): Uint8Array {
  const stream = phantomStream(seed, FINDINGS_STREAM, finding);
  return Uint8Array.from({ length: studyCount }, () => (stream.uniform() < chance ? 1 : 0));
}

function requireSpec(
  patients: number,
  fewest: number,
  most: number,
  chances: readonly (readonly [string, number])[],
): void {
  const countsFit =
    Number.isInteger(patients) && patients >= 1 && Number.isInteger(fewest) && Number.isInteger(most);
  if (!countsFit || fewest < 1 || most < fewest || most > 1000) {
    const got = `${patients} patients of ${fewest} to ${most} images`;
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected whole patients of 1 to 1000 images, got ${got}; change the counts`,
    );
  }
  for (const [name, chance] of chances) {
    if (!(chance > 0 && chance < 1)) {
      throw new ComputeError(
        "INVALID_PARAM",
        `Expected a chance between 0 and 1 for ${name}, got ${chance}; change it`,
      );
    }
  }
}
