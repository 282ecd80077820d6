import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../../api/db/client.ts";
import type { EmbeddedServer } from "../../api/db/embedded/embedded-server.ts";
import { packageRoot } from "../../api/package-root.ts";
import { RandomStream } from "../../compute/random.ts";
import { livingProcesses, until } from "../support/processes.ts";

/** A kind of run that is disturbed. */
export interface CampaignWork {
  /** Arguments of `stratum work`. */
  readonly workerArguments: readonly string[];
  /** Makes what every run works on. */
  prepare(): Promise<void>;
  /** Asks for a run of its own, which is to come to the same as all others. */
  ask(): Promise<AskedRun>;
  /** What a run came to, in one text; throws when it is not whole. */
  contentOf(asked: AskedRun): Promise<string>;
}

/** A run that was asked for. */
export interface AskedRun {
  /** Of the model that makes it a run of its own. */
  readonly slug: string;
  readonly run: number;
}

/** What a campaign runs against. */
export interface CampaignOptions {
  readonly database: Database;
  readonly work: CampaignWork;
  /** Folder of the workers' state. */
  readonly home: string;
  readonly seed: number;
  readonly tell?: (line: string) => void;
}

/** How a campaign went; all of its runs held what an undisturbed one holds, or it would have thrown. */
export interface CampaignReport {
  /** Strikes at runs that were under way. */
  readonly kills: number;
  /** Attempts of the runs that were struck, all together: twice the kills where each ended an attempt. */
  readonly attempts: number;
  /** Runs, with those that were over when it came to strike them. */
  readonly runs: number;
  readonly seconds: number;
  /** The shortest undisturbed run, in milliseconds from its claim to its end. */
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

/** Runs that are all to come to the same, real worker processes, and somebody who kills. */
export class Campaign implements AsyncDisposable {
  readonly #options: CampaignOptions;
  readonly #workers: ChildProcess[] = [];
  readonly #chance: RandomStream;
  #reference = "";
  #undisturbedMs = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#chance = new RandomStream(options.seed);
  }

  /** Prepares the work, starts two workers and lets three runs go without disturbance. */
  async prepare(): Promise<void> {
    const { database, work } = this.#options;
    await work.prepare();
    for (let i = 0; i < 2; i += 1) this.#startWorker();
    this.#undisturbedMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; i += 1) {
      const asked = await work.ask();
      await this.#untilDone(asked.run);
      const { rows } = await database.pool.query<{ ms: number }>(
        "select extract(epoch from finished_at - started_at)::float8 * 1000 as ms from run where id = $1",
        [asked.run],
      );
      this.#undisturbedMs = Math.min(this.#undisturbedMs, rows[0]?.ms ?? 0);
      const content = await work.contentOf(asked);
      if (this.#reference !== "" && content !== this.#reference)
        throw new Error("Expected equal undisturbed runs");
      this.#reference = content;
    }
  }

  /** Kills the worker of a run with -9 at a random moment of it, until it struck `kills` times. */
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

  /** Kills the compute child of a run with -9, until it struck `kills` times. */
  async killChildren(kills: number): Promise<CampaignReport> {
    return this.#campaign(kills, async (run) => {
      const worker = await this.#workerOf(run);
      const [child] = worker === undefined ? [] : childrenOf(worker);
      if (child === undefined) return false;
      process.kill(child.pid, "SIGKILL");
      return true;
    });
  }

  /** Freezes the worker of a run until another has taken the run, `times` times. */
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

  /** Kills the postmaster at a random moment of each of `kills` runs; its watchdog starts it again. */
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
  }

  /** @param strike - false where it came too late: the run was over */
  async #campaign(kills: number, strike: (run: number) => Promise<boolean>): Promise<CampaignReport> {
    const started = performance.now();
    let attempts = 0;
    let runs = 0;
    for (let struck = 0; struck < kills; runs += 1) {
      const asked = await this.#patiently(() => this.#options.work.ask());
      const hit = await strike(asked.run);
      await this.#untilDone(asked.run);
      const attempt = await this.#check(asked);
      if (!hit) continue;
      struck += 1;
      attempts += attempt;
      this.#options.tell?.(`${struck} of ${kills}: as undisturbed, at attempt ${attempt}`);
    }
    const seconds = (performance.now() - started) / 1000;
    return { kills, attempts, runs, seconds, undisturbedMs: this.#undisturbedMs };
  }

  /** Everything about a run that must hold, whatever happened; how often it was begun. */
  async #check(asked: AskedRun): Promise<number> {
    const { database, work } = this.#options;
    const content = await work.contentOf(asked);
    if (content !== this.#reference) {
      const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);
      throw new Error(
        `Expected what an undisturbed run holds (${digest(this.#reference)}), got ${digest(content)}`,
      );
    }
    const { rows } = await database.pool.query<Record<string, number | string>>(
      `select state, attempt,
         (select count(*)::int from prediction_set where run_id = run.id)
           + (select count(*)::int from model_version where trained_by_run_id = run.id) as results,
         (select count(*)::int from run_part where run_id = run.id) as parts,
         (select count(*)::int from run_event where run_id = run.id and kind = 'finished') as finished,
         (select count(*)::int - max(sequence) from run_event where run_id = run.id) as gaps
       from run where id = $1`,
      [asked.run],
    );
    const { attempt, ...found } = rows[0] ?? {};
    const expected = { state: "succeeded", results: 1, parts: 0, finished: 1, gaps: 0 };
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      throw new Error(`Expected ${JSON.stringify(expected)}, got ${JSON.stringify(found)}`);
    }
    return Number(attempt);
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
    const { database, work, home } = this.#options;
    const worker = spawn(
      process.execPath,
      [join(packageRoot, "bin", "stratum.js"), "work", ...work.workerArguments],
      {
        stdio: ["ignore", "ignore", "inherit"],
        env: {
          PATH: process.env["PATH"],
          DATABASE_URL: database.connectionString,
          STRATUM_HOME: home,
          STRATUM_LOG_LEVEL: process.env["JOBS_LOG"] ?? "silent",
          ...timing,
        },
      },
    );
    this.#workers.push(worker);
  }
}

function childrenOf({ pid: worker }: ChildProcess): ReturnType<typeof livingProcesses> {
  return livingProcesses().filter(({ parent }) => parent === worker);
}
