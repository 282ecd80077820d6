import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../../../api/config.ts";
import {
  type ScoringJob,
  type StartChild,
  scoreImages,
} from "../../../../api/predictions/evaluate/score-images.ts";
import { ScoreSheet } from "../../../../api/predictions/evaluate/score-sheet.ts";
import type { RunRecord } from "../../../../api/runs/run.queries.ts";
import type { RunContext } from "../../../../api/runs/runner.ts";
import type { ChildMessage, EvaluateTask, ImageFile } from "../../../../compute/child/protocol.ts";
import type { ComputeChild } from "../../../../compute/child/start-child.ts";
import { parsePreprocessing } from "../../../../compute/onnx/parse-preprocessing.ts";
import type { SessionRecord } from "../../../../compute/onnx/provider.ts";
import { parseChain } from "../../../../compute/transforms/chain.ts";
import { buildDataset } from "../../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../../support/fresh-database.ts";

const IMAGES = 50;
const BATCH = 8;
const session: SessionRecord = {
  provider: "cpu",
  device: "a processor",
  threads: 2,
  versions: { onnxruntime: "1", node: "20" },
};

let database: FreshDatabase;
let versionId: number;

beforeAll(async () => {
  database = await freshDatabase();
  const built = await buildDataset(database, {
    imageCount: IMAGES,
    files: {
      root: "/nowhere",
      of: Array.from({ length: IMAGES }, (_, i) => ({
        uri: `${i}.png`,
        sha256: i.toString(16).padStart(64, "0"),
        rows: 1,
        cols: 1,
      })),
    },
  });
  versionId = built.datasetVersionId;
});
afterAll(() => database[Symbol.asyncDispose]());

/** What a run's attempt has to do with, in memory. */
function contextOf(parts: Map<number, Buffer>, crashedBefore?: Record<string, unknown>) {
  const events: [string, object][] = [];
  const context: RunContext = {
    run: { id: 1 } as RunRecord, // safe: nothing else of it is read
    database,
    config: readConfig({ STRATUM_HOME: "/nonexistent", STRATUM_CHECKPOINT_MS: "0" }),
    log: pino({ level: "silent" }),
    signal: new AbortController().signal,
    crashedBefore,
    read: (work) => work(),
    async *parts() {
      for (const part of [...parts.keys()].sort((a, b) => a - b))
        yield { part, payload: parts.get(part) ?? Buffer.alloc(0) };
    },
    async savePart(part, payload) {
      parts.set(part, payload);
    },
    async dropParts() {
      parts.clear();
    },
    progress() {},
    async checkpointed() {},
    async event(kind, payload) {
      events.push([kind, payload]);
    },
  };
  return { context, events };
}

interface Behaviour {
  /** Scores of a batch after so many batches have been sent end the child so. */
  readonly failAfter?: number;
  readonly code?: string;
  readonly session?: Partial<SessionRecord>;
  /** Images around one that have a say in its score. */
  readonly reach?: number;
  readonly bad?: readonly number[];
}

