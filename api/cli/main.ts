import { Command, CommanderError } from "commander";
import pc from "picocolors";
import { toServiceError } from "../db/database-error.ts";
import { software } from "../software.ts";
import { watchOutput } from "./broken-output.ts";
import { addAuc } from "./commands/auc.ts";
import { addAudit } from "./commands/audit.ts";
import { addCompare } from "./commands/compare.ts";
import { addConfounders } from "./commands/confounders.ts";
import { addDemo } from "./commands/demo.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addFilters } from "./commands/filters.ts";
import { addGaps } from "./commands/gaps.ts";
import { addImportDataset } from "./commands/import-dataset.ts";
import { addImportMasks } from "./commands/import-masks.ts";
import { addImportPredictions } from "./commands/import-predictions.ts";
import { addList } from "./commands/list.ts";
import { addLocate } from "./commands/locate.ts";
import { addMeta } from "./commands/meta.ts";
import { addMigrate } from "./commands/migrate.ts";
import { addPhantom } from "./commands/phantom.ts";
import { addRegisterModel } from "./commands/register-model.ts";
import { addReport } from "./commands/report.ts";
import { addRuns } from "./commands/runs.ts";
import { addSaliency } from "./commands/saliency.ts";
import { addServe } from "./commands/serve.ts";
import { addToken } from "./commands/token.ts";
import { addTrain } from "./commands/train.ts";
import { addWork } from "./commands/work.ts";
import { codeOf, exitCodeOf, exitCodes } from "./exit-code.ts";

const help = `
Environment:
  DATABASE_URL    a PostgreSQL server (15 or newer); without it, Stratum runs one of its own
  STRATUM_HOME    folder of its state (default .stratum/)

Exit status:
  0 done   1 failure   2 wrong usage   3 import or model rejected   4 not found   5 database unavailable   130 interrupted
`;

/** The command line: every command, its options and its help. */
export function buildProgram(): Command {
  const program = new Command("stratum")
    .description("A results warehouse for auditing medical-imaging models.")
    .version(software["stratum"] ?? "unknown")
    .option("--home <folder>", "folder of Stratum's state (default: STRATUM_HOME or .stratum/)")
    .option("--log-level <level>", "trace, debug, info, warn, error or silent")
    .addHelpText("after", help)
    .showHelpAfterError("(stratum --help lists every command)");
  addServe(program);
  addDemo(program);
  addMigrate(program);
  addImportDataset(program);
  addImportMasks(program);
  addImportPredictions(program);
  addRegisterModel(program);
  addLocate(program);
  addTrain(program);
  addEvaluate(program);
  addAudit(program);
  addReport(program);
  addConfounders(program);
  addWork(program);
  addRuns(program);
  addList(program);
  addAuc(program);
  addGaps(program);
  addCompare(program);
  addMeta(program);
  addFilters(program);
  addSaliency(program);
  addPhantom(program);
  addToken(program);
  addDoctor(program);
  finish(program);
  return program;
}

/** What every command has in common: errors come back to us, and the help calls an empty list none. */
function finish(command: Command): void {
  command.exitOverride();
  for (const option of command.options) {
    if (Array.isArray(option.defaultValue))
      option.defaultValueDescription = option.defaultValue.join() || "none";
  }
  for (const inner of command.commands) finish(inner);
}

/** Runs one command; answers with the exit status, and prints what went wrong on the error stream. */
export async function runCli(argv: readonly string[]): Promise<number> {
  watchOutput((error) => {
    process.stderr.write(`${pc.red("error")}: ${error.message}\n`);
    process.exitCode = exitCodes.failure;
  });
  try {
    await buildProgram().parseAsync([...argv], { from: "user" });
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (thrown) {
    // What the driver threw holds statements and values: only its code and class may be shown.
    const error = toServiceError(thrown);
    // Commander has already printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    process.stderr.write(`${pc.red("error")}: ${describe(error)}\n`);
    return exitCodeOf(error);
  }
}

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  return code === undefined ? message : `${message} (${code})`;
}
