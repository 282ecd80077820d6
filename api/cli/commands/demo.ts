import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Command } from "commander";
import pc from "picocolors";
import { encodeId } from "../../graphql/node-id.ts";
import { packageRoot } from "../../package-root.ts";
import { auditPhantoms } from "../demo-audit.ts";
import { readJsonFile } from "../given-files.ts";
import { type GlobalOptions, printText } from "../program-options.ts";
import { configOf, openSession, type Session } from "../session.ts";
import { untilStopped } from "../stop-signal.ts";
import { whole } from "../text-table.ts";
import { aucTable, STRATIFIED_AUC, type StratifiedAucAnswer } from "./auc.ts";
import { META_ANALYSIS, type MetaAnswer, metaText } from "./meta.ts";

interface Flags extends GlobalOptions {
  readonly once?: boolean;
  /** False with --no-audit. */
  readonly audit: boolean;
  readonly port?: string;
}

const examples = `
Examples:
  $ npm run demo
  $ npm run demo -- --once          print everything and end
  $ npm run demo -- --port 8080
`;

/** The prediction set that ships with the project: made by \`stratum phantom\`, of patients that never lived. */
const EXAMPLE = join(packageRoot, "examples/phantom-chest");

/** `stratum demo`: the whole way, from files to a pooled estimate, on data that ships with the project. */
export function addDemo(program: Command): void {
  program
    .command("demo")
    .description(
      "Import an example, print stratified AUCs and a pooled estimate, draw a forest plot, serve the API.",
    )
    .option("--once", "end instead of serving")
    .option("--no-audit", "leave out the audit of two phantom sites, which takes minutes")
    .option("--port <port>", "TCP port of the API (default 4000; another one when it is taken)")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => demo(command.optsWithGlobals<Flags>()));
}

async function demo(flags: Flags): Promise<void> {
  const { requireAddon } = await import("../../../compute/index.ts");
  requireAddon(); // before anything is stored
  const config = configOf(process.env, { logLevel: "warn", ...flags });
  step(
    config.databaseUrl === undefined ? "Starting PostgreSQL" : "Connecting to the database of DATABASE_URL",
  );
  await using session = await openSession(config, { mayMigrate: true });
  const loaded = await session.loadPublications();
  step(
    `Published results: ${whole(loaded.reduce((sum, { metrics }) => sum + metrics, 0))} numbers of ${loaded.length} publications, ${whole(loaded.reduce((sum, { discrepancies }) => sum + discrepancies, 0))} discrepancies kept as printed`,
  );
  const evaluation = await importExample(session);
  await showAucs(session, evaluation);
  await showPooled(session);
  const stopped = flags.audit || flags.once !== true ? untilStopped() : Promise.resolve();
  if (flags.audit) {
    printText(`\n${pc.bold("An audit of two phantom sites, from pixels to a report")}\n`);
    await auditPhantoms(session, stopped);
  }
  printText(
    `\nGo on with:\n  npx stratum auc --evaluation phantom-chest/phantom-reader --by sex,age\n  npx stratum import predictions --help`,
  );
  if (flags.once === true) return;
  await using api = await serve(session, flags.port !== undefined);
  printText(
    `\nThe API answers on ${pc.bold(`${api.url}/graphql`)}; open it in a browser for GraphiQL. Stop with Ctrl-C.`,
  );
  await stopped;
}

async function importExample(session: Session): Promise<string> {
  const outcome = await (await session.services()).imports.importPredictions({
    dataset: "phantom-chest",
    model: "phantom-reader",
    mapping: await readJsonFile("--mapping", join(EXAMPLE, "mapping.json")),
    predictions: { path: join(EXAMPLE, "predictions.csv") },
  });
  if (outcome.status === "rejected") {
    throw new Error(`Expected the example to be taken, got ${Object.keys(outcome.totals).join(", ")}`);
  }
  const id = encodeId("Evaluation", outcome.evaluationId);
  const { report } = outcome;
  step(
    report === undefined
      ? `The example is stored already, as evaluation ${id}`
      : `Imported ${whole(report.images)} images of ${whole(report.patients)} phantom patients, ${whole(report.scores)} scores, as evaluation ${id}`,
  );
  return id;
}

async function showAucs(session: Session, evaluation: string): Promise<void> {
  printText(
    `\n${pc.bold("How well the model reads self-reported race, by sex")} (AUC one-vs-rest, DeLong intervals; phantom data)\n`,
  );
  const { stratifiedAuc } = await session.ask<StratifiedAucAnswer>(STRATIFIED_AUC, {
    input: { evaluation, by: ["sex"] },
  });
  printText(aucTable(stratifiedAuc.cells, 0.95));
}

async function showPooled(session: Session): Promise<void> {
  printText(
    `\n${pc.bold("External validation as published")} (Gichoya et al. 2022, Table 3, class Black; logit scale, REML, Hartung-Knapp)\n`,
  );
  const { metaAnalysis } = await session.ask<MetaAnswer>(META_ANALYSIS, {
    input: { metrics: { publication: "gichoya-2022", experiment: "CXR external", class: "Black" } },
  });
  printText(metaText(metaAnalysis));
  const path = join(session.config.home, "demo", "forest.svg");
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, metaAnalysis.forestSvg);
  printText(`\nForest plot: ${relative(process.cwd(), path)}`);
}

/** Serves on the wanted port, or on a free one when a port that nobody asked for is taken. */
async function serve({ database, config, log }: Session, portIsWanted: boolean) {
  const { createApi } = await import("../../main.ts");
  try {
    return await createApi({ database, config, log });
  } catch (error) {
    const { cause } = error instanceof Error ? error : {};
    const taken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    if (!taken || portIsWanted) throw error;
    return createApi({ database, config: { ...config, http: { ...config.http, port: 0 } }, log });
  }
}

function step(text: string): void {
  printText(`${pc.green("·")} ${text}`);
}
