import { ComputeError } from "../errors.ts";
import { confounders } from "./confounders.ts";
import { controls } from "./controls.ts";
import { laterWork } from "./later-work.ts";
import { mechanism } from "./mechanism.ts";
import { parseProtocol } from "./parse-protocol.ts";
import { raceDetection } from "./race-detection.ts";
import { regions } from "./regions.ts";
import type { Protocol } from "./schema.ts";
import { strataProtocols } from "./strata.ts";

/** Every protocol that is built in, in the order of the study's Table 2, controls last. Adding one means: one value in its group's file. */
export const protocols: readonly Protocol[] = Object.freeze(
  [
    ...raceDetection,
    ...confounders,
    ...strataProtocols,
    ...mechanism,
    ...regions,
    ...laterWork,
    ...controls,
  ].map((source) => parseProtocol(source)),
);

/** @throws {ComputeError} NO_SUCH_PLUGIN, naming those there are. */
export function requireProtocol(id: string): Protocol {
  const found = protocols.find((protocol) => protocol.id === id);
  if (found !== undefined) return found;
  const known = protocols.map((protocol) => protocol.id).join(", ");
  throw new ComputeError("NO_SUCH_PLUGIN", `Expected a protocol of ${known}, got ${JSON.stringify(id)}`);
}
