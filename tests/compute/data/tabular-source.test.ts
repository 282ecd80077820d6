import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type ByteSource,
  bytesSource,
  fileSource,
  streamSource,
} from "../../../compute/data/tabular-source.ts";
import { readAll } from "./predictions/read-all.ts";

const content = Uint8Array.from({ length: 1_000 }, (_, at) => at % 251);

async function pieces(source: ByteSource, size: number): Promise<Uint8Array> {
  const reader = await source.open();
  const all: number[] = [];
  for (;;) {
    const into = new Uint8Array(size);
    const length = await reader.read(into);
    if (length === 0) break;
    all.push(...into.subarray(0, length));
  }
  await reader.close();
  return Uint8Array.from(all);
}

describe("a source of bytes", () => {
  test("is read whole from a file and from memory", async () => {
    const folder = await mkdtemp(join(tmpdir(), "stratum-test-"));
    try {
      const path = join(folder, "bytes");
      await writeFile(path, content);
      for (const source of [await fileSource(path), bytesSource(content)]) {
        expect(source.byteLength).toBe(1_000);
        expect(await pieces(source, 77)).toEqual(content);
        expect(await pieces(source, 5_000)).toEqual(content);
        const reader = await source.open();
        const into = new Uint8Array(10);
        expect(await reader.readAt?.(into, 995)).toBe(5);
        expect(into.subarray(0, 5)).toEqual(content.subarray(995));
        await reader.close();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("is passed once where it is a stream", async () => {
    const stream = (async function* () {
      yield content.subarray(0, 1);
      yield content.subarray(1, 1);
      yield content.subarray(1);
    })();
    const source = streamSource(stream);
    expect(await pieces(source, 64)).toEqual(content);
    await expect(source.open()).rejects.toThrow("one pass");
  });

  test("leaves no temporary file behind", async () => {
    const folder = await mkdtemp(join(tmpdir(), "stratum-test-"));
    try {
      const mapping = {
        id: "id",
        task: { kind: "multilabel", attribute: "finding", classes: ["x"] },
        scores: { classColumn: "c", scoreColumn: "s" },
      };
      const rows = Array.from({ length: 5_000 }, (_, at) => `i${(at * 7) % 5_000},x,0.5`);
      const got = await readAll({
        predictions: `id,c,s\n${rows.join("\n")}`,
        mapping,
        options: { spoolDirectory: folder, blockRows: 64 },
      });
      expect(got.report.scores).toBe(5_000);
      expect(await readdir(folder)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
