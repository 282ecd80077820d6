import { encodeGreyPng } from "../images/encode-grey-png.ts";
import { phantomStream } from "../phantom-cohort.ts";
import { idealAuc, matchedFilter } from "./ideal-observer.ts";
import {
  type ImagePhantomRow,
  type ImagePhantomSpec,
  imagePhantomAttributes,
  imagePhantomRows,
} from "./phantom-patients.ts";
import { describePlanted } from "./planted.ts";
import { type PlantedPattern, plantedPattern } from "./planted-pattern.ts";
import { drawThorax } from "./thorax.ts";

const ANATOMY_STREAM = 12;
const GRAIN_STREAM = 13;
/** Room for the images of one patient in a stream's number. */
const IMAGES_A_PATIENT = 32;

const ROUNDS = 6;

/** One file of a cohort. */
export interface ImagePhantomFile {
  /** Below the cohort's folder. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A cohort of made-up chest radiographs whose truth is known. */
export interface ImagePhantom {
  readonly spec: ImagePhantomSpec;
  readonly rows: readonly ImagePhantomRow[];
  readonly pattern: PlantedPattern;
}

/** Makes up a cohort; images are drawn when they are asked for. @throws {ComputeError} INVALID_PARAM */
export function makeImagePhantom(spec: ImagePhantomSpec): ImagePhantom {
  return {
    spec,
    rows: imagePhantomRows(spec),
    pattern: plantedPattern(spec.planted, spec.side, spec.patternSeed),
  };
}

/**
 * The grey levels of one image: a thorax whose inner product with the pattern is set to `base + gain * t`, so that it
 * tells the attribute through t and through nothing else. About 3 ms at 64 pixels.
 */
export function imagePhantomPixels({ spec, pattern }: ImagePhantom, row: ImagePhantomRow): Uint8Array {
  const stream = row.patient * IMAGES_A_PATIENT + row.image;
  const pixels = drawThorax(
    row,
    spec.side,
    phantomStream(spec.seed, ANATOMY_STREAM, stream),
    phantomStream(spec.seed, GRAIN_STREAM, stream),
  );
  // Black and white cut a little of a strong signal off: what the rest lacks is added again.
  for (let round = 0; round < ROUNDS; round += 1) {
    const missing = (row.t - matchedFilter(pattern, pixels)) * pattern.gain;
    for (let pixel = 0; pixel < pixels.length; pixel += 1) {
      // `!`: both have one value a pixel.
      const brightness = pixels[pixel]! + missing * pattern.pattern[pixel]!;
      pixels[pixel] = Math.min(1, Math.max(0, brightness));
    }
  }
  return Uint8Array.from(pixels, (brightness) => Math.round(255 * brightness));
}

/** What the ideal observer makes of an image: t, up to rounding and to grey levels beyond black and white. */
export function idealScore({ pattern }: ImagePhantom, levels: Uint8Array): number {
  return matchedFilter(
    pattern,
    Float64Array.from(levels, (level) => level / 255),
  );
}

/** Path of an image below the cohort's folder. */
export function imagePhantomPath({ patient, image }: ImagePhantomRow): string {
  return `images/p${String(patient).padStart(6, "0")}-${image}.png`;
}

const columns = [
  "path",
  "patient",
  "study",
  "split",
  "sex",
  "age",
  "self_reported_race",
  "site",
  "equipment",
  "view",
  "finding_effusion",
  "finding_none",
] as const;

/** Every file of a cohort: images, `manifest.csv`, `mapping.json`, `truth.json`; the same bytes for the same spec. */
export function* imagePhantomFiles(phantom: ImagePhantom): Generator<ImagePhantomFile, void, undefined> {
  const { rows, spec } = phantom;
  const text = (path: string, content: string) => ({ path, bytes: Buffer.from(content, "utf8") });
  for (const row of rows) {
    const bytes = encodeGreyPng(imagePhantomPixels(phantom, row), spec.side, spec.side);
    yield { path: imagePhantomPath(row), bytes };
  }
  const lines = rows.map((row) => {
    const patient = `p${String(row.patient).padStart(6, "0")}`;
    const { split, sex, age, race, site, equipment, view, effusion } = row;
    const findings = effusion ? [1, 0] : [0, 1];
    const traits = [split, sex, age, race, site, equipment, view];
    return [imagePhantomPath(row), patient, `${patient}-${row.image}`, ...traits, ...findings].join(",");
  });
  yield text("manifest.csv", `${[columns.join(","), ...lines].join("\n")}\n`);
  yield text("mapping.json", json(imagePhantomMapping));
  yield text("truth.json", json(imagePhantomTruth(phantom)));
}

/** How `stratum import dataset` reads the manifest. */
export const imagePhantomMapping = {
  path: "path",
  patient: "patient",
  study: "study",
  split: "split",
  attributes: {
    race: { column: "self_reported_race", vocabulary: imagePhantomAttributes.race },
    sex: { column: "sex", vocabulary: imagePhantomAttributes.sex },
    age: { column: "age" },
    site: { column: "site" },
    equipment: { column: "equipment" },
    view: { column: "view" },
  },
  labels: {
    attribute: "finding",
    columns: { Effusion: "finding_effusion", "No Finding": "finding_none" },
    blank: "unknown",
  },
} as const;

/** What an audit of the cohort must find. */
export interface ImagePhantomTruth {
  readonly planted: string;
  readonly attribute: string;
  readonly classes: readonly string[];
  readonly strength: number;
  readonly idealAuc: { readonly image: number; readonly patient: number };
  readonly patients: number;
  readonly images: number;
  readonly seed: number;
  readonly patternSeed: number;
  readonly side: number;
}

/** The truth of a cohort in numbers: `truth.json`. */
export function imagePhantomTruth({ spec, rows }: ImagePhantom): ImagePhantomTruth {
  const { planted, attribute, strength, patients, seed, patternSeed, side } = spec;
  return {
    planted: describePlanted(planted),
    attribute,
    classes: imagePhantomAttributes[attribute],
    strength,
    idealAuc: { image: idealAuc(spec), patient: idealAuc(spec, "patient") },
    patients,
    images: rows.length,
    seed,
    patternSeed,
    side,
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
