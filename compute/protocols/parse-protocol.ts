import { ComputeError, type ComputeErrorCode } from "../errors.ts";
import { requirePlugin } from "../registry.ts";
import { chainAt, gridPoints, maskAt, protocolConditions, protocolModes } from "./conditions.ts";
import { type Protocol, protocolSchema } from "./schema.ts";

/** More conditions than this are a mistake: each may be a training of hours. */
const MOST_CONDITIONS = 500;

/**
 * Checks a protocol and everything it names: axes, transforms with their parameters in both modes, metrics, intervals.
 *
 * @param given - what a protocol file holds, parsed from JSON.
 * @returns it with its defaults filled in, frozen all the way down.
 * @throws {ComputeError} INVALID_INPUT, INVALID_PARAM or NO_SUCH_PLUGIN; the message names the place, as
 * `transforms.corrected.0`.
 */
export function parseProtocol(given: unknown): Protocol {
  const result = protocolSchema.safeParse(given);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw refusal("INVALID_INPUT", issue?.path ?? [], issue?.message ?? "something else");
  }
  const protocol: Protocol = result.data;
  checkGrid(protocol);
  checkProcedure(protocol);
  checkTransforms(protocol);
  for (const [index, id] of protocol.metrics.entries()) {
    at(["metrics", index], () => requirePlugin("METRIC", id));
  }
  at(["interval"], () => requirePlugin("INTERVAL", protocol.interval));
  return freezeDeep(protocol);
}

/**
 * Reads a protocol file.
 *
 * @throws {ComputeError} INVALID_INPUT where it is not JSON; and as `parseProtocol`
 */
export function parseProtocolFile(text: string): Protocol {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new ComputeError(
      "INVALID_INPUT",
      "Expected JSON in the protocol file, got something else; repair the file",
      { cause },
    );
  }
  return parseProtocol(given);
}

function checkGrid({ grid, rising = [] }: Protocol): void {
  for (const [axis, values] of Object.entries(grid)) {
    if (new Set(values).size !== values.length) {
      throw refusal("INVALID_INPUT", ["grid", axis], "a value that is there twice");
    }
  }
  for (const [index, axis] of rising.entries()) {
    if (!Object.hasOwn(grid, axis)) {
      throw refusal(
        "INVALID_INPUT",
        ["rising", index],
        `${JSON.stringify(axis)}, which is no axis of the grid`,
      );
    }
  }
  const count = gridPoints({ grid, rising }).length;
  if (count === 0 || count > MOST_CONDITIONS) {
    throw refusal("INVALID_INPUT", ["grid"], `${count} conditions where 1 to ${MOST_CONDITIONS} are allowed`);
  }
}

function checkProcedure({ procedure, transforms, answer }: Protocol): void {
  const isClassifier = procedure.kind === "classifier";
  const transformed =
    isClassifier && (procedure.trainOn === "transformed" || procedure.testOn === "transformed");
  const changed = transforms !== null || (isClassifier && procedure.mask !== undefined);
  if (isClassifier && transformed !== changed) {
    const found = changed
      ? "transforms, but neither side transformed"
      : "a transformed side, but no transforms";
    throw refusal("INVALID_INPUT", ["transforms"], found);
  }
  if (!isClassifier && transforms !== null) {
    throw refusal(
      "INVALID_INPUT",
      ["transforms"],
      `transforms of a ${procedure.kind} procedure, which has none`,
    );
  }
  if (isClassifier && procedure.trainOn === "transformed" && procedure.testOn === "original") {
    throw refusal("INVALID_INPUT", ["procedure", "testOn"], "originals to test what was trained on others");
  }
  if (procedure.kind === "pixel_statistics") {
    const wanted = procedure.statistic === "histogram" ? "bins" : "thresholds";
    if (procedure[wanted] === undefined) throw refusal("INVALID_INPUT", ["procedure", wanted], "nothing");
  }
  if (procedure.kind === "gaps" && procedure.thresholds.includes("target_fpr") && !procedure.targetFpr) {
    throw refusal("INVALID_INPUT", ["procedure", "targetFpr"], "nothing");
  }
  if (answer.margin === 0 && answer.quantity !== "none" && answer.quantity !== "share_of_tests") {
    throw refusal("INVALID_INPUT", ["answer", "margin"], "0, within which no interval can lie");
  }
}

function checkTransforms(protocol: Protocol): void {
  for (const point of gridPoints(protocol)) at(["procedure", "mask"], () => maskAt(protocol, point));
  if (protocol.transforms === null) return;
  for (const mode of protocolModes) {
    if (protocol.transforms[mode].length === 0) {
      throw refusal("INVALID_INPUT", ["transforms", mode], "an empty list");
    }
    const used = new Set<string>(axesOfMask(protocol));
    for (const [index, link] of protocol.transforms[mode].entries()) {
      const alone = { transforms: { corrected: [link], legacy: [link] } };
      for (const value of Object.values(link.params)) {
        if (typeof value === "string" && value.startsWith("$")) used.add(value.slice(1));
      }
      for (const point of gridPoints(protocol)) {
        at(["transforms", mode, index], () => chainAt(alone, mode, point));
      }
    }
    const idle = Object.keys(protocol.grid).find((axis) => !used.has(axis));
    if (idle !== undefined)
      throw refusal("INVALID_INPUT", ["grid", idle], `an axis that ${mode} does not use`);
    at(["transforms", mode], () => protocolConditions(protocol, mode));
  }
}

function axesOfMask({ procedure }: Protocol): readonly string[] {
  const keep = procedure.kind === "classifier" ? procedure.mask?.keep : undefined;
  return keep?.startsWith("$") ? [keep.slice(1)] : [];
}

/** Says where in the protocol a refusal of something deeper happened. */
function at(path: readonly (string | number)[], check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ComputeError)) throw error;
    throw new ComputeError(error.code, `${error.message} (at ${path.join(".")} of the protocol)`, {
      cause: error,
    });
  }
}

function refusal(code: ComputeErrorCode, path: readonly PropertyKey[], got: string): ComputeError {
  const place = path.map(String).join(".") || "its top";
  return new ComputeError(code, `Expected a valid protocol, got at ${place}: ${got}; correct it`);
}

function freezeDeep<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const part of Object.values(value)) freezeDeep(part);
    Object.freeze(value);
  }
  return value;
}
