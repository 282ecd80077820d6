import { CommandError, exitCodes } from "./exit-code.ts";

/** @throws {CommandError} usage when the text is no number */
export function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new CommandError(exitCodes.usage, `Expected a number for ${option}, got "${text}"`);
  }
  return value;
}
