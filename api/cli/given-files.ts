import { constants } from "node:fs";
import { access, readFile, stat, writeFile } from "node:fs/promises";
import { CommandError, exitCodes } from "./exit-code.ts";

/**
 * Reads the JSON file of an option; what it says is checked by whoever takes it.
 *
 * @throws {CommandError} usage when there is no such file or it is no JSON
 */
export async function readJsonFile(option: string, path: string): Promise<unknown> {
  await requireReadable(option, path);
  const text = await readFile(path, "utf8");
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the file.
    throw usage(`Expected JSON in the file of ${option}, got something else in ${path}`);
  }
}

/** @throws {CommandError} usage when there is no file at this path that this user may read */
export async function requireReadable(option: string, path: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
    if ((await stat(path)).isDirectory())
      throw usage(`Expected a file for ${option}, got the folder ${path}`);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw usage(`Expected a file that can be read for ${option}, got ${path} (${systemCodeOf(error)})`);
  }
}

/** @throws {CommandError} usage when nothing can be written at this path */
export async function writeGiven(option: string, path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (error) {
    throw usage(`Expected a file that can be written for ${option}, got ${path} (${systemCodeOf(error)})`);
  }
}

/** ENOENT and its kind. */
function systemCodeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

function usage(message: string): CommandError {
  return new CommandError(exitCodes.usage, message);
}
