import pg from "pg";
import { startEmbedded } from "../../../../api/db/embedded/embedded-server.ts";

// A process that holds the embedded server of the folder in its first argument, for embedded-server.test.ts to kill.
// It answers each line of its input: `ask` runs a statement, `spin` starts one without end, `close` leaves.
const server = await startEmbedded({ home: process.argv[2] ?? "" });
const { connectionString, postmaster } = server;
say({ connectionString, postmaster });

process.stdin.setEncoding("utf8").on("data", async (chunk: string) => {
  for (const command of chunk.trim().split("\n")) await obey(command);
});

async function obey(command: string): Promise<void> {
  if (command === "close") {
    await server[Symbol.asyncDispose]();
    process.exit(0);
  }
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  try {
    await client.connect();
    if (command === "spin") {
      client.query("do $$ begin loop end loop; end $$").catch(() => undefined);
      say({ spinning: true });
      return;
    }
    const { rows } = await client.query("select pg_postmaster_start_time()::text as started");
    say(rows[0]);
  } catch (error) {
    say({ error: error instanceof Error ? error.message : "unknown" });
  }
  await client.end().catch(() => undefined);
}

function say(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
