import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { packageRoot } from "../../api/package-root.ts";

/** A living process: its id, its parent's, and its command line. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process of this machine that has not ended, whoever's it is. */
export function livingProcesses(): readonly Process[] {
  const table = execFileSync("ps", ["-ww", "-A", "-o", "pid=,ppid=,stat=,command="], { encoding: "utf8" });
  return table.split("\n").flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined || state?.startsWith("Z")
      ? []
      : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** The processes that name `folder` on their command line, and all their descendants. */
export function processesOf(folder: string): readonly Process[] {
  const all = livingProcesses();
  const found = new Set(all.filter(({ command }) => command.includes(folder)));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    const pids = new Set([...found].map(({ pid }) => pid));
    for (const process of all) if (pids.has(process.parent)) found.add(process);
  }
  return [...found];
}

/** Waits until `isSo` holds; the limit only ends a test that would never end. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 30_000,
): Promise<void> {
  for (const start = performance.now(); !(await isSo()); await sleep(20)) {
    if (performance.now() - start > limitMs) throw new Error(`Expected ${what} within ${limitMs} ms`);
  }
}

/** A child process that answers lines of JSON. */
export interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** The next line of its output; rejects when it ends first. */
  answer(): Promise<Record<string, unknown>>;
  say(line: string): void;
}

/** Starts a file of tests/, given by its path there, from its compiled form. */
export function startChild(
  path: string,
  args: readonly string[],
  options: {
    readonly uid?: number;
    readonly gid?: number;
    readonly detached?: boolean;
    readonly env?: NodeJS.ProcessEnv;
  } = {},
): Child {
  const script = compiled(path);
  const child = spawn(process.execPath, [script, ...args], {
    ...options,
    cwd: "/",
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => undefined);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    ended,
    async answer() {
      const line = await lines.next();
      if (line.done === true) throw new Error(`Expected an answer of ${path}, got its end`);
      return JSON.parse(line.value);
    },
    say: (line) => void child.stdin.write(`${line}\n`),
  };
}

/** Node 20 runs no TypeScript: child processes come from dist/, which must not be older than the sources. */
function compiled(path: string): string {
  const script = join(packageRoot, "dist", "tests", path.replace(/\.ts$/, ".js"));
  const source = join(packageRoot, "tests", path);
  if (!existsSync(script) || statSync(script).mtimeMs < statSync(source).mtimeMs) {
    throw new Error(`Expected tests/${path} compiled in dist/, got none or an old one; run npx tsc -b`);
  }
  return script;
}
