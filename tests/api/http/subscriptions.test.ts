import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient as createStreamClient } from "graphql-sse";
import { createClient as createSocketClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { withTransaction } from "../../../api/db/transaction.ts";
import { encodeId } from "../../../api/graphql/node-id.ts";
import { appendEvent } from "../../../api/runs/run-events.ts";
import { cancel, lockRun } from "../../../api/runs/run-queue.queries.ts";
import { askToCount } from "../../support/jobs/job-test.ts";
import { until } from "../../support/processes.ts";
import { startTestApi, type TestApi } from "../../support/test-api.ts";

const WATCH =
  "subscription ($run: ID!, $after: Int!) { runEvents(run: $run, after: $after) { sequence kind payload } }";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

interface Heard {
  readonly data?: { readonly runEvents: { readonly sequence: number; readonly kind: string } } | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
}

/** A real client of either protocol: results as they come; ends when the server completes. */
interface Client {
  watch(run: number, after?: number): AsyncIterableIterator<Heard>;
  close(): void;
}

function socketClient(url = api.url, token?: string): Client {
  const client = createSocketClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(token === undefined ? {} : { connectionParams: { Authorization: `Bearer ${token}` } }),
  });
  return {
    watch: (run, after = 0) =>
      client.iterate({
        query: WATCH,
        variables: { run: encodeId("Run", run), after },
      }) as AsyncIterableIterator<Heard>, // safe: the shape of WATCH
    close: () => void client.dispose(),
  };
}

function streamClient(url = api.url, token?: string): Client {
  const client = createStreamClient({
    url: `${url}/graphql/stream`,
    retryAttempts: 0,
    ...(token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }),
  });
  return {
    watch: (run, after = 0) =>
      client.iterate({
        query: WATCH,
        variables: { run: encodeId("Run", run), after },
      }) as AsyncIterableIterator<Heard>, // safe: the shape of WATCH
    close: () => client.dispose(),
  };
}

const clients = [
  ["graphql-ws", socketClient],
  ["graphql-sse", streamClient],
] as const;

async function newRun(): Promise<number> {
  return (await askToCount(api.database, {}, randomUUID())).id;
}

function tell(run: number, payload: Record<string, unknown> = {}): Promise<void> {
  return withTransaction(api.database, async (tx) => {
    await lockRun(tx, run);
    await appendEvent(tx, run, "progress", payload);
  });
}

function end(run: number): Promise<void> {
  return withTransaction(api.database, async (tx) => {
    await lockRun(tx, run);
    await cancel(tx, run);
  });
}

async function all(results: AsyncIterable<Heard>): Promise<number[]> {
  const heard: number[] = [];
  for await (const { data, errors } of results) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    if (data != null) heard.push(data.runEvents.sequence);
  }
  return heard;
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe.each(clients)("runEvents over %s", (_name, connect) => {
  test("gives what there is and what follows, each once and in order, while others write", async () => {
    const run = await newRun();
    for (let i = 0; i < 30; i += 1) await tell(run);
    const writing = (async () => {
      for (let i = 0; i < 250; i += 1) await tell(run, { i });
      await end(run);
    })();
    const client = connect();
    const early = all(client.watch(run));
    await sleep(150);
    const late = all(client.watch(run));
    const resumed = all(client.watch(run, 100));
    await writing;
    const after = all(client.watch(run));
    const last = 1 + 30 + 250 + 1;
    expect(await early).toEqual(upTo(last));
    expect(await late).toEqual(upTo(last));
    expect(await resumed).toEqual(upTo(last, 101));
    expect(await after).toEqual(upTo(last));
    client.close();
  });

  test("goes on when its notices are lost and when their connection breaks", async () => {
    const run = await newRun();
    const client = connect();
    const results = client.watch(run);
    expect((await results.next()).value?.data?.runEvents).toMatchObject({ sequence: 1, kind: "queued" });
    await api.database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'stratum notices' and datname = current_database()",
    );
    // Written past the queue's own code: nobody is told.
    await api.database.pool.query(
      "insert into run_event (run_id, sequence, kind, payload) values ($1, 2, 'progress', '{}')",
      [run],
    );
    expect((await results.next()).value?.data?.runEvents).toMatchObject({ sequence: 2 });
    await end(run);
    expect(await all(results)).toEqual([3]);
    client.close();
  });

  test("tells a run that is not there, and an after that makes no sense", async () => {
    const client = connect();
    const [missing] = [await client.watch(999_999).next()];
    expect(missing.value?.errors?.[0]?.extensions).toMatchObject({ code: "NOT_FOUND", retryable: false });
    const negative = await client.watch(await newRun(), -1).next();
    expect(negative.value?.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
    client.close();
  });

  test("ends at once when the client leaves", async () => {
    const run = await newRun();
    const client = connect();
    const results = client.watch(run);
    await results.next();
    await results.return?.();
    client.close();
    // The server learns of it a moment later; from then on an event costs the writer's own statements and no watcher's.
    const statementsOfAnEvent = async () => {
      const before = api.statements();
      await tell(run);
      await sleep(100);
      return api.statements() - before;
    };
    await expect.poll(statementsOfAnEvent, { timeout: 10_000 }).toBeLessThanOrEqual(5);
  });
});

