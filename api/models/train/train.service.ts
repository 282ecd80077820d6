import {
  type ArchitectureName,
  checkChain,
  occlusionOf,
  type Provider,
  reachOfChain,
  type Start,
  type TransformChain,
} from "../../../compute/index.ts";
import type { Principal } from "../../access/principal.ts";
import { requireRole } from "../../access/require-role.ts";
import type { Config } from "../../config.ts";
import type { MaskSet } from "../../datasets/masks/mask.queries.ts";
import { digestsOfMasks, findMasks } from "../../datasets/masks/wanted-masks.ts";
import type { Database } from "../../db/client.ts";
import { fingerprintOf } from "../../metrics/fingerprint.ts";
import { type AttributePredicate, badInput } from "../../metrics/question.ts";
import { canonicalWhere } from "../../metrics/stratified-auc.service.ts";
import { findRunByFingerprint, type RunRecord } from "../../runs/run.queries.ts";
import { type RequestedRun, requestRun } from "../../runs/run-requests.ts";
import type { ServiceDeps } from "../../services.ts";
import { software } from "../../software.ts";
import { findModelBySlug } from "../model.queries.ts";
import { ensureFolds } from "./folds.ts";
import { type RecipeRequest, recipeOf, usualArchitecture } from "./recipe-request.ts";
import { selectSample } from "./select-sample.ts";
import { type ClassRequest, classesOf } from "./training-classes.ts";
import { TRAIN_VERSION, type TrainedModelWords, type TrainingParams, taskOf } from "./training-params.ts";
import { type PartsRequest, partsOf } from "./training-parts.ts";
import { findTrainingSubject, planTraining, type TrainingSubject } from "./training-subject.ts";

/** What training starts from: an architecture, or a model; neither: the architecture that suits the images. */
export interface StartRequest {
  readonly architecture?: ArchitectureName | null | undefined;
  readonly model?: string | null | undefined;
  readonly modelVersion?: number | null | undefined;
  readonly learn?: Extract<Start, { kind: "model" }>["learn"] | null | undefined;
}

/** What is to be trained. */
export interface TrainRequest extends PartsRequest, RecipeRequest {
  readonly dataset: string;
  readonly datasetVersion?: number | null | undefined;
  readonly attribute: string;
  readonly classes?: readonly ClassRequest[] | null | undefined;
  readonly where: readonly AttributePredicate[];
  /** The attributes whose levels together sampling evens out; with sampling `equal-strata` or `matched-strata` only. */
  readonly strata?: readonly string[] | null | undefined;
  readonly transforms: TransformChain;
  readonly start?: StartRequest | null | undefined;
  /** Default: the setting. */
  readonly provider?: Provider | null | undefined;
  readonly onBadImage: TrainingParams["onBadImage"];
  /** Slug of the result; default: from dataset, attribute and architecture. */
  readonly model?: string | null | undefined;
  readonly title?: string | null | undefined;
}

const SLUG = /^[a-z0-9][a-z0-9._-]{0,99}$/;

/** Asks for trainings; workers carry them out. */
export class TrainService {
  readonly #database: Database;
  readonly #config: Config;
  /** Requests that are being queued: an equal one waits for the first instead of doing the same work beside it. */
  readonly #underWay = new Map<string, Promise<RequestedRun>>();

  constructor({ database, config }: Pick<ServiceDeps, "database" | "config">) {
    this.#database = database;
    this.#config = config;
  }

  /**
   * Queues a training. The same request twice is the same run, and one that has succeeded comes back at once; one that
   * failed or was cancelled is queued anew. What cannot be done is refused before it is queued.
   *
   * @throws {ServiceError} NOT_FOUND, UNAUTHENTICATED, FORBIDDEN for all but stewards of the dataset, BAD_USER_INPUT
   * @throws {ComputeError} INVALID_PARAM; {ModelError} MODEL_PREPROCESSING_INVALID
   */
  async request(request: TrainRequest, principal: Principal): Promise<RequestedRun> {
    const subject = await findTrainingSubject(this.#database.db, { ...request, initial: request.start });
    requireRole(principal, "steward", subject.dataset.id);
    const key = fingerprintOf({
      ...request,
      version: subject.version.id,
      initialVersion: subject.initial?.modelVersion.id ?? 0,
    });
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return { ...(await underWay), created: false, queued: false };
    const asked = this.#queue(request, subject, principal.tokenId ?? null).finally(() =>
      this.#underWay.delete(key),
    );
    this.#underWay.set(key, asked);
    return asked;
  }

