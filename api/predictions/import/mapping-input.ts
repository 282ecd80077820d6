import type {
  AttributeMappingInput,
  ClassColumnInput,
  PredictionMappingInput,
  RecordedValueInput,
  TruthInput,
} from "./import-mapping.type.ts";

/** The mapping of a GraphQL input as a mapping file would hold it; its content is checked when it is parsed. */
export function mappingOfInput(input: PredictionMappingInput): Record<string, unknown> {
  return present({
    id: input.id,
    patient: input.patient,
    study: input.study,
    split: input.split,
    task: { ...input.task },
    truth: input.truth == null ? undefined : truthOf(input.truth),
    scores: present({
      columns: columnsOf(input.scores.columns),
      classColumn: input.scores.classColumn,
      scoreColumn: input.scores.scoreColumn,
    }),
    scoreKind: input.scoreKind,
    attributes: Object.fromEntries(
      input.attributes.map((attribute) => [attribute.name, attributeOf(attribute)]),
    ),
    attributesFile: input.attributesId == null ? undefined : { id: input.attributesId },
  });
}

function truthOf(truth: TruthInput): Record<string, unknown> {
  return present({
    column: truth.column,
    columns: columnsOf(truth.columns),
    map: valuesOf(truth.map),
    ignore: truth.ignore,
    mapping: truth.mapping,
    uncertain: truth.uncertain,
  });
}

function attributeOf({ name: _name, map, ...rest }: AttributeMappingInput): Record<string, unknown> {
  return present({ ...rest, map: valuesOf(map) });
}

function columnsOf(
  columns: readonly ClassColumnInput[] | null | undefined,
): Record<string, string> | undefined {
  return columns == null
    ? undefined
    : Object.fromEntries(columns.map((entry) => [entry.class, entry.column]));
}

function valuesOf(
  values: readonly RecordedValueInput[] | null | undefined,
): Record<string, string> | undefined {
  return values == null
    ? undefined
    : Object.fromEntries(values.map((entry) => [entry.recorded, entry.category]));
}

/** Without the keys that were not given: the parser takes null for a mistake. */
function present(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined && entry !== null),
  );
}
