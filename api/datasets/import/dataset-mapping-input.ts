import type {
  DatasetAttributeInput,
  DatasetCellInput,
  DatasetLabelsInput,
  DatasetMappingInput,
} from "./dataset-mapping.type.ts";

/** The mapping of a GraphQL input as a mapping file would hold it; its content is checked when it is parsed. */
export function datasetMappingOfInput(input: DatasetMappingInput): Record<string, unknown> {
  const { attributes, labels, joins } = input;
  return present({
    path: input.files == null ? undefined : present({ ...input.files }),
    id: cellOf(input.id),
    patient: cellOf(input.patient),
    study: cellOf(input.study),
    ...(input.withoutSplit ? {} : { split: cellOf(input.split) }),
    attributes: Object.fromEntries(attributes.map((attribute) => [attribute.name, attributeOf(attribute)])),
    labels: labels == null ? undefined : labelsOf(labels),
    tables: Object.fromEntries(
      joins.map(({ table, key, on, several }) => [table, present({ key, on: cellOf(on), several })]),
    ),
    // Kept as null: it takes the layout's away.
    ...(input.withoutSplit ? { split: LEFT_OUT } : {}),
  });
}

const LEFT_OUT = Symbol("left out");

function cellOf(cell: DatasetCellInput | null | undefined): Record<string, unknown> | undefined {
  if (cell == null) return undefined;
  const { column, table, firstPart, lastPart } = cell;
  const parts = firstPart == null ? undefined : [firstPart, lastPart ?? firstPart];
  return present({ column, table, parts });
}

function attributeOf({ cell, kind, map, implausibleIsUnknown, ...rest }: DatasetAttributeInput) {
  return present({
    column: cellOf(cell),
    kind,
    vocabulary: rest.vocabulary,
    map:
      map == null ? undefined : Object.fromEntries(map.map(({ recorded, category }) => [recorded, category])),
    mapping: rest.mapping,
    missing: rest.missing,
    implausible: implausibleIsUnknown ? "unknown" : undefined,
  });
}

function labelsOf({ attribute, columns, list, uncertain, blank }: DatasetLabelsInput) {
  return present({
    attribute,
    classes: list?.classes,
    columns:
      columns == null
        ? undefined
        : Object.fromEntries(columns.map((label) => [label.class, cellOf(label.cell)])),
    list:
      list == null ? undefined : { column: cellOf(list.cell), separator: list.separator, alone: list.alone },
    uncertain,
    blank,
  });
}

/** Without the keys that were not given: the parser takes null for a mistake. */
function present(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined && entry !== null)
      .map(([key, entry]) => [key, entry === LEFT_OUT ? null : entry]),
  );
}