  /**
   * The run that a request is, where somebody has asked for it before; nothing is queued.
   *
   * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT
   */
  async find(request: TrainRequest): Promise<RunRecord | undefined> {
    const subject = await findTrainingSubject(this.#database.db, { ...request, initial: request.start });
    const params = await this.#paramsOf(request, subject);
    const masks = await findMasks(this.#database.db, subject.version.id, params.transforms);
    return findRunByFingerprint(this.#database.db, identityOf(params, subject, masks).fingerprint);
  }

  async #queue(
    request: TrainRequest,
    subject: TrainingSubject,
    requestedBy: number | null,
  ): Promise<RequestedRun> {
    const { dataset, version } = subject;
    const params = await this.#paramsOf(request, subject);
    checkChain(params.transforms, params.recipe.preprocessing);
    if (reachOfChain(params.transforms) > 0) {
      throw badInput(
        "Expected transforms that change each image by itself, got one that reaches its neighbours; use its corrected mode",
      );
    }
    if (occlusionOf(params.transforms) !== undefined) {
      throw badInput("Expected transforms that take no model, got salient_region; it is for evaluations");
    }
    const masks = await findMasks(this.#database.db, version.id, params.transforms);
    const { heldOut, validation } = params;
    if (heldOut !== null) await ensureFolds(this.#database, version, heldOut);
    if (validation.kind === "fold") await ensureFolds(this.#database, version, validation);
    await selectSample(this.#database, await planTraining(this.#database, subject, taskOf(params)), params);
    const words = { title: request.title ?? null } satisfies TrainedModelWords;
    return requestRun(this.#database, {
      ...identityOf(params, subject, masks),
      params: { ...params, ...words },
      datasetId: dataset.id,
      requestedBy,
      software,
    });
  }

  async #paramsOf(request: TrainRequest, subject: TrainingSubject): Promise<TrainingParams> {
    const { dataset, version, initial } = subject;
    const plan = await planTraining(this.#database, subject, {
      taskKind: "binary",
      taskAttribute: request.attribute,
      classes: [],
      classLevels: null,
    });
    const { task, classes } = classesOf(plan.attributes, request.attribute, request.classes);
    const parts = partsOf(request, plan);
    const provider = request.provider ?? this.#config.provider;
    const longestSide = Math.max(version.files?.rows[1] ?? 1, version.files?.cols[1] ?? 1);
    const { rows, cols } = request.preprocessing ?? {};
    const inputSide = Math.max(rows ?? cols ?? longestSide, cols ?? 1);
    const start = startOf(request.start, initial !== undefined, inputSide);
    const recipe = recipeOf(request, {
      start,
      initial: initial?.preprocessing,
      longestSide,
      classes: classes.map(({ name }) => name),
      task,
      provider,
      hasValidation: parts.validation.kind !== "none",
    });
    const model = request.model ?? usualSlug(subject, request, start);
    await this.#requireFree(model);
    return {
      dataset: dataset.slug,
      datasetVersion: version.version,
      attribute: request.attribute,
      classes,
      ...parts,
      where: canonicalWhere(request.where),
      strata: strataOf(request, recipe.sampling.kind),
      transforms: request.transforms,
      initial:
        initial === undefined ? null : { model: initial.model.slug, version: initial.modelVersion.version },
      recipe,
      provider,
      onBadImage: request.onBadImage,
      model,
    };
  }

  async #requireFree(slug: string): Promise<void> {
    if (!SLUG.test(slug)) {
      throw badInput(
        "Expected a slug of lower-case letters, digits, dots and dashes for the model, got another; shorten or rename it",
      );
    }
    const found = await findModelBySlug(this.#database.db, slug);
    if (found !== undefined && found.origin !== "trained") {
      throw badInput(
        `Expected the slug of a new model or one trained here, got "${slug}", which was ${found.origin}; give another`,
      );
    }
  }
}

/** What a run of training is, and is known by. */
function identityOf(
  params: TrainingParams,
  { version, initial }: TrainingSubject,
  masks: readonly MaskSet[],
) {
  const identity = {
    kind: "training",
    plugin: "train",
    pluginVersion: TRAIN_VERSION,
    params,
    inputDigests: {
      manifest: version.manifestSha256 ?? "",
      ...(initial === undefined ? {} : { initial: initial.onnxSha256 }),
      ...digestsOfMasks(masks),
    },
  } as const;
  return { ...identity, fingerprint: fingerprintOf({ ...identity, output: initial?.output ?? null }) };
}

function startOf(asked: TrainRequest["start"], hasInitial: boolean, longestSide: number): Start {
  if (hasInitial) {
    if (asked?.architecture != null)
      throw badInput("Expected an architecture or a model to start from, got both");
    return { kind: "model", learn: asked?.learn ?? "all" };
  }
  if (asked?.learn != null || asked?.modelVersion != null) {
    throw badInput("Expected the model that training starts from, got what to learn of it only");
  }
  return { kind: "architecture", name: asked?.architecture ?? usualArchitecture(longestSide) };
}

function strataOf({ strata, attribute }: TrainRequest, sampling: string): readonly string[] | null {
  const names = [...new Set(strata ?? [])].sort();
  if (sampling === "equal-strata" || sampling === "matched-strata") {
    if (names.length === 0)
      throw badInput(
        "Expected strata with sampling EQUAL_STRATA or MATCHED_STRATA, got none; name attributes",
      );
    if (names.includes(attribute))
      throw badInput("Expected strata other than what is learnt, got the same attribute");
    return names;
  }
  if (names.length > 0)
    throw badInput("Expected sampling EQUAL_STRATA or MATCHED_STRATA with strata, got another");
  return null;
}

function usualSlug(
  { dataset, initial }: TrainingSubject,
  { attribute, folds }: TrainRequest,
  start: Start,
): string {
  const from = start.kind === "architecture" ? start.name : (initial?.model.slug ?? "model");
  const fold = folds == null ? "" : `-fold-${folds.fold}-of-${folds.k}`;
  const words = `${dataset.slug}-${attribute}-${from}`.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, "-");
  return `${words.slice(0, 100 - fold.length)}${fold}`;
}
