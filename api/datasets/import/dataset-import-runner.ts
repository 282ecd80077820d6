import { z } from "zod";
import { type RunContext, RunFailure, type Runner, type RunOutcome } from "../../runs/runner.ts";
import { storedParams } from "../../runs/stored-params.ts";
import { DatasetImportService, type ImportDatasetRequest } from "./dataset-import.service.ts";
import { namedFolder, tableBelow } from "./named-folder.ts";

/** Raised when the same request would be carried out otherwise than before. */
export const QUEUED_IMPORT_VERSION = 1;

/** What a queued import was asked: places by the operator's names, so that any worker finds them. */
export interface QueuedImport {
  /** Name of an image root, and the folder below it. */
  readonly root: string;
  readonly folder: string;
  /** Tables below the folder, by name. */
  readonly tables: Readonly<Record<string, string>>;
  readonly request: Omit<ImportDatasetRequest, "root" | "files">;
}

const stored = z.strictObject({
  root: z.string(),
  folder: z.string(),
  tables: z.record(z.string(), z.string()),
  request: z.looseObject({ dataset: z.string(), layout: z.string() }),
});

/** Problems that the event of a rejected import names. */
const MOST_NAMED = 20;

/**
 * Imports a dataset as a job: with progress, to be cancelled and retried. The version is stored in a transaction of the
 * import's own, whole or not at all; an attempt after a crash finds what an earlier one stored, since the same files are the
 * same version.
 */
export class DatasetImportRunner implements Runner {
  async run(context: RunContext): Promise<RunOutcome> {
    const { database, config, run, signal } = context;
    const { root, folder, tables, request } = storedParams(
      run,
      // Safe: the request was written by this file's own form; what it says is checked again by the import.
      (params) => stored.parse(params) as QueuedImport,
    );
    const place = await namedFolder(config.imageRoots, root, folder);
    const files = Object.fromEntries(
      await Promise.all(
        Object.entries(tables).map(async ([name, path]) => [name, await tableBelow(place, name, path)]),
      ),
    );
    const service = new DatasetImportService(database, config.imageRoots);
    const outcome = await service.importDataset(
      { ...request, root: place, files },
      {
        signal,
        onProgress: ({ phase, done, total }) => {
          if (phase === "files" && total !== undefined) context.progress(done, total);
        },
      },
    );
    signal.throwIfAborted();
    if (outcome.status === "rejected") {
      const problems = outcome.problems.slice(0, MOST_NAMED).map((problem) => ({ ...problem }));
      await context.event("problem", { counts: outcome.totals, problems });
      const counts = Object.entries(outcome.totals).map(([code, count]) => `${count} ${code}`);
      throw new RunFailure(
        "permanent",
        "IMPORT_REJECTED",
        `Expected a dataset that can be stored, got ${counts.join(", ")}; the event before this one has the first`,
      );
    }
    const { versionId, version, created, newSplit, report } = outcome;
    const summary = { dataset: request.dataset, version, created, newSplit };
    return {
      summary: { ...summary, versionId, images: report.images, importRun: outcome.runId },
      // Everything is stored already.
      store: async () => undefined,
    };
  }
}
