import { Field, ObjectType } from "type-graphql";
import { DateTime, JsonObject } from "../graphql/scalars.ts";
import { MetricRecord } from "../metrics/metric.type.ts";

/** A protocol. */
@ObjectType({
  simpleResolvers: true,
  description:
    "A protocol: one question put to models and data, with the published numbers it is compared with.",
})
export class Experiment {
  @Field(() => String, { description: "Id of the protocol, unique for ever." })
  readonly slug!: string;

  @Field(() => String, { description: "Name for people." })
  readonly title!: string;

  @Field(() => String, { description: "Group of experiments it belongs to." })
  readonly group!: string;

  @Field(() => JsonObject, {
    description:
      "The protocol: hypothesis, procedure, grid, transforms in corrected and legacy mode, units, metrics, what would count as an answer, cautions (docs/protocols.md).",
  })
  readonly protocol!: Readonly<Record<string, unknown>>;

  @Field(() => DateTime, { description: "When it was recorded here." })
  readonly recordedAt!: Date;
}

/** A published number and what was computed here. */
@ObjectType({
  simpleResolvers: true,
  description: "A published number, and what this warehouse computed of the same.",
})
export class ExperimentResult {
  @Field(() => MetricRecord, { description: "The number as printed." })
  readonly published!: MetricRecord;

  @Field(() => [MetricRecord], {
    description:
      "Numbers computed here of the same model, dataset, class, stratum, unit and transform, the newest first; empty where there is none.",
  })
  readonly computed!: readonly MetricRecord[];
}
