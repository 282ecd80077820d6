import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findTransform, loadTransforms, parseChain, prepareModelInput } from "../../../compute/index.ts";

const folder = mkdtempSync(join(tmpdir(), "stratum-plugins-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function pluginFile(text: string): string {
  files += 1;
  const path = join(folder, `plugin-${files}.mjs`);
  writeFileSync(path, text);
  return path;
}

const whole = (changes = "") => `
const invert = {
  kind: "TRANSFORM", id: "invert", version: 1, doc: "Swaps black and white.", source: "a test",
  params: { strength: { kind: "float", min: 0, max: 1, default: 1, unit: "1", doc: "How much." } },
  example: { strength: 1 }, laws: ["preserves-shape"],
  space: () => "brightness",
  plan: ({ strength }) => ({
    kind: "batch",
    apply: ({ pixels }) => pixels.map((value) => value + strength * (1 - 2 * value)),
  }),
  ${changes}
};
export const transforms = [invert];`;

describe("transforms of others", () => {
  test("join the table, the chain and the pixels", async () => {
    const path = pluginFile(whole());
    await loadTransforms([path]);
    await loadTransforms([path]);
    expect(findTransform("invert").version).toBe(1);
    const batch = {
      pixels: Float32Array.of(0, 0.25),
      count: 1,
      planes: 1,
      rows: 1,
      cols: 2,
      imageNumbers: Uint32Array.of(0),
    };
    const one = { planes: 1, scale: 1, mean: [0], deviation: [1] };
    const { pixels } = await prepareModelInput(batch, parseChain([{ id: "invert" }]), one);
    expect([...pixels]).toEqual([1, 0.75]);
  });

  test.each([
    ["a taken id", () => whole(), "invert"],
    ["another kind", () => whole('id: "second", kind: "METRIC"'), "TRANSFORM"],
    ["a bad id", () => whole('id: "Second"'), "snake_case"],
    ["no version", () => whole('id: "second", version: 0'), "version"],
    ["no source", () => whole('id: "second", source: ""'), "source"],
    ["no plan", () => whole('id: "second", plan: undefined'), "plan"],
    ["no laws", () => whole('id: "second", laws: 3'), "laws"],
    ["no list", () => "export const transforms = 3;", "transforms"],
    ["no descriptors", () => "export const transforms = [3];", "descriptors"],
    ["a broken module", () => "export const transforms = [", "ES module"],
  ])("are refused with %s", async (_name, text, part) => {
    await expect(loadTransforms([pluginFile(text())])).rejects.toEqual(
      expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringContaining(part) }),
    );
  });

  test("are refused with an example that their own parameters refuse", async () => {
    const path = pluginFile(whole('id: "second", example: { strength: 7 }'));
    await expect(loadTransforms([path])).rejects.toEqual(expect.objectContaining({ code: "INVALID_PARAM" }));
  });

  test("are refused where there is no file, or no absolute path", async () => {
    for (const path of [join(folder, "none.mjs"), "plugin-1.mjs"])
      await expect(loadTransforms([path])).rejects.toEqual(
        expect.objectContaining({ code: "INVALID_INPUT" }),
      );
  });
});
