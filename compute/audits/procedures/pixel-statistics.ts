import type { PixelStatistic } from "../../confounders/pixel-statistics.ts";
import type { Procedure, Protocol } from "../../protocols/schema.ts";
import type { AuditPlanner } from "../planner.ts";

type PixelStatistics = Extract<Procedure, { kind: "pixel_statistics" }>;

/** Models of grey levels wherever they lie, validated by patient over the whole dataset; its images have files, or it is no audit's. */
export function planPixelStatistics(
  planner: AuditPlanner,
  protocol: Protocol,
  procedure: PixelStatistics,
  site: number,
): void {
  const pixels = statisticOf(procedure);
  for (const model of procedure.models) {
    const words = model.replaceAll("_", " ");
    const { id } = planner.steps.fit({
      title: `${planner.nameOf(site)}: ${protocol.id.replaceAll("_", " ")}, ${words}`,
      dataset: site,
      features: [],
      pixels,
      model,
      folds: procedure.folds,
    });
    planner.read(protocol, { evaluation: id, site, variant: words });
  }
}

/** What is read off each image; `parseProtocol` has seen that it is there. */
function statisticOf({ statistic, bins = 256, thresholds = [] }: PixelStatistics): PixelStatistic {
  return statistic === "histogram" ? { kind: statistic, bins } : { kind: statistic, thresholds };
}
