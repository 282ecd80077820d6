import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readImage, readLater } from "../../../compute/child/read-image.ts";
import { ScratchFolder } from "../../support/child-tasks.ts";

const codeOf = (reading: Promise<unknown>) =>
  reading.then(
    () => "read",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );

describe("readImage", () => {
  test("reads files of any length, also none", async () => {
    using folder = new ScratchFolder();
    for (const length of [0, 1, 70_000, 3_000_000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
      const { sha256 } = folder.file("image", bytes);
      expect(Buffer.from(await readImage(folder.path, "image", sha256)).equals(bytes)).toBe(true);
      expect(Buffer.from(await readLater(join(folder.path, "image"))).equals(bytes)).toBe(true);
    }
  });

  test("refuses what is not there, no file, not below the folder, or another than was imported", async () => {
    using folder = new ScratchFolder();
    const { sha256 } = folder.file("image", Uint8Array.of(1));
    mkdirSync(join(folder.path, "folder"));
    expect(await codeOf(readImage(folder.path, "nothing", sha256))).toBe("IMAGE_UNREADABLE");
    expect(await codeOf(readImage(folder.path, "folder", sha256))).toBe("IMAGE_UNREADABLE");
    expect(await codeOf(readImage(join(folder.path, "folder"), "../image", sha256))).toBe("IMAGE_UNREADABLE");
    expect(await codeOf(readImage(folder.path, "image", "0".repeat(64)))).toBe("IMAGE_CHANGED");
    expect(await codeOf(readImage(folder.path, "image", sha256))).toBe("read");
  });

  test.skipIf(process.platform === "win32")("waits for no pipe", async () => {
    using folder = new ScratchFolder();
    execFileSync("mkfifo", [join(folder.path, "pipe")]);
    expect(await codeOf(readImage(folder.path, "pipe", "0".repeat(64)))).toBe("IMAGE_UNREADABLE");
  });
});
