import sharp from "sharp";
import { describe, expect, test } from "vitest";
import type { TrainingImage } from "../../../compute/child/protocol.ts";
import { RandomStream } from "../../../compute/random.ts";
import { parseChain } from "../../../compute/transforms/chain.ts";
import { lastOf, runChild, ScratchFolder } from "../../support/child-tasks.ts";
import { SIDE, trainingRecipe, trainTask } from "../../support/training-tasks.ts";

const COUNT = 24;

const png = (pixels: Uint8Array) =>
  sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .png()
    .toBuffer();

/** Noise, dark or bright by class; `left` has its right half black, and a mask of its left half belongs to each. */
async function images(folder: ScratchFolder): Promise<Record<"whole" | "left", TrainingImage[]>> {
  const stream = new RandomStream(5);
  const mask = folder.file(
    "mask.png",
    await png(Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (i % SIDE < SIDE / 2 ? 255 : 0))),
  );
  const made: Record<"whole" | "left", TrainingImage[]> = { whole: [], left: [] };
  for (let ordinal = 0; ordinal < COUNT; ordinal += 1) {
    const target = ordinal % 2;
    const pixels = Uint8Array.from({ length: SIDE * SIDE }, () => 60 + 80 * target + 100 * stream.uniform());
    const half = pixels.map((pixel, i) => (i % SIDE < SIDE / 2 ? pixel : 0));
    for (const [name, own] of [
      ["whole", pixels],
      ["left", half],
    ] as const) {
      const uri = `${name}-${ordinal}.png`;
      const { sha256 } = folder.file(uri, await png(own));
      const masks = { lungs: { uri: "mask.png", sha256: mask.sha256 } };
      made[name].push({
        ordinal,
        uri,
        sha256,
        masks,
        part: ordinal < 16 ? "train" : "validation",
        target,
        patient: ordinal,
      });
    }
  }
  return made;
}

describe("a compute child that trains on masked images", { timeout: 600_000 }, () => {
  test("learns from what the masks leave, each changed along with its image, and leaves out what has none", async () => {
    using folder = new ScratchFolder();
    const { whole, left } = await images(folder);
    const recipe = trainingRecipe({ epochs: 2, augmentation: { flip: 0.5 } });
    const keep = parseChain([{ id: "mask", params: { name: "lungs", what: "keep" } }]);
    const weightsOf = async (name: string, given: readonly TrainingImage[], masked: boolean) => {
      const parts = masked ? { transforms: keep, maskRoots: { lungs: folder.path } } : {};
      const task = trainTask(folder, recipe, { name, total: given.length, ...parts });
      const messages = await runChild(task, { images: [given] });
      const trained = messages.find((message) => message.kind === "trained");
      return trained?.kind === "trained" ? trained.weightsSha256 : lastOf(messages);
    };
    const masked = await weightsOf("masked", whole, true);
    // A region that stayed behind when its image was mirrored would blot the image out.
    expect(masked).toBe(await weightsOf("black", left, false));
    expect(masked).not.toBe(await weightsOf("plain", whole, false));

    const { masks: _, ...bare } = whole[3] as TrainingImage; // safe: one of COUNT
    const given = whole.map((image) => (image.ordinal === 3 ? bare : image));
    const task = {
      ...trainTask(folder, recipe, { name: "bare" }),
      transforms: keep,
      maskRoots: { lungs: folder.path },
    };
    const messages = await runChild({ ...task, total: COUNT, onBadImage: "skip" }, { images: [given] });
    expect(messages).toContainEqual({ kind: "problem", ordinal: 3, code: "IMAGE_MASK_MISSING" });
    expect(lastOf(messages)).toMatchObject({ kind: "done", leftOut: 1 });
  });
});
