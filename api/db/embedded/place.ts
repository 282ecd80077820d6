import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { userInfo } from "node:os";
import { basename, join } from "node:path";
import { ServiceError } from "../../errors.ts";
import { type Programs, packagedPostgres, programsIn } from "./programs.ts";

/** Where root keeps what PostgreSQL's own user cannot reach in the home folder, such as one under /root. */
const SYSTEM_FOLDER = "/var/lib/stratum";

/** A user that PostgreSQL runs as. */
interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Where a private server keeps its files, and whom it runs as (absent: as ourselves). */
export interface Place {
  readonly base: string;
  readonly account: Account | undefined;
  readonly programs: Programs;
}

/**
 * Chooses the folder, the user and the programs of the private server of `home`, and makes the folder: readable by
 * us and by that user only. PostgreSQL refuses to run as root; root therefore lends it to the owner of the home,
 * or to `postgres` or `nobody`, and to no new user.
 *
 * @throws {ServiceError} EMBEDDED_UNAVAILABLE saying what is missing
 */
export function placeOf(
  home: string,
  { ephemeral = false, programs }: { ephemeral?: boolean; programs?: Programs | undefined },
): Place {
  const isRoot = userInfo().uid === 0;
  fs.mkdirSync(home, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  const nearby = ephemeral ? home : join(home, "postgres");
  if (!isRoot) {
    fs.mkdirSync(nearby, { recursive: true, mode: 0o700 });
    return {
      base: nearby,
      account: undefined,
      programs: programs ?? programsIn(join(packagedPostgres(), "bin")),
    };
  }
  const base = baseForRoot(home, nearby);
  return { base: base.path, account: base.account, programs: programs ?? reachablePrograms(base.account) };
}

function baseForRoot(home: string, nearby: string): { path: string; account: Account } {
  const pointer = join(home, "postgres.location");
  const chosen = fs.existsSync(pointer) ? fs.readFileSync(pointer, "utf8").trim() : nearby;
  const account = accountFor(join(chosen, "data"), home);
  makePrivate(chosen, account);
  if (isReachable(chosen, account)) return { path: chosen, account };
  if (chosen === home || fs.existsSync(join(chosen, "data"))) {
    throw new ServiceError(
      "EMBEDDED_UNAVAILABLE",
      `Expected user ${account.uid} to reach ${chosen}, where its database is; allow others to pass (chmod o+x) through each folder above`,
    );
  }
  const id = createHash("sha256").update(fs.realpathSync(home)).digest("hex").slice(0, 16);
  const path = join(SYSTEM_FOLDER, id);
  fs.mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o711 });
  makePrivate(path, account);
  if (!isReachable(path, account)) {
    throw new ServiceError(
      "EMBEDDED_UNAVAILABLE",
      `Expected user ${account.uid} to reach ${nearby} or ${path}, got neither; set STRATUM_HOME to a folder that others may pass through`,
    );
  }
  fs.rmdirSync(chosen);
  fs.writeFileSync(pointer, `${path}\n`);
  return { path, account };
}

/** The packaged programs, or a copy of them (50 MB, once) when the packages lie where the user cannot reach them. */
function reachablePrograms(account: Account): Programs {
  const native = packagedPostgres();
  const packaged = programsIn(join(native, "bin"));
  if (as(account, '[ -x "$1" ]', packaged.postgres)) return packaged;
  const { version } = JSON.parse(fs.readFileSync(join(native, "..", "package.json"), "utf8")) as {
    version: string;
  }; // safe: npm requires it
  const copy = join(SYSTEM_FOLDER, `postgresql-${version}`);
  if (!fs.existsSync(copy)) {
    fs.mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o711 });
    const unfinished = fs.mkdtempSync(join(SYSTEM_FOLDER, `.${basename(copy)}-`));
    fs.cpSync(native, join(unfinished, "native"), { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(join(unfinished, "native"), 0o755);
    try {
      fs.renameSync(join(unfinished, "native"), copy);
    } catch (error) {
      // Another process was quicker: its copy is as good.
      if (!fs.existsSync(copy)) throw error;
    }
    fs.rmSync(unfinished, { recursive: true, force: true });
  }
  return programsIn(join(copy, "bin"));
}

/** The owner of an existing database, else of the home, else a system user. */
function accountFor(data: string, home: string): Account {
  for (const path of [data, home]) {
    const owner = fs.statSync(path, { throwIfNoEntry: false });
    if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  }
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((flag) => spawnSync("id", [flag, name], { encoding: "utf8" }).stdout);
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new ServiceError(
    "EMBEDDED_UNAVAILABLE",
    "Expected a user postgres or nobody to run PostgreSQL as, since it refuses root, found neither; set DATABASE_URL or run as another user",
  );
}

function makePrivate(path: string, account: Account): void {
  fs.mkdirSync(path, { recursive: true, mode: 0o710 });
  fs.chownSync(path, 0, account.gid);
  fs.chmodSync(path, 0o710);
}

function isReachable(path: string, account: Account): boolean {
  return as(account, 'cd "$1"', path);
}

/** Asks the system itself, which also knows of access lists and read-only mounts. */
function as(account: Account, script: string, path: string): boolean {
  return spawnSync("sh", ["-c", script, "sh", path], { ...account, cwd: "/", stdio: "ignore" }).status === 0;
}
