import { readConfig } from "../../../api/config.ts";
import { openDatabase } from "../../../api/db/client.ts";
import { toServiceError } from "../../../api/db/database-error.ts";

// A process with one idle and one lent connection, for client.test.ts to end from the server's side.
const database = await openDatabase(
  readConfig({ DATABASE_URL: process.argv[2], STRATUM_HOME: "/nonexistent" }),
);
const [lent, idle] = await Promise.all([database.pool.connect(), database.pool.connect()]);
idle.release();
const ended = Promise.all(
  [lent, idle].map((client) => new Promise((resolve) => client.once("end", resolve))),
);
say({ holding: true });
await new Promise((resolve) => process.stdin.once("data", resolve));
await ended;
const failure = await lent.query("select 1").catch(toServiceError);
lent.release(true);
const { rows } = await database.pool.query("select 1 as one");
say({ lent: failure instanceof Error && "code" in failure ? failure.code : "none", next: rows });
await database[Symbol.asyncDispose]();
process.stdin.destroy();

function say(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
