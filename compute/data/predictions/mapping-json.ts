import { ImportError } from "./import-error.ts";

const TEXT_CAP = 400;
const ENTRY_CAP = 10_000;

/** An object of a mapping as it was given. */
export type Json = Readonly<Record<string, unknown>>;

/** @throws {ImportError} INVALID_MAPPING: what was expected at this place, and what came. */
export function refuse(at: string, expected: string, got: string): never {
  throw new ImportError("INVALID_MAPPING", `Expected ${expected} in ${at}, got ${got}; correct the mapping`);
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value === "string" ? "other text" : `a ${typeof value}`;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object. @throws {ImportError} INVALID_MAPPING */
export function object(value: unknown, at: string): Json {
  return isObject(value) ? value : refuse(at, "an object", describe(value));
}

/** Refuses keys that mean nothing here. @throws {ImportError} INVALID_MAPPING */
export function only(json: Json, at: string, allowed: readonly string[]): void {
  for (const key of Object.keys(json)) {
    if (!allowed.includes(key)) refuse(at, `only ${allowed.join(", ")}`, `"${key.slice(0, 40)}"`);
  }
}

/** Text of 1 to 400 characters. @throws {ImportError} INVALID_MAPPING */
export function text(value: unknown, at: string): string {
  if (typeof value !== "string" || value === "")
    return refuse(at, "text", value === "" ? "empty text" : describe(value));
  return value.length <= TEXT_CAP ? value : refuse(at, `at most ${TEXT_CAP} characters`, `${value.length}`);
}

/** A list of texts. @throws {ImportError} INVALID_MAPPING */
export function texts(value: unknown, at: string, mayBeEmptyText = false): string[] {
  if (!Array.isArray(value)) return refuse(at, "a list of texts", describe(value));
  if (value.length > ENTRY_CAP) refuse(at, `at most ${ENTRY_CAP} entries`, `${value.length}`);
  return value.map((entry, index) => (mayBeEmptyText && entry === "" ? "" : text(entry, `${at}[${index}]`)));
}

/** One of a closed set of words. @throws {ImportError} INVALID_MAPPING */
export function choice<T extends string>(value: unknown, choices: readonly T[], at: string): T {
  return choices.find((known) => known === value) ?? refuse(at, choices.join(" or "), describe(value));
}

/** Reads a value that may be absent or null. */
export function optional<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : parse(value);
}

/** An object read entry by entry. Own properties only: a word such as "constructor" means itself. */
export function record<T>(
  value: unknown,
  at: string,
  parse: (value: unknown, at: string, key: string) => T,
): Readonly<Record<string, T>> {
  const entries = Object.entries(object(value, at));
  if (entries.length > ENTRY_CAP) refuse(at, `at most ${ENTRY_CAP} entries`, `${entries.length}`);
  return Object.fromEntries(
    entries.map(([key, entry]) => [key, parse(entry, `${at}.${key.slice(0, 40)}`, key)]),
  );
}
