import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  digestBeside,
  digestFiles,
  type NamedFile,
} from "../../../../api/predictions/import/file-digests.ts";

let folder: string;
let files: NamedFile[];
const contents = { predictions: Buffer.alloc(3_000_001, "abc"), attributes: Buffer.alloc(0) };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stratum-digests-"));
  files = await Promise.all(
    Object.entries(contents).map(async ([name, bytes]): Promise<NamedFile> => {
      await writeFile(join(folder, name), bytes);
      return [name, join(folder, name)];
    }),
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const expected = Object.fromEntries(
  Object.entries(contents).map(([name, bytes]) => [name, createHash("sha256").update(bytes).digest("hex")]),
);

test("digests are the same on this thread and beside it", async () => {
  expect(await digestFiles(files, undefined)).toEqual(expected);
  await using beside = digestBeside(files);
  expect(await beside.digests).toEqual(expected);
});

test("a file that cannot be read is refused without its path, on either thread", async () => {
  const missing: NamedFile[] = [["predictions", join(folder, "patient-7.csv")]];
  await using beside = digestBeside(missing);
  for (const refused of [digestFiles(missing, undefined), beside.digests]) {
    await expect(refused).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      message: "Expected a readable file, got ENOENT",
    });
  }
});

test("digests that nobody waits for are given up", async () => {
  const beside = digestBeside(files);
  await beside[Symbol.asyncDispose]();
  // Whichever came first, the answer or the end: it settles.
  await beside.digests.then(
    (digests) => expect(digests).toEqual(expected),
    (error: unknown) => expect(error).toMatchObject({ code: "INTERNAL" }),
  );
});
