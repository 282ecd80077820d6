import {
  type AuditPlan,
  costOf,
  type DatasetFacts,
  masksOfChain,
  type PlanCost,
  planAudit,
} from "../../compute/index.ts";
import type { Principal } from "../access/principal.ts";
import { requireRole } from "../access/require-role.ts";
import type { Database } from "../db/client.ts";
import { ServiceError } from "../errors.ts";
import { fingerprintOf } from "../metrics/fingerprint.ts";
import { badInput } from "../metrics/question.ts";
import { type RunRecord, runsByIds } from "../runs/run.queries.ts";
import { requestRun } from "../runs/run-requests.ts";
import type { ServiceDeps } from "../services.ts";
import { software } from "../software.ts";
import { partsOfRun, timesQueued, trainedVersionsOf } from "./audit.queries.ts";
import type { MeasuredReading } from "./audit-measures.ts";
import { AUDIT_VERSION, type AuditParams, readAuditParams } from "./audit-params.ts";
import { ratesOf } from "./audit-rates.ts";
import { type AuditRequest, settingsOf } from "./audit-request.ts";
import { neededBy, type StepResult, type StepState } from "./audit-steps.ts";
import { type AuditDataset, findAuditDataset, readFacts, withSharedPatients } from "./dataset-facts.ts";
import { givenFindingModel } from "./given-finding-model.ts";
import { readLedger, stepStates } from "./step-ledger.ts";
import { StepRequests, type StepServices } from "./step-requests.ts";

/** What an audit will do, and what it costs. */
export interface PlannedAudit {
  readonly plan: AuditPlan;
  readonly cost: PlanCost;
  /** Ids of steps whose result is there. */
  readonly done: ReadonlySet<string>;
  readonly params: AuditParams;
}

/** The run that a request is, and whether this request made it. */
export interface RequestedAudit {
  readonly run: RunRecord;
  readonly created: boolean;
}

interface Understood {
  readonly params: AuditParams;
  readonly datasets: readonly AuditDataset[];
  readonly facts: readonly DatasetFacts[];
}

/** Plans audits, asks for them, says how far they are. */
export class AuditService {
  readonly #database: Database;
  readonly #services: StepServices;

  constructor({ database }: Pick<ServiceDeps, "database">, services: StepServices) {
    this.#database = database;
    this.#services = services;
  }

  /**
   * What an audit would do, and what of it is there already; nothing is queued. For stewards of all its datasets.
   *
   * @throws {ServiceError} NOT_FOUND, UNAUTHENTICATED, FORBIDDEN, BAD_USER_INPUT
   * @throws {ComputeError} NO_SUCH_PLUGIN, INVALID_INPUT, INVALID_PARAM for protocols
   */
  async plan(request: AuditRequest, principal: Principal): Promise<PlannedAudit> {
    const { params, facts } = await this.#understand(request, principal);
    const plan = planAudit(params.settings, facts);
    const done = await this.#done(plan, params, facts);
    const rates = await ratesOf(this.#database.db);
    return {
      plan,
      params,
      done,
      cost: costOf(plan, { settings: params.settings, datasets: facts, rates, done }),
    };
  }

  /**
   * Queues an audit. The same request twice is the same run; one that failed or was cancelled is queued anew. For stewards
   * of all its datasets.
   *
   * @throws {ServiceError} and {ComputeError} as plan; BAD_USER_INPUT where nothing can be done
   */
  async request(request: AuditRequest, principal: Principal): Promise<RequestedAudit> {
    const { params, datasets, facts } = await this.#understand(request, principal);
    const plan = planAudit(params.settings, facts);
    if (plan.steps.length === 0) {
      throw badInput(
        `Expected protocols that these datasets allow, got none: ${plan.leftOut[0]?.reason ?? "no protocol"}`,
      );
    }
    const [first] = datasets;
    const identity = {
      kind: "audit",
      plugin: "audit",
      pluginVersion: AUDIT_VERSION,
      params: { ...params },
      inputDigests: {
        ...Object.fromEntries(
          datasets.map(({ version }, i) => [`manifest${i}`, version.manifestSha256 ?? ""]),
        ),
        ...digestsOfMasks(plan, datasets),
      },
    } as const;
    return requestRun(this.#database, {
      ...identity,
      fingerprint: fingerprintOf(identity),
      ...(first === undefined ? {} : { datasetId: first.dataset.id }),
      requestedBy: principal.tokenId ?? null,
      software,
    });
  }

