import { type ProtocolCondition, protocolConditions } from "../protocols/conditions.ts";
import type { Procedure, Protocol } from "../protocols/schema.ts";
import type { AuditPlan, PlanCondition, PlanGap, PlannedReading, TrainStep } from "./audit-plan.ts";
import type { AuditSettings, DatasetFacts } from "./audit-settings.ts";
import { missingOf, resolveAttributes } from "./requirements.ts";
import { StepList } from "./step-list.ts";

type Classifier = Extract<Procedure, { kind: "classifier" }>;
type Features = Extract<Procedure, { kind: "features" }>;

/** Procedures that audits carry out. */
export const plannedProcedures: readonly Procedure["kind"][] = ["classifier", "strata", "features"];

const USUAL_SIDE = 224;

/**
 * Plans an audit: which networks are trained and evaluated on what, and which numbers are read off them. Deterministic;
 * the same training or evaluation asked for by several protocols is one step. What cannot be done is left out with the
 * reason. O(protocols * conditions * datasets).
 *
 * @param datasets - the first is the one that is asked about, the others are external
 */
export function planAudit(settings: AuditSettings, datasets: readonly DatasetFacts[]): AuditPlan {
  const planner = new Planner(settings, datasets);
  for (const protocol of settings.protocols) planner.add(protocol);
  return planner.plan;
}

class Planner {
  readonly #settings: AuditSettings;
  readonly #datasets: readonly DatasetFacts[];
  readonly #steps = new StepList();
  readonly #readings: PlannedReading[] = [];
  readonly #leftOut: PlanGap[] = [];

  constructor(settings: AuditSettings, datasets: readonly DatasetFacts[]) {
    this.#settings = settings;
    this.#datasets = datasets;
  }

