import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../api/config.ts";
import { DatasetImportRunner } from "../../api/datasets/import/dataset-import-runner.ts";
import { startWorker, type Worker } from "../../api/worker.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../support/graphql-client.ts";
import { csvOf, type PhantomFolder, phantomFolder, pngImage } from "../support/phantom-images.ts";
import { until } from "../support/processes.ts";

let database: FreshDatabase;
let root: PhantomFolder;
let client: GraphqlClient;
let worker: Worker | undefined;

const env = () => ({ STRATUM_IMAGE_ROOTS: `images=${root.path}`, STRATUM_HEARTBEAT_MS: "200" });

beforeAll(async () => {
  database = await freshDatabase();
  const table = csvOf(
    ["file", "patient"],
    [
      ["1.png", "SECRET-1"],
      ["2.png", "SECRET-2"],
    ],
  );
  root = await phantomFolder({
    "set/m.csv": table,
    "set/1.png": pngImage(1),
    "set/2.png": pngImage(2),
    "bad/m.csv": table,
    "bad/1.png": pngImage(1),
    "bad/2.png": "no image",
  });
  client = graphqlClient(database, env());
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await root[Symbol.asyncDispose]();
});

const IMPORT = `mutation ($input: ImportDatasetInput!) {
  importDataset(input: $input) { created dataset { slug } version { version } report { rows } run { id kind state } }
}`;
const RUN = "query ($id: ID!) { run(id: $id) { state failure summary events { kind payload } } }";

async function ask(parts: object): Promise<string> {
  const input = {
    ...{ dataset: "set", root: "images", folder: "set", queue: true },
    tables: [{ name: "manifest", file: "m.csv" }],
    mapping: { files: { column: "file" }, patient: { column: "patient" } },
    ...parts,
  };
  const { run, ...rest } = (await client.ask(IMPORT, { input })).importDataset;
  expect(rest).toEqual({ created: false, dataset: null, version: null, report: null });
  expect(run).toMatchObject({ kind: "IMPORT", state: "QUEUED" });
  return run.id;
}

async function ended(id: string) {
  const run = async () => (await client.ask(RUN, { id })).run;
  await until(async () => ["SUCCEEDED", "FAILED"].includes((await run()).state), "the run to end");
  return run();
}

describe("an import by a worker", () => {
  test("waits, is cancelled, is retried, and stores the dataset", async () => {
    const id = await ask({});
    const cancelled = await client.ask("mutation ($id: ID!) { cancelRun(id: $id) { state } }", { id });
    expect(cancelled).toEqual({ cancelRun: { state: "CANCELLED" } });
    const retried = await client.ask("mutation ($id: ID!) { retryRun(id: $id) { state } }", { id });
    expect(retried).toEqual({ retryRun: { state: "QUEUED" } });
    worker = await startWorker(
      { database, config: readConfig(env()), log: pino({ level: process.env["JOBS_LOG"] ?? "silent" }) },
      { concurrency: 1, runners: { import: new DatasetImportRunner() } },
    );
    const run = await ended(id);
    expect(run).toMatchObject({ state: "SUCCEEDED", summary: { version: 1, created: true, images: 2 } });
    expect(run.events.map(({ kind }: { kind: string }) => kind)).toContain("progress");
    const query = 'query { dataset(slug: "set") { versions { version imageCount patientCount } } }';
    const versions = [{ version: 1, imageCount: 2, patientCount: 2 }];
    expect(await client.ask(query)).toEqual({ dataset: { versions } });
  });

  test("of the same files is another run that finds the same version", async () => {
    expect(await ended(await ask({}))).toMatchObject({
      state: "SUCCEEDED",
      summary: { version: 1, created: false, images: 2 },
    });
  });

  test("fails with what is wrong counted, and stores nothing", async () => {
    const run = await ended(await ask({ dataset: "bad", folder: "bad" }));
    expect(run).toMatchObject({ state: "FAILED", failure: expect.stringMatching(/got 1 IMAGE_/) });
    const problem = run.events.find(({ kind }: { kind: string }) => kind === "problem");
    expect(JSON.stringify(problem)).toContain("IMAGE_FORMAT_UNKNOWN");
    expect(JSON.stringify(run)).not.toContain("SECRET");
    expect(await client.ask('query { dataset(slug: "bad") { slug } }')).toEqual({ dataset: null });
  });

  test("is refused before it is queued: another folder, no such root, an upload", async () => {
    const refused = (parts: object) => ask(parts).then(undefined, (error: { code: string }) => error.code);
    expect(await refused({ folder: "../set" })).toBe("BAD_USER_INPUT");
    expect(await refused({ root: "none" })).toBe("NOT_FOUND");
    expect(await refused({ tables: [{ name: "manifest", upload: "VXBsb2FkOjE" }] })).toBe("BAD_USER_INPUT");
    expect(await refused({ tables: [{ name: "manifest", file: "none.csv" }] })).toBe("BAD_USER_INPUT");
  });
});
