import {
  CONFOUNDER_VERSION,
  type ConfounderModelId,
  type PixelStatistic,
  requireStatistic,
  type ValidationScheme,
} from "../../../compute/index.ts";
import type { Principal } from "../../access/principal.ts";
import { requireRole } from "../../access/require-role.ts";
import type { Database } from "../../db/client.ts";
import { fingerprintOf } from "../../metrics/fingerprint.ts";
import { badInput } from "../../metrics/question.ts";
import { type ClassRequest, classesOf } from "../../models/train/training-classes.ts";
import { planTraining } from "../../models/train/training-subject.ts";
import { findRunByFingerprint, type RunRecord } from "../../runs/run.queries.ts";
import { requestRun } from "../../runs/run-requests.ts";
import type { ServiceDeps } from "../../services.ts";
import { software } from "../../software.ts";
import type { EvaluationSubject } from "../evaluate/subject.ts";
import type { ConfounderParams } from "./confounder-params.ts";
import { featuresOf } from "./confounder-rows.ts";
import { findRecorded } from "./confounder-subject.ts";
import { keptEmbeddings } from "./embedded-rows.ts";

/** What is to be recovered, from what, and how. */
export interface ConfounderRequest {
  readonly dataset: string;
  readonly datasetVersion?: number | null | undefined;
  readonly attribute: string;
  /** Default: every level of the attribute. */
  readonly classes?: readonly ClassRequest[] | null | undefined;
  /** Names of attributes; `finding:*` is every finding. */
  readonly features: readonly string[];
  /** Numbers about the images' grey levels beside them; default: none, and no pixel is read. */
  readonly pixels?: PixelStatistic | null | undefined;
  /** Of pixels: an image that cannot be read ends the run, or is neither learnt from nor scored; default: it ends it. */
  readonly onBadImage?: "fail" | "skip" | null | undefined;
  /** Row id of a run of evaluation that has kept embeddings: these in place of attributes, of the images it evaluated. */
  readonly embeddings?: number | null | undefined;
  readonly model: ConfounderModelId;
  /** 2 to 20. */
  readonly folds: number;
  /** Default: folds. */
  readonly scheme?: ValidationScheme | null | undefined;
  readonly seed: number;
}

/** The run that a request is, and whether this request made it. */
export interface RequestedConfounders {
  readonly run: RunRecord;
  readonly created: boolean;
}

/** Asks for models of what is recorded; workers carry them out. */
export class ConfounderService {
  readonly #database: Database;

  constructor({ database }: Pick<ServiceDeps, "database">) {
    this.#database = database;
  }

  /**
   * Queues a model of what is recorded. The same request twice is the same run.
   *
   * @throws {ServiceError} NOT_FOUND, UNAUTHENTICATED, FORBIDDEN for all but stewards of the dataset, BAD_USER_INPUT
   * @throws {ComputeError} INVALID_PARAM for bins or thresholds out of range
   */
  async request(request: ConfounderRequest, principal: Principal): Promise<RequestedConfounders> {
    const subject = await findRecorded(this.#database.db, request);
    requireRole(principal, "steward", subject.dataset.id);
    const params = await this.#paramsOf(request, subject);
    return requestRun(this.#database, {
      ...identityOf(params, subject),
      datasetId: subject.dataset.id,
      requestedBy: principal.tokenId ?? null,
      software,
    });
  }

  /**
   * The run that a request is, where somebody has asked for it before; nothing is queued.
   *
   * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT
   */
  async find(request: ConfounderRequest): Promise<RunRecord | undefined> {
    const subject = await findRecorded(this.#database.db, request);
    const params = await this.#paramsOf(request, subject);
    return findRunByFingerprint(this.#database.db, identityOf(params, subject).fingerprint);
  }

  async #paramsOf(
    request: ConfounderRequest,
    subject: Pick<EvaluationSubject, "dataset" | "version">,
  ): Promise<ConfounderParams> {
    const { attribute, folds, seed, model } = request;
    if (!Number.isInteger(folds) || folds < 2 || folds > 20) {
      throw badInput(`Expected 2 to 20 folds, got ${folds}`);
    }
    if (!Number.isSafeInteger(seed)) throw badInput(`Expected a whole seed, got ${seed}`);
    const pixels = request.pixels ?? null;
    if (pixels !== null) requireStatistic(pixels);
    if (pixels !== null && subject.version.files === null) {
      throw badInput("Expected a version with image files to read grey levels from, got one without");
    }
    const { attributes } = await planTraining(this.#database, subject);
    const { task, classes } = classesOf(attributes, attribute, request.classes);
    if (task !== "exclusive") {
      throw badInput(
        `Expected an attribute whose levels exclude each other, got "${attribute}"; name one finding, as finding:Mass`,
      );
    }
    const features = featuresOf(attributes, attribute, request.features);
    const embeddings =
      request.embeddings == null
        ? undefined
        : await keptEmbeddings(this.#database.db, request.embeddings, subject);
    if (features.length === 0 && pixels === null && embeddings === undefined) {
      throw badInput("Expected at least one feature, got none");
    }
    if (embeddings !== undefined && (features.length > 0 || pixels !== null)) {
      throw badInput("Expected embeddings alone, got other features beside them");
    }
    return {
      dataset: subject.dataset.slug,
      datasetVersion: subject.version.version,
      attribute,
      classes,
      features,
      pixels,
      ...(pixels !== null && request.onBadImage === "skip" ? { onBadImage: "skip" as const } : {}),
      ...(embeddings === undefined ? {} : { embeddings }),
      model,
      folds,
      ...(request.scheme === "progressive" ? { scheme: "progressive" as const } : {}),
      seed,
    };
  }
}

function identityOf(params: ConfounderParams, { version }: Pick<EvaluationSubject, "version">) {
  const identity = {
    kind: "confounders",
    plugin: "confounders",
    pluginVersion: CONFOUNDER_VERSION,
    params: { ...params },
    inputDigests: { manifest: version.manifestSha256 ?? "" },
  } as const;
  return { ...identity, fingerprint: fingerprintOf(identity) };
}
