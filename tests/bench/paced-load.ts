import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { RandomStream } from "../../compute/random.ts";

/** What a load met. Latencies in milliseconds, from the moment a request was due, not from when it could be sent. */
export interface PacedResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** A load: bodies in turn, at moments that come as they do from many people who know nothing of each other. */
export interface PacedLoad {
  readonly url: string;
  readonly bodies: readonly string[];
  readonly amount: number;
  readonly perSecond: number;
  readonly connections: number;
}

/**
 * Sends requests at the moments of a Poisson process, whether or not earlier ones are answered: no answer that is late
 * delays the next question, as it would with a fixed number of callers who wait.
 *
 * @throws {Error} when one is refused or fails
 */
export async function pacedLoad(load: PacedLoad): Promise<PacedResult> {
  const { bodies, amount, perSecond, connections } = load;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const stream = new RandomStream(17, 1);
  const begin = performance.now();
  const answers: Promise<number>[] = [];
  let due = begin;
  for (let i = 0; i < amount; i += 1) {
    due += (-Math.log(1 - stream.uniform()) / perSecond) * 1000;
    const left = due - performance.now();
    if (left > 0) await sleep(left);
    answers.push(ask(load.url, bodies[i % bodies.length] ?? "", agent, due));
  }
  const latencies = (await Promise.all(answers)).sort((a, b) => a - b);
  const seconds = (performance.now() - begin) / 1000;
  agent.destroy();
  const at = (share: number) => latencies[Math.min(amount - 1, Math.floor(amount * share))] ?? 0;
  return { perSecond: amount / seconds, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Milliseconds from `due` to the last byte of the answer. */
function ask(url: string, body: string, agent: Agent, due: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(url, { method: "POST", agent, headers }, (answer) => {
      text(answer).then((said) => {
        const ms = performance.now() - due;
        if (answer.statusCode === 200 && !said.includes('"errors"')) resolve(ms);
        else reject(new Error(`Expected an answer, got ${answer.statusCode}: ${said.slice(0, 200)}`));
      }, reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
