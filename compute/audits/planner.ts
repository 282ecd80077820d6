import { type ProtocolCondition, protocolConditions } from "../protocols/conditions.ts";
import type { Protocol } from "../protocols/schema.ts";
import type {
  AuditPlan,
  PlanCondition,
  PlanGap,
  PlannedRates,
  PlannedReading,
  PlannedShift,
  TrainStep,
} from "./audit-plan.ts";
import type { AuditSettings, DatasetFacts } from "./audit-settings.ts";
import { masksOf } from "./requirements.ts";
import { StepList } from "./step-list.ts";

const USUAL_SIDE = 224;

/** What a reading is of: all but what follows from the protocol and the sites. */
export interface ReadingOf {
  readonly evaluation: string;
  readonly site: number;
  /** The dataset that is tested on, where it is another. */
  readonly test?: number;
  readonly condition?: ProtocolCondition;
  readonly variant?: string;
  readonly by?: PlannedReading["by"];
  readonly rates?: PlannedRates;
  readonly resample?: NonNullable<PlannedReading["resample"]>;
  readonly control?: string;
  readonly shift?: PlannedShift;
}

/** Collects the steps, readings and gaps of one audit; procedures tell it what they need. */
export class AuditPlanner {
  readonly settings: AuditSettings;
  readonly datasets: readonly DatasetFacts[];
  readonly steps = new StepList();
  readonly #readings: PlannedReading[] = [];
  readonly #leftOut: PlanGap[] = [];

  constructor(settings: AuditSettings, datasets: readonly DatasetFacts[]) {
    this.settings = settings;
    this.datasets = datasets;
  }

  get plan(): AuditPlan {
    return { steps: this.steps.all, readings: this.#readings, leftOut: this.#leftOut };
  }

  /** Datasets that train networks. */
  get sites(): readonly number[] {
    const { reciprocal, digitised } = this.settings;
    return reciprocal ? [...this.datasets.keys()].filter((i) => i !== digitised) : [0];
  }

  /** The conditions of a protocol on a dataset: all of them, or as many as the settings allow. */
  conditions(protocol: Protocol, site: number): readonly ProtocolCondition[] {
    const side = this.settings.training.side ?? Math.min(USUAL_SIDE, this.facts(site).longestSide);
    const { procedure } = protocol;
    const region = procedure.kind === "classifier" ? procedure.mask?.region : undefined;
    const masks = region === undefined ? undefined : masksOf(region, this.facts(site));
    const all = protocolConditions(protocol, this.settings.mode, { rows: side, cols: side }, masks);
    const most = this.settings.mostGridValues;
    // Parts of the image are a map: with some of them missing it is none.
    if (most === null || all.length <= most || Object.hasOwn(protocol.grid, "tile")) return all;
    return this.thinned(all.filter(({ effect }) => effect === "changes"));
  }

  /** As many as the settings allow, evenly over the list, the first and the last among them. */
  thinned<T>(items: readonly T[]): readonly T[] {
    const most = this.settings.mostGridValues;
    if (most === null || items.length <= most) return items;
    const step = (items.length - 1) / Math.max(1, most - 1);
    return Array.from({ length: most }, (_, i) => items[Math.round(i * step)]).flatMap((item) => item ?? []);
  }

  /** The network that is trained on the images as they are. */
  base(site: number): TrainStep {
    return this.train(site, {});
  }

  /** A network trained on a dataset; what is not named is as the audit has it. */
  train(
    site: number,
    changes: Partial<
      Pick<TrainStep, "transforms" | "where" | "seed" | "architecture" | "evenOut" | "learns" | "title">
    >,
  ): TrainStep {
    const { training } = this.settings;
    const architecture = changes.architecture ?? null;
    const what =
      changes.title ??
      architecture ??
      (changes.evenOut ? `even ${changes.evenOut.join(", ")}` : "as they are");
    return this.steps.train({
      dataset: site,
      transforms: changes.transforms ?? [],
      where: changes.where ?? [],
      seed: changes.seed ?? training.seed,
      architecture: architecture === training.architecture ? null : architecture,
      evenOut: changes.evenOut ?? [],
      ...(changes.learns === undefined ? {} : { learns: changes.learns }),
      title: `${this.nameOf(site)}: ${what}`,
    });
  }

  /** Id of the step that evaluates a network on what was held out. @param tested - the images in words, where not as in training */
  test(
    model: TrainStep,
    site: number,
    transforms: TrainStep["transforms"],
    where: readonly PlanCondition[],
    tested?: string,
  ): string {
    const title = tested === undefined ? model.title : `${model.title}, tested on ${tested}`;
    return this.steps.evaluate({ title, model: model.id, dataset: site, part: "test", transforms, where }).id;
  }

  /** The step that a protocol's answer is a difference from: the untouched test images of the dataset that trained. */
  #against({ answer: { quantity } }: Protocol, site: number): string | null {
    return quantity.startsWith("difference_from_") ? this.test(this.base(site), site, [], []) : null;
  }

  /** Adds a number to be read off an evaluation. */
  read(protocol: Protocol, { site, condition, ...rest }: ReadingOf): void {
    const test = rest.test ?? site;
    const { resample, control } = rest;
    const isForPeople = protocol.answer.quantity === "none";
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
      units: isForPeople ? [] : protocol.units.filter((unit) => unit === "image" || this.#knows(unit, test)),
      by: rest.by ?? null,
      ...(rest.rates === undefined ? {} : { rates: rest.rates }),
      ...(resample === undefined ? {} : { resample }),
      ...(control === undefined ? {} : { control }),
      ...(rest.shift === undefined ? {} : { shift: rest.shift }),
    });
  }

  #knows(unit: "study" | "patient", dataset: number): boolean {
    return this.facts(dataset).attributes.some(({ kind }) => kind === unit);
  }

  /** Records what will not be done, and why. */
  leaveOut({ id }: Protocol, part: string | null, reason: string): void {
    this.#leftOut.push({ protocol: id, part, reason });
  }

  /** @throws {RangeError} when there is no such dataset */
  facts(site: number): DatasetFacts {
    const facts = this.datasets[site];
    if (facts === undefined)
      throw new RangeError(`Expected a dataset below ${this.datasets.length}, got ${site}`);
    return facts;
  }

  nameOf(site: number): string {
    return this.facts(site).slug;
  }
}
