// Plain JavaScript, checked by the compiler: Node 20 must run this file from the sources as well as from dist/.
//
// A process of its own that starts a private PostgreSQL and ends it when the last process that holds it is gone,
// however that one went: each holder keeps one connection to a socket here, which the kernel closes even on kill -9.
// If this process itself is killed, the kernel tells the postmaster (setpriv --pdeathsig, Linux); what is left
// elsewhere, the next start reaps.
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createServer, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readLines, remnants, signal, starter } from "./processes.js";

/**
 * What to run and where; see placeOf() in place.ts for the folders.
 *
 * @typedef {object} WatchdogSpec
 * @property {string} base holds everything below
 * @property {string} initdb path of the program
 * @property {string} postgres path of the program
 * @property {number} [uid] whom PostgreSQL runs as, when we are root
 * @property {number} [gid]
 * @property {boolean} ephemeral no durability, and `base` is removed at the end
 */

/**
 * What a holder reads on its connection, as one line of JSON.
 *
 * @typedef {{ readonly state: "ready", readonly socketDir: string, readonly password: string, readonly postmaster: number }
 *   | { readonly state: "failed", readonly message: string }} WatchdogReply
 */

const FIRST_HOLDER_MS = 10_000;
const RESTARTS = 5;
const ROLE = "stratum";

/** @type {WatchdogSpec} */
const spec = JSON.parse(process.argv[2] ?? "{}");
const dataDir = join(spec.base, "data");
const logPath = join(spec.base, "postgres.log");
const passwordPath = join(spec.base, "password");
const owner = spec.uid === undefined ? {} : { uid: spec.uid, gid: spec.gid };
const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
const start = starter({ env, cwd: "/", ...owner });

/** @type {Set<import("node:net").Socket>} */
const holders = new Set();
/** @type {import("node:child_process").ChildProcess | undefined} */
let running;
/** @type {WatchdogReply | undefined} */
let reply;
let leaving = false;
let reaping = false;
/** How to ask what runs to end at once: the postmaster in good order, initdb, whose work is thrown away, in any. */
let endSignal = /** @type {NodeJS.Signals} */ ("SIGKILL");

for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
process.on("SIGTERM", leave);
process.on("exit", () => running?.kill("SIGQUIT"));

await main().catch(fail);

async function main() {
  const mutex = await lock();
  if (!mutex) process.exit(0); // Another watchdog is in charge: the holder finds it.
  const runDir = ensureRunDir();
  const socketPath = join(runDir, "holders.sock");
  fs.rmSync(socketPath, { force: true });
  const server = createServer({ allowHalfOpen: true }, hold);
  await listen(server, socketPath);
  fs.chmodSync(socketPath, 0o600);
  // The one who started us holds our input until it holds us by the socket.
  process.stdin.resume().once("end", leaveIfAlone).once("error", leaveIfAlone);
  setTimeout(leaveIfAlone, FIRST_HOLDER_MS);
  await reap();
  removeUnfinished();
  if (!fs.existsSync(join(dataDir, "PG_VERSION"))) await initialise();
  checkVersion();
  for (let restarts = 0; restarts < RESTARTS && !leaving; ) {
    const startedAt = performance.now();
    await runPostmaster(runDir);
    if (!leaving) await reap();
    restarts = performance.now() - startedAt > 60_000 ? 0 : restarts + 1;
  }
  fs.rmSync(socketPath, { force: true });
  if (!leaving) throw new Error(`PostgreSQL ended ${RESTARTS} times at once`);
  goodbye();
}

/** Only one watchdog a base: an abstract socket, which exists as long as its process does. Linux. */
async function lock() {
  // Elsewhere two first starts at the same moment are held apart by PostgreSQL's own lock on its data folder.
  if (process.platform !== "linux") return true;
  const { dev, ino } = fs.statSync(spec.base);
  const guard = createServer((socket) => socket.destroy());
  guard.unref();
  return listen(guard, `\0stratum-postgres-${dev}-${ino}`).then(
    () => true,
    (error) => {
      if (error.code === "EADDRINUSE") return false;
      throw error;
    },
  );
}

/** @param {Server} server @param {string} path @returns {Promise<void>} */
function listen(server, path) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve());
  });
}

