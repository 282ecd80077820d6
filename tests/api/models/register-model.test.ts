import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeModel } from "../../../compute/onnx/model-bytes.ts";
import { ScratchFolder, sha256Of } from "../../support/child-tasks.ts";
import { classifierBytes, graph, model, node, tensor, value } from "../../support/onnx-models.ts";
import { sendFile } from "../../support/send-file.ts";
import { startTestApi, type TestApi } from "../../support/test-api.ts";

let api: TestApi;
const scratch = new ScratchFolder();

beforeAll(async () => {
  api = await startTestApi({ STRATUM_MAX_MODEL_BYTES: "100000" });
});
afterAll(async () => {
  scratch[Symbol.dispose]();
  await api[Symbol.asyncDispose]();
});

const operation = `mutation ($input: RegisterModelInput!) {
  registerModel(input: $input) {
    created
    modelVersion {
      version onnxSha256 taskKind taskAttribute classes
      preprocessing { rows cols planes intensity resize antialias scale mean deviation }
      inputs { name type shape madeBy activation }
      outputs { name type shape madeBy activation }
      graph { parameters byteLength opset producer operators { operator count } }
      model { slug title origin architecture }
    }
  }
}`;

interface Registered {
  readonly registerModel: { readonly created: boolean; readonly modelVersion: Record<string, unknown> };
}

async function register(bytes: Uint8Array, input: Record<string, unknown> = {}) {
  const upload = await sendFile(api, scratch.file("model.onnx", bytes).path);
  return api.ask<Registered>(operation, {
    input: { upload, model: "reader", task: "race", classes: ["Black", "White"], ...input },
  });
}