describe("who may watch", () => {
  test("analysts of the run's dataset, as long as their token is in force", async () => {
    await using closed = await startTestApi({ STRATUM_ANONYMOUS_ROLE: "public" });
    const { tokens } = closed.api.services;
    const { rows } = await closed.database.pool.query(
      "insert into dataset (slug, title, origin) values ('chest', 'chest', 'imported') returning id",
    );
    const analyst = await tokens.create({ label: "analyst", grants: { chest: "analyst" } });
    const stranger = await tokens.create({ label: "stranger" });
    const run = (await askToCount(closed.database)).id;
    await closed.database.pool.query("alter table run disable trigger run_request_immutable");
    await closed.database.pool.query("update run set dataset_id = $1 where id = $2", [rows[0].id, run]);
    await closed.database.pool.query("alter table run enable trigger run_request_immutable");
    for (const [, connect] of clients) {
      const outsiders = [connect(closed.url), connect(closed.url, stranger.token)];
      const codes = ["UNAUTHENTICATED", "FORBIDDEN"];
      for (const [i, client] of outsiders.entries()) {
        const { value } = await client.watch(run).next();
        expect(value?.errors?.[0]?.extensions).toMatchObject({ code: codes[i] });
        client.close();
      }
      await expect(connect(closed.url, "stm_nobody").watch(run).next()).rejects.toBeDefined();
    }
    for (const [i, [, connect]] of clients.entries()) {
      const token = await tokens.create({ label: "for a while", grants: { chest: "analyst" } });
      const client = connect(closed.url, token.token);
      const results = client.watch(run, i);
      expect((await results.next()).value?.data?.runEvents.sequence).toBe(i + 1);
      await tokens.revoke(token.id);
      await withTransaction(closed.database, async (tx) => {
        await lockRun(tx, run);
        await appendEvent(tx, run, "progress");
      });
      const { value } = await results.next();
      expect(value?.errors?.[0]?.extensions).toMatchObject({ code: "UNAUTHENTICATED" });
      expect((await results.next()).done).toBe(true);
      client.close();
    }
    const client = socketClient(closed.url, analyst.token);
    expect((await client.watch(run).next()).value?.data).toBeDefined();
    client.close();
  });
});

