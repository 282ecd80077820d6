import type { ProtocolCondition } from "../../protocols/conditions.ts";
import type { Procedure, Protocol } from "../../protocols/schema.ts";
import type { AuditSettings, DatasetFacts } from "../audit-settings.ts";
import type { AuditPlanner } from "../planner.ts";
import { resolveAttributes } from "../requirements.ts";

type Classifier = Extract<Procedure, { kind: "classifier" }>;

/** Networks trained and tested as a protocol says. */
export function planClassifier(
  planner: AuditPlanner,
  protocol: Protocol,
  procedure: Classifier,
  site: number,
): void {
  const { seeds, architectures, restrict, evenOut, testSet } = procedure;
  if (testSet === "external") {
    addExternal(planner, protocol, site);
    return;
  }
  if (testSet === "digitised") {
    addDigitised(planner, protocol, site);
    return;
  }
  if (seeds !== undefined) {
    for (const seed of planner.thinned(seeds)) {
      const model = planner.train(site, { seed, title: `seed ${seed}` });
      planner.read(protocol, {
        evaluation: planner.test(model, site, [], []),
        site,
        variant: `seed ${seed}`,
      });
    }
    return;
  }
  if (architectures === "several") {
    for (const architecture of planner.settings.architectures) {
      const model = planner.train(site, { architecture });
      planner.read(protocol, { evaluation: planner.test(model, site, [], []), site, variant: architecture });
    }
    return;
  }
  if (restrict !== undefined) {
    addRestricted(planner, protocol, restrict, site);
    return;
  }
  if (evenOut !== undefined) {
    // What is asked about cannot be alike in its own classes.
    const { attribute } = planner.settings;
    const even = resolveAttributes(evenOut, planner.facts(site)).filter((name) => name !== attribute);
    if (even.length === 0) {
      planner.leaveOut(protocol, planner.nameOf(site), "no attribute to even out");
      return;
    }
    const model = planner.train(site, { evenOut: even });
    planner.read(protocol, { evaluation: planner.test(model, site, [], []), site });
    return;
  }
  for (const condition of planner.conditions(protocol, site))
    addCondition(planner, protocol, procedure, condition, site);
}

function addCondition(
  planner: AuditPlanner,
  protocol: Protocol,
  procedure: Classifier,
  condition: ProtocolCondition,
  site: number,
): void {
  if (condition.effect === "blank" && procedure.trainOn === "transformed") {
    planner.leaveOut(
      protocol,
      `${planner.nameOf(site)}, ${condition.key}`,
      "nothing is left of the image: AUC 0.5 by construction, nothing to train on",
    );
    return;
  }
  const isTouched = condition.effect !== "identity";
  const train = isTouched ? condition.train : [];
  const model =
    train.length === 0
      ? planner.base(site)
      : planner.train(site, { transforms: train, title: `${protocol.id} ${condition.key}` });
  const test = isTouched ? condition.test : [];
  const words = train.length === 0 && test.length > 0 ? `${protocol.id} ${condition.key}` : undefined;
  const evaluation = planner.test(model, site, test, [], words);
  planner.read(protocol, { evaluation, site, condition });
}

function addExternal(planner: AuditPlanner, protocol: Protocol, site: number): void {
  for (const [other, facts] of planner.datasets.entries()) {
    if (other === site || other === planner.settings.digitised) continue;
    const missing = missingAnswers(planner.settings, facts);
    if (missing !== undefined) {
      planner.leaveOut(protocol, facts.slug, missing);
      continue;
    }
    const model = planner.base(site);
    const { id } = planner.steps.evaluate({
      title: `${planner.nameOf(site)} on ${facts.slug}`,
      model: model.id,
      dataset: other,
      part: "all",
      transforms: [],
      where: [],
    });
    planner.read(protocol, { evaluation: id, site, test: other, variant: facts.slug });
  }
}

/** Why a dataset cannot say whether a network is right on it; undefined when it can. */
function missingAnswers({ attribute, classes }: AuditSettings, facts: DatasetFacts): string | undefined {
  const recorded = facts.attributes.find(({ name }) => name === attribute);
  if (recorded === undefined) return `${facts.slug} does not record the attribute`;
  const levels = recorded.levels.map(({ level }) => level);
  if (classes.filter((name) => levels.includes(name)).length >= 2) return undefined;
  return `${facts.slug} records ${attribute} as ${levels.join(", ") || "nothing"}, where ${classes.join(", ")} are asked about; import it with a mapping of its words`;
}

/** The same patients' images digitised otherwise: those of patients that were held out, and of nobody else. */
function addDigitised(planner: AuditPlanner, protocol: Protocol, site: number): void {
  const { digitised, attribute } = planner.settings;
  if (digitised === undefined) return;
  const { slug, attributes, sharedPatients } = planner.facts(digitised);
  const missing =
    site !== 0
      ? `${slug} is of the patients of ${planner.nameOf(0)}`
      : !attributes.some(({ name }) => name === attribute)
        ? `${slug} does not record the attribute`
        : sharedPatients == null
          ? `${slug} or ${planner.nameOf(0)} does not name its patients, so nobody knows whom the network learned from`
          : sharedPatients === 0
            ? `no patient of ${slug} has the name of one of ${planner.nameOf(0)}, so nobody knows whom the network learned from`
            : undefined;
  if (missing !== undefined) {
    planner.leaveOut(protocol, planner.nameOf(site), missing);
    return;
  }
  const { id } = planner.steps.evaluate({
    title: `${planner.nameOf(site)} on ${slug}, patients held out`,
    model: planner.base(site).id,
    dataset: digitised,
    part: "held-out patients",
    transforms: [],
    where: [],
  });
  planner.read(protocol, { evaluation: id, site, test: digitised, variant: slug });
}

function addRestricted(
  planner: AuditPlanner,
  protocol: Protocol,
  restrict: NonNullable<Classifier["restrict"]>,
  site: number,
): void {
  const [attribute] = resolveAttributes([restrict.attribute], planner.facts(site));
  const recorded = planner.facts(site).attributes.find(({ name }) => name === attribute);
  if (attribute === undefined || recorded === undefined) return;
  const fit =
    restrict.kind === "levels"
      ? [restrict.levels]
      : recorded.levels
          .filter(({ images, patients }) => (patients ?? images) >= restrict.leastPatients)
          .map(({ level }) => [level]);
  if (fit.length === 0) {
    planner.leaveOut(protocol, planner.nameOf(site), `no level of ${attribute} has patients enough`);
    return;
  }
  for (const levels of fit) {
    const where = [{ attribute, in: levels }];
    const variant = `${attribute} ${levels.join(", ")}`;
    const model = planner.train(site, { where, title: variant });
    planner.read(protocol, { evaluation: planner.test(model, site, [], where), site, variant });
  }
}
