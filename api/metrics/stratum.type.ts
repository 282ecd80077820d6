import { Field, Float, InputType, ObjectType, registerEnumType } from "type-graphql";
import type { UnitOfAnalysis as Unit } from "./metric.table.ts";
import type { AttributePredicate as Predicate } from "./question.ts";

/** What one row of an analysis is, as GraphQL names it. */
export const UnitOfAnalysis = {
  IMAGE: "image",
  STUDY: "study",
  PATIENT: "patient",
} as const satisfies Record<string, Unit>;
registerEnumType(UnitOfAnalysis, {
  name: "UnitOfAnalysis",
  description: "What one row of an analysis is.",
  valuesConfig: {
    IMAGE: { description: "Every image by itself." },
    STUDY: { description: "Every study once, with the mean score of its images." },
    PATIENT: { description: "Every patient once, with the mean score of the images." },
  },
});

/** How far a cell may be read. */
export const CellStatus = { OK: "OK", SUPPRESSED: "SUPPRESSED", NOT_ESTIMABLE: "NOT_ESTIMABLE" } as const;
registerEnumType(CellStatus, {
  name: "CellStatus",
  description: "Whether a cell has a number.",
  valuesConfig: {
    OK: { description: "It has one." },
    SUPPRESSED: { description: "Hidden, since it or a neighbour comes from too few patients." },
    NOT_ESTIMABLE: { description: "There is none; `reason` says why." },
  },
});

/** One attribute of a stratum and its level. */
@ObjectType({ simpleResolvers: true, description: "One attribute of a stratum and its level." })
export class StratumLevel {
  @Field(() => String, { description: "Name of the attribute." })
  readonly attribute!: string;

  @Field(() => String, {
    description:
      "A category, a band such as 20-40 (20 included, 40 not), `unknown` where nothing is recorded, or `mixed` for a study or patient whose images differ. Ages over 89 read `90+`.",
  })
  readonly level!: string;
}

/** The same as an input. */
@InputType({ description: "One attribute and its level." })
export class StratumLevelInput {
  @Field(() => String, { description: "Name of the attribute." })
  readonly attribute!: string;

  @Field(() => String, { description: "Its level, as cells name it." })
  readonly level!: string;
}

/** A condition that rows must meet. */
@InputType({ description: "A condition on one attribute: levels (in), or a range of a number (gte, lt)." })
export class AttributePredicate implements Predicate {
  @Field(() => String, { description: "Name of the attribute, or `split:<name>` for the parts of a split." })
  readonly attribute!: string;

  @Field(() => [String], {
    nullable: true,
    description: "Levels that are kept, as cells name them; `unknown` keeps rows without a recorded value.",
  })
  readonly in?: string[] | null;

  @Field(() => Float, { nullable: true, description: "Smallest number kept, in the attribute's unit." })
  readonly gte?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Numbers below this are kept, in the attribute's unit.",
  })
  readonly lt?: number | null;
}

/** The bands of a number attribute. */
@InputType({ description: "The bands in which a number attribute divides rows." })
export class AttributeBins {
  @Field(() => String, { description: "Name of the number attribute." })
  readonly attribute!: string;

  @Field(() => [Float], {
    description:
      "Ascending edges, at most 100: each band includes its lower edge and not its upper; what lies below the first edge and from the last one on are bands too.",
  })
  readonly edges!: number[];
}