/** A child that scores an image by the images of its batch and its neighbours, so that any other cut shows. */
function childOf(
  behaviour: Behaviour,
  started: { task: EvaluateTask; ordinals: number[] }[] = [],
): StartChild {
  return (task, { images = [] }) => {
    const batch = task.batch ?? BATCH;
    const ordinals: number[] = [];
    started.push({ task, ordinals });
    async function* messages(): AsyncGenerator<ChildMessage> {
      yield { kind: "started", batch, ...session, ...behaviour.session };
      const all: ImageFile[] = [];
      for await (const page of images) all.push(...page);
      ordinals.push(...all.map(({ ordinal }) => ordinal));
      for (let from = 0, sent = 0; from < ordinals.length; from += batch, sent += 1) {
        if (sent === behaviour.failAfter) {
          yield { kind: "failed", code: behaviour.code ?? "CHILD_CRASHED", message: "it died" };
          return;
        }
        const own = ordinals.slice(from, from + batch);
        const { reach = 0 } = behaviour;
        const good = own.filter((ordinal) => !behaviour.bad?.includes(ordinal));
        for (const ordinal of own)
          if (!good.includes(ordinal)) yield { kind: "problem", ordinal, code: "IMAGE_CORRUPT" };
        const scoreOf = (ordinal: number) => {
          const place = ordinals.indexOf(ordinal);
          const around = ordinals.slice(Math.max(0, place - reach), place + reach + 1);
          return ordinal + around.reduce((sum, near) => sum + near, 0) / 1000 + (own[0] ?? 0) / 1e6;
        };
        yield {
          kind: "scores",
          ordinals: Uint32Array.from(good),
          scores: Float32Array.from(good.flatMap((ordinal) => [scoreOf(ordinal), -scoreOf(ordinal)])),
        };
        // As from another process: what is to be stored gets its turn.
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      yield {
        kind: "done",
        done: 0,
        leftOut: 0,
        seconds: 1,
        sessionSeconds: 1,
        waitingSeconds: 0,
        peakMiB: 1,
      };
    }
    const child: ComputeChild = { pid: 1, kill() {}, [Symbol.asyncIterator]: messages };
    return child;
  };
}

function jobOf(transforms: unknown[] = [], ordinals?: Uint32Array): ScoringJob {
  return {
    task: {
      kind: "evaluate",
      modelPath: "",
      modelSha256: "",
      preprocessing: parsePreprocessing({ rows: 16, cols: 16, planes: 1 }),
      output: { name: "logits", activation: "none" },
      classes: 2,
      transforms: parseChain(transforms),
      provider: "cpu",
      root: "/nowhere",
      onBadImage: "skip",
    },
    datasetVersionId: versionId,
    ordinals,
    sheet: new ScoreSheet(IMAGES, 2, ordinals),
  };
}

async function undisturbed(behaviour: Behaviour, transforms: unknown[] = [], ordinals?: Uint32Array) {
  const job = jobOf(transforms, ordinals);
  await scoreImages(contextOf(new Map()).context, job, childOf(behaviour));
  return job.sheet.columns;
}

describe("scoring that is begun again", () => {
  const some = Uint32Array.from({ length: 30 }, (_, i) => i + (i > 10 ? 15 : 0));

  test.each([
    ["all images", undefined],
    ["some images", some],
  ])(
    "of %s goes on at the end of a batch, and gives the same scores to the last bit",
    async (_what, ordinals) => {
      const behaviour = { bad: [3, 27] };
      const whole = await undisturbed(behaviour, [], ordinals);
      for (let failAfter = 0; failAfter <= 4; failAfter += 1) {
        const parts = new Map<number, Buffer>();
        const first = jobOf([], ordinals);
        const failing = scoreImages(contextOf(parts).context, first, childOf({ ...behaviour, failAfter }));
        if (failAfter * BATCH < first.sheet.length) {
          await expect(failing).rejects.toMatchObject({
            kind: "crash",
            code: "CHILD_CRASHED",
            details: { batch: BATCH },
          });
        } else await failing;
        const started: { task: EvaluateTask; ordinals: number[] }[] = [];
        const second = jobOf([], ordinals);
        const { context, events } = contextOf(parts);
        await scoreImages(context, second, childOf(behaviour, started));
        expect(second.sheet.columns).toEqual(whole);
        expect(second.sheet.leftOut.size).toBe(2);
        if (failAfter < 2 || failAfter * BATCH >= first.sheet.length) continue;
        expect(started[0]?.ordinals.length).toBeLessThan(first.sheet.length);
        expect(events[0]).toMatchObject(["started", { resumedAt: expect.any(Number), batch: BATCH }]);
      }
    },
  );

  test("begins before the end where images have a say in their neighbours", async () => {
    const blur = [{ id: "blur", params: { mode: "legacy" } }];
    const behaviour = { reach: 8 };
    const whole = await undisturbed(behaviour, blur);
    const parts = new Map<number, Buffer>();
    await expect(
      scoreImages(contextOf(parts).context, jobOf(blur), childOf({ ...behaviour, failAfter: 4 })),
    ).rejects.toBeDefined();
    const saved = Math.max(...parts.keys()) + BATCH;
    const started: { task: EvaluateTask; ordinals: number[] }[] = [];
    const job = jobOf(blur);
    await scoreImages(contextOf(parts).context, job, childOf(behaviour, started));
    expect(started[0]?.ordinals[0]).toBeLessThan(saved);
    // The fake child at the new start lacks left neighbours: what was known before stays as it was.
    expect(job.sheet.columns).toEqual(whole);
  });

  test("forgets parts of another runtime or provider, and begins anew", async () => {
    const whole = await undisturbed({});
    for (const other of [{ versions: { onnxruntime: "0.9" } }, { provider: "webgpu" }] as const) {
      const parts = new Map<number, Buffer>();
      await scoreImages(contextOf(parts).context, jobOf(), childOf({ failAfter: 3, session: other })).catch(
        () => undefined,
      );
      expect(parts.size).toBeGreaterThan(0);
      const started: { task: EvaluateTask; ordinals: number[] }[] = [];
      const job = jobOf();
      await scoreImages(contextOf(parts).context, job, childOf({}, started));
      expect(job.sheet.columns).toEqual(whole);
      expect(started).toHaveLength(2);
      expect(started[1]?.ordinals).toHaveLength(IMAGES);
    }
  });

  test("after a lack of memory halves the batch", async () => {
    const started: { task: EvaluateTask; ordinals: number[] }[] = [];
    const { context } = contextOf(new Map(), { code: "CHILD_OUT_OF_MEMORY", batch: 8 });
    await scoreImages(context, jobOf(), childOf({}, started));
    expect(started[0]?.task.batch).toBe(4);
    const { context: crashed } = contextOf(new Map(), { code: "CHILD_CRASHED", batch: 8 });
    await scoreImages(crashed, jobOf(), childOf({}, started));
    expect(started[1]?.task.batch).toBeUndefined();
  });
});

test.each([
  ["CHILD_CRASHED", "crash"],
  ["CHILD_TIMEOUT", "crash"],
  ["CHILD_OUT_OF_MEMORY", "crash"],
  ["PROVIDER_LOST", "crash"],
  ["MODEL_HASH_MISMATCH", "permanent"],
  ["PROVIDER_UNAVAILABLE", "permanent"],
  ["IMAGE_CHANGED", "permanent"],
])("a child that fails with %s is a %s failure", async (code, kind) => {
  const failing = scoreImages(contextOf(new Map()).context, jobOf(), childOf({ failAfter: 0, code }));
  await expect(failing).rejects.toMatchObject({ kind, code });
});

test("images that the version does not list fail the run", async () => {
  const job = { ...jobOf(), datasetVersionId: versionId + 1_000 };
  await expect(scoreImages(contextOf(new Map()).context, job, childOf({}))).rejects.toMatchObject({
    kind: "permanent",
    code: "IMAGES_MISSING",
  });
});

test("images left out are told by code, once, with the first places", async () => {
  const { context, events } = contextOf(new Map());
  await scoreImages(context, jobOf(), childOf({ bad: Array.from({ length: 30 }, (_, i) => i) }));
  const problems = events
    .filter(([kind]) => kind === "problem")
    .map(([, payload]) => payload as { count: number; ordinals: number[] });
  expect(problems.reduce((sum, { count }) => sum + count, 0)).toBe(30);
  for (const { ordinals } of problems) expect(ordinals.length).toBeLessThanOrEqual(20);
});