describe("registerModel", () => {
  test("stores the bytes and what they say, and gives the same version for the same words", async () => {
    const bytes = classifierBytes({ planes: 3, parts: { producerVersion: "2" } });
    const input = {
      activation: "SOFTMAX",
      title: "Reader",
      architecture: "One convolution",
      preprocessing: { mean: [0.5], deviation: [0.25, 0.5, 0.125], intensity: "MIN_MAX" },
    };
    const { data } = await register(bytes, input);
    expect(data?.registerModel).toEqual({
      created: true,
      modelVersion: {
        version: 1,
        onnxSha256: sha256Of(bytes),
        taskKind: "BINARY",
        taskAttribute: "race",
        classes: ["Black", "White"],
        preprocessing: {
          rows: 16,
          cols: 16,
          planes: 3,
          intensity: "MIN_MAX",
          resize: "STRETCH",
          antialias: true,
          scale: 1,
          mean: [0.5, 0.5, 0.5],
          deviation: [0.25, 0.5, 0.125],
        },
        inputs: [
          { name: "image", type: "float", shape: ["batch", "3", "16", "16"], madeBy: null, activation: null },
        ],
        outputs: [
          { name: "logits", type: "float", shape: ["batch", "2"], madeBy: "Gemm", activation: "SOFTMAX" },
        ],
        graph: {
          parameters: 4 * 27 + 10,
          byteLength: bytes.length,
          opset: 17,
          producer: "stratum-tests 2",
          operators: expect.arrayContaining([{ operator: "Conv", count: 1 }]),
        },
        model: { slug: "reader", title: "Reader", origin: "REGISTERED", architecture: "One convolution" },
      },
    });
    expect((await register(bytes, input)).data?.registerModel).toMatchObject({
      created: false,
      modelVersion: { version: 1 },
    });
    expect((await register(bytes, { ...input, task: "sex" })).data?.registerModel).toMatchObject({
      created: true,
      modelVersion: { version: 2 },
    });
    const sha256 = sha256Of(bytes);
    expect(existsSync(join(api.home, "models", sha256.slice(0, 2), `${sha256}.onnx`))).toBe(true);
  });

  test("takes the preprocessing that the file carries", async () => {
    const carried = { key: "stratum.preprocessing", value: '{"mean": [0.25], "resize": "pad"}' };
    const bytes = classifierBytes({ parts: { metadataProps: [carried] } });
    const { data } = await register(bytes, { model: "carrier", preprocessing: { mean: [0.75] } });
    expect(data?.registerModel.modelVersion["preprocessing"]).toMatchObject({
      mean: [0.75],
      resize: "PAD",
      rows: 16,
    });
    const broken = classifierBytes({ parts: { metadataProps: [{ ...carried, value: "no JSON" }] } });
    const { errors } = await register(broken, { model: "carrier" });
    expect(errors?.[0]?.extensions["code"]).toBe("MODEL_PREPROCESSING_INVALID");
  });

  const loop = writeModel(
    model(
      graph({
        node: [node("Loop", ["x"], ["y"], { body: graph({}) })],
        input: [value("x", [1])],
        output: [value("y", [1])],
      }),
    ),
  );
  const external = writeModel(
    model(
      graph({
        node: [node("Relu", ["x"], ["y"])],
        initializer: [
          {
            ...tensor("w", "float", [1], new Uint8Array()),
            dataLocation: 1,
            externalData: [{ key: "location", value: "../../etc/passwd" }],
          },
        ],
        output: [value("y", [1])],
      }),
    ),
  );
  const good = classifierBytes();
  const cases: readonly (readonly [string, string, Uint8Array, Record<string, unknown>])[] = [
    ["text", "MODEL_INVALID", new TextEncoder().encode("#!/bin/sh\nreboot"), {}],
    ["half a model", "MODEL_INVALID", good.subarray(0, good.length / 2), {}],
    ["a loop", "MODEL_OP_FORBIDDEN", loop, {}],
    ["weights elsewhere", "MODEL_EXTERNAL_DATA_FORBIDDEN", external, {}],
    ["a file that is too long", "MODEL_TOO_LARGE", new Uint8Array(100_001), {}],
    ["another size", "MODEL_SIGNATURE_MISMATCH", good, { preprocessing: { rows: 17 } }],
    ["other classes", "MODEL_SIGNATURE_MISMATCH", good, { classes: ["a", "b", "c"] }],
    ["an output that is not there", "MODEL_SIGNATURE_MISMATCH", good, { output: "scores" }],
    ["a deviation of 0", "MODEL_PREPROCESSING_INVALID", good, { preprocessing: { deviation: [0] } }],
    ["a class twice", "BAD_USER_INPUT", good, { classes: ["a", "a"] }],
    ["one class", "BAD_USER_INPUT", good, { classes: ["a"] }],
    ["three classes of a binary task", "BAD_USER_INPUT", good, { classes: ["a", "b", "c"], kind: "BINARY" }],
    ["a slug with a slash", "BAD_USER_INPUT", good, { model: "../reader" }],
    ["no task", "BAD_USER_INPUT", good, { task: "" }],
    ["a foreign id", "BAD_ID", good, { upload: "bm9uZQ" }],
  ];
  test.each(cases)("refuses %s by %s, and goes on", async (_what, code, bytes, input) => {
    const { errors, data } = await register(bytes, { model: "refused", ...input });
    expect(errors?.map(({ extensions }) => extensions["code"])).toEqual([code]);
    expect(errors?.[0]?.message).toMatch(/^Expected /);
    expect(data?.registerModel).toBeUndefined();
    // Not even the model's name stays.
    expect((await api.ask('{ model(slug: "refused") { slug } }')).data).toEqual({ model: null });
  });

  test("is for stewards", async () => {
    await using guarded = await startTestApi({ STRATUM_ANONYMOUS_ROLE: "analyst" });
    const { errors } = await guarded.ask(operation, {
      input: { upload: "x", model: "reader", task: "race", classes: ["a", "b"] },
    });
    expect(errors?.[0]?.extensions["code"]).toBe("UNAUTHENTICATED");
  });
});
