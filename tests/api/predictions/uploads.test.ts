import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anonymousPrincipal, tokenPrincipal } from "../../../api/access/principal.ts";
import { decodeUuid } from "../../../api/graphql/node-id.ts";
import { startTestApi, type TestApi } from "../../support/test-api.ts";

interface Ticket {
  readonly id: string;
  readonly url: string;
  readonly method: string;
}

const steward = anonymousPrincipal("steward");
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ STRATUM_MAX_UPLOAD_BYTES: "1000" });
});
afterAll(() => api[Symbol.asyncDispose]());

async function announce(fileName = "predictions.csv", byteLength?: number): Promise<Ticket> {
  const { data, errors } = await api.ask<{ createUpload: Ticket }>(
    "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { id url method expiresAt } }",
    { input: { fileName, ...(byteLength === undefined ? {} : { byteLength }) } },
  );
  if (!data) throw new Error(String(errors?.[0]?.extensions["code"]));
  return data.createUpload;
}

const put = (ticket: Ticket, body: string, headers: Record<string, string> = {}) =>
  api.send(ticket.url, { method: "PUT", body, headers });
const codeOf = async (answer: ReturnType<TestApi["send"]>) => (await answer).errors?.[0]?.extensions["code"];
const files = () => readdir(join(api.home, "uploads")).catch(() => []);
const take = async (ticket: Ticket, principal = steward) =>
  api.api.services.uploads.take(decodeUuid("Upload", ticket.id), principal);

describe("an upload", () => {
  test("goes in by PUT and comes out once, to the service that imports it", async () => {
    const ticket = await announce();
    expect(ticket).toMatchObject({
      method: "PUT",
      url: expect.stringMatching(/^\/v1\/uploads\/[0-9a-f-]{36}$/),
    });
    const sent = await put(ticket, "id,score\n1,0.5\n");
    expect(sent.status).toBe(201);
    const sha256 = createHash("sha256").update("id,score\n1,0.5\n").digest("hex");
    expect(JSON.parse(sent.text)).toEqual({ sha256, byteLength: 15 });
    {
      await using taken = await take(ticket);
      expect(taken).toMatchObject({ sha256, byteLength: 15, fileName: "predictions.csv" });
      expect(await readFile(taken.path, "utf8")).toBe("id,score\n1,0.5\n");
    }
    expect(await files()).toEqual([]);
    await expect(take(ticket)).rejects.toMatchObject({ code: "UPLOAD_NOT_OPEN" });
  });

  test("lies under a name of ours, whatever the client calls it", async () => {
    const ticket = await announce("../../../etc/cron.d/evil.csv");
    await put(ticket, "x");
    await using taken = await take(ticket);
    expect(taken.path.startsWith(join(api.home, "uploads"))).toBe(true);
    expect(taken.path).not.toContain("evil");
    expect(taken.fileName).toBe("../../../etc/cron.d/evil.csv");
  });

  test.each([
    ["", "BAD_USER_INPUT"],
    ["a\nb.csv", "BAD_USER_INPUT"],
    ["x".repeat(256), "BAD_USER_INPUT"],
    ["a\0b", "BAD_STRING"],
  ])("is refused the name %j", async (name, code) => {
    await expect(announce(name)).rejects.toThrow(code);
  });

  test("is refused past the cap: announced, promised by its length, or streamed without one", async () => {
    await expect(announce("a.csv", 1_001)).rejects.toThrow("UPLOAD_TOO_LARGE");
    expect(await codeOf(put(await announce(), "x".repeat(1_001)))).toBe("UPLOAD_TOO_LARGE");
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode("x".repeat(600)));
      },
    });
    const ticket = await announce();
    const sent = fetch(`${api.url}${ticket.url}`, {
      method: "PUT",
      body: stream,
      duplex: "half",
    } as RequestInit);
    // The server ends the connection with its answer; the client sees either.
    const seen = await sent.then((response) => response.status).catch(() => 413);
    expect(seen).toBe(413);
    expect(await files()).toEqual([]);
  });

  test("is refused when the length is not the announced one, and can be sent again", async () => {
    const ticket = await announce("a.csv", 10);
    expect(await codeOf(put(ticket, "123456789"))).toBe("UPLOAD_LENGTH_MISMATCH");
    expect(await files()).toEqual([]);
    expect((await put(ticket, "1234567890")).status).toBe(201);
  });

  test("leaves nothing behind when the sender goes away", async () => {
    const ticket = await announce("a.csv", 100);
    const socket = connect(api.api.port, "127.0.0.1");
    await new Promise<void>((done) => socket.once("connect", done));
    socket.write(`PUT ${ticket.url} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc`);
    await expect.poll(async () => (await files()).some((name) => name.endsWith(".part"))).toBe(true);
    socket.destroy();
    await expect.poll(async () => (await files()).some((name) => name.endsWith(".part"))).toBe(false);
    expect((await put(ticket, "x".repeat(100))).status).toBe(201);
  });

  test("is sent once: a second sender is refused, also at the same time", async () => {
    const ticket = await announce();
    const both = await Promise.all([put(ticket, "first"), put(ticket, "second")]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await codeOf(put(ticket, "third"))).toBe("UPLOAD_NOT_OPEN");
  });

  test("is not taken before it was sent, nor after its time", async () => {
    const ticket = await announce();
    await expect(take(ticket)).rejects.toMatchObject({ code: "UPLOAD_NOT_RECEIVED" });
    await api.database.pool.query(
      "update upload set expires_at = now() - interval '1 second' where id = $1",
      [decodeUuid("Upload", ticket.id)],
    );
    expect(await codeOf(put(ticket, "x"))).toBe("UPLOAD_EXPIRED");
    await expect(take(ticket)).rejects.toMatchObject({ code: "UPLOAD_EXPIRED" });
  });

  test("belongs to whoever announced it: to others it is not there", async () => {
    const { id, token } = await api.api.services.tokens.create({ label: "another", globalRole: "steward" });
    const ticket = await announce();
    expect(await codeOf(put(ticket, "x", { Authorization: `Bearer ${token}` }))).toBe("NOT_FOUND");
    await put(ticket, "x");
    const other = tokenPrincipal(id, "steward", new Map());
    await expect(take(ticket, other)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("says so when the disk is full, and leaves nothing behind", async () => {
    const ticket = await announce();
    async function* fills(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    }
    const id = decodeUuid("Upload", ticket.id);
    const refused = api.api.services.uploads.receive(id, steward, fills(), undefined);
    await expect(refused).rejects.toMatchObject({ code: "STORAGE_FULL", retryable: true });
    expect(await files()).not.toContainEqual(expect.stringContaining(id));
    expect((await put(ticket, "x")).status).toBe(201);
  });

  test("is announced by stewards only", async () => {
    const { token } = await api.api.services.tokens.create({ label: "analyst", globalRole: "analyst" });
    const { errors } = await api.ask(
      'mutation { createUpload(input: { fileName: "a.csv" }) { id } }',
      {},
      token,
    );
    expect(errors?.[0]?.extensions["code"]).toBe("FORBIDDEN");
  });
});
