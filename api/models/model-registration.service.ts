import type { Principal } from "../access/principal.ts";
import { requireRole } from "../access/require-role.ts";
import type { Database } from "../db/client.ts";
import { withTransaction } from "../db/transaction.ts";
import { ServiceError } from "../errors.ts";
import { decodeUuid } from "../graphql/node-id.ts";
import type { UploadService } from "../predictions/upload.service.ts";
import type { ServiceDeps } from "../services.ts";
import { insertRegisteredVersion, type ModelVersionRecord } from "./model.queries.ts";
import type { TaskKind } from "./model.table.ts";
import { type ModelStore, modelStoreOf } from "./model-store.ts";
import { type CheckedModel, checkModel, type ModelWords } from "./register-model.ts";
import type { RegisterModelInput } from "./register-model.type.ts";

/** A model to be registered. */
export interface RegisterModelRequest extends ModelWords {
  readonly model: string;
  readonly title?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly architecture?: string | null | undefined;
  readonly task: string;
  readonly kind?: TaskKind | null | undefined;
}

/** What became of it. */
export interface RegisteredModel {
  readonly modelVersion: ModelVersionRecord;
  /** False when the same bytes with the same words were registered before. */
  readonly created: boolean;
}

/** Children that look at foreign models at once: the rest wait their turn. */
const AT_ONCE = 2;
const SLUG = /^[a-z0-9][a-z0-9._-]{0,99}$/;
/** As the names of attributes that predictions are about. */
const MOST_CLASSES = 10_000;

/** Takes ONNX models into the warehouse. */
export class ModelRegistrationService {
  readonly #database: Database;
  readonly #store: ModelStore;
  readonly #uploads: UploadService;
  readonly #maxBytes: number;
  readonly #waiting: (() => void)[] = [];
  #free = AT_ONCE;

  constructor({ database, config }: Pick<ServiceDeps, "database" | "config">, uploads: UploadService) {
    this.#database = database;
    this.#store = modelStoreOf(config);
    this.#uploads = uploads;
    this.#maxBytes = config.limits.modelBytes;
  }

  /** Where the bytes of models lie. */
  get store(): ModelStore {
    return this.#store;
  }

  /**
   * Registers an uploaded model; the upload is used up, also when the model is refused. Stewards of everything only.
   *
   * @throws {ServiceError} UNAUTHENTICATED, FORBIDDEN, BAD_ID, BAD_USER_INPUT, UPLOAD_*, MODEL_STORE_UNAVAILABLE, DB_*
   * @throws {ModelError | ChildError} as `checkModel`
   */
  async registerInput(
    input: RegisterModelInput,
    principal: Principal,
    signal: AbortSignal,
  ): Promise<RegisteredModel> {
    requireRole(principal, "steward");
    const request = {
      ...input,
      preprocessing: { ...input.preprocessing },
      output: input.output ?? undefined,
    };
    checkRequest(request);
    await using file = await this.#uploads.take(decodeUuid("Upload", input.upload), principal);
    return await this.registerFile(file.path, request, signal);
  }

  /**
   * Registers a file of this machine.
   *
   * @throws {ServiceError} BAD_USER_INPUT, MODEL_STORE_UNAVAILABLE, STORAGE_FULL, DB_*
   * @throws {ModelError | ChildError} as `checkModel`
   */
  async registerFile(
    path: string,
    request: RegisterModelRequest,
    signal: AbortSignal,
  ): Promise<RegisteredModel> {
    checkRequest(request);
    await this.#enter();
    let checked: CheckedModel;
    try {
      checked = await checkModel(path, request, { maxBytes: this.#maxBytes, signal });
    } finally {
      this.#leave();
    }
    // Bytes before the row: a version never points at nothing.
    await this.#store.put(path, checked.sha256);
    return withTransaction(this.#database, (tx) =>
      insertRegisteredVersion(tx, request, columnsOf(request, checked)),
    );
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

function checkRequest({ model, classes, kind, task }: RegisterModelRequest): void {
  if (!SLUG.test(model)) {
    throw new ServiceError(
      "BAD_USER_INPUT",
      "Expected a slug of lower-case letters, digits, dots and dashes, got another; shorten or rename it",
    );
  }
  if (task === "" || task.length > 200 || /\p{Cc}/u.test(task)) {
    throw new ServiceError("BAD_USER_INPUT", "Expected the name of the attribute that the model predicts");
  }
  const fewest = kind === "multilabel" ? 1 : 2;
  const isSound = classes.every((name) => name.length > 0 && name.length <= 200 && !/\p{Cc}/u.test(name));
  if (
    classes.length < fewest ||
    classes.length > MOST_CLASSES ||
    new Set(classes).size < classes.length ||
    !isSound
  ) {
    throw new ServiceError(
      "BAD_USER_INPUT",
      `Expected ${fewest} to ${MOST_CLASSES} different class names in the order of the output, got ${classes.length}`,
    );
  }
  if (kind === "binary" && classes.length !== 2) {
    throw new ServiceError("BAD_USER_INPUT", `Expected two classes of a binary task, got ${classes.length}`);
  }
}

function columnsOf(request: RegisterModelRequest, checked: CheckedModel) {
  const { signature, output, sha256, preprocessing } = checked;
  const { irVersion, opsets, operators, parameters, byteLength, producer } = signature;
  return {
    onnxSha256: sha256,
    taskKind: request.kind ?? (request.classes.length === 2 ? ("binary" as const) : ("multiclass" as const)),
    taskAttribute: request.task,
    classes: [...request.classes],
    inputs: signature.inputs,
    outputs: signature.outputs.map((each) =>
      each.name === output.name ? { ...each, activation: output.activation } : each,
    ),
    graph: { irVersion, opsets, operators, parameters, byteLength, producer },
    normalisation: preprocessing,
  };
}
