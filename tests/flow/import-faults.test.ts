import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { openDatabase } from "../../api/db/client.ts";
import { startEmbedded } from "../../api/db/embedded/embedded-server.ts";
import { migrate } from "../../api/db/migrate.ts";
import { type ImportOutcome, ImportService } from "../../api/predictions/import/import.service.ts";
import { type DatabaseProxy, startProxy, type Treatment } from "../support/database-proxy.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { startImport } from "../support/import-process.ts";
import { processesOf, until } from "../support/processes.ts";

const ROWS = 140_000; // three blocks

const mapping = {
  id: "image",
  patient: "patient",
  task: { kind: "multiclass", attribute: "race", classes: ["Asian", "Black", "White"] },
  truth: { column: "race", map: { AA: "Black" } },
  scores: { Asian: "pa", Black: "pb", White: "pw" },
  attributes: { sex: "sex", age: "age" },
};

let database: FreshDatabase;
let imports: ImportService;
let folder: string;
let csv: string;
let long: string;
let mappingFile: string;
let undisturbed: string;

beforeAll(async () => {
  database = await freshDatabase();
  imports = new ImportService(database);
  folder = await mkdtemp(join(tmpdir(), "stratum-faults-"));
  csv = join(folder, "wide.csv");
  long = join(folder, "long.csv");
  mappingFile = join(folder, "mapping.json");
  await writeFile(mappingFile, JSON.stringify(mapping));
  await writeFile(
    csv,
    fileOf((image) => image),
  );
  const lines = ["image,class,score"];
  for (let image = 0; image < 20_000; image++) {
    for (const name of ["Asian", "Black", "White"]) lines.push(`img-${image},${name},0.${image % 89}`);
  }
  await writeFile(long, `${lines.join("\n")}\n`);
  undisturbed = await contentOf(evaluationOf(await importInto("undisturbed")));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database[Symbol.asyncDispose]();
});

/** A wide file; `seedOf` makes files with other scores. */
function fileOf(seedOf: (image: number) => number): string {
  const races = ["Asian", "AA", "White"];
  const lines = ["image,patient,race,sex,age,pa,pb,pw"];
  for (let image = 0; image < ROWS; image++) {
    const patient = image >> 2;
    const score = (seedOf(image) % 997) / 1000;
    lines.push(
      `img-${image},pat-${patient},${races[patient % 3]},${patient % 2 ? "F" : ""},${patient % 90},${score},0.25,0.125`,
    );
  }
  return `${lines.join("\n")}\n`;
}

const importInto = (
  dataset: string,
  more: { model?: string; path?: string; newVersion?: boolean; onWait?: () => void } = {},
): Promise<ImportOutcome> =>
  imports.importPredictions(
    {
      dataset,
      model: more.model ?? "m",
      mapping,
      predictions: { path: more.path ?? csv },
      newVersion: more.newVersion ?? false,
    },
    { onWait: more.onWait },
  );

function evaluationOf(outcome: ImportOutcome): number {
  if (outcome.status !== "stored") throw new Error(`Expected an import, got ${JSON.stringify(outcome)}`);
  return outcome.evaluationId;
}

const argsFor = (dataset: string) => [
  "--csv",
  csv,
  "--dataset",
  dataset,
  "--model",
  "m",
  "--mapping",
  mappingFile,
  "--json",
];

/** Everything that an evaluation holds, in one digest. */
async function contentOf(evaluation: number, pool: pg.Pool = database.pool): Promise<string> {
  const { rows } = await pool.query<{ content: string }>(
    `select md5(concat_ws('|',
       (select string_agg(md5(scores) , ',' order by class_index, block) from score_block where prediction_set_id = stored.id),
       (select md5(string_agg(external_id, ',' order by ordinal)) from image where dataset_version_id = stored.dataset_version_id),
       (select md5(string_agg(external_id, ',' order by ordinal)) from patient where dataset_version_id = stored.dataset_version_id),
       (select string_agg(name || encoding || unknown_count || coalesce(dictionary::text, '') || md5("values"), ',' order by name) from attribute where dataset_version_id = stored.dataset_version_id),
       (select manifest_sha256 from dataset_version where id = stored.dataset_version_id), scored_count, missing_score_count)) as content
     from prediction_set as stored where id = $1`,
    [evaluation],
  );
  return rows[0]?.content ?? "none";
}

