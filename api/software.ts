import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./package-root.ts";

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  const version =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : "";
  return String(version);
}

/** What does the work: recorded with every run, so that a number can be traced to the program that made it. */
export const software: Readonly<Record<string, string>> = Object.freeze({
  stratum: readVersion(),
  node: process.version,
});
