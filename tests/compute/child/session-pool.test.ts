import { describe, expect, test } from "vitest";
import { shareProcessors } from "../../../compute/child/session-pool.ts";
import { evaluateTask, lastOf, runChild, ScratchFolder, scoresByOrdinal } from "../../support/child-tasks.ts";
import { classifierBytes } from "../../support/onnx-models.ts";

const MIB = 2 ** 20;

describe("shareProcessors", () => {
  const needs = { processors: 4, memoryMiB: 4_096, modelBytes: 85 * MIB, batchBytes: 100 * MIB };

  test("gives each processor a session of one thread", () => {
    expect(shareProcessors(needs)).toEqual({ sessions: 4, threads: 1 });
    expect(shareProcessors({ ...needs, processors: 1 })).toEqual({ sessions: 1, threads: 1 });
  });

  test("opens fewer sessions of more threads where memory is short", () => {
    // 2048 MiB hold three of 600 MiB, and one of 2000.
    expect(shareProcessors({ ...needs, modelBytes: 0, batchBytes: 600 * MIB })).toEqual({
      sessions: 3,
      threads: 1,
    });
    expect(shareProcessors({ ...needs, modelBytes: 300 * MIB })).toEqual({ sessions: 2, threads: 2 });
    expect(shareProcessors({ ...needs, modelBytes: 2_000 * MIB })).toEqual({ sessions: 1, threads: 4 });
  });

  test("opens no more than eight", () => {
    expect(shareProcessors({ ...needs, processors: 64, memoryMiB: 2 ** 20 })).toEqual({
      sessions: 8,
      threads: 8,
    });
  });
});

describe("sessions side by side", () => {
  test("give each image the scores that one session gives it", async () => {
    using folder = new ScratchFolder();
    const { files } = await folder.images(23, 16);
    const run = async (threads: number) => {
      const task = evaluateTask(folder, classifierBytes({ size: 16 }), {
        ...{ size: 16, batch: 4, total: 23, threads },
      });
      const messages = await runChild(task, { images: [files] });
      expect(messages[0]).toMatchObject({ kind: "started", sessions: threads, threads: 1 });
      expect(lastOf(messages)).toMatchObject({ kind: "done", done: 23 });
      return new Map([...scoresByOrdinal(messages, 2)].sort(([a], [b]) => a - b));
    };
    expect(await run(3)).toEqual(await run(1));
  });

  test("are no more than there are batches", async () => {
    using folder = new ScratchFolder();
    const { files } = await folder.images(3, 16);
    const task = evaluateTask(folder, classifierBytes({ size: 16 }), { size: 16, total: 3, threads: 4 });
    const messages = await runChild(task, { images: [files] });
    expect(messages[0]).toMatchObject({ kind: "started", sessions: 1, threads: 1 });
    expect(lastOf(messages)).toMatchObject({ kind: "done", done: 3 });
  });
});
