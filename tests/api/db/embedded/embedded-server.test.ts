import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startEmbedded } from "../../../../api/db/embedded/embedded-server.ts";
import { type Child, processesOf, startChild, until } from "../../../support/processes.ts";

const isRoot = userInfo().uid === 0;
const folders: string[] = [];
const children: Child[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.process.kill("SIGKILL");
  await until(() => processesOf(settled).length === 0, "no process left");
  for (const folder of folders.splice(0)) {
    await until(() => processesOf(folder).length === 0, "no process left");
    rmSync(folder, { recursive: true, force: true });
  }
});

function newHome(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), "stratum-home-"));
  folders.push(folder);
  chmodSync(folder, 0o755);
  const home = join(folder, "home");
  mkdirSync(home, { mode });
  return home;
}

function hold(home: string): Child {
  const child = startChild("api/db/embedded/holder.ts", [home]);
  children.push(child);
  return child;
}

/** A home whose database is there already: most tests need no new one. */
let settled = "";
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "stratum-settled-"));
  chmodSync(folder, 0o755);
  settled = join(folder, "home");
  await (await startEmbedded({ home: settled }))[Symbol.asyncDispose]();
  return () => rmSync(folder, { recursive: true, force: true });
});

const gone = (home: string) => until(() => processesOf(home).length === 0, "no process of the server");

async function ask(connectionString: string, sql = "select 1 as one"): Promise<unknown> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows[0];
  } finally {
    await client.end();
  }
}

function pidOf(home: string, word: string): number {
  const found = processesOf(home).find(
    ({ command }) => command.includes(word) && command.includes(home) && !command.includes("holder.js"),
  );
  if (!found) throw new Error(`Expected a process ${word}, got none`);
  return found.pid;
}

