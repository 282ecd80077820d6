import type { Command } from "commander";
import { CommandError, exitCodes } from "../exit-code.ts";
import { numberOf } from "../number-option.ts";
import { type GlobalOptions, list, printJson, printText } from "../program-options.ts";
import {
  exitCodeOfRun,
  followRun,
  RUN_FIELDS,
  type RunAnswer,
  type RunEventAnswer,
  runIdOf,
} from "../run-watching.ts";
import { configOf, openSession } from "../session.ts";
import { untilStopped } from "../stop-signal.ts";
import { textTable } from "../text-table.ts";

interface ListFlags extends GlobalOptions {
  readonly state?: readonly string[];
  readonly dataset?: string;
  readonly limit: string;
}

interface WatchFlags extends GlobalOptions {
  readonly after: string;
}

const states = ["queued", "running", "succeeded", "failed", "cancelled"] as const;

const examples = `
Examples:
  $ stratum runs list --state queued,running
  $ stratum runs watch UnVuOjE3
  $ stratum runs watch UnVuOjE3 --after 40 --json
  $ stratum runs cancel UnVuOjE3
  $ stratum runs retry UnVuOjE3
`;

/** `stratum runs`: what was asked for, how far it is, stopping it and asking again. */
export function addRuns(program: Command): void {
  const runs = program
    .command("runs")
    .description("List, watch, cancel and retry runs: imports, evaluations, trainings, audits.")
    .addHelpText("after", examples);
  runs
    .command("list")
    .description("List runs, the newest first.")
    .option("--state <states>", `${states.join(", ")}; comma-separated`, list)
    .option("--dataset <slug>", "about this dataset only")
    .option("--limit <count>", "how many at most, up to 200", "20")
    .option("--json", "print the list as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => listRuns(command.optsWithGlobals<ListFlags>()));
  runs
    .command("watch <run>")
    .description("Follow a run until it has ended; the exit status says how.")
    .option("--after <number>", "only events after this sequence number", "0")
    .option("--json", "print events as JSON, one a line")
    .addHelpText("after", examples)
    .action((id: string, _options: unknown, command: Command) =>
      watch(id, command.optsWithGlobals<WatchFlags>()),
    );
  for (const [name, description] of [
    ["cancel", "Stop a run: at once while it waits, within seconds while it runs."],
    ["retry", "Queue a run that failed or was cancelled once more."],
  ] as const) {
    runs
      .command(`${name} <run>`)
      .description(description)
      .option("--json", "print the run as JSON")
      .addHelpText("after", examples)
      .action((id: string, _options: unknown, command: Command) =>
        change(name, id, command.optsWithGlobals<GlobalOptions>()),
      );
  }
}

async function listRuns(flags: ListFlags): Promise<void> {
  const unknown = flags.state?.find((state) => !states.some((known) => known === state));
  if (unknown !== undefined) {
    throw new CommandError(exitCodes.usage, `Expected states among ${states.join(", ")}, got "${unknown}"`);
  }
  await using session = await openSession(configOf(process.env, flags));
  const { runs } = await session.ask<{ runs: { nodes: readonly RunAnswer[] } }>(
    `query Runs($filter: RunFilter!, $first: Int!) { runs(filter: $filter, first: $first) { nodes { ${RUN_FIELDS} } } }`,
    {
      filter: {
        ...(flags.state === undefined ? {} : { states: flags.state.map((state) => state.toUpperCase()) }),
        ...(flags.dataset === undefined ? {} : { dataset: flags.dataset }),
      },
      first: numberOf("--limit", flags.limit),
    },
  );
  if (flags.json === true) return printJson(runs.nodes);
  if (runs.nodes.length === 0) return printText("No such runs.");
  printText(
    textTable(
      [
        { title: "Run" },
        { title: "Kind" },
        { title: "Dataset" },
        { title: "State" },
        { title: "Attempt", right: true },
        { title: "Asked for" },
        { title: "" },
      ],
      runs.nodes.map((run) => [
        run.id,
        run.kind.toLowerCase(),
        run.dataset?.slug ?? "",
        run.state.toLowerCase(),
        String(run.attempt),
        run.recordedAt.toISOString().slice(0, 19).replace("T", " "),
        remark(run),
      ]),
    ),
  );
}

function remark({ failure, progress }: RunAnswer): string {
  if (failure !== null) return failure.length > 60 ? `${failure.slice(0, 57)}...` : failure;
  if (progress === null) return "";
  const left = progress.secondsLeft === null ? "" : `, ${Math.round(progress.secondsLeft)} s left`;
  return `${progress.done} of ${progress.total}${left}`;
}

async function watch(text: string, flags: WatchFlags): Promise<void> {
  const stopped = untilStopped();
  await using session = await openSession(configOf(process.env, flags));
  const run = await followRun(session, runIdOf(text), {
    after: numberOf("--after", flags.after),
    stopped,
    onEvent: (event) => printText(flags.json === true ? JSON.stringify(event) : lineOf(event)),
  });
  process.exitCode = exitCodeOfRun(run);
}

function lineOf({ sequence, kind, payload, recordedAt }: RunEventAnswer): string {
  const details = Object.entries(payload)
    .filter(([, value]) => value !== null && typeof value !== "object")
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
  return `${String(sequence).padStart(4)}  ${recordedAt.toISOString().slice(11, 19)}  ${kind}${details === "" ? "" : `: ${details}`}`;
}

async function change(name: "cancel" | "retry", text: string, flags: GlobalOptions): Promise<void> {
  await using session = await openSession(configOf(process.env, flags));
  const answer = await session.ask<{ run: RunAnswer }>(
    `mutation Change($id: ID!) { run: ${name}Run(id: $id) { ${RUN_FIELDS} } }`,
    { id: runIdOf(text) },
  );
  if (flags.json === true) return printJson(answer.run);
  const isUnderWay = name === "cancel" && answer.run.state === "RUNNING";
  printText(`Run ${answer.run.id} is ${isUnderWay ? "being cancelled" : answer.run.state.toLowerCase()}.`);
}
