import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NpyFile } from "../../../compute/child/npy-file.ts";
import { NpyRows } from "../../../compute/child/npy-rows.ts";
import { ScratchFolder } from "../../support/child-tasks.ts";

async function written(folder: ScratchFolder): Promise<string> {
  const path = join(folder.path, "maps.npy");
  const file = await NpyFile.create(path, "<f4");
  await file.append(
    Float32Array.from({ length: 30 }, (_, k) => k),
    5,
    [2, 3],
  );
  await file.finish();
  return path;
}

describe("rows of NumPy's format", () => {
  test("are read from where they are", async () => {
    using folder = new ScratchFolder();
    await using rows = await NpyRows.open(await written(folder));
    expect([rows.type, rows.shape]).toEqual(["<f4", [5, 2, 3]]);
    expect(await rows.read(3, 1)).toEqual(Float32Array.of(18, 19, 20, 21, 22, 23));
    expect((await rows.read(0, 5)).length).toBe(30);
    expect(await rows.read(2, 0)).toEqual(new Float32Array(0));
  });

  test("of one number each are a list", async () => {
    using folder = new ScratchFolder();
    const path = join(folder.path, "ordinals.npy");
    const file = await NpyFile.create(path, "<u4");
    await file.append(Uint32Array.of(7, 9), 2, []);
    await file.finish();
    await using rows = await NpyRows.open(path);
    expect(rows.shape).toEqual([2]);
    expect(await rows.read(0, 2)).toEqual(Uint32Array.of(7, 9));
  });

  test("are refused beyond the end, of a file that was cut, and of any other file", async () => {
    using folder = new ScratchFolder();
    const path = await written(folder);
    const refusal = expect.objectContaining({ code: "INVALID_INPUT" });
    {
      await using rows = await NpyRows.open(path);
      await expect(rows.read(5, 1)).rejects.toEqual(refusal);
      await expect(rows.read(4, 2)).rejects.toEqual(refusal);
    }
    const cut = folder.file("cut.npy", readFileSync(path).subarray(0, -8));
    {
      await using rows = await NpyRows.open(cut.path);
      await expect(rows.read(4, 1)).rejects.toEqual(refusal);
    }
    const other = folder.file("other.npy", Buffer.from("patient,sex\nand so on\n"));
    await expect(NpyRows.open(other.path)).rejects.toEqual(refusal);
    await expect(NpyRows.open(folder.file("empty.npy", new Uint8Array()).path)).rejects.toEqual(refusal);
  });
});
