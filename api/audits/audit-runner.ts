import { ComputeError, type DatasetFacts, ModelError, planAudit } from "../../compute/index.ts";
import { operator } from "../access/principal.ts";
import { ServiceError } from "../errors.ts";
import { insertMetricsOnce } from "../metrics/metric.queries.ts";
import { ensureFolds } from "../models/train/folds.ts";
import { TrainService } from "../models/train/train.service.ts";
import { ConfounderService } from "../predictions/confounders/confounder.service.ts";
import { EvaluateService } from "../predictions/evaluate/evaluate.service.ts";
import { evaluationsOfRuns } from "../runs/run.queries.ts";
import { type RunContext, RunFailure, type Runner, type RunOutcome, type RunPause } from "../runs/runner.ts";
import { storedParams } from "../runs/stored-params.ts";
import { timesQueued, trainedVersionsOf } from "./audit.queries.ts";
import { measureAudit } from "./audit-measures.ts";
import { type AuditParams, readAuditParams } from "./audit-params.ts";
import {
  neededBy,
  type StepResult,
  type StepState,
  type TrainedVersion,
  testFold,
  validationFold,
} from "./audit-steps.ts";
import { type AuditDataset, findAuditDataset, readFacts, withSharedPatients } from "./dataset-facts.ts";
import { isLost, type LedgerEntry, PLAN_PART, partOf, readLedger, stepStates } from "./step-ledger.ts";
import { StepRequests } from "./step-requests.ts";

/** Steps that wait or run at a time: enough for several workers, and others' runs do not wait behind a whole audit. */
const MOST_AT_ONCE = 8;
const PAUSE_MS = 1_500;

/**
 * Carries out audits. An attempt asks for the runs of the steps that are ready, and goes back to the queue until they have
 * ended: it holds no worker while others work, so a single worker carries out an audit and all its runs. Every run is asked for
 * by its fingerprint, so that a killed audit goes on where it was, and what the warehouse holds is not done again.
 */
export class AuditRunner implements Runner {
  async run(context: RunContext): Promise<RunOutcome | RunPause> {
    const params = storedParams(context.run, readAuditParams);
    const { database } = context;
    const round = await context.read(() => timesQueued(database.db, context.run.id));
    const parts: { part: number; payload: Buffer }[] = [];
    for await (const part of context.parts()) parts.push(part);
    const ledger = readLedger(parts);
    const facts = await context.read(() => factsOf(context, params));
    const plan = ledger.plan ?? planAudit(params.settings, facts);
    await ensureDivisions(context, params, facts);
    if (ledger.plan === undefined) await context.savePart(PLAN_PART, Buffer.from(JSON.stringify(plan)));
    const entries = new Map(ledger.entries);
    const states = () => context.read(() => stepStates(database.db, plan, entries, round));
    let now = await states();
    const asked = await this.#ask(context, { params, facts, now, round, entries });
    if (asked > 0) now = await states();
    const open = now.filter(({ state }) => !hasEnded(state));
    context.progress(now.length - open.length, now.length + 1);
    if (open.length > 0) return { pauseMs: PAUSE_MS };
    return this.#conclude(context, params, plan, now);
  }

