// Builds the addon: `npm ci` and the tests run it. Plain JavaScript, since nothing is compiled yet. Says nothing when all
// goes well; builds only what changed.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const needs =
  "CMake 3.22 or newer, make or ninja, and a C++20 compiler (Debian: apt-get install cmake make g++)";

/** Ends the build with what is amiss and what to do. */
function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}

function runs(command) {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined;
}

if (!runs("cmake")) fail(`Expected cmake for the native addon, found none; install ${needs}`);
const compilers = [process.env["CXX"], "c++", "g++", "clang++"].filter(
  (name) => name !== undefined && name !== "",
);
if (!compilers.some(runs)) fail(`Expected a C++ compiler for the native addon, found none; install ${needs}`);
if (!["ninja", "make"].some(runs))
  fail(`Expected make or ninja for the native addon, found none; install ${needs}`);

const cmakeJs = createRequire(import.meta.url).resolve("cmake-js/bin/cmake-js");
const built = spawnSync(
  process.execPath,
  [cmakeJs, "compile", "-d", here, "--parallel", String(availableParallelism())],
  { encoding: "utf8" },
);
if (built.status !== 0) {
  process.stderr.write(`${built.stdout}\n${built.stderr}\n`);
  fail(
    `Expected the native addon to build, but the compiler or cmake failed as shown above; it needs ${needs}`,
  );
}