/** A bare socket: what it was told, and how it was closed. */
async function openSocket(options: { init?: boolean; headers?: Record<string, string> } = {}) {
  const socket = new WebSocket(`${api.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
    headers: options.headers ?? {},
  });
  const told: Record<string, unknown>[] = [];
  socket.on("message", (data) => told.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("unexpected-response", (_request, response) =>
      reject(new Error(String(response.statusCode))),
    );
    socket.once("error", reject);
  });
  socket.on("error", () => undefined);
  const send = (message: unknown) => socket.send(JSON.stringify(message));
  if (options.init !== false) send({ type: "connection_init" });
  return { socket, told, closed, send };
}

describe("a web socket", () => {
  test("takes twenty subscriptions, and refuses the next", async () => {
    const run = await newRun();
    const { socket, told, send } = await openSocket();
    await expect.poll(() => told).toContainEqual({ type: "connection_ack" });
    const payload = { query: WATCH, variables: { run: encodeId("Run", run), after: 0 } };
    for (let i = 0; i < 25; i += 1) send({ id: `s${i}`, type: "subscribe", payload });
    await expect.poll(() => told.filter(({ type }) => type === "error").length).toBe(5);
    expect(told.find(({ type }) => type === "error")).toMatchObject({
      payload: [{ extensions: { code: "TOO_MANY_SUBSCRIPTIONS", retryable: true } }],
    });
    await expect.poll(() => told.filter(({ type }) => type === "next").length).toBe(20);
    // Ended ones make room.
    send({ id: "s0", type: "complete" });
    await sleep(100);
    send({ id: "more", type: "subscribe", payload });
    await expect.poll(() => told.filter(({ id, type }) => id === "more" && type === "next").length).toBe(1);
    socket.terminate();
  });

  test.each([
    ["a query", { query: "{ datasets { totalCount } }" }, "OPERATION_RESOLUTION_FAILURE"],
    ["a mutation", { query: 'mutation { cancelRun(id: "x") { id } }' }, "OPERATION_RESOLUTION_FAILURE"],
    ["no query", { query: "" }, "BAD_REQUEST"],
    ["what does not parse", { query: "subscription {" }, "GRAPHQL_PARSE_FAILED"],
    ["what does not fit the schema", { query: "subscription { nothing }" }, "GRAPHQL_VALIDATION_FAILED"],
    ["what is too deep", { query: `subscription ${"{ a ".repeat(70)}${"}".repeat(70)}` }, "QUERY_TOO_DEEP"],
    [
      "an id of another type",
      { query: `subscription { runEvents(run: "${encodeId("Model", 1)}") { kind } }` },
      "BAD_ID",
    ],
  ])("answers %s with a code and no statement", async (_what, payload, code) => {
    const { socket, told, send } = await openSocket();
    await expect.poll(() => told.length).toBe(1);
    const before = api.statements();
    send({ id: "1", type: "subscribe", payload });
    await expect.poll(() => told.length).toBeGreaterThan(1);
    const answer = told[1] as { payload: { errors?: unknown[] } | unknown[] };
    const [error] = Array.isArray(answer.payload) ? answer.payload : (answer.payload.errors ?? []);
    expect(error).toMatchObject({ extensions: { code } });
    expect(api.statements()).toBe(before);
    socket.terminate();
  });

  test("must be begun within three seconds", async () => {
    const { closed } = await openSocket({ init: false });
    expect(await closed).toMatchObject({ code: 4408 });
  });

  test("is closed by a message of more than 64 KiB, of more than 64 fragments, and by what is no message", async () => {
    const large = await openSocket();
    large.send({ type: "ping", payload: { text: "x".repeat(70_000) } });
    expect(await large.closed).toMatchObject({ code: 1009 });
    const pieces = await openSocket();
    for (let i = 0; i < 100; i += 1) pieces.socket.send("x", { fin: false });
    expect((await pieces.closed).code).toBeGreaterThan(1_000);
    const strange = await openSocket();
    strange.socket.send("no JSON");
    expect(await strange.closed).toMatchObject({ code: 4400 });
  });

  test("is refused to pages of other sites, under other names, elsewhere, and when there are too many", async () => {
    await expect(openSocket({ headers: { Origin: "https://elsewhere.example" } })).rejects.toThrow("403");
    await expect(openSocket({ headers: { Host: "rebound.example" } })).rejects.toThrow("403");
    const own = await openSocket({ headers: { Origin: api.url } });
    own.socket.terminate();
    const elsewhere = new WebSocket(`${api.url.replace("http", "ws")}/v1/uploads`, "graphql-transport-ws");
    const status = await new Promise((resolve) => {
      elsewhere.once("unexpected-response", (_request, response) => resolve(response.statusCode));
      elsewhere.on("error", () => undefined);
    });
    expect(status).toBe(404);
    const many = [];
    for (;;) {
      const socket = await openSocket().catch((error: Error) => error);
      if (socket instanceof Error) {
        expect(socket.message).toBe("429");
        break;
      }
      many.push(socket);
    }
    expect(many.length).toBeLessThanOrEqual(20);
    expect(many.length).toBeGreaterThan(15);
    for (const { socket } of many) socket.terminate();
    const opens = async () => {
      const { socket } = await openSocket();
      socket.terminate();
      return true;
    };
    await expect.poll(() => opens().catch(() => false)).toBe(true);
  });
});

describe("a stream", () => {
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    api.send("/graphql/stream", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream", ...headers },
      body: JSON.stringify(body),
    });

  test.each([
    ["a query", { query: "{ datasets { totalCount } }" }, 400, "OPERATION_RESOLUTION_FAILURE"],
    ["no query", {}, 400, "BAD_REQUEST"],
    ["what does not fit the schema", { query: "subscription { nothing }" }, 400, "GRAPHQL_VALIDATION_FAILED"],
  ])("refuses %s", async (_what, body, status, code) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status, errors: [{ extensions: { code } }] });
  });

  test("refuses other methods, other answers and other bodies", async () => {
    expect(await api.send("/graphql/stream")).toMatchObject({ status: 405 });
    expect(await post({ query: "x" }, { Accept: "image/png" })).toMatchObject({ status: 406 });
    expect(await post({ query: "x" }, { "Content-Type": "text/plain" })).toMatchObject({ status: 415 });
    expect(await post({ query: "x".repeat(200_000) })).toMatchObject({ status: 413 });
  });

  test("is no way around the endpoint for queries: a subscription by POST to /graphql is refused", async () => {
    const answer = await api.ask(WATCH, { run: encodeId("Run", await newRun()), after: 0 });
    expect(answer).toMatchObject({ errors: [{ extensions: { code: "OPERATION_RESOLUTION_FAILURE" } }] });
  });
});

test("a stopping server closes its sockets with 1001 and ends its streams, at once", async () => {
  const other = await startTestApi();
  const run = (await askToCount(other.database)).id;
  const socket = new WebSocket(`${other.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await new Promise((resolve) => socket.once("open", resolve));
  const stream = streamClient(other.url);
  const results = stream.watch(run);
  await results.next();
  const stopping = performance.now();
  const ending = results.next().then(
    () => "ended",
    () => "ended",
  );
  await other[Symbol.asyncDispose]();
  expect(await closed).toBe(1001);
  expect(await ending).toBe("ended");
  expect(performance.now() - stopping).toBeLessThan(8_000);
});

test("a socket whose reader lets megabytes pile up is closed with a code of its own", async () => {
  const run = await newRun();
  const socket = new WebSocket(`${api.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  let code: number | undefined;
  void closed.then((given) => {
    code = given;
  });
  await new Promise((resolve) => socket.once("open", resolve));
  const acknowledged = new Promise((resolve) => socket.once("message", resolve));
  socket.send(JSON.stringify({ type: "connection_init" }));
  await acknowledged;
  const payload = { query: WATCH, variables: { run: encodeId("Run", run), after: 0 } };
  for (let id = 0; id < 20; id += 1) {
    socket.send(JSON.stringify({ id: String(id), type: "subscribe", payload }));
  }
  // However much the kernel holds for both sides, a reader that rests longer each time falls behind at last.
  for (let rest = 100; code === undefined && rest < 5_000; rest *= 2) {
    socket.pause();
    for (let i = 0; i < 3; i += 1) await tell(run, { text: "x".repeat(900_000) });
    await sleep(rest);
    socket.resume();
    await Promise.race([closed, sleep(rest)]);
  }
  expect(await closed).toBe(4413);
  await end(run);
  // What its subscriptions were reading comes to an end with them.
  const { pool } = api.database;
  await until(() => pool.totalCount === pool.idleCount, "every connection back in its pool");
});
