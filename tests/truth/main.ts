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
import { readOutcomes, type TruthOutcome, writeOutcomes } from "./outcomes.ts";
import { truthPage } from "./page.ts";
import { fullSize, TruthStudy } from "./study.ts";
import { summarise } from "./summary.ts";

/**
 * `npm run truth [-- --seeds 20 --first 1 --workers 2 --docs --resume --keep outcomes.jsonl]`: cohorts whose truth is known are
 * audited, and the reports held to it, on a server of its own. `--docs` writes docs/planted-truth.jsonl (what each report said)
 * and docs/planted-truth.md; `--resume` takes from the former what it holds of these seeds, `--keep` from a file of its own, to
 * which outcomes are added as they come.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    first: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    keep: { type: "string" },
    docs: { type: "boolean", default: false },
    resume: { type: "boolean", default: false },
  },
});
const { keep } = values;
const first = Number(values.first);
const workers = Number(values.workers);
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => first + i);
const outcomesFile = join(packageRoot, "docs/planted-truth.jsonl");
const outcomes: TruthOutcome[] = [];
for (const file of [...(values.resume ? [outcomesFile] : []), ...(keep === undefined ? [] : [keep])]) {
  if (!existsSync(file)) continue;
  for (const outcome of readOutcomes(readFileSync(file, "utf8"))) {
    const isThere = outcomes.some(({ kind, seed }) => kind === outcome.kind && seed === outcome.seed);
    if (seeds.includes(outcome.seed) && !isThere) outcomes.push(outcome);
  }
}
const tell = (line: string) => process.stderr.write(`${line}\n`);

/** Audits one cohort, keeps what its report said, and tells what is not as planted. */
async function take(study: TruthStudy, kind: TruthKind, seed: number): Promise<void> {
  const outcome = await study.outcome(kind, seed);
  outcomes.push(outcome);
  if (keep !== undefined) appendFileSync(keep, writeOutcomes([outcome]));
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
    // A study that is stopped for a while (SIGSTOP) goes on: nobody else would take its runs.
    STRATUM_LEASE_MS: "3600000",
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
const text = writeOutcomes(ordered);
const summary = summarise(readOutcomes(text));
if (values.docs) {
  writeFileSync(outcomesFile, text);
  writeFileSync(join(packageRoot, "docs/planted-truth.md"), truthPage(summary));
}
process.stdout.write(truthPage(summary));
process.exitCode = summary.defects.length === 0 ? 0 : 1;