/** What a dataset left behind: its versions and evaluations, and whatever belongs to no version at all. */
async function remainsOf(dataset: string, pool: pg.Pool = database.pool): Promise<Record<string, number>> {
  const { rows } = await pool.query(
    `select
       (select count(*)::int from dataset where slug = $1) as datasets,
       (select count(*)::int from dataset_version join dataset on dataset.id = dataset_id where slug = $1) as versions,
       (select count(*)::int from prediction_set join dataset_version on dataset_version.id = dataset_version_id
          join dataset on dataset.id = dataset_id where slug = $1) as evaluations,
       (select count(*)::int from run where params ->> 'dataset' = $1) as runs,
       (select count(*)::int from dataset_version where state = 'draft') as drafts,
       (select count(*)::int from pg_class where relkind = 'r' and relname ~ '^(image|patient|study)_[0-9]+$' and not exists (
          select from dataset_version where id::text = regexp_replace(relname, '^[a-z]+_', ''))) as strays,
       (select count(*)::int from score_block where not exists (select from prediction_set where id = prediction_set_id)) as blocks,
       (select count(*)::int from attribute where not exists (select from dataset_version where id = dataset_version_id)) as attributes`,
    [dataset],
  );
  return rows[0];
}

const nothing = {
  datasets: 0,
  versions: 0,
  evaluations: 0,
  runs: 0,
  drafts: 0,
  strays: 0,
  blocks: 0,
  attributes: 0,
};
const whole = { ...nothing, datasets: 1, versions: 1, evaluations: 1, runs: 1 };

/** Waits until the server has noticed that the importing process is gone. */
async function settle(): Promise<void> {
  const others = `select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = 'stratum' and pid <> pg_backend_pid() and state <> 'idle'`;
  await until(async () => (await database.pool.query(others)).rows[0].count === 0, "the backend to end");
}

async function expectRepeatOf(dataset: string): Promise<void> {
  const evaluation = evaluationOf(await importInto(dataset));
  expect(await remainsOf(dataset)).toEqual(whole);
  expect(await contentOf(evaluation)).toBe(undisturbed);
}

/** A line to the database on which something happens when the importing process sends a given word for the nth time. */
async function lineWith(
  word: RegExp,
  happen: () => Treatment,
  nth = 1,
): Promise<DatabaseProxy & { readonly happened: () => boolean }> {
  const proxy = await startProxy(database.connectionString);
  let seen = 0;
  proxy.treat = (sent) => {
    if (!word.test(sent) || ++seen !== nth) return "forward";
    return happen();
  };
  return Object.assign(proxy, { happened: () => seen >= nth });
}

const places = {
  copy: /copy image_/,
  blocks: /copy score_block/,
  close: /stratum_close_partition/,
  freeze: /update "dataset_version"/,
  set: /insert into "prediction_set"/,
  commit: /commit\0/,
} as const;

