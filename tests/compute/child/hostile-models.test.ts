import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ChildMessage, ProbeTask } from "../../../compute/child/protocol.ts";
import type { ChildOptions } from "../../../compute/child/start-child.ts";
import { writeModel } from "../../../compute/onnx/model-bytes.ts";
import type { GraphProto, TensorProto } from "../../../compute/onnx/onnx-messages.ts";
import { parsePreprocessing } from "../../../compute/onnx/parse-preprocessing.ts";
import { evaluateTask, lastOf, runChild, ScratchFolder } from "../../support/child-tasks.ts";
import {
  classifierBytes,
  floats,
  graph,
  int64s,
  model,
  node,
  tensor,
  value,
} from "../../support/onnx-models.ts";

const SIZE = 16;

async function probe(
  bytes: Uint8Array,
  parts: Partial<ProbeTask> = {},
  options: ChildOptions = {},
): Promise<ChildMessage> {
  using folder = new ScratchFolder();
  const { path: modelPath, sha256: modelSha256 } = folder.file("model.onnx", bytes);
  const task: ProbeTask = {
    kind: "probe",
    modelPath,
    modelSha256,
    preprocessing: parsePreprocessing({ rows: SIZE, cols: SIZE }),
    output: { name: "logits", activation: "none" },
    classes: 2,
    ...parts,
  };
  return lastOf(await runChild(task, options));
}

/** A model that makes `pieces` pieces of memory of a GiB each; their size is worked out as it runs, so no reader sees it. */
function memoryBomb(): Uint8Array {
  return writeModel(
    model(
      graph({
        node: [
          node("Shape", ["image"], ["shape"]),
          node("Mul", ["shape", "factor"], ["size"]),
          node("Expand", ["image", "size"], ["large"]),
          node("Add", ["large", "large"], ["larger"]),
          node("GlobalAveragePool", ["larger"], ["pooled"]),
          node("Flatten", ["pooled"], ["flat"]),
          node("Slice", ["flat", "from", "to", "axis"], ["logits"]),
        ],
        initializer: [
          int64s("factor", [1n, 16_000_000n, 1n, 1n]),
          int64s("from", [0n]),
          int64s("to", [2n]),
          int64s("axis", [1n]),
        ],
        input: [value("image", ["n", 1, SIZE, SIZE])],
        output: [value("logits", ["n", "m"])],
      }),
    ),
  );
}

/** Turns 2^62 times: only a model trained here may loop at all, and even that one is stopped. */
function endlessLoop(): Uint8Array {
  const body: GraphProto = graph({
    node: [node("Identity", ["going"], ["still"]), node("Identity", ["before"], ["after"])],
    input: [value("turn", [], "int64"), value("going", [], "bool"), value("before", [1, 2])],
    output: [value("still", [], "bool"), value("after", [1, 2])],
  });
  const count: TensorProto = tensor("count", "int64", [], new Uint8Array(BigInt64Array.of(1n << 62n).buffer));
  return writeModel(
    model(
      graph({
        node: [node("Loop", ["count", "yes", "start"], ["logits"], { body })],
        initializer: [count, tensor("yes", "bool", [], Uint8Array.of(1)), floats("start", [1, 2], [0])],
        input: [value("image", [1, 1, SIZE, SIZE])],
        output: [value("logits", [1, 2])],
      }),
    ),
  );
}

