import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { operator } from "../../api/access/principal.ts";
import { type Config, readConfig } from "../../api/config.ts";
import type { Database } from "../../api/db/client.ts";
import type { EmbeddedServer } from "../../api/db/embedded/embedded-server.ts";
import { modelStoreOf } from "../../api/models/model-store.ts";
import { packageRoot } from "../../api/package-root.ts";
import { EvaluateService } from "../../api/predictions/evaluate/evaluate.service.ts";
import { RandomStream } from "../../compute/random.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import { buildImages, buildModel, contentOf } from "../support/jobs/evaluation-fixture.ts";
import { livingProcesses, until } from "../support/processes.ts";

/** What a campaign runs against. */
export interface CampaignOptions {
  readonly database: Database;
  /** Images of each evaluation. */
  readonly images: number;
  readonly seed: number;
  readonly tell?: (line: string) => void;
}

/** How a campaign went; all of its evaluations held what an undisturbed one holds, or it would have thrown. */
export interface CampaignReport {
  /** Strikes at evaluations that ran. */
  readonly kills: number;
  /** Attempts of the runs that were struck, all together: twice the kills where each ended an attempt. */
  readonly attempts: number;
  /** Evaluations, with those that were over when it came to strike them. */
  readonly runs: number;
  readonly seconds: number;
  /** The shortest undisturbed evaluation, in milliseconds from its claim to its end. */
  readonly undisturbedMs: number;
}

/** Leases of the campaign: short, so that a lost worker is noticed within two seconds. */
const timing = {
  STRATUM_LEASE_MS: "1500",
  STRATUM_HEARTBEAT_MS: "200",
  STRATUM_RETRY_MS: "50",
  STRATUM_CHECKPOINT_MS: "60",
  STRATUM_POOL_SIZE: "4",
};

