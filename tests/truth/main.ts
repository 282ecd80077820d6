import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readConfig } from "../../api/config.ts";
import { openDatabase } from "../../api/db/client.ts";
import { startEmbedded } from "../../api/db/embedded/embedded-server.ts";
import { migrate } from "../../api/db/migrate.ts";
import { packageRoot } from "../../api/package-root.ts";
import { type TruthKind, truthKinds } from "./claims.ts";
import { truthPage } from "./page.ts";
import { fullSize, type TruthOutcome, TruthStudy } from "./study.ts";
import { summarise } from "./summary.ts";

/**
 * `npm run truth [-- --seeds 20 --first 1 --workers 2 --keep outcomes.jsonl --docs]`: cohorts whose truth is known are
 * audited, and the reports held to it, on a server of its own. With `--keep` outcomes are added to a file, and those that it
 * holds are not computed again; with `--docs` docs/planted-truth.json and .md are written.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    first: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    keep: { type: "string" },
    docs: { type: "boolean", default: false },
  },
});
const { keep } = values;
const first = Number(values.first);
const workers = Number(values.workers);
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => first + i);
const outcomes: TruthOutcome[] =
  keep !== undefined && existsSync(keep)
    ? readFileSync(keep, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as TruthOutcome) // safe: this script wrote it
        .filter(({ seed }) => seeds.includes(seed))
    : [];
const tell = (line: string) => process.stderr.write(`${line}\n`);

/** Audits one cohort, keeps what its report said, and tells what is not as planted. */
async function take(study: TruthStudy, kind: TruthKind, seed: number): Promise<void> {
  const outcome = await study.outcome(kind, seed);
  outcomes.push(outcome);
  if (keep !== undefined) appendFileSync(keep, `${JSON.stringify(outcome)}\n`);
  const wrong = outcome.claims.filter(({ holds }) => !holds);
  const said = wrong.map(({ name, value, ciLow, ciHigh }) => {
    const [a, low, high] = [value, ciLow, ciHigh].map((one) => one?.toFixed(3) ?? "none");
    return `${name} ${a} (${low} to ${high})`;
  });
  tell(`seed ${seed} ${kind}: ${said.length === 0 ? "says so" : said.join("; ")}`);
}

const home = mkdtempSync(join(tmpdir(), "stratum-truth-"));
// PostgreSQL runs as another user where this one is root, and must reach its folder.
await chmod(home, 0o755);
const started = performance.now();
try {
  await using server = await startEmbedded({ home: join(home, "state") });
  const config = readConfig({
    DATABASE_URL: server.connectionString,
    STRATUM_HOME: join(home, "workers"),
    // Many audits are followed at once, on machines that do much else.
    STRATUM_POOL_SIZE: "40",
    STRATUM_LOCK_TIMEOUT_MS: "60000",
    STRATUM_STATEMENT_TIMEOUT_MS: "60000",
  });
  await using database = await openDatabase(config);
  await migrate(database);
  await using study = await TruthStudy.open(database, config, fullSize, workers);
  // The cohorts of a seed side by side, and more seeds for more workers, so that none waits while an audit plans or concludes.
  const waiting = [...seeds];
  const lane = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const its = seed;
      const isOpen = (kind: TruthKind) => !outcomes.some((one) => one.kind === kind && one.seed === its);
      await Promise.all(truthKinds.filter(isOpen).map((kind) => take(study, kind, its)));
      tell(`seed ${seed} done after ${Math.round((performance.now() - started) / 1000)} s`);
    }
  };
  await Promise.all(Array.from({ length: Math.ceil(workers / 3) }, lane));
} finally {
  rmSync(home, { recursive: true, force: true });
}
const ordered = outcomes.toSorted(
  (a, b) => a.seed - b.seed || truthKinds.indexOf(a.kind) - truthKinds.indexOf(b.kind),
);
const summary = summarise(ordered);
if (values.docs) {
  writeFileSync(
    join(packageRoot, "docs/planted-truth.json"),
    `${JSON.stringify({ summary, outcomes: ordered }, null, 1)}\n`,
  );
  writeFileSync(join(packageRoot, "docs/planted-truth.md"), truthPage(summary));
}
process.stdout.write(truthPage(summary));
process.exitCode = summary.defects.length === 0 ? 0 : 1;
