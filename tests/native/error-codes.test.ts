import { describe, expect, test } from "vitest";
import { checked, load, requireBinding } from "../../native/binding.ts";
import { toKernelError } from "../../native/errors.ts";
import {
  filterBank,
  filterFrequencies,
  type KernelErrorCode,
  kernelErrorCodes,
  pixelFeatures,
  transformPixels,
} from "../../native/index.ts";

const low = { kind: "low", radius: 2 } as const;
const image = (rows: number, cols: number) => ({
  pixels: new Float32Array(rows * cols),
  count: 1,
  rows,
  cols,
});
const given = () => {
  const array = new Float32Array(48);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
};

/** One way to every code. */
const ways = {
  BAD_IMAGE_SHAPE: () => filterFrequencies({ ...image(8, 6), rows: 0 }, low),
  BAD_PARAMETER: () => filterFrequencies(image(8, 6), { kind: "low", radius: -1 }),
  BAD_BUFFER: () => filterFrequencies({ ...image(8, 6), pixels: [] as never }, low),
  BAD_BUFFER_LENGTH: () => filterFrequencies({ ...image(8, 6), rows: 9 }, low),
  BUFFER_DETACHED: () => filterFrequencies({ ...image(8, 6), pixels: given() }, low),
  BUFFER_NOT_TRANSFERABLE: () =>
    filterFrequencies({ ...image(8, 6), pixels: new Float32Array(new SharedArrayBuffer(192)) }, low, {
      ownership: "take",
    }),
  // Past the typed face, which compares a count with pixels that are there.
  TOO_LARGE: () =>
    requireBinding()
      .pixelFeatures(new Float32Array(1), 2 ** 52, 32_768, 32_768, 1, 0, 1, new Float32Array(3), 1)
      .catch((cause) => {
        throw toKernelError(cause);
      }),
  // 2^33 pixels: longer than any array.
  OUT_OF_MEMORY: () =>
    filterBank(
      image(2048, 1024),
      Array.from({ length: 4096 }, () => low),
    ),
  NATIVE_FAILURE: async () => {
    throw toKernelError(new Error("anything else"));
  },
  ADDON_UNAVAILABLE: async () => load(["/nowhere/at-all.node"]),
  ADDON_STALE: async () => checked({ abi: 0 }),
} satisfies Record<KernelErrorCode, () => Promise<unknown>>;

describe("every code", () => {
  test.each(kernelErrorCodes)("%s is reached", async (code) => {
    await expect(ways[code]()).rejects.toMatchObject({ name: "KernelError", code });
  });

  test("for too many strata comes from the addon too: an empty stratum costs memory", async () => {
    const strata = 2 ** 20 + 1;
    const call = requireBinding().stratifiedAuc(
      new Float32Array(0),
      new Uint8Array(0),
      new Uint32Array(0),
      strata,
      new Float64Array(6 * strata),
    );
    await expect(call).rejects.toMatchObject({ code: "TOO_LARGE" });
  });

  test("of a bitmap says which size it should have had at that step", async () => {
    const steps = [
      { kind: "resize", rows: 3, cols: 5 },
      { kind: "bitmap", mode: "keep", bitmap: new Uint8Array(48), fill: { kind: "mean" } },
    ] as const;
    await expect(transformPixels(image(8, 6), steps)).rejects.toThrow(
      /^Expected a bitmap of 15 entries \(3 x 5\).+ got 48;/,
    );
  });

  test("comes with a message that says what was expected and what came, and shows no contents", async () => {
    const secret = { patient: "P-1234" };
    for (const bins of [secret, "x".repeat(1000), [1, 2, 3]]) {
      const call = pixelFeatures(image(8, 6), { bins: bins as unknown as number, low: 0, high: 1 });
      const message = await call.then(
        () => "",
        (error: Error) => error.message,
      );
      expect(message).toMatch(/^Expected .+, got .+; .+/);
      expect(message).not.toContain("P-1234");
      expect(message.length).toBeLessThan(250);
    }
  });
});
