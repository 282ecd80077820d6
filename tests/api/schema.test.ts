import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import { describe, expect, test } from "vitest";
import { buildApiSchema } from "../../api/schema.ts";

const schema = buildApiSchema();

describe("the schema", () => {
  test("is the one in schema.graphql (npx vitest run tests/api/schema.test.ts -u writes it anew)", async () => {
    await expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toMatchFileSnapshot(
      "../../schema.graphql",
    );
  });

  test("describes every type, field, argument, input and value", () => {
    expect(Object.values(schema.getTypeMap()).flatMap(undescribed)).toEqual([]);
  });

  test("has every operation of the contract", () => {
    const names = (type: "Query" | "Mutation") => {
      const root = schema.getType(type);
      return isObjectType(root) ? Object.keys(root.getFields()) : [];
    };
    const queries =
      "dataset datasets model models evaluation evaluations metrics stratifiedAuc rocCurve compareAuc metaAnalysis gaps calibration publication publications plugins run experiments";
    expect(names("Query")).toEqual(expect.arrayContaining(queries.split(" ")));
    expect(names("Mutation")).toEqual(
      expect.arrayContaining(["createUpload", "importPredictions", "recordMetrics"]),
    );
  });

  test("takes no URL and no path of the server", () => {
    const inputs = Object.values(schema.getTypeMap()).flatMap((type) =>
      isInputObjectType(type) ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
    );
    expect(inputs.filter((name) => /url|uri|path$/i.test(name))).toEqual([]);
  });
});

/** Places in a type that say nothing about themselves. */
function undescribed(type: GraphQLNamedType): string[] {
  if (isIntrospectionType(type) || isSpecifiedScalarType(type)) return [];
  const root = ["Query", "Mutation", "Subscription"].includes(type.name);
  const own = type.description || root ? [] : [type.name];
  if (isEnumType(type)) {
    const silent = type.getValues().filter(({ description }) => !description);
    return [...own, ...silent.map(({ name }) => `${type.name}.${name}`)];
  }
  if (isInputObjectType(type)) {
    const silent = Object.values(type.getFields()).filter(({ description }) => !description);
    return [...own, ...silent.map(({ name }) => `${type.name}.${name}`)];
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return own;
  return [
    ...own,
    ...Object.values(type.getFields()).flatMap((field) => [
      ...(field.description ? [] : [`${type.name}.${field.name}`]),
      ...field.args.flatMap(({ name, description }) =>
        description ? [] : [`${type.name}.${field.name}(${name})`],
      ),
    ]),
  ];
}