/** Sockets may have 107 bytes of path, 103 on macOS: under a long base they live in a private temporary folder. */
function ensureRunDir() {
  const runDir = join(spec.base, "run");
  if (Buffer.byteLength(join(runDir, ".s.PGSQL.5432")) <= 100) {
    fs.mkdirSync(runDir, { recursive: true, mode: 0o700 });
    own(runDir);
    return runDir;
  }
  const known = fs.existsSync(runDir) ? fs.realpathSync(runDir) : undefined;
  if (known !== undefined) return known;
  const target = fs.mkdtempSync(join(tmpdir(), "stratum-"));
  own(target);
  fs.rmSync(runDir, { force: true });
  fs.symlinkSync(target, runDir);
  return target;
}

/** @param {string} path */
function own(path) {
  if (spec.uid !== undefined && spec.gid !== undefined) fs.chownSync(path, spec.uid, spec.gid);
}

/** @param {import("node:net").Socket} socket */
function hold(socket) {
  if (leaving) return void socket.destroy();
  holders.add(socket);
  if (reply) tell(socket, reply);
  const gone = () => {
    holders.delete(socket);
    leaveIfAlone();
    // The last one waits for the server's end; any other may go at once.
    if (!leaving) socket.end();
    else holders.add(socket);
  };
  socket.resume();
  socket.once("end", gone);
  socket.once("error", () => {
    holders.delete(socket);
    leaveIfAlone();
  });
  socket.once("close", () => holders.delete(socket));
}

/** @param {import("node:net").Socket} socket @param {WatchdogReply} message */
function tell(socket, message) {
  socket.write(`${JSON.stringify(message)}\n`);
}

/** @param {WatchdogReply} message */
function tellAll(message) {
  reply = message;
  for (const socket of holders) tell(socket, message);
}

function leaveIfAlone() {
  if (holders.size === 0) leave();
}

/** Ends the server: fast, then immediately, then by force. */
function leave() {
  if (leaving) return;
  leaving = true;
  const child = running;
  if (!child) {
    if (!reaping) goodbye();
    return;
  }
  child.kill(endSignal);
  setTimeout(() => child.kill("SIGQUIT"), 10_000);
  setTimeout(() => child.kill("SIGKILL"), 20_000);
}

/** @param {number} [status] @returns {never} */
function goodbye(status = 0) {
  if (spec.ephemeral) {
    const runDir = join(spec.base, "run");
    if (fs.existsSync(runDir))
      fs.rmSync(fs.realpathSync(runDir), { recursive: true, force: true, maxRetries: 5 });
    fs.rmSync(spec.base, { recursive: true, force: true, maxRetries: 5 });
  }
  process.exit(status);
}

/** @param {unknown} error */
async function fail(error) {
  const message = error instanceof Error ? error.message : String(error);
  leaving = true;
  process.stderr.write(`${message}\n`);
  tellAll({ state: "failed", message });
  for (const socket of holders) socket.end();
  running?.kill(endSignal);
  await sleep(200);
  goodbye(1);
}

/** Runs the postmaster until it ends; holders hear when it accepts connections. @param {string} runDir */
async function runPostmaster(runDir) {
  const logged = fs.statSync(logPath, { throwIfNoEntry: false })?.size ?? 0;
  const log = fs.openSync(logPath, logged > 10_000_000 ? "w" : "a", 0o600);
  const child = start(spec.postgres, ["-D", dataDir, ...settings(runDir)], ["ignore", log, log], "QUIT");
  fs.closeSync(log);
  running = child;
  endSignal = spec.ephemeral ? "SIGQUIT" : "SIGINT";
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const isUp = () => child.exitCode === null && child.signalCode === null;
  while (isUp() && !isReady(child.pid)) await Promise.race([sleep(20), ended]);
  if (isUp() && !leaving) {
    const password = fs.readFileSync(passwordPath, "utf8").trim();
    tellAll({ state: "ready", socketDir: runDir, password, postmaster: child.pid ?? 0 });
  } else if (!leaving && reply === undefined) {
    throw new Error(`PostgreSQL did not start: ${lastWords()}`);
  }
  await ended;
  running = undefined;
}

