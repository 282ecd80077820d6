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
