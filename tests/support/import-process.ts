import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../api/package-root.ts";

/** `stratum import predictions` in a process of its own. */
export interface ImportProcess {
  readonly process: ChildProcess;
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly output: string;
    readonly errors: string;
  }>;
}

/** Starts the command line from dist/ with these arguments; `env` is added to this process's own. */
export function startImport(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ImportProcess {
  const child = spawn(
    process.execPath,
    [join(packageRoot, "bin", "stratum.js"), "import", "predictions", ...args],
    { env: { ...process.env, NO_COLOR: "1", ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = new Promise<Awaited<ImportProcess["ended"]>>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, output, errors }));
  });
  return { process: child, ended };
}
