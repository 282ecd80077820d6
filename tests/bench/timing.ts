import { setImmediate } from "node:timers/promises";

/** Runs work several times and gives the seconds of each run, sorted. */
export async function timings(repeats: number, work: () => Promise<unknown> | unknown): Promise<number[]> {
  const seconds: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const begun = performance.now();
    await work();
    seconds.push((performance.now() - begun) / 1000);
  }
  return seconds.sort((left, right) => left - right);
}

/** Processor seconds of all threads, and seconds that the event loop was held, of each run; both sorted. */
export async function costs(
  repeats: number,
  work: () => Promise<unknown>,
): Promise<{ readonly processor: number[]; readonly eventLoop: number[] }> {
  const processor: number[] = [];
  const eventLoop: number[] = [];
  for (let i = 0; i < repeats; i++) {
    // From a turn of the event loop on, so that none of it was over before.
    await setImmediate();
    const before = { cpu: process.cpuUsage(), loop: performance.eventLoopUtilization() };
    await work();
    const { user, system } = process.cpuUsage(before.cpu);
    processor.push((user + system) / 1e6);
    eventLoop.push(performance.eventLoopUtilization(before.loop).active / 1000);
  }
  const ascending = (values: number[]) => values.sort((left, right) => left - right);
  return { processor: ascending(processor), eventLoop: ascending(eventLoop) };
}

/** The middle of sorted numbers. */
export function median(sorted: readonly number[]): number {
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("Expected at least one timing, got none");
  return middle;
}

/** `1.23 s` or `4.5 ms`. */
export function duration(seconds: number): string {
  return seconds >= 1 ? `${seconds.toFixed(2)} s` : `${(seconds * 1000).toFixed(seconds < 0.01 ? 2 : 1)} ms`;
}

/** One line of a benchmark: what, how long, and the ratio to ours. */
export function printRow(what: string, seconds: number, ours?: number): void {
  const ratio = ours === undefined ? "" : `  ${(seconds / ours).toFixed(1)} x ours`;
  console.log(`  ${what.padEnd(58)} ${duration(seconds).padStart(10)}${ratio}`);
}
