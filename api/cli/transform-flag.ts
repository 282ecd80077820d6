import { findTransform, parseChain, type TransformChain } from "../../compute/index.ts";
import { CommandError, exitCodes } from "./exit-code.ts";

/**
 * Reads transforms as the command line says them: `low_pass:radius=10` or `blur`, with commas between parameters.
 *
 * @throws {CommandError} usage; {ComputeError} NO_SUCH_PLUGIN, INVALID_PARAM
 */
export function chainOf(texts: readonly string[]): TransformChain {
  return parseChain(texts.map(linkOf));
}

function linkOf(text: string): { readonly id: string; readonly params: Readonly<Record<string, unknown>> } {
  const [id = "", ...rest] = text.split(":");
  const specs = findTransform(id).params;
  const given = rest.join(":");
  const params = (given === "" ? [] : given.split(",")).map((pair) => {
    const [, name, value] = /^([a-z_0-9]+)=(.*)$/.exec(pair.trim()) ?? [];
    if (name === undefined || value === undefined) {
      throw new CommandError(exitCodes.usage, `Expected --transform id:name=value,name=value, got "${text}"`);
    }
    return [name, readValue(specs[name]?.kind, value)] as const;
  });
  return { id, params: Object.fromEntries(params) };
}

/** A value as its parameter's kind reads it; what does not read so is left to the plugin to refuse. */
function readValue(kind: string | undefined, text: string): unknown {
  if (kind === "float" || kind === "int") return Number(text);
  if (kind === "flag") return text === "true" ? true : text === "false" ? false : text;
  return text;
}
