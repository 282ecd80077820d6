import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../native/build-addon.js", import.meta.url));
let bin: string;

beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), "stratum-bin-"));
});
afterAll(() => rmSync(bin, { recursive: true }));

/** Builds with no program in reach but these; each does nothing and succeeds. */
function buildWith(programs: readonly string[]) {
  for (const program of programs) symlinkSync("/bin/true", join(bin, program));
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8", env: { PATH: bin } });
  return { status, stderr };
}

test("the build says what to install where cmake, a compiler or make is missing", () => {
  expect(buildWith([])).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/found none; install CMake/),
  });
  expect(buildWith(["cmake"]).stderr).toMatch(/^error: Expected a C\+\+ compiler .* install .*g\+\+/);
  expect(buildWith(["c++"]).stderr).toMatch(/^error: Expected make or ninja .* install .*make/);
});
