import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findCheckpoint, writeCheckpoint } from "../../../compute/child/checkpoint-files.ts";
import {
  type Checkpoint,
  checkpointParts,
  numbersSha256,
  readCheckpoint,
} from "../../../compute/trainers/checkpoint.ts";
import { checkpointOf } from "../../support/checkpoints.ts";
import { ScratchFolder } from "../../support/child-tasks.ts";

function checkpoint(step: number, numbers: readonly number[] = [1, -0, 3e-42]): Checkpoint {
  const state = new Map([
    ["weights", Float32Array.from(numbers)],
    ["nothing", new Float32Array()],
  ]);
  return checkpointOf({ state, best: new Map([["weights", Float32Array.of(7)]]) }, step);
}

const bytesOf = (given: Checkpoint) => Buffer.concat(checkpointParts(given));

describe("a checkpoint", () => {
  test("reads as it was written, to the bit", () => {
    fc.assert(
      fc.property(fc.array(fc.float()), fc.nat(), (numbers, step) => {
        const given = checkpoint(step, numbers);
        const read = readCheckpoint(bytesOf(given));
        expect(read?.progress).toEqual(given.progress);
        expect([...(read?.state.keys() ?? [])]).toEqual([...given.state.keys()]);
        expect(read && numbersSha256(read.state)).toBe(numbersSha256(given.state));
      }),
    );
    const { best: _, ...without } = checkpoint(3);
    expect(readCheckpoint(bytesOf(without))).toEqual(without);
  });

  test("is none when any bit of it is another, or any byte is missing", () => {
    const bytes = bytesOf(checkpoint(5));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (place, bit) => {
        const changed = Buffer.from(bytes);
        changed[place] = (changed[place] ?? 0) ^ (1 << bit);
        expect(readCheckpoint(changed)).toBeUndefined();
        expect(readCheckpoint(bytes.subarray(0, place))).toBeUndefined();
      }),
    );
  });
});

describe("a folder of checkpoints", () => {
  test("keeps the last two, and gives the newest that is whole", async () => {
    using folder = new ScratchFolder();
    expect(await findCheckpoint(folder.path)).toEqual({ damaged: 0 });
    for (const step of [1, 20, 300]) await writeCheckpoint(folder.path, checkpoint(step));
    const files = ["checkpoint-000000000020.bin", "checkpoint-000000000300.bin"];
    expect(readdirSync(folder.path).sort()).toEqual(files);
    expect((await findCheckpoint(folder.path)).newest?.checkpoint.progress.step).toBe(300);
    writeFileSync(join(folder.path, files[1] ?? ""), "torn");
    expect(await findCheckpoint(folder.path)).toMatchObject({ newest: { file: files[0] }, damaged: 1 });
  });

  test.skipIf(!existsSync("/dev/full"))("loses nothing to a full disk", async () => {
    using folder = new ScratchFolder();
    await writeCheckpoint(folder.path, checkpoint(1));
    symlinkSync("/dev/full", join(folder.path, "checkpoint-000000000002.bin.tmp"));
    await expect(writeCheckpoint(folder.path, checkpoint(2))).rejects.toMatchObject({ code: "ENOSPC" });
    expect(readdirSync(folder.path)).toEqual(["checkpoint-000000000001.bin"]);
  });

  test("forgets what a process left unfinished", async () => {
    using folder = new ScratchFolder();
    folder.file("checkpoint-000000000009.bin.tmp", Uint8Array.of(1));
    expect(await findCheckpoint(folder.path)).toEqual({ damaged: 0 });
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