describe("kill -9 of the importing process", () => {
  test.each([
    ["while it copies images", places.copy, 2, "forward", nothing],
    ["while it stores scores", places.blocks, 2, "forward", nothing],
    ["while partitions are closed", places.close, 1, "forward", nothing],
    ["before it freezes the version", places.freeze, 1, "cut", nothing],
    ["after it stored the set", places.set, 1, "forward", nothing],
    ["before COMMIT is sent", places.commit, 1, "cut", nothing],
    ["after COMMIT counted, before its answer", places.commit, 1, "forward, lose the answer", whole],
  ] as const)(
    "%s leaves nothing or everything, and the repeat is one evaluation",
    async (what, place, nth, treatment, left) => {
      const dataset = `kill-${what.replaceAll(/[^a-z]+/gi, "-").toLowerCase()}`;
      await using line = await lineWith(
        place,
        () => {
          child.process.kill("SIGKILL");
          return treatment;
        },
        nth,
      );
      const child = startImport(argsFor(dataset), { DATABASE_URL: line.url });
      expect(await child.ended).toMatchObject({ signal: "SIGKILL", output: "" });
      expect(line.happened()).toBe(true);
      await settle();
      expect(await remainsOf(dataset)).toEqual(left);
      await expectRepeatOf(dataset);
    },
  );

  test("as COMMIT is sent leaves nothing or everything: the server may see the client gone before it counts", async () => {
    const dataset = "kill-as-commit-is-sent";
    await using line = await lineWith(places.commit, () => {
      child.process.kill("SIGKILL");
      return "forward";
    });
    const child = startImport(argsFor(dataset), { DATABASE_URL: line.url });
    expect(await child.ended).toMatchObject({ signal: "SIGKILL", output: "" });
    expect(line.happened()).toBe(true);
    await settle();
    expect([nothing, whole]).toContainEqual(await remainsOf(dataset));
    await expectRepeatOf(dataset);
  });

  test("at any moment leaves nothing or everything", async () => {
    const begun = performance.now();
    await startImport(argsFor("timed"), { DATABASE_URL: database.connectionString }).ended;
    const took = performance.now() - begun;
    const kills = 6;
    for (let kill = 0; kill < kills; kill++) {
      const dataset = `random-${kill}`;
      const child = startImport(argsFor(dataset), { DATABASE_URL: database.connectionString });
      // Spread over the run, most of it in the second half, where the database is busy.
      await sleep(took * (0.3 + (0.75 * (kill + Math.random())) / kills));
      child.process.kill("SIGKILL");
      const { code } = await child.ended;
      await settle();
      const remains = await remainsOf(dataset);
      expect([nothing, whole]).toContainEqual(remains);
      if (code === 0) expect(remains).toEqual(whole);
    }
    await expectRepeatOf("random-0");
    await expectRepeatOf(`random-${kills - 1}`);
  });
});

