import { expect, test } from "vitest";
import { startTestApi } from "../../support/test-api.ts";

test("a stopping server finishes what is in flight and takes nothing new", async () => {
  const api = await startTestApi();
  const holder = await api.database.pool.connect();
  await holder.query("begin");
  await holder.query("lock table dataset in access exclusive mode");
  const inFlight = api.ask("{ datasets { totalCount } }");
  await expect.poll(() => api.statements()).toBeGreaterThan(0);
  await new Promise((done) => setTimeout(done, 100));
  const stopped = api.api[Symbol.asyncDispose]();
  await holder.query("commit");
  holder.release();
  expect((await inFlight).data).toEqual({ datasets: { totalCount: 0 } });
  await stopped;
  await expect(fetch(`${api.url}/healthz`)).rejects.toThrow();
  await api[Symbol.asyncDispose]();
});