/** Evaluations on the same images, real worker processes, and somebody who kills. */
export class Campaign implements AsyncDisposable {
  readonly #options: CampaignOptions;
  readonly #folder = new ScratchFolder();
  readonly #home: string = mkdtempSync(join(tmpdir(), "stratum-chaos-"));
  readonly #config: Config;
  readonly #workers: ChildProcess[] = [];
  readonly #chance: RandomStream;
  #dataset = "";
  #reference = "";
  #undisturbedMs = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#config = readConfig({ STRATUM_HOME: this.#home });
    this.#chance = new RandomStream(options.seed);
  }

  /** Builds the images, starts two workers and evaluates once without disturbance. */
  async prepare(): Promise<void> {
    const { database, images } = this.#options;
    this.#dataset = (await buildImages(database, this.#folder, images)).slug;
    for (let i = 0; i < 2; i += 1) this.#startWorker();
    this.#undisturbedMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; i += 1) {
      const { slug, run } = await this.#ask();
      await this.#untilDone(run);
      const { rows } = await database.pool.query<{ ms: number }>(
        "select extract(epoch from finished_at - started_at)::float8 * 1000 as ms from run where id = $1",
        [run],
      );
      this.#undisturbedMs = Math.min(this.#undisturbedMs, rows[0]?.ms ?? 0);
      const content = await contentOf(database, this.#dataset, slug);
      if (content.length < 500)
        throw new Error(`Expected a whole evaluation, got ${content.length} characters`);
      if (this.#reference !== "" && content !== this.#reference)
        throw new Error("Expected equal undisturbed runs");
      this.#reference = content;
    }
  }

  /** Kills the worker of an evaluation with -9 at a random moment of it, until it struck `kills` times. */
  async killWorkers(kills: number): Promise<CampaignReport> {
    return this.#campaign(kills, async (run) => {
      const victim = await this.#workerOf(run);
      if (victim === undefined) return false;
      const children = childrenOf(victim);
      victim.kill("SIGKILL");
      this.#workers.splice(this.#workers.indexOf(victim), 1);
      this.#startWorker();
      const orphans = () =>
        livingProcesses().filter(({ pid }) => children.some((child) => child.pid === pid));
      await until(() => orphans().length === 0, "no child of a dead worker", 10_000);
      return true;
    });
  }

  /** Kills the compute child of an evaluation with -9, until it struck `kills` times. */
  async killChildren(kills: number): Promise<CampaignReport> {
    return this.#campaign(kills, async (run) => {
      const worker = await this.#workerOf(run);
      const [child] = worker === undefined ? [] : childrenOf(worker);
      if (child === undefined) return false;
      process.kill(child.pid, "SIGKILL");
      return true;
    });
  }

  /** Freezes the worker of an evaluation until another has taken the run, `times` times. */
  async freezeWorkers(times: number): Promise<CampaignReport> {
    return this.#campaign(times, async (run) => {
      const worker = await this.#workerOf(run);
      if (worker === undefined) return false;
      await this.#freeze(worker);
      return true;
    });
  }

  async #freeze(worker: ChildProcess): Promise<void> {
    worker.kill("SIGSTOP");
    await sleep(2 * Number(timing.STRATUM_LEASE_MS));
    worker.kill("SIGCONT");
  }

  /** From the claim of a run on, a moment of the time that an undisturbed one takes. */
  async #randomMoment(run: number): Promise<void> {
    const begun = async () => {
      const { rows } = await this.#options.database.pool.query("select state from run where id = $1", [run]);
      return rows[0].state !== "queued";
    };
    await until(begun, `run ${run} to begin`);
    await sleep(this.#chance.uniform() * this.#undisturbedMs);
  }

  /** Kills the postmaster at a random moment of each of `kills` evaluations; its watchdog starts it again. */
  async killPostgres(server: EmbeddedServer, kills: number): Promise<CampaignReport> {
    return this.#campaign(kills, async (run) => {
      if ((await this.#workerOf(run)) === undefined) return false;
      const pidFile = join(dirname(server.socketDir), "data", "postmaster.pid");
      const pid = () => Number(readFileSync(pidFile, "utf8").split("\n")[0]);
      const before = pid();
      process.kill(before, "SIGKILL");
      await until(
        () =>
          this.#options.database.pool.query("select 1").then(
            () => true,
            () => false,
          ),
        "the server to be back",
        60_000,
      );
      return true;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) worker.kill("SIGKILL");
    await until(
      () => this.#workers.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null),
      "workers to end",
    );
    this.#folder[Symbol.dispose]();
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** @param strike - false where it came too late: the run was over */
  async #campaign(kills: number, strike: (run: number) => Promise<boolean>): Promise<CampaignReport> {
    const started = performance.now();
    let attempts = 0;
    let runs = 0;
    for (let struck = 0; struck < kills; runs += 1) {
      const { slug, run } = await this.#patiently(() => this.#ask());
      const hit = await strike(run);
      await this.#untilDone(run);
      const attempt = await this.#check(slug, run);
      if (!hit) continue;
      struck += 1;
      attempts += attempt;
      this.#options.tell?.(`${struck} of ${kills}: as undisturbed, at attempt ${attempt}`);
    }
    const seconds = (performance.now() - started) / 1000;
    return { kills, attempts, runs, seconds, undisturbedMs: this.#undisturbedMs };
  }

  /** Everything about a run that must hold, whatever happened; how often it was begun. */
  async #check(slug: string, run: number): Promise<number> {
    const { pool } = this.#options.database;
    const content = await contentOf(this.#options.database, this.#dataset, slug);
    if (content !== this.#reference) {
      const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);
      throw new Error(
        `Expected what an undisturbed run holds (${digest(this.#reference)}), got ${digest(content)}`,
      );
    }
    const { rows } = await pool.query<Record<string, number | string>>(
      `select state, attempt,
         (select count(*)::int from prediction_set where run_id = run.id) as sets,
         (select count(*)::int from run_part where run_id = run.id) as parts,
         (select count(*)::int from run_event where run_id = run.id and kind = 'finished') as finished,
         (select count(*)::int - max(sequence) from run_event where run_id = run.id) as gaps
       from run where id = $1`,
      [run],
    );
    const { attempt, ...found } = rows[0] ?? {};
    const expected = { state: "succeeded", sets: 1, parts: 0, finished: 1, gaps: 0 };
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      throw new Error(`Expected ${JSON.stringify(expected)}, got ${JSON.stringify(found)}`);
    }
    return Number(attempt);
  }

  /** A model of its own for each run, with the same bytes: each run is another request for the same numbers. */
  async #ask(): Promise<{ readonly slug: string; readonly run: number }> {
    const { database } = this.#options;
    const slug = await buildModel(
      database,
      modelStoreOf(this.#config),
      this.#folder,
      `model-${randomUUID()}`,
    );
    const service = new EvaluateService({ database, config: this.#config });
    const request = {
      model: slug,
      dataset: this.#dataset,
      where: [],
      transforms: [],
      onBadImage: "fail",
    } as const;
    const { run } = await service.request(request, operator);
    return { slug, run: run.id };
  }

  async #untilDone(run: number): Promise<void> {
    const { database } = this.#options;
    const state = async () => {
      const { rows } = await database.pool.query("select state, failure from run where id = $1", [run]);
      if (rows[0].state === "failed")
        throw new Error(`Expected run ${run} to succeed, got ${rows[0].failure}`);
      return rows[0].state === "succeeded";
    };
    try {
      await until(() => this.#patiently(state), `run ${run} to succeed`, 300_000);
    } catch (error) {
      const { rows } = await database.pool.query(
        "select sequence, kind, payload, recorded_at from run_event where run_id = $1 order by sequence desc limit 20",
        [run],
      );
      this.#options.tell?.(JSON.stringify(rows.reverse(), null, 1));
      throw error;
    }
  }

  /** The worker that has a run at a random moment of it; undefined where it is over by then. */
  async #workerOf(run: number): Promise<ChildProcess | undefined> {
    await this.#randomMoment(run);
    const holder = await this.#holderOf(run);
    return this.#workers.find(({ pid }) => pid === holder);
  }

  async #holderOf(run: number): Promise<number | undefined> {
    const { rows } = await this.#options.database.pool.query<{ pid: number }>(
      "select pid from worker join run on run.worker_id = worker.id where run.id = $1 and run.state = 'running'",
      [run],
    );
    return rows[0]?.pid;
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (tries > 100 || (error instanceof Error && error.message.startsWith("Expected run"))) throw error;
        await sleep(100);
      }
    }
  }

  #startWorker(): void {
    const worker = spawn(process.execPath, [join(packageRoot, "bin", "stratum.js"), "work"], {
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        PATH: process.env["PATH"],
        DATABASE_URL: this.#options.database.connectionString,
        STRATUM_HOME: this.#home,
        STRATUM_LOG_LEVEL: process.env["JOBS_LOG"] ?? "silent",
        ...timing,
      },
    });
    this.#workers.push(worker);
  }
}

function childrenOf({ pid: worker }: ChildProcess): ReturnType<typeof livingProcesses> {
  return livingProcesses().filter(({ parent }) => parent === worker);
}
