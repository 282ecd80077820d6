import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  ComputeError,
  type ImagePhantomAttribute,
  type ImagePhantomSpec,
  type ImagePhantomTruth,
  imagePhantomFiles,
  type imagePhantomSites,
  imagePhantomTruth,
  makeImagePhantom,
  parsePlanted,
} from "../../compute/index.ts";
import { CommandError, exitCodes } from "./exit-code.ts";
import { numberOf } from "./number-option.ts";

/** What the command line says of made-up images. */
export interface PhantomImageFlags {
  readonly out: string;
  readonly planted: string;
  readonly patients?: string;
  readonly seed: string;
  readonly strength: string;
  readonly attribute: ImagePhantomAttribute;
  readonly imagesPerPatient: string;
  readonly side: string;
  readonly site: (typeof imagePhantomSites)[number] | "both";
  readonly patternSeed: string;
  readonly testShare?: string;
}

/**
 * Writes a cohort of made-up radiographs: images, manifest.csv, mapping.json, truth.json.
 *
 * @throws {CommandError} usage where an option is out of range
 */
export async function writePhantomImages(flags: PhantomImageFlags): Promise<ImagePhantomTruth> {
  const phantom = made(flags);
  await mkdir(join(flags.out, "images"), { recursive: true });
  for (const { path, bytes } of imagePhantomFiles(phantom)) {
    const file = join(flags.out, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  return imagePhantomTruth(phantom);
}

function made(flags: PhantomImageFlags) {
  try {
    const spec: ImagePhantomSpec = {
      seed: numberOf("--seed", flags.seed),
      patients: numberOf("--patients", flags.patients ?? "400"),
      planted: parsePlanted(flags.planted),
      strength: numberOf("--strength", flags.strength),
      attribute: flags.attribute,
      imagesPerPatient: numberOf("--images-per-patient", flags.imagesPerPatient),
      side: numberOf("--side", flags.side),
      patternSeed: numberOf("--pattern-seed", flags.patternSeed),
      ...(flags.site === "both" ? {} : { site: flags.site }),
      ...(flags.testShare === undefined ? {} : { testShare: numberOf("--test-share", flags.testShare) }),
    };
    return makeImagePhantom(spec);
  } catch (error) {
    if (error instanceof ComputeError) throw new CommandError(exitCodes.usage, error.message);
    throw error;
  }
}
