#!/usr/bin/env node
// The command line runs from dist/, which `npm ci` builds.
import { existsSync } from "node:fs";

const main = new URL("../dist/api/cli/main.js", import.meta.url);
if (!existsSync(main)) {
  console.error("error: Expected a built project, found no dist/ folder; run `npm ci` or `npm run build`");
  process.exit(1);
}
const { runCli } = await import(main.href);
process.exitCode = await runCli(process.argv.slice(2));
