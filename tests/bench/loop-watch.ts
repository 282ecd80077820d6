import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { PerformanceObserver } from "node:perf_hooks";
import { setInterval } from "node:timers";

// Loaded before the program that is watched: notes how late the event loop comes to a timer, and tells on SIGUSR2. Of the
// longest it says how long the thread ran and how long it stood in line for a processor, where the kernel tells (Linux).
const EVERY_MS = 5;
const STALL_MS = 50;
let last = performance.now();
let late: number[] = [];
let worst = { ms: 0, ran: 0, waited: 0, end: 0 };
let collections: { from: number; ms: number }[] = [];
new PerformanceObserver((seen) => {
  for (const { startTime, duration } of seen.getEntries())
    collections.push({ from: startTime, ms: duration });
}).observe({ entryTypes: ["gc"] });
const counter = openCounter();
const room = Buffer.alloc(128);
let spent = readCounter();

setInterval(() => {
  const now = performance.now();
  const ms = Math.max(0, now - last - EVERY_MS);
  const used = readCounter();
  late.push(ms);
  if (ms > worst.ms) worst = { ms, ran: used.ran - spent.ran, waited: used.waited - spent.waited, end: now };
  [last, spent] = [now, used];
}, EVERY_MS).unref();

function openCounter(): number | undefined {
  try {
    return openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
  } catch {
    return undefined;
  }
}

/** Milliseconds that this thread ran, and stood ready without a processor. */
function readCounter(): { ran: number; waited: number } {
  if (counter === undefined) return { ran: 0, waited: 0 };
  const size = readSync(counter, room, 0, room.length, 0);
  const [ran = 0, waited = 0] = room.toString("latin1", 0, size).split(" ").map(Number);
  return { ran: ran / 1e6, waited: waited / 1e6 };
}

process.on("exit", () => {
  if (counter !== undefined) closeSync(counter);
});

process.on("SIGUSR2", () => {
  late.sort((a, b) => a - b);
  const at = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? 0;
  const stalls = late.filter((ms) => ms >= STALL_MS).length;
  const { ms, ran, waited, end } = worst;
  const inside = collections.filter(({ from }) => from >= end - ms - EVERY_MS && from <= end);
  const collected = inside.reduce((sum, one) => sum + one.ms, 0);
  writeSync(3, `${JSON.stringify({ p99: at(0.99), max: at(1), stalls, ran, waited, collected })}\n`);
  late = [];
  worst = { ms: 0, ran: 0, waited: 0, end: 0 };
  collections = [];
});
