import { checkChain, occlusionOf, type Provider, type TransformChain } from "../../../compute/index.ts";
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
import { requestRun } from "../../runs/run-requests.ts";
import type { ServiceDeps } from "../../services.ts";
import { software } from "../../software.ts";
import type { EvaluationPlan } from "../evaluation-columns.ts";
import { type ArtefactRequest, wantedArtefacts } from "./artefacts.ts";
import { EVALUATE_VERSION, type EvaluationParams } from "./evaluation-params.ts";
import { selectImages, splitPartOf } from "./select-images.ts";
import { type EvaluationSubject, findSubject, type SubjectNames } from "./subject.ts";
import { planUnstored } from "./unstored-columns.ts";

/** What is to be evaluated. */
export interface EvaluateRequest extends SubjectNames, ArtefactRequest {
  /** A part of a split: `test`, or `split:test` where several splits have one. */
  readonly split?: string | null | undefined;
  readonly where: readonly AttributePredicate[];
  readonly transforms: TransformChain;
  /** Default: the setting. */
  readonly provider?: Provider | null | undefined;
  readonly onBadImage: EvaluationParams["onBadImage"];
}

/** The run that a request is, and whether this request made it. */
export interface RequestedEvaluation {
  readonly run: RunRecord;
  readonly created: boolean;
}

/** Asks for evaluations; workers carry them out. */
export class EvaluateService {
  readonly #database: Database;
  readonly #config: Config;
  /** Requests that are being queued: an equal one waits for the first instead of doing the same work beside it. */
  readonly #underWay = new Map<string, Promise<RequestedEvaluation>>();

  constructor({ database, config }: Pick<ServiceDeps, "database" | "config">) {
    this.#database = database;
    this.#config = config;
  }

  /**
   * Queues an evaluation. The same request twice is the same run, and one that has succeeded comes back at once; one that
   * failed or was cancelled is queued anew. What cannot be done is refused before it is queued.
   *
   * @throws {ServiceError} NOT_FOUND, UNAUTHENTICATED, FORBIDDEN for all but stewards of the dataset, BAD_USER_INPUT
   * @throws {ComputeError} INVALID_PARAM for transforms that cannot be done at the model's input size
   */
  async request(request: EvaluateRequest, principal: Principal): Promise<RequestedEvaluation> {
    const subject = await findSubject(this.#database.db, request);
    requireRole(principal, "steward", subject.dataset.id);
    const key = fingerprintOf({
      ...request,
      version: subject.version.id,
      modelVersion: subject.modelVersion.id,
    });
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return { ...(await underWay), created: false };
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
  async find(request: EvaluateRequest): Promise<RunRecord | undefined> {
    const subject = await findSubject(this.#database.db, request);
    const params = this.#paramsOf(request, subject, await planUnstored(this.#database, subject));
    const masks = await findMasks(this.#database.db, subject.version.id, params.transforms);
    return findRunByFingerprint(this.#database.db, identityOf(params, subject, masks).fingerprint);
  }

  async #queue(
    request: EvaluateRequest,
    subject: EvaluationSubject,
    requestedBy: number | null,
  ): Promise<RequestedEvaluation> {
    checkChain(request.transforms, subject.preprocessing);
    const plan = await planUnstored(this.#database, subject);
    const params = this.#paramsOf(request, subject, plan);
    await selectImages(this.#database, plan, params);
    const masks = await findMasks(this.#database.db, subject.version.id, params.transforms);
    return requestRun(this.#database, {
      ...identityOf(params, subject, masks),
      datasetId: subject.dataset.id,
      requestedBy,
      software,
    });
  }

  #paramsOf(
    request: EvaluateRequest,
    { dataset, version, model, modelVersion }: EvaluationSubject,
    plan: EvaluationPlan,
  ): EvaluationParams {
    const artefacts = wantedArtefacts(request, modelVersion.classes);
    if (artefacts !== undefined && occlusionOf(request.transforms) !== undefined) {
      throw badInput(
        "Expected salient_region or files of each image, got both; evaluate twice, first for the files",
      );
    }
    return {
      dataset: dataset.slug,
      datasetVersion: version.version,
      model: model.slug,
      modelVersion: modelVersion.version,
      split: request.split == null ? null : splitPartOf(plan, request.split),
      where: canonicalWhere(request.where),
      transforms: request.transforms,
      provider: request.provider ?? this.#config.provider,
      onBadImage: request.onBadImage,
      ...(artefacts === undefined ? {} : { artefacts }),
    };
  }
}

/** What a run of evaluation is, and is known by. */
function identityOf(
  params: EvaluationParams,
  { version, onnxSha256, preprocessing, output }: EvaluationSubject,
  masks: readonly MaskSet[],
) {
  const identity = {
    kind: "evaluation",
    plugin: "evaluate",
    pluginVersion: EVALUATE_VERSION,
    params: { ...params },
    inputDigests: { manifest: version.manifestSha256 ?? "", model: onnxSha256, ...digestsOfMasks(masks) },
  } as const;
  return { ...identity, fingerprint: fingerprintOf({ ...identity, preprocessing, output }) };
}
