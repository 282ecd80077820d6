import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../compute/index.ts";
import { findSharedData } from "../support/shared-data.ts";

/** DCMTK's own decompressors, by the part of the file's name that says what it holds. */
const tools = [
  ["JPEGProcess1T", "dcmdjpeg", 0],
  // One stored value is 2.0002 after rescale: libjpeg's DCT is of integers and rounds otherwise here and there.
  ["JPEGProcess2_4T", "dcmdjpeg", 2.001],
  ["JPEGProcess6_8T", "dcmdjpeg", 2.001],
  ["JPEGProcess10_12T", "dcmdjpeg", 2.001],
  ["JPEGProcess14T", "dcmdjpeg", 0],
  ["JPEGProcess14SV1T", "dcmdjpeg", 0],
  ["JPEGLSLossless", "dcmdjpls", 0],
  ["JPEGLSLossy", "dcmdjpls", 0],
  ["RLELossless", "dcmdrle", 0],
] as const;

const folder = findSharedData("dicom", "pixels against DCMTK's");
const hasDcmtk = spawnSync("dcmdjpeg", ["--version"]).status === 0;
if (!hasDcmtk) process.stderr.write("SKIPPED: pixels against DCMTK's: DCMTK is not installed here\n");

const scratch = mkdtempSync(join(tmpdir(), "stratum-dcmtk-"));
afterAll(() => rmSync(scratch, { recursive: true }));

describe.skipIf(folder === undefined || !hasDcmtk)("DCMTK (skipped without it or the real data)", () => {
  test.each(tools)("%s by %s", async (name, tool, tolerance) => {
    const slices = join(folder ?? "", "one_image_many_syntaxes");
    const file = join(slices, readdirSync(slices).find((candidate) => candidate.includes(name)) ?? "");
    const plain = join(scratch, `${name}.dcm`);
    execFileSync(tool, [file, plain], { stdio: "ignore" });
    const [ours, theirs] = await Promise.all([file, plain].map((path) => decodeImage(readFileSync(path))));
    const pixels = theirs?.pixels ?? [];
    let greatest = 0;
    for (const [at, value] of pixels.entries())
      greatest = Math.max(greatest, Math.abs((ours?.pixels[at] ?? 0) - value));
    expect(ours?.pixels.length).toBe(pixels.length);
    expect(greatest).toBeLessThanOrEqual(tolerance);
  });
});
