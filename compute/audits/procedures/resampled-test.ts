import type { Procedure, Protocol } from "../../protocols/schema.ts";
import type { AuditPlanner } from "../planner.ts";
import { resolveAttributes } from "../requirements.ts";

type ResampledTest = Extract<Procedure, { kind: "resampled_test" }>;

/** The word of a step for the attribute that is asked about. */
const TARGET = "target";

/** The scores of the network on the untouched test images, with the images drawn again so that groups agree; nothing is trained. */
export function planResampledTest(
  planner: AuditPlanner,
  protocol: Protocol,
  { steps, timesSize, replicates, seed }: ResampledTest,
  site: number,
): void {
  const { attribute: target } = planner.settings;
  const named = steps.map(({ attribute, cuts }) => ({
    attribute: attribute === TARGET ? target : attribute,
    cuts: cuts ?? null,
  }));
  const missing = named.find(({ attribute: name }) => {
    const kind = planner.facts(site).attributes.find((one) => one.name === name)?.kind;
    return kind !== "category" && kind !== "number";
  });
  if (missing !== undefined || resolveAttributes([target], planner.facts(site)).length === 0) {
    planner.leaveOut(
      protocol,
      planner.nameOf(site),
      `the dataset does not record ${missing?.attribute ?? target}`,
    );
    return;
  }
  // What is asked about may be one of the others, too.
  const once = named.filter(
    ({ attribute: name }, i) => named.findIndex((other) => other.attribute === name) === i,
  );
  planner.read(protocol, {
    evaluation: planner.test(planner.base(site), site, [], []),
    site,
    variant: `evened out for ${once.map(({ attribute: name }) => name).join(", ")}`,
    resample: { steps: once, timesSize, replicates, seed },
  });
}