describe("a hostile model", () => {
  test("that is none at all is refused, whatever it is", async () => {
    for (const bytes of [
      new Uint8Array(),
      new TextEncoder().encode("PK\u0003\u0004"),
      classifierBytes().subarray(0, 300),
    ]) {
      expect(await probe(bytes)).toMatchObject({ kind: "failed", code: "MODEL_INVALID" });
    }
  });

  test("is run as it was registered or not at all", async () => {
    expect(await probe(classifierBytes({ size: SIZE }), { modelSha256: "0".repeat(64) })).toMatchObject({
      kind: "failed",
      code: "MODEL_HASH_MISMATCH",
    });
    expect(await probe(classifierBytes({ size: SIZE }), { modelPath: "/nowhere/model.onnx" })).toMatchObject({
      kind: "failed",
      code: "MODEL_MISSING",
    });
    expect(await probe(classifierBytes({ size: SIZE }), { modelPath: "/dev/zero" })).toMatchObject({
      kind: "failed",
      code: "MODEL_MISSING",
    });
  });

  test("of another signature is refused", async () => {
    expect(await probe(classifierBytes({ size: 32 }))).toMatchObject({ code: "MODEL_SIGNATURE_MISMATCH" });
    expect(await probe(classifierBytes({ size: SIZE, classes: 3 }))).toMatchObject({
      code: "MODEL_SIGNATURE_MISMATCH",
    });
  });

  test("that only onnxruntime finds wrong is refused with its reason", async () => {
    const wrong = model(
      graph({
        node: [node("MatMul", ["image", "w"], ["logits"])],
        initializer: [floats("w", [5, 7], [1])],
        input: [value("image", [1, 1, SIZE, SIZE])],
        output: [value("logits", [1, 2])],
      }),
    );
    expect(await probe(writeModel(wrong))).toMatchObject({
      kind: "failed",
      code: "MODEL_INVALID",
      message: expect.stringContaining("MatMul"),
    });
  });

  test("that fills the memory meets its limit and gets a code", async () => {
    const options = { memoryMiB: 1_024 };
    const answer = await probe(memoryBomb(), {}, options);
    expect(answer.kind).toBe("failed");
    expect(["PROVIDER_OUT_OF_MEMORY", "CHILD_OUT_OF_MEMORY"]).toContain(
      answer.kind === "failed" && answer.code,
    );
  });

  test("that never ends is ended", async () => {
    expect(await probe(endlessLoop())).toMatchObject({ code: "MODEL_OP_FORBIDDEN" });
    expect(await probe(endlessLoop(), { trusted: true, seconds: 2 })).toMatchObject({
      kind: "failed",
      code: "MODEL_LIMIT",
    });
  });

  test("that is sound passes", async () => {
    expect(await probe(classifierBytes({ size: SIZE }))).toMatchObject({ kind: "done", done: 1 });
  });
});

describe("an inspection in a child", () => {
  test("gives digest and signature, or a code", async () => {
    using folder = new ScratchFolder();
    const { path, sha256 } = folder.file("model.onnx", classifierBytes({ size: SIZE }));
    const [inspected, done] = await runChild({ kind: "inspect", modelPath: path });
    expect(inspected).toMatchObject({
      kind: "inspected",
      sha256,
      signature: { inputs: [{ name: "image" }], operators: { Conv: 1 } },
    });
    expect(done).toMatchObject({ kind: "done" });
    expect(await runChild({ kind: "inspect", modelPath: path, maxBytes: 100 })).toEqual([
      expect.objectContaining({ kind: "failed", code: "MODEL_TOO_LARGE" }),
    ]);
  });
});

describe("what a child is given", () => {
  test("holds nothing of its parent's environment, and an empty folder that is removed", async () => {
    using folder = new ScratchFolder();
    const plugin = `
      import { readdirSync, writeFileSync } from "node:fs";
      const seen = { names: Object.keys(process.env).sort(), folder: process.cwd(), files: readdirSync(".") };
      writeFileSync(${JSON.stringify(join(folder.path, "seen.json"))}, JSON.stringify(seen));
      export const transforms = [];
    `;
    const task = evaluateTask(folder, classifierBytes({ size: SIZE }), {
      size: SIZE,
      plugins: [folder.file("plugin.mjs", new TextEncoder().encode(plugin)).path],
    });
    expect(lastOf(await runChild(task, { env: { ADDED: "1" } }))).toMatchObject({ kind: "done" });
    const seen: unknown = JSON.parse(readFileSync(join(folder.path, "seen.json"), "utf8"));
    // The shell that sets the limit of memory adds PWD and the like, which tell of nothing but the folder itself.
    const own = ["MALLOC_ARENA_MAX", "OLDPWD", "PWD", "SHLVL", "UV_THREADPOOL_SIZE", "_"];
    const { names, folder: cwd, files } = seen as { names: string[]; folder: string; files: string[] };
    expect(names.filter((name) => !own.includes(name) && !name.startsWith("NODE_"))).toEqual(["ADDED"]);
    expect(files).toEqual([]);
    expect(existsSync(cwd)).toBe(false);
  });
});
