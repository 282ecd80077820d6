import { ComputeError } from "./errors.ts";

/** One parameter of a plugin: enough to validate, describe and generate an input for it. */
export type ParamSpec = FloatSpec | IntSpec | ChoiceSpec | FlagSpec | NameSpec;

interface Described {
  readonly doc: string;
}
interface Ranged {
  /** Smallest and largest value allowed, both included. */
  readonly min: number;
  readonly max: number;
  readonly default?: number;
  /** As shown to people, for example "1" for a pure number or "patients". */
  readonly unit: string;
}
export interface FloatSpec extends Described, Ranged {
  readonly kind: "float";
}
export interface IntSpec extends Described, Ranged {
  readonly kind: "int";
}
export interface ChoiceSpec extends Described {
  readonly kind: "choice";
  readonly choices: readonly string[];
  /** What each choice means, in a few words. */
  readonly meanings?: Readonly<Record<string, string>>;
  readonly default?: string;
}
export interface FlagSpec extends Described {
  readonly kind: "flag";
  readonly default?: boolean;
}

/** The name of something that a dataset has: 1 to 64 lower-case letters, digits, dashes and underscores. */
export interface NameSpec extends Described {
  readonly kind: "name";
  readonly default?: string;
}

/** What a parameter of kind `name` may be. */
export const PARAM_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** The seed of a plugin's random numbers: any whole number that is exact, 0 unless given. */
export function seedParam<const Doc extends string>(doc: Doc) {
  return { kind: "int", min: 0, max: Number.MAX_SAFE_INTEGER, default: 0, unit: "1", doc } as const;
}

/** The parameters of a plugin by name. */
export type ParamSpecs = Readonly<Record<string, ParamSpec>>;

/** The value a spec admits: a number, one of the choices, a boolean, or a name. */
export type ParamValue<Spec extends ParamSpec> = Spec extends ChoiceSpec
  ? Spec["choices"][number]
  : Spec extends FlagSpec
    ? boolean
    : Spec extends NameSpec
      ? string
      : number;

/** The parsed parameters of a plugin: every name has a value. */
export type ParamValues<Specs extends ParamSpecs> = {
  readonly [Name in keyof Specs]: ParamValue<Specs[Name]>;
};

/**
 * Checks given values against the specs and fills the defaults in.
 *
 * @returns a frozen object with exactly the names of `specs`, in their order, so that equal requests serialise alike.
 * @throws {ComputeError} INVALID_PARAM for an unknown name, a missing value, a wrong kind or one out of range.
 */
export function parseParams<const Specs extends ParamSpecs>(
  specs: Specs,
  given: Readonly<Record<string, unknown>>,
): ParamValues<Specs> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(specs, name)) {
      const known = Object.keys(specs).join(", ") || "no parameters";
      throw new ComputeError(
        "INVALID_PARAM",
        `Expected ${known}, got ${JSON.stringify(name)}; remove or rename it`,
      );
    }
  }
  const values = Object.entries(specs).map(([name, spec]) => {
    const value = Object.hasOwn(given, name) && given[name] !== undefined ? given[name] : spec.default;
    if (!admits(spec, value)) {
      const got = value === undefined ? "nothing" : (JSON.stringify(value) ?? typeof value);
      throw new ComputeError(
        "INVALID_PARAM",
        `Expected ${name} to be ${wanted(spec)}, got ${got}; change it`,
      );
    }
    return [name, value] as const;
  });
  // Safe: every name of Specs has just been given a value that its spec admits.
  return Object.freeze(Object.fromEntries(values)) as ParamValues<Specs>;
}

function admits(spec: ParamSpec, value: unknown): boolean {
  switch (spec.kind) {
    case "float":
      return typeof value === "number" && value >= spec.min && value <= spec.max;
    case "int":
      return Number.isInteger(value) && Number(value) >= spec.min && Number(value) <= spec.max;
    case "choice":
      return typeof value === "string" && spec.choices.includes(value);
    case "flag":
      return typeof value === "boolean";
    case "name":
      return typeof value === "string" && PARAM_NAME.test(value);
  }
}

function wanted(spec: ParamSpec): string {
  switch (spec.kind) {
    case "float":
      return `a number from ${spec.min} to ${spec.max}`;
    case "int":
      return `a whole number from ${spec.min} to ${spec.max}`;
    case "choice":
      return `one of ${spec.choices.join(", ")}`;
    case "flag":
      return "true or false";
    case "name":
      return "a name of 1 to 64 lower-case letters, digits, dashes and underscores";
  }
}
