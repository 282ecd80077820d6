import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/**
 * The native addon beside what else one would use, each peer found now or skipped aloud; a peer that gives other
 * numbers fails the run. Times are the least of several runs in turn, since other work may share the machine.
 *
 * In a process of its own: the modules of the other benchmarks are a heap whose sweeping, on other threads, would count
 * as the addon's processor time.
 *
 * @throws {Error} when a peer disagrees.
 */
export async function benchNative(): Promise<void> {
  const script = fileURLToPath(new URL("./native/main.js", import.meta.url));
  const [code] = await once(spawn(process.execPath, [script], { stdio: "inherit" }), "exit");
  if (code !== 0) throw new Error(`Expected the native benchmark to end well, it ended with ${String(code)}`);
}
