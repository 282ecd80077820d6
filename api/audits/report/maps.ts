import { z } from "zod";
import { type AuditPlan, type ReportMap, saliencyTitles } from "../../../compute/index.ts";
import { type Material, nameOf } from "./parts.ts";

const left = z.object({
  artefacts: z.object({
    files: z.array(
      z.object({
        file: z.string(),
        mean: z
          .object({ images: z.number(), rows: z.number(), cols: z.number(), values: z.array(z.number()) })
          .optional(),
      }),
    ),
  }),
});
const methods = { class_activation: "class-activation", grad_cam: "grad-cam" } as const;

/** The mean map of each class, as the evaluations that made the maps tell it. */
export function mapsOf(material: Material, { steps }: AuditPlan): readonly ReportMap[] {
  return steps.flatMap((step) => {
    if (step.kind !== "evaluate" || step.maps === undefined) return [];
    const found = left.safeParse(material.summaries.get(step.id));
    const mean = found.data?.artefacts.files.find(({ file }) => file === "saliency.npy")?.mean;
    if (mean === undefined) return [];
    const { class: className, method } = step.maps;
    const title = nameOf(material, step.dataset);
    return [{ title, class: className, method: saliencyTitles[methods[method]], ...mean }];
  });
}
