import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { findDebianPostgres } from "./debian-postgres.ts";
import { dropTemplates } from "./fresh-database.ts";
import { holdTestServer, type TestServer } from "./test-server.ts";

/**
 * Tells the tests of a project which server is theirs. A server of our own starts when the first test asks for a
 * database; from then on it stays until this process is gone, however it goes.
 */
export default function setup(project: TestProject): () => Promise<void> {
  const server = serverOf(project.name);
  project.provide("testServer", server);
  if ("url" in server) return () => dropTemplates(server.url);
  let hold: Promise<AsyncDisposable> | undefined;
  const timer = setInterval(() => {
    if (hold || !existsSync(join(server.home, "run"))) return;
    clearInterval(timer);
    hold = holdTestServer(server);
    hold.catch(() => undefined); // The tests report it.
  }, 50);
  timer.unref();
  return async () => {
    clearInterval(timer);
    const held = await hold?.catch(() => undefined);
    await held?.[Symbol.asyncDispose]();
  };
}

function serverOf(name: string): TestServer {
  const url = process.env["STRATUM_TEST_DATABASE_URL"] ?? process.env["DATABASE_URL"];
  const isDebian = name === "debian-postgres";
  if (url && !isDebian) return { url };
  const home = join(tmpdir(), `stratum-test-${process.pid}-${name}`);
  return { home, programs: isDebian ? findDebianPostgres() : undefined };
}
