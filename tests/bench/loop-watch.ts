import { writeSync } from "node:fs";
import { setInterval } from "node:timers";

// Loaded before the program that is watched: notes how late the event loop comes to a timer, and tells on SIGUSR2.
const EVERY_MS = 5;
const STALL_MS = 50;
let last = performance.now();
let late: number[] = [];

setInterval(() => {
  const now = performance.now();
  late.push(Math.max(0, now - last - EVERY_MS));
  last = now;
}, EVERY_MS).unref();

process.on("SIGUSR2", () => {
  late.sort((a, b) => a - b);
  const at = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? 0;
  const stalls = late.filter((ms) => ms >= STALL_MS).length;
  writeSync(3, `${JSON.stringify({ p99: at(0.99), max: at(1), stalls })}\n`);
  late = [];
});