describe("startEmbedded", () => {
  test("keeps its data from one start to the next and ends with its only holder", async () => {
    const home = newHome();
    {
      await using server = await startEmbedded({ home });
      await ask(server.connectionString, "create table kept as select 7 as seven");
    }
    expect(processesOf(home)).toEqual([]);
    await using server = await startEmbedded({ home });
    expect(await ask(server.connectionString, "select seven from kept")).toEqual({ seven: 7 });
  });

  test("lets nobody but its own user near the data, the password and the socket", async () => {
    const home = settled;
    await using server = await startEmbedded({ home });
    const base = join(home, "postgres");
    for (const path of [
      base,
      join(base, "data"),
      join(base, "password"),
      join(base, "run"),
      join(base, "postgres.log"),
    ]) {
      expect([path, statSync(path).mode & 0o007]).toEqual([path, 0]);
    }
    expect(await ask(server.connectionString, "show listen_addresses")).toEqual({ listen_addresses: "" });
    const wrong = server.connectionString.replace(/:[^:@/]+@/, ":wrong@");
    await expect(ask(wrong)).rejects.toMatchObject({ code: "28P01" });
  });

  test("is durable by default", async () => {
    await using server = await startEmbedded({ home: settled });
    const shown =
      "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit, current_setting('full_page_writes') as pages";
    expect(await ask(server.connectionString, shown)).toEqual({ fsync: "on", commit: "on", pages: "on" });
  });

  test("writes no statement and no value into the server's log", async () => {
    const home = settled;
    await using server = await startEmbedded({ home });
    await ask(server.connectionString, "create table canary (id text primary key)");
    await ask(server.connectionString, "insert into canary values ('MRN-0042')");
    await expect(ask(server.connectionString, "insert into canary values ('MRN-0042')")).rejects.toThrow();
    await expect(ask(server.connectionString, "select 'MRN-0042'::int")).rejects.toThrow();
    expect(readFileSync(join(home, "postgres", "postgres.log"), "utf8")).not.toContain("MRN");
  });

  test("is shared by the processes of one home and ends with the last of them", async () => {
    const home = settled;
    const [first, second] = [hold(home), hold(home)];
    const [one, two] = await Promise.all([first.answer(), second.answer()]);
    expect(one).toEqual(two);
    first.say("close");
    expect(await first.ended).toEqual({ code: 0, signal: null });
    second.say("ask");
    expect(await second.answer()).toHaveProperty("started");
    second.say("close");
    await second.ended;
    expect(processesOf(home)).toEqual([]);
  });

  test("works where a socket's path would be too long", async () => {
    const home = join(newHome(), "a".repeat(90));
    const server = await startEmbedded({ home });
    expect(server.socketDir.length).toBeLessThan(60);
    expect(await ask(server.connectionString)).toEqual({ one: 1 });
    await server[Symbol.asyncDispose]();
    await using again = await startEmbedded({ home });
    expect(again.socketDir).toBe(server.socketDir);
    folders.push(server.socketDir);
  });

  test("removes an ephemeral home at the end", async () => {
    const home = newHome();
    const server = await startEmbedded({ home, ephemeral: true });
    await server[Symbol.asyncDispose]();
    await until(() => !existsSync(home), "the home to go");
  });

  test("starts over pid files that name another living process", async () => {
    const home = settled;
    const pidFile = join(home, "postgres", "data", "postmaster.pid");
    const { uid, gid } = statSync(join(home, "postgres", "data"));
    // PostgreSQL itself would take it for a server of its user's.
    const bystander = spawn("sleep", ["60"], isRoot ? { uid, gid } : {});
    onTestFinished(() => void bystander.kill());
    writeFileSync(pidFile, `${bystander.pid}\n${join(home, "postgres", "data")}\n`);
    writeFileSync(join(home, "postgres", "run", ".s.PGSQL.5432.lock"), `${bystander.pid}\n`);
    await using server = await startEmbedded({ home });
    expect(await ask(server.connectionString)).toEqual({ one: 1 });
  });

  test("says why it cannot start", async () => {
    const home = settled;
    const versionFile = join(home, "postgres", "data", "PG_VERSION");
    const version = readFileSync(versionFile);
    onTestFinished(() => writeFileSync(versionFile, version));
    writeFileSync(versionFile, "9.6\n");
    await expect(startEmbedded({ home })).rejects.toMatchObject({
      code: "EMBEDDED_FAILED",
      message: expect.stringContaining("made by PostgreSQL 9.6"),
    });
  });

  test.skipIf(!isRoot)(
    "moves where PostgreSQL's user can go when root's home is closed (needs root)",
    async () => {
      const closed = newHome(0o700);
      const home = join(closed, "inside");
      await using server = await startEmbedded({ home });
      expect(await ask(server.connectionString)).toEqual({ one: 1 });
      const base = readFileSync(join(home, "postgres.location"), "utf8").trim();
      folders.push(base);
      expect(base).toMatch(/^\/var\/lib\/stratum\//);
      expect(statSync(base).mode & 0o007).toBe(0);
    },
  );

  test.skipIf(!isRoot)("runs as the owner of the home when root starts it (needs root)", async () => {
    const home = newHome();
    chownSync(home, 65534, 65534);
    await using server = await startEmbedded({ home });
    expect(await ask(server.connectionString)).toEqual({ one: 1 });
    expect(statSync(join(home, "postgres", "data")).uid).toBe(65534);
  });

  test.skipIf(!isRoot)("works for a user who is not root (needs root to become one)", async () => {
    const home = newHome();
    chownSync(home, 65534, 65534);
    const child = startChild("api/db/embedded/holder.ts", [home], { uid: 65534, gid: 65534 });
    children.push(child);
    await child.answer();
    expect(statSync(join(home, "postgres", "data")).uid).toBe(65534);
    child.say("close");
    expect(await child.ended).toEqual({ code: 0, signal: null });
  });
});

describe("no process survives", () => {
  test("Ctrl-C, which reaches the foreground process and not the server that another process uses", async () => {
    const home = settled;
    const child = startChild("api/db/embedded/holder.ts", [home], { detached: true });
    const other = hold(home);
    children.push(child);
    const { postmaster } = await child.answer();
    await other.answer();
    other.say("ask");
    const before = await other.answer();
    // As a terminal does: to the whole group of the process.
    process.kill(-(child.process.pid ?? 0), "SIGINT");
    expect((await child.ended).signal).toBe("SIGINT");
    other.say("ask");
    expect(await other.answer()).toEqual(before);
    other.process.kill("SIGINT");
    await gone(home);
    expect(() => process.kill(Number(postmaster), 0)).toThrow("ESRCH");
    const log = readFileSync(join(home, "postgres", "postgres.log"), "utf8");
    expect(log.trimEnd()).toMatch(/database system is shut down$/);
  });

  // Milliseconds after the start: before initdb and inside it, then around the start of the server and after it.
  test.each([
    ["a first start", 100],
    ["a first start", 350],
    ["a first start", 700],
    ["a start", 200],
    ["a start", 1_500],
  ])("kill -9 of the parent in %s after %i ms", async (kind, delay) => {
    const home = kind === "a start" ? settled : newHome();
    const child = hold(home);
    await sleep(delay);
    child.process.kill("SIGKILL");
    await child.ended;
    await gone(home);
    await using server = await startEmbedded({ home });
    expect(await ask(server.connectionString)).toEqual({ one: 1 });
  });

  test("kill -9 of the parent in the middle of an endless statement", async () => {
    const home = settled;
    const child = hold(home);
    await child.answer();
    child.say("spin");
    await child.answer();
    child.process.kill("SIGKILL");
    await gone(home);
  });

  test("kill -9 of the watchdog and its only holder at once", async () => {
    const home = settled;
    const child = hold(home);
    await child.answer();
    child.say("spin");
    await child.answer();
    process.kill(pidOf(home, "watchdog.js"), "SIGKILL");
    child.process.kill("SIGKILL");
    await gone(home);
  });
});

describe("comes back", () => {
  test.each(["watchdog.js", "postgres -D"])("after kill -9 of %s, at the same address", async (victim) => {
    const home = settled;
    const child = hold(home);
    await child.answer();
    child.say("ask");
    const { started } = await child.answer();
    child.say("spin");
    await child.answer();
    process.kill(pidOf(home, victim), "SIGKILL");
    await until(async () => {
      child.say("ask");
      const answer = await child.answer();
      return typeof answer["started"] === "string" && answer["started"] !== started;
    }, "a new server");
    child.say("close");
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(processesOf(home)).toEqual([]);
  });

  test.skipIf(process.platform !== "linux")(
    "from a server that outlived its watchdog and no longer listens (needs /proc)",
    async () => {
      const home = settled;
      const child = hold(home);
      const { postmaster } = await child.answer();
      // Stopped, it cannot follow the signal that the watchdog's death sends it.
      process.kill(Number(postmaster), "SIGSTOP");
      process.kill(pidOf(home, "watchdog.js"), "SIGKILL");
      child.process.kill("SIGKILL");
      await child.ended;
      expect(() => process.kill(Number(postmaster), 0)).not.toThrow();
      await using server = await startEmbedded({ home });
      expect(server.postmaster).not.toBe(postmaster);
      expect(await ask(server.connectionString)).toEqual({ one: 1 });
    },
  );
});
