import "reflect-metadata";
import { GraphQLInputObjectType, isEnumType, isInputObjectType } from "graphql";
import { describe, expect, test } from "vitest";
import { chainOfInputs, type TransformInput } from "../../api/graphql/transform-input.ts";
import { buildApiSchema } from "../../api/schema.ts";
import { listTransforms } from "../../compute/index.ts";

const schema = buildApiSchema();

function inputType(name: string): GraphQLInputObjectType {
  const type = schema.getType(name);
  if (!isInputObjectType(type)) throw new Error(`Expected an input type ${name}`);
  return type;
}

describe("inputs of transforms", () => {
  test("there is one field a transform, of which exactly one is to be given", () => {
    const type = inputType("TransformInput");
    expect(type.isOneOf).toBe(true);
    const camel = (id: string) => id.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    expect(Object.keys(type.getFields()).sort()).toEqual(
      listTransforms()
        .map(({ id }) => camel(id))
        .sort(),
    );
  });

  test("parameters carry type, default, range and unit", () => {
    const { radius, measure, mode } = inputType("LowPassParams").getFields();
    expect(String(radius?.type)).toBe("Float!");
    expect(radius?.defaultValue).toBeUndefined();
    expect(radius?.description).toContain("In frequency bins, from 0 to 65536.");
    expect(String(measure?.type)).toBe("LowPassMeasure!");
    expect(mode?.defaultValue).toBe("corrected");
    const choices = schema.getType("LowPassMode");
    expect(isEnumType(choices) && choices.getValues().map(({ name, value }) => [name, value])).toEqual([
      ["CORRECTED", "corrected"],
      ["LEGACY", "legacy"],
    ]);
  });

  test("become a chain, in order, with nothing lost", () => {
    const inputs = [
      { lowPass: { radius: 25, measure: "diameter" } },
      { patchRemove: { index: 4, fill: "noise", seed: 9 } },
      // As GraphQL hands them over: fields that were not given may be null.
      { clip: {}, lowPass: null },
    ] as unknown as readonly TransformInput[];
    expect(chainOfInputs(inputs).map(({ id, params }) => [id, params])).toEqual([
      ["low_pass", { radius: 25, measure: "diameter", mode: "corrected" }],
      ["patch_remove", { grid: 3, index: 4, fill: "noise", seed: 9, mode: "corrected" }],
      ["clip", { ceiling: 0.6, mode: "corrected" }],
    ]);
  });
});
