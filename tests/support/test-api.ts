import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type Logger, pino } from "pino";
import { readConfig } from "../../api/config.ts";
import { type Api, createApi } from "../../api/main.ts";
import { type FreshDatabase, freshDatabase } from "./fresh-database.ts";

/** What an operation answered. */
export interface Answer<Data = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  /** The body as it came. */
  readonly text: string;
}

/** An API on a port of its own over a database of its own, with everything it logged and asked of the database. */
export interface TestApi extends AsyncDisposable {
  readonly api: Api;
  readonly url: string;
  readonly database: FreshDatabase;
  /** STRATUM_HOME of this API. */
  readonly home: string;
  /** Lines of the log, in order. */
  readonly logged: readonly string[];
  /** Statements sent to this database so far, by any connection of this process. */
  statements(): number;
  /** Sends an operation by POST; `token` as a bearer. */
  ask<Data = Record<string, unknown>>(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    token?: string,
  ): Promise<Answer<Data>>;
  /** Sends any request to the server. */
  send(path: string, init?: RequestInit): Promise<Answer>;
}

/**
 * Starts an API for a test.
 *
 * @param settings - settings by their names in the environment
 */
export async function startTestApi(settings: Readonly<Record<string, string>> = {}): Promise<TestApi> {
  const home = await mkdtemp(join(tmpdir(), "stratum-test-"));
  const database = await freshDatabase();
  const config = readConfig({ STRATUM_HOME: home, PORT: "0", STRATUM_LOG_LEVEL: "debug", ...settings });
  const logged: string[] = [];
  const log: Logger = pino({ level: "debug" }, { write: (line: string) => logged.push(line) });
  const removeAll = async (): Promise<void> => {
    await database[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  };
  const api = await createApi({ database, config, log }).catch(async (error: unknown) => {
    await removeAll();
    throw error;
  });
  const counter = countStatements(database.name);
  const send = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(`${api.url}${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    // Safe: GraphQL's form; a test that gets another fails on it.
    const body = (isJson ? JSON.parse(text) : {}) as Pick<Answer, "data" | "errors">;
    return { ...body, status: response.status, headers: response.headers, text };
  };
  return {
    api,
    url: api.url,
    database,
    home,
    logged,
    statements: () => counter.count,
    send,
    ask: <Data>(query: string, variables?: Readonly<Record<string, unknown>>, token?: string) =>
      send("/graphql", {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
      }) as Promise<Answer<Data>>, // safe: the test names the shape of its own query
    async [Symbol.asyncDispose]() {
      counter.stop();
      await api[Symbol.asyncDispose]();
      await removeAll();
    },
  };
}

/** Counts what is sent to one database, beneath every layer of ours. */
function countStatements(databaseName: string): { count: number; stop(): void } {
  const prototype = pg.Client.prototype;
  const original = prototype.query;
  const counter = {
    count: 0,
    stop: () => {
      prototype.query = original;
    },
  };
  // Safe: the same function with a count before it.
  prototype.query = function counted(this: pg.Client, ...given: unknown[]) {
    // What a new connection of the pool says of itself comes when the pool grows, not when something is asked.
    const isSetUp = JSON.stringify(given[0])?.includes("set_config('statement_timeout'");
    if (this.database === databaseName && !isSetUp) counter.count += 1;
    return Reflect.apply(original, this, given);
  } as typeof original;
  return counter;
}
