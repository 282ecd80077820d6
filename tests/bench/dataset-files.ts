import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "../../api/db/client.ts";
import { type ScratchFolder, sha256Of } from "../support/child-tasks.ts";
import { buildDataset } from "../support/evaluation-builder.ts";
import { findSharedData } from "../support/shared-data.ts";

/** Image files of a benchmark. */
export interface BenchFiles {
  /** What they are, for people. */
  readonly kind: string;
  readonly root: string;
  readonly files: readonly { readonly uri: string; readonly sha256: string }[];
}

/** `count` grey images of 64 x 64: radiographs where they are at hand, over and over, or smooth patterns. */
export async function benchFiles(scratch: ScratchFolder, count: number): Promise<BenchFiles> {
  const shared = findSharedData("nih1000-64", "radiographs (patterns are drawn instead)");
  const root = shared === undefined ? scratch.path : join(shared, "images");
  const names =
    shared === undefined
      ? (await scratch.images(count, 64)).files.map(({ uri }) => uri)
      : (await readdir(root, { recursive: true })).filter((name) => name.endsWith(".png")).sort();
  const files = Array.from({ length: count }, (_, i) => {
    const uri = names[i % names.length] ?? "";
    return { uri, sha256: sha256Of(readFileSync(join(root, uri))) };
  });
  return { kind: shared === undefined ? "64 x 64 patterns" : "64 x 64 radiographs", root, files };
}

/** A dataset version of these files with the truth and three attributes; gives its slug. */
export async function addBenchDataset(database: Database, { root, files }: BenchFiles): Promise<string> {
  const ordinals = [...files.keys()];
  const { slug } = await buildDataset(database, {
    slug: `bench-${randomUUID()}`,
    imageCount: files.length,
    files: { root, of: files.map((file) => ({ ...file, rows: 64, cols: 64 })) },
    categories: {
      finding: { dictionary: ["a", "b", "c"], codes: ordinals.map((i) => (i >> 1) % 3) },
      sex: { dictionary: ["F", "M"], codes: ordinals.map((i) => (i >> 1) % 2) },
      view: { dictionary: ["AP", "PA"], codes: ordinals.map((i) => i % 2) },
    },
    patients: ordinals.map((i) => i >> 1),
  });
  return slug;
}
