import { graphql } from "graphql";
import { pino } from "pino";
import type { Role } from "../../api/access/access.table.ts";
import { anonymousPrincipal } from "../../api/access/principal.ts";
import { readConfig } from "../../api/config.ts";
import { createContext } from "../../api/context.ts";
import type { Database } from "../../api/db/client.ts";
import { buildApiSchema } from "../../api/schema.ts";
import { createServices, type Services } from "../../api/services.ts";

/** Asks the schema in this process, without HTTP. */
export interface GraphqlClient {
  readonly services: Services;
  /** The data of an operation. @throws the first error, with its code in `extensions` or on its cause. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are as free as the queries of the tests
  ask(query: string, variables?: Readonly<Record<string, unknown>>, role?: Role): Promise<any>;
}

/**
 * A client over a database, as an anonymous caller of this role (steward where a call names none).
 *
 * @param settings - by their names in the environment
 */
export function graphqlClient(
  database: Database,
  settings: Readonly<Record<string, string>> = {},
): GraphqlClient {
  const log = pino({ level: "silent" });
  const services = createServices({
    database,
    config: readConfig({ STRATUM_HOME: "/nonexistent", ...settings }),
    log,
  });
  const schema = buildApiSchema();
  return {
    services,
    async ask(source, variableValues, role = "steward") {
      const contextValue = createContext({
        principal: anonymousPrincipal(role),
        services,
        requestId: "test",
        signal: new AbortController().signal,
        log,
      });
      const { data, errors } = await graphql({
        schema,
        source,
        contextValue,
        variableValues: variableValues ?? {},
      });
      const [error] = errors ?? [];
      if (error !== undefined) throw error.originalError ?? error;
      return data;
    },
  };
}
