import { Field, InputType, Int, registerEnumType } from "type-graphql";
import type { labelBlankPolicies, labelUncertainPolicies } from "../../../compute/index.ts";
import { AttributeReading, RecordedValueInput } from "../../predictions/import/import-mapping.type.ts";

/** What uncertain labels become, as GraphQL names it. */
export const LabelUncertaintyEnum = {
  ONES: "ones",
  ZEROS: "zeros",
  IGNORE: "ignore",
  OWN: "own",
} as const satisfies Record<string, (typeof labelUncertainPolicies)[number]>;
registerEnumType(LabelUncertaintyEnum, {
  name: "LabelUncertainty",
  description: "What an uncertain label (-1, as CheXpert writes it) becomes in a dataset.",
  valuesConfig: {
    ONES: { description: "Positive." },
    ZEROS: { description: "Negative." },
    IGNORE: { description: "Unknown, counted." },
    OWN: { description: "A category of its own, uncertain; as truth it is unknown." },
  },
});

/** What empty labels become, as GraphQL names it. */
export const BlankLabelsEnum = { UNKNOWN: "unknown", ZEROS: "zeros" } as const satisfies Record<
  string,
  (typeof labelBlankPolicies)[number]
>;
registerEnumType(BlankLabelsEnum, {
  name: "BlankLabels",
  description: "What an empty label becomes in a dataset.",
  valuesConfig: {
    UNKNOWN: { description: "Unknown, counted." },
    ZEROS: { description: "Negative: not mentioned is taken for absent." },
  },
});

/** What rows of one key mean, as GraphQL names it. */
export const SeveralRowsEnum = { AGREE: "agree", FIRST: "first", REFUSE: "refuse" } as const;
registerEnumType(SeveralRowsEnum, {
  name: "SeveralRows",
  description: "What several rows of one key in a joined table mean.",
  valuesConfig: {
    AGREE: { description: "Values that differ are unknown, counted." },
    FIRST: { description: "The first row counts." },
    REFUSE: { description: "The import is refused." },
  },
});

/** A cell. */
@InputType({ description: "A cell of the manifest's row, or of the row it is joined to." })
export class DatasetCellInput {
  @Field(() => String, { description: "Header of the column." })
  readonly column!: string;

  @Field(() => String, { nullable: true, description: "The joined table; null is the manifest." })
  readonly table?: string;

  @Field(() => Int, {
    nullable: true,
    description: "First segment of a path to take, from 0; negative counts from the end.",
  })
  readonly firstPart?: number;

  @Field(() => Int, { nullable: true, description: "Last segment to take; default the first." })
  readonly lastPart?: number;
}

/** Where the files are. */
@InputType({ description: "Where an image's file is, below the folder: a column or a template." })
export class DatasetFilesInput {
  @Field(() => String, { nullable: true, description: "Column of paths." })
  readonly column?: string;

  @Field(() => String, {
    nullable: true,
    description:
      "Text with columns in braces: files/{study}/{id:2}.jpg, where {id:2} is the first two characters.",
  })
  readonly template?: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "It is a name, to be found in any folder below.",
  })
  readonly search!: boolean;

  @Field(() => Int, { defaultValue: 0, description: "Leading segments to leave off." })
  readonly drop!: number;
}

/** How one attribute is read. */
@InputType({ description: "How one attribute of a dataset is read." })
export class DatasetAttributeInput {
  @Field(() => String, {
    description:
      "Name in the warehouse: race (self-reported), sex, age, bmi, view, site, or a name of your own.",
  })
  readonly name!: string;

  @Field(() => DatasetCellInput, { description: "Where it stands." })
  readonly cell!: DatasetCellInput;

  @Field(() => AttributeReading, { description: "How the values are read." })
  readonly kind!: (typeof AttributeReading)[keyof typeof AttributeReading];

  @Field(() => [String], { nullable: true, description: "The only values allowed, after the mapping." })
  readonly vocabulary?: string[];

  @Field(() => [RecordedValueInput], {
    nullable: true,
    description: "Recorded values to categories; both are kept.",
  })
  readonly map?: RecordedValueInput[];

  @Field(() => String, {
    nullable: true,
    description: "A stored mapping of recorded values, such as chexpert-race-three-class@1.",
  })
  readonly mapping?: string;