  get plan(): AuditPlan {
    return { steps: this.#steps.all, readings: this.#readings, leftOut: this.#leftOut };
  }

  add(protocol: Protocol): void {
    for (const site of this.#sites()) {
      const facts = this.#datasets[site];
      if (facts === undefined) continue;
      const missing = missingOf(protocol, facts, this.#settings, this.#datasets.length);
      if (missing !== undefined) this.#leaveOut(protocol, this.#nameOf(site), missing);
      else this.#addOn(protocol, site);
    }
  }

  /** Datasets that train networks. */
  #sites(): readonly number[] {
    return this.#settings.reciprocal ? this.#datasets.map((_, i) => i) : [0];
  }

  #addOn(protocol: Protocol, site: number): void {
    const { procedure } = protocol;
    if (procedure.kind === "strata") {
      const evaluation = this.#test(this.#base(site), site, [], []);
      for (const { attribute, cuts } of procedure.by) {
        if (attribute === this.#settings.attribute) {
          this.#leaveOut(
            protocol,
            this.#nameOf(site),
            "a stratum of the attribute that is asked about holds one class only",
          );
          continue;
        }
        this.#read(protocol, { evaluation, site, by: { attribute, cuts: cuts ?? null } });
      }
    } else if (procedure.kind === "classifier") this.#addClassifier(protocol, procedure, site);
    else if (procedure.kind === "features") this.#addFeatures(protocol, procedure, site);
    else
      this.#leaveOut(
        protocol,
        this.#nameOf(site),
        `this version of Stratum has no audit step for ${procedure.kind.replaceAll("_", " ")}`,
      );
  }

  #addFeatures(protocol: Protocol, { sets, models, folds }: Features, site: number): void {
    const facts = this.#facts(site);
    for (const { name, features } of sets) {
      const missing = features.find((one) => resolveAttributes([one], facts).length === 0);
      // What is asked about tells itself.
      const given = resolveAttributes(features, facts).filter((one) => one !== this.#settings.attribute);
      if (missing !== undefined || given.length === 0) {
        const reason =
          missing === undefined ? "nothing but what is asked about" : `${missing} is not recorded`;
        this.#leaveOut(protocol, `${this.#nameOf(site)}, ${name}`, reason);
        continue;
      }
      for (const model of models) {
        const words = `${name.replaceAll("_", " ")}, ${model.replaceAll("_", " ")}`;
        const title = `${this.#nameOf(site)}: ${words}`;
        const { id } = this.#steps.fit({ title, dataset: site, features: given, model, folds });
        this.#read(protocol, { evaluation: id, site, variant: words });
      }
    }
  }

  #addClassifier(protocol: Protocol, procedure: Classifier, site: number): void {
    const { seeds, architectures, restrict, evenOut, testSet } = procedure;
    if (testSet === "external") {
      this.#addExternal(protocol, site);
      return;
    }
    if (seeds !== undefined) {
      for (const seed of this.#thinned(seeds)) {
        const model = this.#train(site, { seed });
        this.#read(protocol, { evaluation: this.#test(model, site, [], []), site, variant: `seed ${seed}` });
      }
      return;
    }
    if (architectures === "several") {
      for (const architecture of this.#settings.architectures) {
        const model = this.#train(site, { architecture });
        this.#read(protocol, { evaluation: this.#test(model, site, [], []), site, variant: architecture });
      }
      return;
    }
    if (restrict !== undefined) {
      this.#addRestricted(protocol, restrict, site);
      return;
    }
    if (evenOut !== undefined) {
      const [only, ...others] = resolveAttributes(evenOut, this.#facts(site));
      if (only === undefined || others.length > 0) {
        const found = `${others.length + 1} attributes to even out, where a training evens out one`;
        this.#leaveOut(protocol, this.#nameOf(site), only === undefined ? "no attribute to even out" : found);
        return;
      }
      const model = this.#train(site, { evenOut: only });
      this.#read(protocol, { evaluation: this.#test(model, site, [], []), site });
      return;
    }
    for (const condition of this.#conditions(protocol, site))
      this.#addCondition(protocol, procedure, condition, site);
  }

  #addCondition(protocol: Protocol, procedure: Classifier, condition: ProtocolCondition, site: number): void {
    if (condition.effect === "blank" && procedure.trainOn === "transformed") {
      this.#leaveOut(
        protocol,
        `${this.#nameOf(site)}, ${condition.key}`,
        "nothing is left of the image: AUC 0.5 by construction, nothing to train on",
      );
      return;
    }
    const isTouched = condition.effect !== "identity";
    const train = isTouched ? condition.train : [];
    const model =
      train.length === 0
        ? this.#base(site)
        : this.#train(site, { transforms: train, title: `${protocol.id} ${condition.key}` });
    const evaluation = this.#test(model, site, isTouched ? condition.test : [], []);
    this.#read(protocol, { evaluation, site, condition });
  }

  #addExternal(protocol: Protocol, site: number): void {
    for (const [other, facts] of this.#datasets.entries()) {
      if (other === site) continue;
      if (!facts.attributes.some(({ name }) => name === this.#settings.attribute)) {
        this.#leaveOut(protocol, facts.slug, `${facts.slug} does not record the attribute`);
        continue;
      }
      const model = this.#base(site);
      const { id } = this.#steps.evaluate({
        title: `${this.#nameOf(site)} on ${facts.slug}`,
        model: model.id,
        dataset: other,
        part: "all",
        transforms: [],
        where: [],
      });
      this.#read(protocol, { evaluation: id, site, test: other, variant: facts.slug });
    }
  }

  #addRestricted(protocol: Protocol, restrict: NonNullable<Classifier["restrict"]>, site: number): void {
    const [attribute] = resolveAttributes([restrict.attribute], this.#facts(site));
    const recorded = this.#facts(site).attributes.find(({ name }) => name === attribute);
    if (attribute === undefined || recorded === undefined) return;
    const fit =
      restrict.kind === "levels"
        ? [restrict.levels]
        : recorded.levels
            .filter(({ images, patients }) => (patients ?? images) >= restrict.leastPatients)
            .map(({ level }) => [level]);
    if (fit.length === 0) {
      this.#leaveOut(protocol, this.#nameOf(site), `no level of ${attribute} has patients enough`);
      return;
    }
    for (const levels of fit) {
      const where = [{ attribute, in: levels }];
      const variant = `${attribute} ${levels.join(", ")}`;
      const model = this.#train(site, { where, title: variant });
      this.#read(protocol, { evaluation: this.#test(model, site, [], where), site, variant });
    }
  }

  #conditions(protocol: Protocol, site: number): readonly ProtocolCondition[] {
    const side = this.#settings.training.side ?? Math.min(USUAL_SIDE, this.#facts(site).longestSide);
    const all = protocolConditions(protocol, this.#settings.mode, { rows: side, cols: side });
    const most = this.#settings.mostGridValues;
    // Parts of the image are a map: with some of them missing it is none.
    if (most === null || all.length <= most || Object.hasOwn(protocol.grid, "tile")) return all;
    return this.#thinned(all.filter(({ effect }) => effect === "changes"));
  }

  /** As many as the settings allow, evenly over the list, the first and the last among them. */
  #thinned<T>(items: readonly T[]): readonly T[] {
    const most = this.#settings.mostGridValues;
    if (most === null || items.length <= most) return items;
    const step = (items.length - 1) / Math.max(1, most - 1);
    return Array.from({ length: most }, (_, i) => items[Math.round(i * step)]).flatMap((item) => item ?? []);
  }

  #base(site: number): TrainStep {
    return this.#train(site, {});
  }

  #train(
    site: number,
    changes: Partial<Pick<TrainStep, "transforms" | "where" | "seed" | "architecture" | "evenOut" | "title">>,
  ): TrainStep {
    const { training } = this.#settings;
    const architecture = changes.architecture ?? null;
    const what =
      changes.title ?? (architecture || (changes.evenOut ? `even ${changes.evenOut}` : "as they are"));
    return this.#steps.train({
      dataset: site,
      transforms: changes.transforms ?? [],
      where: changes.where ?? [],
      seed: changes.seed ?? training.seed,
      architecture: architecture === training.architecture ? null : architecture,
      evenOut: changes.evenOut ?? null,
      title: `${this.#nameOf(site)}: ${what}`,
    });
  }

  #test(
    model: TrainStep,
    site: number,
    transforms: TrainStep["transforms"],
    where: readonly PlanCondition[],
  ): string {
    const { title } = model;
    return this.#steps.evaluate({ title, model: model.id, dataset: site, part: "test", transforms, where })
      .id;
  }

  /** The step that a protocol's answer is a difference from: the untouched test images of the dataset that trained. */
  #against({ answer: { quantity } }: Protocol, site: number): string | null {
    return quantity.startsWith("difference_from_") ? this.#test(this.#base(site), site, [], []) : null;
  }

  #read(
    protocol: Protocol,
    {
      site,
      condition,
      ...rest
    }: {
      readonly evaluation: string;
      readonly site: number;
      readonly test?: number;
      readonly condition?: ProtocolCondition;
      readonly variant?: string;
      readonly by?: PlannedReading["by"];
    },
  ): void {
    const test = rest.test ?? site;
    this.#readings.push({
      protocol: protocol.id,
      condition: condition?.key ?? "all",
      variant: rest.variant ?? null,
      parameters: condition?.parameters ?? {},
      effect: condition?.effect ?? "changes",
      evaluation: rest.evaluation,
      against: this.#against(protocol, site),
      isBeyond: protocol.answer.quantity === "difference_from_images",
      trainDataset: site,
      testDataset: test,
      units: protocol.units.filter((unit) => unit === "image" || this.#knows(unit, test)),
      by: rest.by ?? null,
    });
  }

  #knows(unit: "study" | "patient", dataset: number): boolean {
    return this.#facts(dataset).attributes.some(({ kind }) => kind === unit);
  }

  #leaveOut({ id }: Protocol, part: string | null, reason: string): void {
    this.#leftOut.push({ protocol: id, part, reason });
  }

  #facts(site: number): DatasetFacts {
    const facts = this.#datasets[site];
    if (facts === undefined)
      throw new RangeError(`Expected a dataset below ${this.#datasets.length}, got ${site}`);
    return facts;
  }

  #nameOf(site: number): string {
    return this.#facts(site).slug;
  }
}
