import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { operator } from "../../access/principal.ts";
import { decodeId, encodeId } from "../../graphql/node-id.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { type GlobalOptions, printJson, printText } from "../program-options.ts";
import { configOf, openSession } from "../session.ts";

interface Flags extends GlobalOptions {
  readonly out: string;
}

const examples = `
One self-contained page: no scripts, nothing fetched, every number with the id of its record.

Examples:
  $ stratum report QXVkaXQ6Mw --out report.html
`;

/** `stratum report`: an audit as a page that people read. */
export function addReport(program: Command): void {
  program
    .command("report <audit>")
    .description("Write the report of an audit that has ended as one HTML file.")
    .requiredOption("--out <file>", "where to write it")
    .option("--json", "print what was written as JSON")
    .addHelpText("after", examples)
    .action((audit: string, _options: unknown, command: Command) =>
      report(audit, command.optsWithGlobals<Flags>()),
    );
}

async function report(audit: string, flags: Flags): Promise<void> {
  await using session = await openSession(configOf(process.env, flags));
  const { audits, auditReports } = await session.services();
  const row = /^[0-9]+$/.test(audit) ? Number(audit) : decodeId("Audit", audit);
  const run = await audits.find(row, operator);
  if (run === undefined) {
    throw new CommandError(
      exitCodes.notFound,
      "Expected the id of an audit, got one that is not here",
      "NOT_FOUND",
    );
  }
  const html = await auditReports.html(run);
  if (html === null) {
    throw new CommandError(
      exitCodes.failure,
      `Expected an audit that has succeeded, got one that is ${run.state}; stratum runs watch ${encodeId("Run", run.id)}`,
    );
  }
  await writeFile(flags.out, html);
  const bytes = Buffer.byteLength(html);
  if (flags.json === true) printJson({ audit: encodeId("Audit", run.id), file: flags.out, bytes });
  else printText(`Wrote ${flags.out}, ${Math.ceil(bytes / 1024)} KiB.`);
}
