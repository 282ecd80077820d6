// Plain JavaScript for the same reason as watchdog.js.
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";

/** In a shell between setpriv and the program: asks whether the parent is still the one that was to be watched. */
const SAME_PARENT = '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"';

/**
 * How to start programs that get a signal when we die, by whatever means. The shell looks at its parent after the
 * kernel has the request: had we died before, nobody would tell the program. Linux; elsewhere they just start.
 *
 * @param {import("node:child_process").SpawnOptions} common
 */
export function starter(common) {
  const canWatch = process.platform === "linux" && hasDeathSignal();
  /**
   * @param {string} program @param {string[]} args @param {import("node:child_process").StdioOptions} stdio
   * @param {"QUIT" | "KILL"} deathSignal
   */
  return (program, args, stdio, deathSignal) => {
    if (!canWatch) return spawn(program, args, { ...common, stdio });
    const watched = ["--pdeathsig", deathSignal, "--", "sh", "-c", SAME_PARENT, "sh", String(process.pid)];
    return spawn("setpriv", [...watched, program, ...args], { ...common, stdio });
  };
}

function hasDeathSignal() {
  return spawnSync("setpriv", ["--pdeathsig", "KILL", "--", "true"], { stdio: "ignore" }).status === 0;
}

/**
 * The living processes of a PostgreSQL data folder: all that work in it, or on systems without /proc the postmaster.
 *
 * @param {string} dataDir
 * @returns {readonly number[]}
 */
export function remnants(dataDir) {
  if (process.platform === "linux") {
    const folder = fs.existsSync(dataDir) ? fs.realpathSync(dataDir) : undefined;
    const pids = fs.readdirSync("/proc").map(Number).filter(Number.isInteger);
    return pids.filter((pid) => folder !== undefined && workingFolder(pid) === folder);
  }
  const pid = Number(readLines(join(dataDir, "postmaster.pid"))[0]);
  if (!Number.isInteger(pid) || pid <= 1) return [];
  const { stdout } = spawnSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.includes(dataDir) ? [pid] : [];
}

/** Undefined for a process that has ended, also while nobody has collected it. @param {number} pid */
function workingFolder(pid) {
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Signals a process that may have ended by now. @param {number} pid @param {NodeJS.Signals} name */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in between.
  }
}

/** The lines of a file; none when it cannot be read. @param {string} path @returns {string[]} */
export function readLines(path) {
  try {
    return fs.readFileSync(path, "utf8").trimEnd().split("\n");
  } catch {
    return [];
  }
}
