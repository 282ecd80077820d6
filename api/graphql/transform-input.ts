import { Field, Float, InputType, Int, registerEnumType } from "type-graphql";
import {
  type ChoiceSpec,
  listTransforms,
  type ParamSpec,
  type ParamSpecs,
  parseChain,
  type TransformChain,
} from "../../compute/index.ts";
import { SafeInt } from "./scalars.ts";

/**
 * Exactly one transform with its parameters; the fields come from the registry, so a new plugin needs no line here.
 * A class of no fields of its own: `declareTransformInputs` adds them.
 */
export class TransformInput {
  readonly [field: string]: Readonly<Record<string, unknown>> | undefined;
}

let declared = false;

/**
 * Declares the GraphQL types of every transform that is registered, once, before the schema is built.
 * Names: `low_pass` is the field `lowPass` with the input `LowPassParams`; a choice is the enum `LowPassMode`.
 */
export function declareTransformInputs(): void {
  if (declared) return;
  declared = true;
  for (const { id, doc, params } of listTransforms()) {
    const Params = paramsInput(pascalCase(id), params);
    Field(() => Params, { nullable: true, description: doc })(TransformInput.prototype, camelCase(id));
  }
  InputType("TransformInput", {
    description:
      "Exactly one transform of images, with its parameters; plugins(kind: TRANSFORM) describes them.",
  })(TransformInput);
}

/**
 * The chain that these inputs ask for.
 *
 * @throws {ComputeError} INVALID_PARAM, NO_SUCH_PLUGIN
 */
export function chainOfInputs(inputs: readonly TransformInput[]): TransformChain {
  return parseChain(inputs.flatMap(linksOf));
}

function linksOf(input: TransformInput): readonly { readonly id: string; readonly params: object }[] {
  return listTransforms().flatMap(({ id, params: specs }) => {
    const given = input[camelCase(id)];
    if (given === undefined || given === null) return [];
    const params = Object.fromEntries(
      Object.keys(specs).flatMap((name) => {
        const value = given[camelCase(name)];
        return value === undefined || value === null ? [] : [[name, value]];
      }),
    );
    return [{ id, params }];
  });
}

function paramsInput(name: string, specs: ParamSpecs): new () => object {
  const Params = class {};
  for (const [param, spec] of Object.entries(specs)) {
    const given = spec.default === undefined ? {} : { defaultValue: spec.default };
    // Now, not in the thunk: enums must be known before the schema is built.
    const type = graphqlType(`${name}${pascalCase(param)}`, spec);
    Field(() => type, { description: describe(spec), ...given })(Params.prototype, camelCase(param));
  }
  // GraphQL has no input without fields.
  if (Object.keys(specs).length === 0) {
    Field(() => Boolean, { defaultValue: true, description: "It has no parameters; say true." })(
      Params.prototype,
      "on",
    );
  }
  InputType(`${name}Params`, { description: `Parameters of the transform ${name}.` })(Params);
  return Params;
}

function graphqlType(enumName: string, spec: ParamSpec) {
  switch (spec.kind) {
    case "float":
      return Float;
    case "int":
      return spec.max > 2_147_483_647 ? SafeInt : Int;
    case "flag":
      return Boolean;
    case "name":
      return String;
    case "choice":
      return choiceEnum(enumName, spec);
  }
}

function choiceEnum(name: string, { choices, meanings, doc }: ChoiceSpec): object {
  const values = Object.fromEntries(choices.map((choice) => [choice.toUpperCase(), choice]));
  const valuesConfig = Object.fromEntries(
    choices.map((choice) => [choice.toUpperCase(), { description: meanings?.[choice] ?? `${choice}.` }]),
  );
  registerEnumType(values, { name, description: doc, valuesConfig });
  return values;
}

function describe(spec: ParamSpec): string {
  if (spec.kind === "choice" || spec.kind === "flag" || spec.kind === "name") return spec.doc;
  return `${spec.doc} In ${spec.unit}, from ${spec.min} to ${spec.max}.`;
}

function camelCase(id: string): string {
  return id.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function pascalCase(id: string): string {
  const camel = camelCase(id);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}
