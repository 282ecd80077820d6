import type { Procedure, Protocol } from "../../protocols/schema.ts";
import { parseChain } from "../../transforms/chain.ts";
import type { AuditPlanner } from "../planner.ts";

type Occlusion = Extract<Procedure, { kind: "occlusion" }>;

/** The network of untouched images on test images without their salient region, and, as a control, without as much elsewhere. */
export function planOcclusion(
  planner: AuditPlanner,
  protocol: Protocol,
  { method, threshold }: Occlusion,
  site: number,
): void {
  // The study's words are of a region; its code paints a rectangle.
  const shape = planner.settings.mode === "legacy" ? "box" : "region";
  const without = (place: "salient" | "elsewhere") =>
    planner.test(
      planner.base(site),
      site,
      parseChain([{ id: "salient_region", params: { method, threshold, shape, place } }]),
      [],
    );
  planner.read(protocol, { evaluation: without("salient"), site, variant: "salient region blotted out" });
  planner.read(protocol, {
    evaluation: without("elsewhere"),
    site,
    variant: "control: the same shape blotted out elsewhere",
    control: "blotting out the same shape elsewhere",
  });
}