/** @param {string} runDir */
function settings(runDir) {
  const durability = spec.ephemeral
    ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off", shared_buffers: "64MB" }
    : { shared_buffers: "256MB", maintenance_work_mem: "256MB" };
  const values = {
    listen_addresses: "",
    port: "5432",
    unix_socket_directories: `"${runDir.replaceAll('"', '""')}"`,
    unix_socket_permissions: "0700",
    max_wal_size: "2GB",
    // Compressing page images costs more processor time than it saves disk, above all when an index is built.
    wal_compression: "off",
    // Nobody replicates this server, so what is made and filled in one transaction (the partitions of an import) need
    // not pass through the log: it is synchronised to disk at commit instead.
    wal_level: "minimal",
    max_wal_senders: 0,
    jit: "off",
    work_mem: "32MB",
    // Never a statement in the log, and no detail: they hold patients' data.
    log_min_messages: "log",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_checkpoints: "off",
    ...durability,
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** PostgreSQL writes its state into line 8 of its pid file. @param {number | undefined} pid */
function isReady(pid) {
  const lines = readLines(join(dataDir, "postmaster.pid"));
  return lines[0] === String(pid) && lines[7]?.trim() === "ready";
}

/** Makes the data folder beside its place and moves it there when it is whole. */
async function initialise() {
  const unfinished = fs.mkdtempSync(join(spec.base, "initdb-"));
  own(unfinished);
  const password = crypto.getRandomValues(Buffer.alloc(24)).toString("base64url");
  const handed = join(unfinished, "password");
  fs.writeFileSync(handed, `${password}\n`, { mode: 0o600 });
  own(handed);
  const data = join(unfinished, "data");
  const quick = spec.ephemeral ? ["--no-sync"] : [];
  await finish(
    start(
      spec.initdb,
      [
        `--pgdata=${data}`,
        `--username=${ROLE}`,
        `--pwfile=${handed}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        ...quick,
      ],
      ["ignore", "ignore", "pipe"],
      "KILL",
    ),
    "initdb",
  );
  const single = start(
    spec.postgres,
    ["--single", "-D", data, "postgres"],
    ["pipe", "ignore", "pipe"],
    "KILL",
  );
  single.stdin?.end(`create database ${ROLE};\n`);
  await finish(single, "postgres --single");
  fs.writeFileSync(passwordPath, `${password}\n`, { mode: 0o600, flush: true });
  fs.renameSync(data, dataDir);
  removeUnfinished();
}

/** @param {import("node:child_process").ChildProcess} child @param {string} what @returns {Promise<void>} */
function finish(child, what) {
  running = child;
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said = (said + chunk).slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      running = undefined;
      if (leaving) {
        removeUnfinished();
        goodbye();
      }
      if (code === 0) resolve();
      else reject(new Error(`${what} failed: ${said.trim()}`));
    });
  });
}

function removeUnfinished() {
  for (const name of fs.readdirSync(spec.base)) {
    if (name.startsWith("initdb-"))
      fs.rmSync(join(spec.base, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A data folder of another major version would be refused with less to go by. */
function checkVersion() {
  const [found] = readLines(join(dataDir, "PG_VERSION"));
  const said = spawnSync(spec.postgres, ["--version"], { encoding: "utf8", env, ...owner }).stdout ?? "";
  const ours = /(\d+)\./.exec(said)?.[1];
  if (ours === undefined) throw new Error("the PostgreSQL program does not run");
  if (found !== ours) {
    throw new Error(
      `the data folder was made by PostgreSQL ${found}, this is ${ours}; dump it with the old one, or remove it`,
    );
  }
}

/** Ends what outlived its watchdog or its postmaster, then removes pid files, which may name some other process by now. */
async function reap() {
  reaping = true;
  for (let waited = 0, left = remnants(dataDir); left.length > 0; waited += 50, left = remnants(dataDir)) {
    // The postmaster alone can end in good order; a backend without one cannot.
    const name = waited < 5_000 ? "SIGINT" : waited < 10_000 ? "SIGQUIT" : "SIGKILL";
    const postmaster = Number(readLines(join(dataDir, "postmaster.pid"))[0]);
    if (waited % 5_000 === 0) {
      if (left.includes(postmaster)) signal(postmaster, name);
      else for (const pid of left) signal(pid, waited === 0 ? "SIGQUIT" : "SIGKILL");
    }
    await sleep(50);
  }
  const runDir = join(spec.base, "run");
  for (const stale of [join(dataDir, "postmaster.pid"), join(runDir, ".s.PGSQL.5432.lock")]) {
    fs.rmSync(stale, { force: true });
  }
  reaping = false;
  if (leaving) goodbye();
}

/** The end of the server's log, for a failure to start. */
function lastWords() {
  return readLines(logPath).slice(-6).join(" | ");
}
