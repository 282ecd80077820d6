import { readFile } from "node:fs/promises";
import { CommandError, exitCodes } from "./exit-code.ts";

/**
 * Reads a mapping file; what it says is checked by the import.
 *
 * @throws {CommandError} usage when there is no such file or it is no JSON
 */
export async function readMappingFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new CommandError(
      exitCodes.usage,
      `Expected a JSON file for the mapping, got ${error instanceof Error ? error.message : "an error"}`,
    );
  }
}
