import { createHash } from "node:crypto";
import type { TrainingImage, TrainTask } from "../child/protocol.ts";

/**
 * Names everything that decides the weights but the machine: recipe, transforms, the model that training starts from, and
 * the images with their targets. 64 hexadecimal digits.
 *
 * @param images - those that training goes over, in their order
 */
export function trainingFingerprint(
  { recipe, transforms, initial }: Pick<TrainTask, "recipe" | "transforms" | "initial">,
  images: readonly TrainingImage[],
): string {
  const hash = createHash("sha256");
  hash.update(canonical({ recipe, transforms, initial: initial?.modelSha256 ?? null }));
  for (const { ordinal, sha256, part, target, patient, stratum = null } of images) {
    hash.update(`\n${canonical([ordinal, sha256, part, target, patient, stratum])}`);
  }
  return hash.digest("hex");
}

/** JSON with the keys of every object in order, so that equal values give equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
