import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Artefact,
  type ExtraOutputs,
  parseSaliency,
  type SaliencyRequest,
  type SaliencySpec,
} from "../../../compute/index.ts";
import { ServiceError } from "../../errors.ts";
import type { RunRecord } from "../../runs/run.queries.ts";

/** What an evaluation leaves in files besides its scores, in canonical form: what is not wanted is absent. */
export interface WantedArtefacts {
  /** Name of a value or operator within the model. */
  readonly embedding?: string;
  /** A class of the model, and how the maps of what speaks for it are made. */
  readonly saliency?: SaliencySpec & { readonly class: string };
}

/** As requests word it. */
export interface ArtefactRequest {
  readonly embedding?: string | null | undefined;
  readonly saliency?: (SaliencyRequest & { readonly class: string }) | null | undefined;
}

const LONGEST_NAME = 300;

/**
 * Brings a request into its canonical form; undefined when nothing is wanted.
 *
 * @throws {ServiceError} BAD_USER_INPUT
 * @throws {ComputeError} INVALID_PARAM for parameters that the method of the maps does not take
 */
export function wantedArtefacts(
  { embedding, saliency }: ArtefactRequest,
  classes: readonly string[],
): WantedArtefacts | undefined {
  if (embedding == null && saliency == null) return undefined;
  if (
    embedding != null &&
    (embedding === "" || embedding.length > LONGEST_NAME || /\p{Cc}/u.test(embedding))
  ) {
    throw new ServiceError(
      "BAD_USER_INPUT",
      `Expected the name of a layer of the model, of 1 to ${LONGEST_NAME} characters, got another`,
    );
  }
  if (saliency != null && !classes.includes(saliency.class)) {
    throw new ServiceError(
      "BAD_USER_INPUT",
      `Expected one of the classes ${classes.join(", ")} for saliency`,
    );
  }
  return {
    ...(embedding == null ? {} : { embedding }),
    ...(saliency == null ? {} : { saliency: canonicalSaliency(saliency) }),
  };
}

function canonicalSaliency(saliency: NonNullable<ArtefactRequest["saliency"]>) {
  const { class: className, method, samples, noise, seed, layer } = saliency;
  return { class: className, ...parseSaliency({ method, samples, noise, seed, layer }) };
}

/**
 * Makes the folder of one attempt, so that an attempt that was lost can never write into another's files, and removes
 * what earlier attempts left.
 *
 * @returns what the compute child is told, and the folder below the home
 */
export async function openArtefacts(
  home: string,
  { fingerprint, attempt }: Pick<RunRecord, "fingerprint" | "attempt">,
  { embedding, saliency }: WantedArtefacts,
  classes: readonly string[],
): Promise<{ readonly extras: ExtraOutputs; readonly folder: string }> {
  const ofRun = join("artefacts", fingerprint);
  const folder = join(ofRun, `attempt-${attempt}`);
  await rm(join(home, ofRun), { recursive: true, force: true });
  await mkdir(join(home, folder), { recursive: true, mode: 0o700 });
  return {
    folder,
    extras: {
      folder: join(home, folder),
      ...(embedding === undefined ? {} : { embedding }),
      ...(saliency === undefined ? {} : { saliency: indexed(saliency, classes) }),
    },
  };
}

function indexed(
  { class: className, ...spec }: NonNullable<WantedArtefacts["saliency"]>,
  classes: readonly string[],
) {
  return { ...spec, classIndex: classes.indexOf(className) };
}

/** What a run's summary says of its files. */
export function artefactSummary(
  folder: string | undefined,
  artefacts: readonly Artefact[] | undefined,
): Readonly<Record<string, unknown>> {
  return folder === undefined || artefacts === undefined ? {} : { artefacts: { folder, files: artefacts } };
}
