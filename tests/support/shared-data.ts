import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../api/package-root.ts";

/** The folder of real data to try things on, beside the project or where STRATUM_SHARED says; absent elsewhere. */
export const sharedFolder = process.env["STRATUM_SHARED"] ?? join(packageRoot, "../shared");

/** A folder of the real data, or undefined with a line on the error stream that says what is skipped. */
export function findSharedData(name: string, skipped: string): string | undefined {
  const folder = join(sharedFolder, "data", name);
  if (existsSync(folder)) return folder;
  process.stderr.write(`SKIPPED: ${skipped}: the real data "${name}" is not here\n`);
  return undefined;
}