  /** Asks for the runs of steps that are ready, and returns how many it asked for. */
  async #ask(
    context: RunContext,
    {
      params,
      facts,
      now,
      round,
      entries,
    }: {
      readonly params: AuditParams;
      readonly facts: readonly DatasetFacts[];
      readonly now: readonly StepState[];
      readonly round: number;
      readonly entries: Map<string, LedgerEntry>;
    },
  ): Promise<number> {
    const services = {
      train: new TrainService(context),
      evaluate: new EvaluateService(context),
      confounders: new ConfounderService(context),
    };
    const requests = new StepRequests(context.database, services, params, facts);
    const byId = new Map(now.map((state) => [state.step.id, state]));
    const trained = new Map(
      (
        await context.read(() =>
          trainedVersionsOf(
            context.database.db,
            now.flatMap(({ run, step, state }) =>
              step.kind === "train" && state === "succeeded" ? (run ?? []) : [],
            ),
          ),
        )
      ).map((version) => [version.runId, version]),
    );
    let [busy, asked] = [now.filter(({ state }) => state === "queued" || state === "running").length, 0];
    for (const [index, { step, state }] of now.entries()) {
      if (busy >= MOST_AT_ONCE) break;
      if (state !== "waiting") continue;
      const made = resultOf(step, byId, trained);
      if (neededBy(step) !== undefined && made === undefined) continue;
      const entry = await context.read(() =>
        orRefusal(() => requests.request(step, made, operator)).then((answer) => ({
          step: step.id,
          round,
          ...answer,
        })),
      );
      entries.set(step.id, entry);
      await context.savePart(partOf(round, index), Buffer.from(JSON.stringify(entry)));
      asked += 1;
      if (entry.run !== null) busy += 1;
    }
    return asked;
  }

  async #conclude(
    context: RunContext,
    { settings }: AuditParams,
    plan: ReturnType<typeof planAudit>,
    states: readonly StepState[],
  ): Promise<RunOutcome> {
    const { database, config, signal, run } = context;
    const stepOfRun = new Map(states.flatMap(({ step, run: id }) => (id === null ? [] : [[id, step.id]])));
    const made = await context.read(() => evaluationsOfRuns(database.db, [...stepOfRun.keys()]));
    const evaluations = new Map(
      states.flatMap(({ step, run: id }) => {
        const evaluation = made.find(({ runId }) => runId === id);
        return step.kind !== "train" && evaluation !== undefined ? [[step.id, evaluation.id] as const] : [];
      }),
    );
    if (evaluations.size === 0) {
      const [first] = states.flatMap(({ reason }) => reason ?? []);
      throw new RunFailure(
        "permanent",
        "AUDIT_EMPTY",
        `Expected a step that leads to a number, got none: ${first ?? plan.leftOut[0]?.reason ?? "nothing was planned"}`,
      );
    }
    const measures = await context.read(() =>
      measureAudit(
        { database, home: config.home, cacheBytes: config.cacheBytes, signal },
        { plan, settings, evaluations, runId: run.id },
      ),
    );
    return {
      summary: {
        plan,
        steps: states.map(({ step, run: id, state, reason }) => ({ id: step.id, run: id, state, reason })),
        measured: measures.readings,
        records: measures.rows.length,
        failed: states.filter(isLost).length,
      },
      async store(tx) {
        await insertMetricsOnce(tx, measures.rows);
      },
    };
  }
}

/** What the step that a step needs has made; undefined while it has made nothing, and for a step that needs none. */
function resultOf(
  step: StepState["step"],
  byId: ReadonlyMap<string, StepState>,
  trained: ReadonlyMap<number, TrainedVersion>,
): StepResult | undefined {
  const { run, state } = byId.get(neededBy(step) ?? "") ?? {};
  if (run == null || state !== "succeeded") return undefined;
  if (step.kind === "fit") return { run };
  const model = trained.get(run);
  return model && { run, model };
}

async function factsOf({ database }: RunContext, params: AuditParams): Promise<readonly DatasetFacts[]> {
  const datasets: AuditDataset[] = [];
  const facts: DatasetFacts[] = [];
  for (const { slug, version, split } of params.datasets) {
    const dataset = await findAuditDataset(database, { slug, version });
    datasets.push(dataset);
    facts.push(await readFacts(dataset, split));
  }
  return withSharedPatients(database.db, params.settings.digitised, datasets, facts);
}

/** A given model is evaluated on parts that no training of this audit has made: those divisions of patients are stored here. */
async function ensureDivisions(
  context: RunContext,
  { datasets, settings }: AuditParams,
  facts: readonly DatasetFacts[],
): Promise<void> {
  if (settings.findingModel === undefined) return;
  for (const [i, { slug, version }] of datasets.entries()) {
    const split = facts[i]?.split ?? null;
    const folds = [
      ...(split === null ? [testFold(settings)] : []),
      ...(split?.validation == null ? [validationFold(settings)] : []),
    ];
    for (const fold of folds) {
      await context.read(async () => {
        const found = await findAuditDataset(context.database, { slug, version });
        return orRefused(() => ensureFolds(context.database, found.version, fold));
      });
    }
  }
}

/** What cannot be divided is refused again by the steps that need it, which say why. */
async function orRefused(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== "BAD_USER_INPUT") throw error;
  }
}

/** A request that is refused is a step that failed, with the reason; what may pass is thrown on. */
async function orRefusal(
  request: () => Promise<{ readonly run: { readonly id: number }; readonly created: boolean }>,
): Promise<Pick<LedgerEntry, "run" | "created" | "refusal">> {
  try {
    const { run, created } = await request();
    return { run: run.id, created, refusal: null };
  } catch (error) {
    const isRefusal =
      error instanceof ComputeError ||
      error instanceof ModelError ||
      (error instanceof ServiceError &&
        ["BAD_USER_INPUT", "NOT_FOUND", "QUERY_TOO_COSTLY"].includes(error.code));
    if (!isRefusal) throw error;
    return { run: null, created: false, refusal: error.message };
  }
}

function hasEnded(state: StepState["state"]): boolean {
  return state === "succeeded" || isLost({ state });
}
