import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checked, load } from "../../native/binding.ts";
import { KernelError, toKernelError } from "../../native/errors.ts";

describe("binding", () => {
  test("says how to build an addon that is not there", () => {
    expect(() => load(["/nowhere/at-all.node"])).toThrow(
      expect.objectContaining({
        code: "ADDON_UNAVAILABLE",
        message: expect.stringContaining("build:native"),
      }),
    );
  });

  test("says so when the addon does not load", () => {
    const file = join(mkdtempSync(join(tmpdir(), "stratum-")), "broken.node");
    writeFileSync(file, "not a library");
    expect(() => load([file])).toThrow(expect.objectContaining({ code: "ADDON_UNAVAILABLE" }));
  });

  test("refuses an addon of another version", () => {
    for (const addon of [{ abi: 0 }, {}, undefined, "addon"]) {
      expect(() => checked(addon)).toThrow(expect.objectContaining({ code: "ADDON_STALE" }));
    }
  });

  test("keeps an addon's code, and marks any other failure", () => {
    expect(toKernelError(Object.assign(new Error("x"), { code: "TOO_LARGE" })).code).toBe("TOO_LARGE");
    expect(toKernelError(Object.assign(new Error("x"), { code: "ENOENT" })).code).toBe("NATIVE_FAILURE");
    expect(toKernelError("x")).toBeInstanceOf(KernelError);
  });
});
