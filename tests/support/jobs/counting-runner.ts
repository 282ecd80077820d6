import { fork } from "node:child_process";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import type pg from "pg";
import { packageRoot } from "../../../api/package-root.ts";
import { type RunContext, RunFailure, type Runner, type RunOutcome } from "../../../api/runs/runner.ts";

/** What a counting run is asked to do. */
export interface CountingParams {
  readonly steps: number;
  readonly stepMs: number;
  /** Steps to a checkpoint. */
  readonly stepsAPart: number;
  readonly dieAt?: { readonly step: number; readonly by: NodeJS.Signals | "silence" };
  /** Steps after which each child dies. */
  readonly dieAfter?: number;
  /** Code of a failure that is raised at once. */
  readonly permanent?: string;
}

/** Where results go: no key on purpose, so that nothing but the queue keeps them from coming twice. */
export const COUNTED =
  "create table counted (run_id bigint not null, step integer not null, value integer not null)";

/** A runner for tests: a child process counts, parts are checkpoints, and the counts are stored at the end. */
export class CountingRunner implements Runner {
  readonly #beforeStore: () => void;

  constructor(beforeStore: () => void = () => undefined) {
    this.#beforeStore = beforeStore;
  }

  async run(context: RunContext): Promise<RunOutcome> {
    const params = context.run.params as unknown as CountingParams; // safe: tests ask with such
    if (params.permanent !== undefined) throw new RunFailure("permanent", params.permanent, "told to fail");
    const values: number[] = [];
    for await (const { payload } of context.parts())
      values.push(...(JSON.parse(payload.toString()) as number[])); // safe: written below
    await context.event("started", { resumedAt: values.length });
    await this.#count(context, params, values);
    this.#beforeStore();
    return {
      summary: { steps: values.length },
      async store(tx) {
        for (const [step, value] of values.entries()) {
          if (step % 10 > 0 && step > 20) continue;
          await tx.execute(sql`insert into counted values (${context.run.id}, ${step}, ${value})`);
        }
      },
    };
  }

  async #count(context: RunContext, params: CountingParams, values: number[]): Promise<void> {
    const { signal } = context;
    const child = fork(join(packageRoot, "dist/tests/support/jobs/counting-child.js"), { stdio: "ignore" });
    const kill = () => void child.kill("SIGKILL");
    signal.addEventListener("abort", kill);
    if (signal.aborted) kill();
    let saved = values.length;
    let saving = Promise.resolve();
    let broken: unknown;
    child.on("message", ({ value }: { value: number }) => {
      values.push(value);
      context.progress(values.length, params.steps);
      if (values.length - saved < params.stepsAPart) return;
      const part = values.slice(saved);
      const number = saved;
      saved = values.length;
      saving = saving
        .then(() => context.savePart(number, Buffer.from(JSON.stringify(part))))
        .catch((error: unknown) => {
          broken = error;
          kill();
        });
    });
    child.send({ ...params, from: values.length });
    const ended = await new Promise<NodeJS.Signals | number | null>((resolve) => {
      child.once("exit", (code, by) => resolve(by ?? code));
    });
    signal.removeEventListener("abort", kill);
    await saving;
    signal.throwIfAborted();
    if (broken !== undefined) throw broken;
    if (values.length < params.steps)
      throw new RunFailure("crash", "CHILD_CRASHED", `the child ended by ${ended}`);
  }
}

/** What a counting run must have left, as `step:value` pairs. */
export function expectedCounts(steps: number): string {
  return Array.from({ length: steps }, (_, step) => step)
    .filter((step) => step <= 20 || step % 10 === 0)
    .map((step) => `${step}:${(step * 7919) % 1009}`)
    .join(" ");
}

/** What a counting run did leave. */
export async function countsOf(pool: pg.Pool, runId: number): Promise<string> {
  const { rows } = await pool.query<{ counts: string | null }>(
    "select string_agg(step || ':' || value, ' ' order by step) as counts from counted where run_id = $1",
    [runId],
  );
  return rows[0]?.counts ?? "";
}
