import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { operator } from "../../access/principal.ts";
import { decodeId, encodeId } from "../../graphql/node-id.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { requireReadable } from "../given-files.ts";
import { numberOf } from "../number-option.ts";
import { collect, type GlobalOptions, printJson, printText } from "../program-options.ts";
import { configOf, openSession } from "../session.ts";

interface Flags extends GlobalOptions {
  readonly out: string;
  readonly sheet: readonly string[];
  readonly maps?: string;
}

const examples = `
One self-contained page: no scripts, nothing fetched, every number with the id of its record.

A sheet is a PNG, as stratum filters draws one of an image. --maps draws test images of each class
with their maps; their files must be on this machine. The report shows no other image.

Examples:
  $ stratum report QXVkaXQ6Mw --out report.html
  $ stratum report QXVkaXQ6Mw --sheet sheet.png --out report.html
  $ stratum report QXVkaXQ6Mw --maps 4 --out report.html
`;

/** `stratum report`: an audit as a page that people read. */
export function addReport(program: Command): void {
  program
    .command("report <audit>")
    .description("Write the report of an audit that has ended as one HTML file.")
    .requiredOption("--out <file>", "where to write it")
    .option("--sheet <file>", "a sheet of transformed images to show; repeat", collect, [])
    .option("--maps <number>", "test images of each class to show with their saliency maps")
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
  const given = await Promise.all(flags.sheet.map(sheetOf));
  const maps =
    flags.maps === undefined
      ? []
      : await auditReports.mapSheets(run, numberOf("--maps", flags.maps), operator);
  if (flags.maps !== undefined && maps.length === 0 && run.state === "succeeded") {
    throw new CommandError(
      exitCodes.notFound,
      "Expected an audit with maps for --maps, got one without; audit with the protocol saliency",
    );
  }
  const html = await auditReports.html(run, [...given, ...maps]);
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

const PNG_SIGNATURE = "89504e470d0a1a0a";

async function sheetOf(path: string) {
  await requireReadable("--sheet", path);
  const png = await readFile(path);
  if (png.subarray(0, 8).toString("hex") !== PNG_SIGNATURE) {
    throw new CommandError(exitCodes.usage, `Expected a PNG for --sheet, got another file: ${path}`);
  }
  return { title: `Transformed images: ${basename(path)}`, alt: "One image under several transforms", png };
}
