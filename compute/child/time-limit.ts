import { ModelError } from "../onnx/model-error.ts";

/**
 * The same promise, or a refusal when it takes too long. What it waited for goes on: the process must end then.
 *
 * @throws {ModelError} MODEL_LIMIT
 */
export async function withinSeconds<Value>(seconds: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new ModelError(
            "MODEL_LIMIT",
            `Expected a model that answers within ${seconds} s, got none in time`,
          ),
        ),
      seconds * 1_000,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
