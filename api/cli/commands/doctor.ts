import { access, constants, mkdir, statfs } from "node:fs/promises";
import type { Command } from "commander";
import pc from "picocolors";
import type { Config } from "../../config.ts";
import { type Database, openDatabase } from "../../db/client.ts";
import { checkMigrations } from "../../db/migrate.ts";
import { codeOf, exitCodes } from "../exit-code.ts";
import { type GlobalOptions, printJson, printText } from "../program-options.ts";
import { configOf } from "../session.ts";

/** One thing looked at. */
interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

const MIN_FREE_BYTES = 2e9;

const examples = `
Examples:
  $ stratum doctor
  $ stratum doctor --json
`;

/** `stratum doctor`: whether this machine and its database are fit, and what to do where not. */
export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description(
      "Check this machine, the settings and the database, and say what to do where something is amiss.",
    )
    .option("--json", "print the findings as JSON")
    .addHelpText("after", examples)
    .action(async (_options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalOptions>();
      const findings = await examine(() => configOf(process.env, flags));
      if (flags.json === true) printJson(findings);
      else printText(findings.map(lineOf).join("\n"));
      if (findings.some((finding) => !finding.ok)) process.exitCode = exitCodes.failure;
    });
}

async function examine(readSettings: () => Config): Promise<Finding[]> {
  const findings: Finding[] = [
    await look("Node", async () => {
      const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
      if (major < 20 || (major === 20 && minor < 20))
        throw new Error(`Expected Node 20.20 or newer, got ${process.version}`);
      return process.version;
    }),
    await look("native addon", async () => {
      // Loaded when asked for, here as in the demo: no other command needs all of compute to start.
      const { requireAddon } = await import("../../../compute/index.ts");
      const { abi, instructionSet } = requireAddon();
      return `built, interface ${abi}, ${instructionSet}`;
    }),
  ];
  let config: Config | undefined;
  findings.push(
    await look("settings", async () => {
      config = readSettings();
      return config.databaseUrl === undefined
        ? "a PostgreSQL of Stratum's own"
        : "the server of DATABASE_URL";
    }),
  );
  if (config === undefined) return findings;
  const { home } = config;
  findings.push(
    await look("home folder", async () => {
      await mkdir(home, { recursive: true });
      await access(home, constants.W_OK);
      const { bavail, bsize } = await statfs(home);
      const free = bavail * bsize;
      if (free < MIN_FREE_BYTES)
        throw new Error(`Expected at least 2 GB free, got ${(free / 1e9).toFixed(1)} GB; make room`);
      return `writable, ${(free / 1e9).toFixed(0)} GB free`;
    }),
    ...(await examineDatabase(config)),
  );
  return findings;
}

async function examineDatabase(config: Config): Promise<Finding[]> {
  let database: Database | undefined;
  const opened = await look("database", async () => {
    database = await openDatabase(config);
    const { rows } = await database.pool.query<{ server_version: string }>("show server_version");
    return `PostgreSQL ${rows[0]?.server_version ?? "of unknown version"}${database.embedded ? ", embedded" : ""}`;
  });
  if (database === undefined) return [opened];
  await using open = database;
  return [
    opened,
    await look("migrations", async () => {
      try {
        await checkMigrations(open);
      } catch (error) {
        if (!open.embedded || codeOf(error) !== "MIGRATION_PENDING") throw error;
        return "new ones, applied by the next command that uses the database";
      }
      return "up to date";
    }),
    await look("durability", async () => {
      const { rows } = await open.pool.query<{ fsync: string }>("show fsync");
      if (rows[0]?.fsync !== "on")
        throw new Error("Expected fsync on, got off: a crash of the machine would lose data");
      return "fsync on";
    }),
  ];
}

async function look(check: string, examineIt: () => Promise<string>): Promise<Finding> {
  try {
    return { check, ok: true, detail: await examineIt() };
  } catch (error) {
    return { check, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

function lineOf({ check, ok, detail }: Finding): string {
  return `${ok ? pc.green("ok  ") : pc.red("FAIL")}  ${check.padEnd(12)}  ${detail}`;
}