  @Field(() => [String], {
    nullable: true,
    description: "Recorded values that mean unknown, beside the empty cell.",
  })
  readonly missing?: string[];

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Ages outside 0 to 120 years are unknown, counted; else they are refused.",
  })
  readonly implausibleIsUnknown!: boolean;
}

/** A label's cell. */
@InputType({ description: "A class of the labels and the 0/1 cell that belongs to it." })
export class DatasetLabelInput {
  @Field(() => String, { description: "Class name." })
  readonly class!: string;

  @Field(() => DatasetCellInput, { description: "Where it stands." })
  readonly cell!: DatasetCellInput;
}

/** A cell of several labels. */
@InputType({ description: "A cell that lists the classes of an image, as Edema|Effusion." })
export class DatasetLabelListInput {
  @Field(() => DatasetCellInput, { description: "Where it stands." })
  readonly cell!: DatasetCellInput;

  @Field(() => [String], { description: "Every class there is." })
  readonly classes!: string[];

  @Field(() => String, { defaultValue: "|", description: "What stands between two classes." })
  readonly separator!: string;

  @Field(() => [String], {
    defaultValue: [],
    description: "Classes that no other may stand beside, such as No Finding.",
  })
  readonly alone!: string[];
}

/** The labels. */
@InputType({
  description: "Many labels of an image, each an attribute of its own: a cell for each, or a list.",
})
export class DatasetLabelsInput {
  @Field(() => String, {
    defaultValue: "finding",
    description: "Common name: attributes are finding:<class>.",
  })
  readonly attribute!: string;

  @Field(() => [DatasetLabelInput], { nullable: true, description: "A 0/1 cell for each class." })
  readonly columns?: DatasetLabelInput[];

  @Field(() => DatasetLabelListInput, { nullable: true, description: "Or one cell that lists classes." })
  readonly list?: DatasetLabelListInput;

  @Field(() => LabelUncertaintyEnum, {
    nullable: true,
    description: "What -1 becomes; without it, -1 is refused.",
  })
  readonly uncertain?: (typeof LabelUncertaintyEnum)[keyof typeof LabelUncertaintyEnum];

  @Field(() => BlankLabelsEnum, { defaultValue: "unknown", description: "What an empty cell becomes." })
  readonly blank!: (typeof BlankLabelsEnum)[keyof typeof BlankLabelsEnum];
}

/** How a table is joined. */
@InputType({ description: "How a table is joined to the manifest." })
export class DatasetJoinInput {
  @Field(() => String, { description: "Name of the table." })
  readonly table!: string;

  @Field(() => String, { description: "Its column that holds the key." })
  readonly key!: string;

  @Field(() => DatasetCellInput, {
    nullable: true,
    description: "The manifest's cell that holds the same; default the column of the same name.",
  })
  readonly on?: DatasetCellInput;

  @Field(() => SeveralRowsEnum, { defaultValue: "agree", description: "What several rows of one key mean." })
  readonly several!: (typeof SeveralRowsEnum)[keyof typeof SeveralRowsEnum];
}

/** How the tables of a dataset are read. */
@InputType({ description: "How the tables of a dataset are read; the same mapping repeats the import." })
export class DatasetMappingInput {
  @Field(() => DatasetFilesInput, { nullable: true, description: "Where the files are." })
  readonly files?: DatasetFilesInput;

  @Field(() => DatasetCellInput, { nullable: true, description: "The image's id; default its path." })
  readonly id?: DatasetCellInput;

  @Field(() => DatasetCellInput, { nullable: true, description: "The patient's id." })
  readonly patient?: DatasetCellInput;

  @Field(() => DatasetCellInput, { nullable: true, description: "The study's id." })
  readonly study?: DatasetCellInput;

  @Field(() => DatasetCellInput, { nullable: true, description: "The part of the split." })
  readonly split?: DatasetCellInput;

  @Field(() => Boolean, { defaultValue: false, description: "Leave the layout's split out." })
  readonly withoutSplit!: boolean;

  @Field(() => [DatasetAttributeInput], { defaultValue: [], description: "Attributes to take." })
  readonly attributes!: DatasetAttributeInput[];

  @Field(() => DatasetLabelsInput, { nullable: true, description: "Labels to take." })
  readonly labels?: DatasetLabelsInput;

  @Field(() => [DatasetJoinInput], { defaultValue: [], description: "Tables to join." })
  readonly joins!: DatasetJoinInput[];
}
