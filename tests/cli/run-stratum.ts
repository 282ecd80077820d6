import { spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../api/package-root.ts";

/** How a command ended and what it printed. */
export interface Ended {
  readonly status: number | null;
  readonly out: string;
  /** What it printed on the error stream, but for `warnings`. */
  readonly err: string;
  /** Lines of the log below errors: a worker inside the command that lost a connection and took another says so. */
  readonly warnings: readonly string[];
}

/** Where a command finds its database and its state. */
export interface Surroundings {
  readonly home: string;
  readonly databaseUrl?: string;
  /** The file to load as the native addon; the one that was built when absent. */
  readonly addon?: string;
  /** A command line of sh that reads the output, such as `head -1`; its output is `out` then. */
  readonly pipeInto?: string;
}

/** Runs the built command line (`npm test` builds it) as a child process, away from the settings of this one. */
export function runStratum(
  args: readonly string[],
  { home, databaseUrl, addon, pipeInto }: Surroundings,
): Promise<Ended> {
  const program = join(packageRoot, "bin/stratum.js");
  const command =
    pipeInto === undefined
      ? [process.execPath, program, ...args]
      : // The status of the first program of a pipe is lost in sh: it goes out by the error stream.
        [
          "/bin/sh",
          "-c",
          `{ "$@"; echo "status $?" >&2; } | ${pipeInto}`,
          "sh",
          process.execPath,
          program,
          ...args,
        ];
  const [file = "", ...rest] = command;
  const child = spawn(file, rest, {
    cwd: packageRoot,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      STRATUM_HOME: home,
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...(addon === undefined ? {} : { STRATUM_NATIVE_ADDON: addon }),
    },
  });
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    texts.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    texts.err += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      const lines = texts.err.split(/(?<=\n)/);
      const warnings = lines.filter(isWarning);
      const err = lines.filter((line) => !isWarning(line)).join("");
      resolve({ status, out: texts.out, err, warnings });
    });
  });
}

const ERROR = 50; // of pino

function isWarning(line: string): boolean {
  const level = /^\{"level":(\d+),/.exec(line)?.[1];
  return level !== undefined && Number(level) < ERROR;
}
