import type { GraphQLSchema } from "graphql";
import { type Logger, pino } from "pino";
import { operator } from "../access/principal.ts";
import { type Config, readConfig } from "../config.ts";
import { type Database, openDatabase } from "../db/client.ts";
import { checkMigrations, migrate } from "../db/migrate.ts";
import { type LoadedPublication, loadPublications } from "../publications/publication.loader.ts";
import type { Services } from "../services.ts";
import { CommandError, exitCodes } from "./exit-code.ts";

/** What a command works with: the database, the services, and the API's own schema without HTTP. */
export interface Session extends AsyncDisposable {
  readonly config: Config;
  readonly database: Database;
  /** Made when first asked for: an import of millions of rows has better uses for the memory than GraphQL. */
  services(): Promise<Services>;
  readonly log: Logger;
  /**
   * Runs an operation of the API as the operator: what the command line prints is what GraphQL answers.
   *
   * @throws {CommandError} with the first error's message and code.
   */
  ask<T>(operation: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /** Puts the published results into the warehouse where they are not there yet. */
  loadPublications(): Promise<readonly LoadedPublication[]>;
}

/** The options every command has. */
export interface SessionOptions {
  readonly home?: string | undefined;
  readonly logLevel?: string | undefined;
  readonly port?: string | undefined;
  readonly host?: string | undefined;
}

/** The configuration of this process: the environment, overridden by the command line. */
export function configOf(env: Readonly<Record<string, string | undefined>>, options: SessionOptions): Config {
  return readConfig(env, {
    ...(options.home === undefined ? {} : { STRATUM_HOME: options.home }),
    ...(options.logLevel === undefined ? {} : { STRATUM_LOG_LEVEL: options.logLevel }),
    ...(options.port === undefined ? {} : { PORT: options.port }),
    ...(options.host === undefined ? {} : { HOST: options.host }),
  });
}

/** The log of a command on the error stream: it has its own words for what goes well. */
export function commandLog(config: Config): Logger {
  const level = config.logLevel === "info" ? "warn" : config.logLevel;
  return pino({ level }, pino.destination({ dest: 2, sync: true }));
}

/**
 * Opens the database and the services. A database of Stratum's own is migrated on the way; one that is given by
 * DATABASE_URL is only checked, since others may use it, unless `mayMigrate`.
 */
export async function openSession(
  config: Config,
  { mayMigrate = false }: { readonly mayMigrate?: boolean } = {},
): Promise<Session> {
  const log = commandLog(config);
  const database = await openDatabase(config);
  try {
    if (!database.embedded && !mayMigrate) await checkMigrations(database);
    else if ((await migrate(database)).length > 0) await loadPublications(database, log);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  let made: Promise<Services> | undefined;
  const services = () => {
    made ??= import("../services.ts").then(({ createServices }) => createServices({ database, config, log }));
    return made;
  };
  let schema: GraphQLSchema | undefined;
  return {
    config,
    database,
    services,
    log,
    async ask<T>(operation: string, variables?: Readonly<Record<string, unknown>>): Promise<T> {
      const { graphql, GraphQLError } = await import("graphql");
      if (schema === undefined) {
        await (await import("../../compute/index.ts")).loadTransforms(config.plugins);
        schema = (await import("../schema.ts")).buildApiSchema();
      }
      const { data, errors } = await graphql({
        schema,
        source: operation,
        variableValues: variables,
        contextValue: (await import("../context.ts")).createContext({
          principal: operator,
          services: await services(),
          requestId: "cli",
          signal: new AbortController().signal,
          log,
        }),
      });
      const [error] = errors ?? [];
      // What was thrown below is the service's; a value that fits no type is GraphQL's, with another of its own inside.
      const thrown = error?.originalError;
      if (thrown != null && !(thrown instanceof GraphQLError)) throw thrown;
      if (error !== undefined) throw new CommandError(exitCodes.usage, error.message, "BAD_USER_INPUT");
      return data as T; // safe: the operation asks for the fields of T, and the schema test holds its shape
    },
    loadPublications: () => loadPublications(database, log),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
