import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { deviceEnvironment } from "../../../../compute/child/device-environment.ts";
import { startChild } from "../../../support/processes.ts";

/** The software Vulkan driver that Debian's chromium brings: slow, and the same everywhere. */
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";
const given = deviceEnvironment(process.env);
const isGiven = given["VK_ICD_FILENAMES"] !== undefined || given["VK_DRIVER_FILES"] !== undefined;
const device = isGiven
  ? given
  : existsSync(softwareDriver)
    ? { ...given, VK_ICD_FILENAMES: softwareDriver }
    : undefined;
if (device === undefined) {
  process.stderr.write("SKIPPED: training on webgpu: there is no Vulkan driver (VK_ICD_FILENAMES) here\n");
}
/** A software device compiles shaders for most of this time. */
const PATIENCE = 300_000;

async function inProcess(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
  // biome-ignore lint/suspicious/noExplicitAny: the answer is the script's own
): Promise<any> {
  const child = startChild("compute/onnx/training/device-steps.ts", args, { env });
  const answer = await child.answer();
  expect(await child.ended).toEqual({ code: 0, signal: null });
  return answer;
}

describe("a training step", () => {
  test.skipIf(device === undefined)(
    "on webgpu keeps its state on the device and follows the processor's loss for 8 steps",
    async () => {
      const expected = await inProcess({}, "curve", "cpu");
      const found = await inProcess(device ?? {}, "curve", "webgpu");
      expect(found.losses).toHaveLength(8);
      for (const [k, loss] of expected.losses.entries()) {
        expect(Math.abs(found.losses[k] - loss)).toBeLessThan(0.003 * loss);
      }
      expect(expected.losses.at(-1)).toBeLessThan(0.5 * expected.losses[0]);
      for (const [k, weight] of expected.weights.entries()) expect(found.weights[k]).toBeCloseTo(weight, 4);
      for (const [k, logit] of expected.atRest.entries()) expect(found.atRest[k]).toBeCloseTo(logit, 3);
      expect(expected).not.toHaveProperty("selfTest");
      expect(expected.record).toMatchObject({ provider: "cpu" });
      expect(found.record).toMatchObject({
        provider: "webgpu",
        device: expect.stringMatching(/^webgpu /),
      });
      expect(found.selfTest.variants).toBeGreaterThan(100);
      expect(found.selfTest.difference).toBeGreaterThan(0);
      expect(found.selfTest.difference).toBeLessThan(1e-3);
    },
    PATIENCE,
  );

  test.skipIf(device === undefined)("on webgpu is the trainer's, which scores there too", async () => {
    const expected = await inProcess({}, "trainer", "cpu");
    const found = await inProcess(device ?? {}, "trainer", "webgpu");
    expect([expected.isFrozen, found.isFrozen]).toEqual([true, true]);
    expect(found.numbers).toHaveLength(expected.numbers.length);
    for (const [k, number] of expected.numbers.entries()) expect(found.numbers[k]).toBeCloseTo(number, 4);
  });

  test.skipIf(device === undefined)("on webgpu says what it does not have in other words", async () => {
    const expected = await inProcess({}, "outcome", "cpu", "replaced");
    const found = await inProcess(device ?? {}, "outcome", "webgpu", "replaced");
    expect(Object.keys(found)).toEqual(["soft", "sign", "sum", "mean"]);
    for (const [name, numbers] of Object.entries<number[]>(expected)) {
      for (const [k, number] of numbers.entries()) expect(found[name][k]).toBeCloseTo(number, 5);
    }
  });

  test.skipIf(device === undefined)(
    "refuses a device that gives other numbers for one operator",
    async () => {
      expect(await inProcess({}, "tested", "cpu", "FusedConv")).toEqual({ variants: 1, difference: 0 });
      expect(await inProcess(device ?? {}, "tested", "webgpu", "FusedConv")).toEqual({
        code: "PROVIDER_DISAGREES",
        message: expect.stringMatching(
          /^Expected the processor's numbers of FusedConv within 0.001, got a diff/,
        ),
      });
    },
  );

  test.skipIf(device === undefined)("refuses operators that fail on the device, naming them", async () => {
    expect(await inProcess(device ?? {}, "outcome", "webgpu", "MaxPool")).toEqual({
      code: "PROVIDER_UNAVAILABLE",
      message: expect.stringMatching(/got webgpu, which does not run MaxPool so$/),
    });
    expect(await inProcess(device ?? {}, "outcome", "webgpu", "FusedConv")).toEqual({
      code: "PROVIDER_UNAVAILABLE",
      message: expect.stringMatching(/got com.microsoft; run that on cpu$/),
    });
  });

  test("without a device or CUDA's libraries is refused, never run on the processor", async () => {
    const nowhere = { VK_ICD_FILENAMES: "/nowhere.json", VK_DRIVER_FILES: "/nowhere.json" };
    const refusal = {
      code: "PROVIDER_UNAVAILABLE",
      message: expect.stringMatching(/^Expected the provider's device and libraries, got none/),
    };
    expect(await inProcess(nowhere, "outcome", "webgpu", "replaced")).toEqual(refusal);
    expect(await inProcess({}, "outcome", "cuda", "replaced")).toEqual(refusal);
  });
});
