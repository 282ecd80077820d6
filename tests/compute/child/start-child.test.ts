import { existsSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChildMessage, EvaluateTask, ImageFile } from "../../../compute/child/protocol.ts";
import { type ComputeChild, startComputeChild } from "../../../compute/child/start-child.ts";
import { evaluateTask, lastOf, ScratchFolder } from "../../support/child-tasks.ts";
import { EndlessImages } from "../../support/endless-images.ts";
import { classifierBytes } from "../../support/onnx-models.ts";
import { startChild, until } from "../../support/processes.ts";

const SIZE = 16;
const folder = new ScratchFolder();
let files: ImageFile[] = [];
let task: EvaluateTask;

beforeAll(async () => {
  ({ files } = await folder.images(4, SIZE));
  task = evaluateTask(folder, classifierBytes({ size: SIZE }), { size: SIZE });
});
afterAll(() => folder[Symbol.dispose]());

const isGone = (pid: number) => until(() => !existsSync(`/proc/${pid}`), `process ${pid} to be gone`, 5_000);

/** All messages of a child to which something happens at its first scores. */
async function atFirstScores(child: ComputeChild, happen: () => void): Promise<ChildMessage> {
  const messages: ChildMessage[] = [];
  for await (const message of child) {
    if (message.kind === "scores" && !messages.some(({ kind }) => kind === "scores")) happen();
    messages.push(message);
  }
  await isGone(child.pid);
  return lastOf(messages);
}

describe("a compute child", () => {
  test("is gone as soon as it is cancelled, by either way", async () => {
    const killed = startComputeChild(task, { images: new EndlessImages(files) });
    expect(await atFirstScores(killed, () => killed.kill())).toMatchObject({
      kind: "failed",
      code: "CHILD_CANCELLED",
      signal: "SIGKILL",
    });
    killed.kill();
    const stop = new AbortController();
    const aborted = startComputeChild(task, { images: new EndlessImages(files), signal: stop.signal });
    expect(await atFirstScores(aborted, () => stop.abort())).toMatchObject({ code: "CHILD_CANCELLED" });
    const never = startComputeChild(task, { images: new EndlessImages(files), signal: stop.signal });
    expect(await atFirstScores(never, () => undefined)).toMatchObject({ code: "CHILD_CANCELLED" });
  });

  test("is gone when its reader leaves", async () => {
    const child = startComputeChild(task, { images: new EndlessImages(files) });
    for await (const { kind } of child) if (kind === "scores") break;
    await isGone(child.pid);
  });

  test("that crashes says by which signal", async () => {
    const child = startComputeChild(task, { images: new EndlessImages(files) });
    expect(await atFirstScores(child, () => process.kill(child.pid, "SIGSEGV"))).toMatchObject({
      kind: "failed",
      code: "CHILD_CRASHED",
      signal: "SIGSEGV",
    });
  });

  test("that the system kills ran out of memory", async () => {
    const child = startComputeChild(task, { images: new EndlessImages(files) });
    expect(await atFirstScores(child, () => process.kill(child.pid, "SIGKILL"))).toMatchObject({
      code: "CHILD_OUT_OF_MEMORY",
    });
  });

  test("that holds more memory than it may ends itself", async () => {
    const child = startComputeChild(task, { images: new EndlessImages(files), memoryMiB: 60 });
    expect(await atFirstScores(child, () => undefined)).toMatchObject({ code: "CHILD_OUT_OF_MEMORY" });
  });

  test("that stands still is killed", async () => {
    const child = startComputeChild(task, { images: new EndlessImages(files), silenceSeconds: 3 });
    expect(await atFirstScores(child, () => process.kill(child.pid, "SIGSTOP"))).toMatchObject({
      code: "CHILD_TIMEOUT",
    });
  });

  test("waits for pages as long as they take", async () => {
    async function* slowly() {
      await sleep(7_000);
      yield files;
    }
    const child = startComputeChild(task, { images: slowly(), silenceSeconds: 6 });
    expect(await atFirstScores(child, () => undefined)).toMatchObject({ kind: "done", done: 4 });
  });

  test("passes the failure of its pages on and is gone", async () => {
    async function* failing() {
      yield files;
      throw new RangeError("the database is gone");
    }
    const child = startComputeChild(task, { images: failing() });
    await expect(atFirstScores(child, () => undefined)).rejects.toThrow("the database is gone");
    await isGone(child.pid);
  });

  test("waits for a reader that has stopped", async () => {
    const images = new EndlessImages(files);
    const child = startComputeChild(task, { images });
    for await (const { kind } of child) {
      if (kind !== "scores") continue;
      // Without a bound it takes some hundred pages a second.
      let before = -1;
      await until(async () => {
        before = images.taken;
        await sleep(1_000);
        return images.taken === before;
      }, "no more pages to be asked for");
      expect(images.taken).toBeLessThan(200);
      break;
    }
    await isGone(child.pid);
  });

  test("does not outlive its parent", async () => {
    const parent = startChild("compute/child/dying-parent.ts", []);
    const { pid, folder: itsFolder } = await parent.answer();
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    parent.process.kill("SIGKILL");
    await isGone(Number(pid));
    rmSync(String(itsFolder), { recursive: true });
  });
});