  /**
   * The audit with this row id, for those with row-level rights on all its datasets; undefined when there is none.
   *
   * @throws {ServiceError} UNAUTHENTICATED, FORBIDDEN
   */
  async find(id: number, principal: Principal): Promise<RunRecord | undefined> {
    const [run] = await runsByIds(this.#database.db, [id]);
    if (run?.kind !== "audit") return undefined;
    for (const { slug, version } of readAuditParams(run.params).datasets) {
      const { dataset } = await findAuditDataset(this.#database, { slug, version });
      requireRole(principal, "analyst", dataset.id);
    }
    return run;
  }

  /** How far each step of an audit is, in the plan's order; none before a worker has begun it. */
  async steps(run: RunRecord): Promise<readonly StepState[]> {
    const { db } = this.#database;
    const told = endedAudit(run);
    if (told !== undefined) {
      const byId = new Map(told.steps.map((step) => [step.id, step]));
      return told.plan.steps.map((step) => {
        const { run: of = null, state = "waiting", reason = null } = byId.get(step.id) ?? {};
        return { step, run: of, state, reason };
      });
    }
    const { plan, entries } = readLedger(await partsOfRun(db, run.id));
    return plan === undefined ? [] : stepStates(db, plan, entries, await timesQueued(db, run.id));
  }

  async #understand(request: AuditRequest, principal: Principal): Promise<Understood> {
    const names = [
      { slug: request.dataset, version: request.datasetVersion },
      ...[...(request.external ?? []), ...(request.digitised == null ? [] : [request.digitised])].map(
        (slug) => ({ slug, version: null }),
      ),
    ];
    if (new Set(names.map(({ slug }) => slug)).size !== names.length) {
      throw badInput("Expected each dataset once, got one twice; leave it out of external or digitised");
    }
    const datasets: AuditDataset[] = [];
    const facts: DatasetFacts[] = [];
    for (const [i, name] of names.entries()) {
      const found = await findAuditDataset(this.#database, name);
      requireRole(principal, "steward", found.dataset.id);
      datasets.push(found);
      facts.push(await readFacts(found, i === 0 ? (request.split ?? null) : null));
    }
    const [first] = facts;
    if (first === undefined) throw new ServiceError("BAD_USER_INPUT", "Expected a dataset, got none");
    const settings = settingsOf(request, first);
    const known = await withSharedPatients(this.#database.db, settings.digitised, datasets, facts);
    const findingModel =
      request.findingModel == null
        ? undefined
        : await givenFindingModel(this.#database.db, request.findingModel, settings, known);
    const params = {
      datasets: known.map(({ slug, version, split }) => ({ slug, version, split: split?.name ?? null })),
      settings: { ...settings, ...(findingModel === undefined ? {} : { findingModel }) },
    };
    return { params, datasets, facts: known };
  }

  async #done(
    plan: AuditPlan,
    params: AuditParams,
    facts: readonly DatasetFacts[],
  ): Promise<ReadonlySet<string>> {
    const requests = new StepRequests(this.#database, this.#services, params, facts);
    const done = new Set<string>();
    const made = new Map<string, StepResult>();
    for (const step of plan.steps) {
      const needed = made.get(neededBy(step) ?? "");
      if (neededBy(step) !== undefined && needed === undefined) continue;
      const run = await orUndefined(() => requests.find(step, needed));
      if (run?.state !== "succeeded") continue;
      done.add(step.id);
      const [model] = step.kind === "train" ? await trainedVersionsOf(this.#database.db, [run.id]) : [];
      if (step.kind !== "train" || model !== undefined) made.set(step.id, { run: run.id, model });
    }
    return done;
  }
}

/** What makes an audit under masks another one than without them, or under others. */
function digestsOfMasks(
  { steps }: AuditPlan,
  datasets: readonly AuditDataset[],
): Readonly<Record<string, string>> {
  const used = steps.flatMap((step) =>
    step.kind === "fit" ? [] : masksOfChain(step.transforms).map((name) => ({ name, dataset: step.dataset })),
  );
  return Object.fromEntries(
    used.map(({ name, dataset }) => [
      `mask${dataset}:${name}`,
      datasets[dataset]?.masks.find((one) => one.name === name)?.sha256 ?? "",
    ]),
  );
}

/** What cannot be asked for is not there either. */
async function orUndefined<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof ServiceError && !error.retryable) return undefined;
    throw error;
  }
}

/** What a succeeded audit has left in its summary; undefined of any other. */
export function endedAudit({ state, summary }: RunRecord): AuditSummary | undefined {
  // Safe: only the audit's own runner writes it.
  return state === "succeeded" ? (summary as unknown as AuditSummary) : undefined;
}

/** What a succeeded audit says of itself. */
export interface AuditSummary {
  readonly plan: AuditPlan;
  readonly steps: readonly {
    readonly id: string;
    readonly run: number | null;
    readonly state: StepState["state"];
    readonly reason: string | null;
  }[];
  readonly measured: readonly MeasuredReading[];
}
