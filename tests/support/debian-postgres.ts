import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Programs, programsIn } from "../../api/db/embedded/programs.ts";

/** Where Debian and Ubuntu put each major version. */
const versionsFolder = "/usr/lib/postgresql";

/** The programs of the oldest PostgreSQL from 15 on that the system has beside ours; undefined when it has none. */
export function findDebianPostgres(
  folder: string = versionsFolder,
): (Programs & { readonly version: number }) | undefined {
  if (!existsSync(folder)) return undefined;
  const versions = readdirSync(folder)
    .map(Number)
    .filter((version) => version >= 15)
    .toSorted((a, b) => a - b);
  for (const version of versions) {
    const programs = programsIn(join(folder, String(version), "bin"));
    if (existsSync(programs.initdb) && existsSync(programs.postgres)) return { ...programs, version };
  }
  return undefined;
}
