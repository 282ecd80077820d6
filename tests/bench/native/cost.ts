import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Microseconds a unit of work took: of processor time over all threads, and by the clock. */
export interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

/**
 * The least of several costs. Each half apart: a run that another program disturbed has a good processor time and a bad
 * one by the clock.
 */
export class LeastCost implements Cost {
  cpu = Number.POSITIVE_INFINITY;
  wall = Number.POSITIVE_INFINITY;

  add(cost: Cost | undefined): void {
    if (cost === undefined) return;
    this.cpu = Math.min(this.cpu, cost.cpu);
    this.wall = Math.min(this.wall, cost.wall);
  }

  /** Runs `work` once and keeps what it cost per unit, if that is less. */
  async measure(units: number, work: () => Promise<unknown> | unknown): Promise<void> {
    const cpu = process.cpuUsage();
    const began = performance.now();
    await work();
    const wall = ((performance.now() - began) * 1000) / units;
    const { user, system } = process.cpuUsage(cpu);
    this.add({ cpu: (user + system) / units, wall });
  }
}

setFlagsFromString("--expose-gc");
/** Collects garbage now. */
export const collectGarbage = runInNewContext("gc") as () => void; // the flag above defines it

/** Collects garbage and waits until the threads that give its memory back are done: their time would count as ours. */
export async function settle(): Promise<void> {
  collectGarbage();
  await new Promise((resolve) => setTimeout(resolve, 40));
}

/** `3.14x`: how many times less ours is; `-` when theirs was not measured. */
export function ratio(theirs: number, ours: number): string {
  return Number.isFinite(theirs) ? `${(theirs / ours).toFixed(2)}x` : "-";
}

/** Numbers of a table: right-aligned, one digit; `-` when not measured. */
export function cell(value: number, width = 9): string {
  return (Number.isFinite(value) ? value.toFixed(1) : "-").padStart(width);
}

/** What the run promised, and what came out: printed together at the end. */
export class Targets {
  readonly #lines: string[] = [];

  /** Notes `got` beside the least that was promised; what was not measured is said to be so. */
  note(what: string, got: number, least: number): void {
    const missed = `MISSED by ${(100 * (1 - got / least)).toFixed(0)} %`;
    this.#add(
      what,
      `${got.toFixed(2)}x`,
      `of ${least}x`,
      Number.isFinite(got) ? got >= least : undefined,
      missed,
    );
  }

  /** Notes `got` beside the most that was promised. */
  noteMost(what: string, got: number, most: number, unit: string): void {
    this.#add(what, `${got.toFixed(1)} ${unit}`, `at most ${most}`, got <= most, "MISSED");
  }

  #add(what: string, got: string, bound: string, met: boolean | undefined, missed: string): void {
    const verdict = met === undefined ? "NOT MEASURED" : met ? "met" : missed;
    this.#lines.push(`  ${what.padEnd(72)} ${got.padStart(9)} ${bound.padEnd(9)} ${verdict}`);
  }

  print(): void {
    console.log(["\ntargets", ...this.#lines].join("\n"));
  }
}

/**
 * A fast wrong answer is no answer.
 *
 * @throws {Error} when two answers differ by more than `tolerance` anywhere; says by how much.
 */
export function requireAgreement(
  what: string,
  ours: ArrayLike<number>,
  theirs: ArrayLike<number> | undefined,
  tolerance: number,
): void {
  if (theirs === undefined) return;
  let most = ours.length === theirs.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < ours.length; i += 1) {
    const difference = Math.abs((ours[i] ?? Number.NaN) - (theirs[i] ?? Number.NaN));
    if (!(difference <= most)) most = difference; // NaN counts as the worst
  }
  if (most <= tolerance) return;
  throw new Error(`Expected ${what} to agree with ours to ${tolerance}, got a difference of ${most}`);
}
