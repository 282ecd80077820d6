import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../../api/package-root.ts";

/** The names of node's modules and shared libraries that a process holds after importing a compiled file. */
function loadedBy(file: string): { readonly modules: readonly string[]; readonly libraries: string } {
  const script = `
    import { createRequire } from "node:module";
    import { existsSync, readFileSync } from "node:fs";
    await import(${JSON.stringify(join(packageRoot, "dist", file))});
    const require = createRequire(import.meta.url);
    const maps = existsSync("/proc/self/maps") ? readFileSync("/proc/self/maps", "utf8") : "";
    process.stdout.write(JSON.stringify({ modules: Object.keys(require.cache), libraries: maps }));
  `;
  const out = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  return JSON.parse(out);
}

describe("onnxruntime", () => {
  // session.run() blocks the event loop for a whole inference, and a hostile model takes its process along.
  test.each(["api/main.js", "api/cli/main.js", "compute/index.js"])("is not loaded by %s", (file) => {
    const { modules, libraries } = loadedBy(file);
    expect(modules.filter((path) => path.includes("onnxruntime"))).toEqual([]);
    expect(libraries).not.toContain("onnxruntime");
  });

  test("is what this test would find", () => {
    const { modules } = loadedBy("compute/onnx/session.js");
    expect(modules.some((path) => path.includes("onnxruntime-node"))).toBe(true);
  });
});
