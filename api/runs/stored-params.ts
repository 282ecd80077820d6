import { z } from "zod";
import { ComputeError } from "../../compute/index.ts";
import type { RunRecord } from "./run.queries.ts";
import { RunFailure } from "./runner.ts";

/**
 * What a stored run asks for, as its kind reads it.
 *
 * @param version - what this kind of run is at now, where a run of another must not be carried out by it
 * @throws {RunFailure} RUN_UNSUPPORTED for a request of another version of Stratum
 */
export function storedParams<Params>(
  run: Pick<RunRecord, "params" | "pluginVersion">,
  read: (params: Readonly<Record<string, unknown>>) => Params,
  version: number = run.pluginVersion,
): Params {
  let cause: unknown;
  try {
    if (run.pluginVersion === version) return read(run.params);
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof ComputeError)) throw error;
    cause = error;
  }
  throw new RunFailure(
    "permanent",
    "RUN_UNSUPPORTED",
    "Expected a request that this version of Stratum understands, got another; ask for it anew",
    { cause },
  );
}
