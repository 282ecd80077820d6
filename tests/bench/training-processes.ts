import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packageRoot } from "../../api/package-root.ts";
import type { SideTask } from "./training-side.ts";

/** What a side answers: seconds of a step by the clock and of all its threads, what each step gave, and its peak memory. */
export interface Answer {
  readonly seconds: number;
  readonly processor: number;
  readonly results: readonly number[];
  readonly peak: number | null;
}

/** A process that takes steps when told to. */
export class Side implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string, parameters: readonly string[]) {
    this.#child = spawn(command, parameters, { stdio: ["pipe", "pipe", "inherit"] });
    if (this.#child.stdout === null) throw new Error("Expected a pipe, got none");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line, or undefined where the process ended. */
  async next(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    return done ? undefined : JSON.parse(value);
  }

  async take(request: string): Promise<Answer> {
    this.#child.stdin?.write(`${request}\n`);
    const answer = await this.next();
    if (answer === undefined) throw new Error(`Expected an answer to ${request}, got none`);
    return answer as Answer; // safe: our own scripts' form
  }

  async [Symbol.asyncDispose]() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }
}

/** PyTorch, ready to take steps; undefined where it is not here. */
export async function startPeer(
  folder: string,
): Promise<({ readonly what: string; readonly side: Side } & AsyncDisposable) | undefined> {
  const python = process.env["STRATUM_BENCH_PYTHON"] ?? "/usr/bin/python3";
  const script = join(packageRoot, "tests/bench/peers/torch_train.py");
  const side = new Side(python, [script, folder]);
  const hello = await side.next().catch(() => undefined);
  if (hello !== undefined) {
    const { version, device } = hello as { version: string; device: string }; // safe: our own script's form
    return {
      what: `PyTorch ${version}${device === "cpu" ? "" : ` on ${device}`}`,
      side,
      [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
    };
  }
  console.log("  SKIPPED PyTorch: python3 with torch is not here");
  await side[Symbol.asyncDispose]();
  return undefined;
}

/** Our side, ready to take steps. */
export async function startOurs(task: SideTask): Promise<Side> {
  const script = join(packageRoot, "dist/tests/bench/training-side.js");
  const side = new Side(process.execPath, [script, JSON.stringify(task)]);
  if ((await side.next()) === undefined) throw new Error("Expected our side to start, got an early end");
  return side;
}

/** A contestant that gives other numbers fails the run: the first loss is the same sum, later ones have drifted a little. */
export function requireAgreement(names: readonly string[], answers: readonly Answer[]): void {
  const expected = answers[0]?.results ?? [];
  for (const [k, { results }] of answers.entries()) {
    for (const [step, value] of expected.entries()) {
      const most = (step === 0 ? 1e-4 : 2e-2) * Math.max(1, Math.abs(value));
      if (!(Math.abs((results[step] ?? Number.NaN) - value) <= most)) {
        throw new Error(
          `${names[k]} and ${names[0]} disagree: ${results.join(" ")} and ${expected.join(" ")}`,
        );
      }
    }
  }
}
