import { Option } from "commander";

/** Options that stand before or after every command. */
export interface GlobalOptions {
  readonly home?: string;
  readonly logLevel?: string;
  readonly json?: boolean;
}

/** Gathers a repeated option. */
export function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

/** Splits a comma-separated option; empty parts do not count. */
export function list(value: string): readonly string[] {
  return value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** An option that takes one of `choices`: commander lists them in the help and refuses every other word. */
export function choice(
  flags: string,
  description: string,
  choices: readonly string[],
  standard: string,
): Option {
  return new Option(flags, description).choices(choices).default(standard);
}

/** Prints for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Prints for people. */
export function printText(text: string): void {
  process.stdout.write(`${text}\n`);
}
