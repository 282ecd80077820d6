import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { deviceEnvironment } from "../../../compute/child/device-environment.ts";
import type { ChildMessage } from "../../../compute/child/protocol.ts";
import type { Provider } from "../../../compute/onnx/provider.ts";
import { lastOf, runChild, ScratchFolder } from "../../support/child-tasks.ts";
import { stripeImages, trainingRecipe, trainTask } from "../../support/training-tasks.ts";

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
  process.stderr.write("SKIPPED: trainings on webgpu: there is no Vulkan driver (VK_ICD_FILENAMES) here\n");
}

/** A training of a linear network, two epochs long. */
async function trained(provider: Provider, env: Readonly<Record<string, string>>): Promise<ChildMessage[]> {
  using folder = new ScratchFolder();
  const images = await stripeImages(folder, { count: 24, validation: 8 });
  const start = { kind: "architecture", name: "linear_probe" } as const;
  const recipe = trainingRecipe({ start, epochs: 2, batch: 4, stepsPerCall: 2, learningRate: 0.01 });
  const task = trainTask(folder, recipe, { name: "linear", provider, total: images.length });
  return await runChild(task, { images: [images], env });
}

describe("a training", { timeout: 600_000 }, () => {
  test.skipIf(device === undefined)("on webgpu goes as on the processor, and says what ran it", async () => {
    const epochs = (messages: readonly ChildMessage[]) =>
      messages.flatMap((message) => (message.kind === "epoch" ? [message] : []));
    const expected = epochs(await trained("cpu", {}));
    const messages = await trained("webgpu", device ?? {});
    expect(messages[0]).toMatchObject({
      kind: "started",
      provider: "webgpu",
      device: expect.stringMatching(/^webgpu /),
    });
    expect(lastOf(messages)).toMatchObject({ kind: "done" });
    const found = epochs(messages);
    expect(found).toHaveLength(2);
    for (const [k, { trainingLoss, validationLoss }] of found.entries()) {
      expect(trainingLoss).toBeCloseTo(expected[k]?.trainingLoss ?? Number.NaN, 3);
      expect(validationLoss).toBeCloseTo(expected[k]?.validationLoss ?? Number.NaN, 3);
    }
  });

  test.each(["webgpu", "cuda"] as const)("on %s without a device is refused", async (provider) => {
    const nowhere = { VK_ICD_FILENAMES: "/nowhere.json", VK_DRIVER_FILES: "/nowhere.json" };
    expect(await trained(provider, nowhere)).toEqual([
      expect.objectContaining({ kind: "failed", code: "PROVIDER_UNAVAILABLE" }),
    ]);
  });
});
