import { expect, test } from "vitest";
import { filterFrequencies } from "../../native/index.ts";
import { randomPixels } from "./reference-filter.ts";

test("where a batch lies in memory does not show in its numbers", async () => {
  const source = randomPixels(2 * 64 * 64, 8);
  const results: Float32Array[] = [];
  for (let offset = 0; offset < 16; offset += 1) {
    const pixels = new Float32Array(new ArrayBuffer(4 * (source.length + 16)), 4 * offset, source.length);
    pixels.set(source);
    const batch = { pixels, count: 2, rows: 64, cols: 64 };
    results.push(await filterFrequencies(batch, { kind: "low", radius: 9 }, { ownership: "take" }));
  }
  for (const result of results) expect(result).toEqual(results[0]);
});
