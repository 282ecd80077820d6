import { CommandError, exitCodes } from "./exit-code.ts";

/** A condition as the API's AttributePredicate takes it. */
export interface Where {
  readonly attribute: string;
  readonly in?: readonly string[];
  readonly gte?: number;
  readonly lt?: number;
}

/**
 * Reads `sex=F`, `view=PA,AP`, `age=40..60`, `age=40..` or `age=..60` (from inclusive, to exclusive).
 *
 * @throws {CommandError} usage when it is none of these
 */
export function whereOf(text: string): Where {
  const at = text.indexOf("=");
  if (at < 1) throw new CommandError(exitCodes.usage, `Expected --where attribute=value, got "${text}"`);
  const attribute = text.slice(0, at);
  const value = text.slice(at + 1);
  const range = /^(-?[0-9.]*)\.\.(-?[0-9.]*)$/.exec(value);
  if (range === null) return { attribute, in: value.split(",") };
  const [, low = "", high = ""] = range;
  if (low === "" && high === "") {
    throw new CommandError(exitCodes.usage, `Expected a bound in --where ${attribute}=low..high, got none`);
  }
  const [gte, lt] = [low, high].map((bound) => (bound === "" ? undefined : Number(bound)));
  if (Number.isNaN(gte) || Number.isNaN(lt) || (gte !== undefined && lt !== undefined && gte >= lt)) {
    throw new CommandError(
      exitCodes.usage,
      `Expected numbers low < high in --where ${attribute}=low..high, got "${value}"`,
    );
  }
  return { attribute, ...(gte === undefined ? {} : { gte }), ...(lt === undefined ? {} : { lt }) };
}
