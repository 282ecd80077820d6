import { Field, Float, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../graphql/paging.ts";
import { DateTime, JsonObject } from "../graphql/scalars.ts";
import { runEventKinds } from "./run-events.ts";

/** What a run does, as GraphQL names it. */
export const RunKind = {
  IMPORT: "import",
  EVALUATION: "evaluation",
  TRAINING: "training",
  CONFOUNDERS: "confounders",
  AUDIT: "audit",
} as const;
registerEnumType(RunKind, {
  name: "RunKind",
  description: "What a run does.",
  valuesConfig: {
    IMPORT: { description: "Takes data in." },
    EVALUATION: { description: "Scores images with a model." },
    TRAINING: { description: "Trains a model." },
    CONFOUNDERS: { description: "Cross-validates a model of what is recorded, without pixels." },
    AUDIT: { description: "Computes metrics." },
  },
});

/** How far a run got, as GraphQL names it. */
export const RunState = {
  QUEUED: "queued",
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  CANCELLED: "cancelled",
} as const;
registerEnumType(RunState, {
  name: "RunState",
  description: "How far a run got.",
  valuesConfig: {
    QUEUED: { description: "Waits for a worker." },
    RUNNING: { description: "A worker has it." },
    SUCCEEDED: { description: "Done; its results are stored." },
    FAILED: { description: "Ended without results; see failure." },
    CANCELLED: { description: "Stopped by request." },
  },
});

/** One piece of work. */
@ObjectType({
  simpleResolvers: true,
  description: "One import, evaluation, training or audit. The same request twice is the same run.",
})
export class Run {
  @Field(() => RunKind, { description: "What it does." })
  readonly kind!: (typeof RunKind)[keyof typeof RunKind];

  @Field(() => String, { description: "The plugin or importer that does it." })
  readonly plugin!: string;

  @Field(() => Int, { description: "Version of the plugin." })
  readonly pluginVersion!: number;

  @Field(() => String, {
    description: "SHA-256 of plugin, parameters, seeds and inputs: 64 hexadecimal digits; unique.",
  })
  readonly fingerprint!: string;

  @Field(() => RunState, { description: "How far it got." })
  readonly state!: (typeof RunState)[keyof typeof RunState];

  @Field(() => Int, {
    description: "How often it was begun, less the times a worker that stopped gave it back.",
  })
  readonly attempt!: number;

  @Field(() => DateTime, { nullable: true, description: "When somebody asked to stop it." })
  readonly cancelRequestedAt!: Date | null;

  @Field(() => JsonObject, { description: "Versions of the software that did the work." })
  readonly software!: Readonly<Record<string, string>>;

  @Field(() => DateTime, { nullable: true, description: "When it was begun last." })
  readonly startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: "When it ended." })
  readonly finishedAt!: Date | null;

  @Field(() => DateTime, { description: "When it was asked for." })
  readonly recordedAt!: Date;
}

/** A page of runs. */
export const RunConnection = connectionType("Run", () => Run);

/** Which runs to list. */
@InputType({ description: "Which runs to list; all given conditions hold together." })
export class RunFilter {
  @Field(() => RunKind, { nullable: true, description: "Only runs that do this." })
  readonly kind?: Run["kind"] | null;

  @Field(() => [RunState], { nullable: true, description: "Only runs that got so far." })
  readonly states?: Run["state"][] | null;

  @Field(() => String, { nullable: true, description: "Only runs about the dataset with this slug." })
  readonly dataset?: string | null;
}

/** How far a run is. */
@ObjectType({
  simpleResolvers: true,
  description: "How far a run is, in units of its kind (images of an evaluation).",
})
export class RunProgress {
  @Field(() => Float, { description: "Units done." })
  readonly done!: number;

  @Field(() => Float, { description: "Units in all." })
  readonly total!: number;

  @Field(() => Float, { nullable: true, description: "Units a second over the last half minute." })
  readonly perSecond!: number | null;

  @Field(() => Float, { nullable: true, description: "Seconds left at this rate." })
  readonly secondsLeft!: number | null;
}

/** Something that happened in a run. */
@ObjectType({ simpleResolvers: true, description: "Something that happened in a run." })
export class RunEvent {
  @Field(() => Int, { description: "Number of the event in its run, from 1 without gaps." })
  readonly sequence!: number;

  @Field(() => String, {
    description: `What happened. ${Object.entries(runEventKinds)
      .map(([kind, meaning]) => `\`${kind}\`: ${meaning}`)
      .join(" ")}`,
  })
  readonly kind!: string;

  @Field(() => JsonObject, { description: "Details, by kind." })
  readonly payload!: Readonly<Record<string, unknown>>;

  @Field(() => DateTime, { description: "When it happened." })
  readonly recordedAt!: Date;
}
