import { controlAttributeName, markLevels } from "../../controls/control-attribute.ts";
import type { Procedure, Protocol } from "../../protocols/schema.ts";
import { parseChain } from "../../transforms/chain.ts";
import type { AuditPlanner } from "../planner.ts";

/** The audit's network on labels that were dealt out by chance. Their classes have names of their own: no list mixes them up. */
export function planShuffledLabels(
  planner: AuditPlanner,
  protocol: Protocol,
  _procedure: Extract<Procedure, { kind: "shuffled_labels" }>,
  site: number,
): void {
  const { attribute, classes, seed } = planner.settings;
  const model = planner.train(site, {
    title: "labels shuffled among patients",
    learns: {
      attribute: controlAttributeName({ kind: "shuffled", seed, attribute }),
      classes: classes.map((name) => ({ name: `shuffled ${name}`, levels: [name] })),
    },
  });
  planner.read(protocol, { evaluation: planner.test(model, site, [], []), site });
}

/** The audit's network on images that carry a mark, of which it learns the kind. */
export function planPlantedMark(
  planner: AuditPlanner,
  protocol: Protocol,
  { strength }: Extract<Procedure, { kind: "planted_mark" }>,
  site: number,
): void {
  const { seed } = planner.settings;
  const transforms = parseChain([{ id: "mark", params: { seed, strength } }]);
  const model = planner.train(site, {
    title: "a mark planted in the images",
    transforms,
    learns: {
      attribute: controlAttributeName({ kind: "marked", seed }),
      classes: markLevels.map((name) => ({ name, levels: [name] })),
    },
  });
  planner.read(protocol, { evaluation: planner.test(model, site, transforms, []), site });
}