describe("a connection that ends", () => {
  test.each([
    ["while images are copied", places.copy],
    ["while scores are stored", places.blocks],
    ["while partitions are closed", places.close],
  ])("%s is a coded error and exit 5; the repeat works", async (what, place) => {
    const dataset = `terminated-${what.replaceAll(" ", "-")}`;
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
      and application_name = 'stratum' and pid <> pg_backend_pid() and xact_start is not null`;
    await using line = await lineWith(place, () => {
      void database.pool.query(kill);
      return "forward";
    });
    const child = startImport(argsFor(dataset), { DATABASE_URL: line.url });
    const { code, errors } = await child.ended;
    expect({ code, errors }).toMatchObject({ code: 5, errors: expect.stringContaining("DB_UNAVAILABLE") });
    expect(errors).not.toMatch(/insert into|select |pat-|img-/);
    expect(await remainsOf(dataset)).toEqual(nothing);
    await expectRepeatOf(dataset);
  });

  test("without an answer to COMMIT says that it may be stored, and the repeat finds it", async () => {
    await using line = await lineWith(places.commit, () => "forward, lose the answer");
    const child = startImport(argsFor("ambiguous"), { DATABASE_URL: line.url });
    const { code, errors } = await child.ended;
    expect(code).toBe(5);
    expect(errors).toMatch(/may be stored or not; the same request again is safe/);
    const again = await startImport(argsFor("ambiguous"), { DATABASE_URL: database.connectionString }).ended;
    expect(JSON.parse(again.output)).toMatchObject({ status: "stored", created: false });
    expect(await remainsOf("ambiguous")).toEqual(whole);
  });

  test("in a restart of the server is exit 5; the repeat works and nothing is left", {
    timeout: 90_000,
  }, async () => {
    const home = await mkdtemp(join(tmpdir(), "stratum-restart-"));
    await chmod(home, 0o755);
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    const { programs } = { programs: undefined, ...inject("testServer") };
    await using server = await startEmbedded({
      home: join(home, "state"),
      ephemeral: true,
      ...(programs ? { programs } : {}),
    });
    const { connectionString: url } = server;
    const config = { ...database.config, databaseUrl: url };
    await using restarted = await openDatabase(config);
    await migrate(restarted);
    const proxy = await startProxy(url);
    await using line = proxy;
    let crashed = false;
    proxy.treat = (sent) => {
      if (places.copy.test(sent) && !crashed) {
        crashed = true;
        process.kill(server.postmaster, "SIGQUIT");
      }
      return "forward";
    };
    const { code, errors } = await startImport(argsFor("crash"), { DATABASE_URL: line.url }).ended;
    expect({ code, errors }).toMatchObject({ code: 5, errors: expect.stringContaining("DB_UNAVAILABLE") });
    await until(
      () =>
        restarted.pool.query("select 1").then(
          () => true,
          () => false,
        ),
      "the server to be back",
    );
    expect(await remainsOf("crash", restarted.pool)).toEqual(nothing);
    const again = await startImport(argsFor("crash"), { DATABASE_URL: url }).ended;
    expect(again.code).toBe(0);
    expect(await remainsOf("crash", restarted.pool)).toEqual(whole);
    const { rows } = await restarted.pool.query("select id from prediction_set");
    expect(await contentOf(Number(rows[0]?.id), restarted.pool)).toBe(undisturbed);
  });
});

test("kill -9 of an import that runs its own server leaves no postgres behind", {
  timeout: 90_000,
}, async () => {
  const home = await mkdtemp(join(tmpdir(), "stratum-own-"));
  await chmod(home, 0o755);
  onTestFinished(async () => {
    await until(() => processesOf(home).length === 0, "no process left");
    await rm(home, { recursive: true, force: true });
  });
  const env = { DATABASE_URL: undefined, STRATUM_HOME: join(home, "state") };
  const child = startImport(argsFor("own"), env);
  await until(() => processesOf(home).some(({ command }) => /COPY/.test(command)), "an import under way");
  child.process.kill("SIGKILL");
  await child.ended;
  await until(() => processesOf(home).length === 0, "no process of the server");
  const again = await startImport(argsFor("own"), env).ended;
  expect(JSON.parse(again.output)).toMatchObject({ status: "stored", created: true, images: ROWS });
  await until(() => processesOf(home).length === 0, "no process of the server");
});

test("Ctrl-C ends an import with status 130, and nothing is stored", async () => {
  await using line = await lineWith(places.copy, () => {
    child.process.kill("SIGINT");
    return "forward";
  });
  const child = startImport(argsFor("interrupted"), { DATABASE_URL: line.url });
  expect(await child.ended).toMatchObject({
    code: 130,
    output: "",
    errors: expect.stringContaining("Interrupted; nothing was stored"),
  });
  expect(await remainsOf("interrupted")).toEqual(nothing);
  await expectRepeatOf("interrupted");
});

describe("imports at the same time", () => {
  test("eight identical ones give one evaluation", async () => {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => importInto("eight")));
    expect(new Set(outcomes.map(evaluationOf)).size).toBe(1);
    expect(outcomes.filter((outcome) => outcome.status === "stored" && outcome.created)).toHaveLength(1);
    expect(await remainsOf("eight")).toEqual(whole);
  });

  test("four models on a new dataset share one version", async () => {
    const outcomes = await Promise.all([1, 2, 3, 4].map((n) => importInto("four", { model: `m${n}` })));
    expect(new Set(outcomes.map(evaluationOf)).size).toBe(4);
    expect(await remainsOf("four")).toEqual({ ...whole, evaluations: 4, runs: 4 });
    for (const outcome of outcomes) expect(await contentOf(evaluationOf(outcome))).toBe(undisturbed);
  });

  test("identical ones of a model on a known version give one evaluation", async () => {
    await importInto("known");
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => importInto("known", { model: "late" })));
    expect(new Set(outcomes.map(evaluationOf)).size).toBe(1);
    expect(await remainsOf("known")).toEqual({ ...whole, evaluations: 2, runs: 2 });
  });

  test("two that make versions of one dataset number them apart", async () => {
    const other = join(folder, "other.csv");
    await writeFile(other, fileOf((image) => image + 1).replaceAll("img-", "picture-"));
    await Promise.all([
      importInto("two", { newVersion: true }),
      importInto("two", { path: other, newVersion: true }),
    ]);
    const { rows } = await database.pool.query(
      "select version, state from dataset_version join dataset on dataset.id = dataset_id where slug = 'two' order by 1",
    );
    expect(rows).toEqual([
      { version: 1, state: "frozen" },
      { version: 2, state: "frozen" },
    ]);
  });

  test("different datasets with the same new mappings and model do not deadlock", async () => {
    const reversed = Object.fromEntries(
      Object.entries({
        sex: { column: "sex", map: { F: "female" } },
        site: { column: "race", map: { AA: "x" } },
      }).reverse(),
    );
    const straight = Object.fromEntries(Object.entries(reversed).reverse());
    const outcomes = await Promise.all(
      [straight, reversed, straight, reversed].map((attributes, index) =>
        imports.importPredictions({
          dataset: `apart-${index}`,
          model: "apart",
          mapping: { ...mapping, attributes },
          predictions: { path: csv },
        }),
      ),
    );
    expect(new Set(outcomes.map(evaluationOf)).size).toBe(4);
  });

  test("one that takes longer than lock_timeout is waited for, without a connection, and said", async () => {
    const holder = await database.pool.connect();
    let waited = 0;
    try {
      await holder.query("begin");
      await holder.query("select pg_advisory_xact_lock(hashtextextended('dataset/held', 0))");
      const waiting = importInto("held", { onWait: () => waited++ });
      await until(() => waited === 1, "the import to wait");
      await sleep(2_500); // longer than lock_timeout: the wait is no lock of the server's
      const lent = database.pool.totalCount - database.pool.idleCount;
      expect(lent).toBeLessThanOrEqual(2);
      await holder.query("commit");
      expect((await waiting).status).toBe("stored");
    } finally {
      holder.release(true);
    }
    expect(waited).toBe(1);
  });

  test("an uncommitted import stops no question, and another dataset's import waits for it past lock_timeout", async () => {
    const holder = await database.pool.connect();
    try {
      await holder.query("begin");
      await holder.query("insert into dataset (slug, title, origin) values ('open', 'open', 'imported')");
      const { rows } = await holder.query<{ id: string }>(
        "insert into dataset_version (dataset_id, version) select id, 1 from dataset where slug = 'open' returning id",
      );
      await holder.query("select stratum_open_partition('image', $1)", [rows[0]?.id]);
      await holder.query("select stratum_close_partition('image', $1)", [rows[0]?.id]);
      const second = importInto("second");
      const count = "select count(*)::int as count from image where dataset_version_id = 1";
      expect((await database.pool.query(count)).rows).toEqual([{ count: ROWS }]);
      await sleep(3_500);
      await holder.query("rollback");
      expect((await second).status).toBe("stored");
    } finally {
      holder.release(true);
    }
  });
});

describe("a temporary folder", () => {
  const longArgs = (dataset: string) => [
    ...["--csv", long, "--dataset", dataset, "--model", "m", "--id", "image", "--task", "race", "--json"],
    ...["--class-column", "class", "--score-column", "score", "--classes", "Asian,Black,White"],
  ];

  test("that is not there is STORAGE_FULL, and nothing is stored", async () => {
    const { code, errors } = await startImport(longArgs("no-folder"), {
      DATABASE_URL: database.connectionString,
      TMPDIR: join(folder, "absent"),
    }).ended;
    expect({ code, errors }).toMatchObject({ code: 5, errors: expect.stringContaining("STORAGE_FULL") });
    expect(await remainsOf("no-folder")).toEqual(nothing);
  });

  const small = mountSmall();
  test.skipIf(small === undefined)(
    `that is full is STORAGE_FULL, and nothing is stored${small === undefined ? " (SKIPPED: needs root, to mount a small file system)" : ""}`,
    async () => {
      const place = join(folder, "small");
      await mkdir(place);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", place]);
      try {
        const { code, errors } = await startImport(longArgs("full"), {
          DATABASE_URL: database.connectionString,
          TMPDIR: place,
        }).ended;
        expect({ code, errors }).toMatchObject({
          code: 5,
          errors: expect.stringMatching(/ENOSPC.*STORAGE_FULL/),
        });
        expect(await remainsOf("full")).toEqual(nothing);
      } finally {
        execFileSync("umount", [place]);
      }
    },
  );
});

/** Whether a file system of a few kilobytes can be mounted here. */
function mountSmall(): true | undefined {
  try {
    const place = execFileSync("mktemp", ["-d"], { encoding: "utf8" }).trim();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", place], { stdio: "ignore" });
    execFileSync("umount", [place]);
    execFileSync("rmdir", [place]);
    return true;
  } catch {
    return undefined;
  }
}
