import { describe, expect, test } from "vitest";
import {
  type KernelErrorCode,
  planBootstrap,
  rankAuc,
  rankBootstrap,
  readOrder,
  sortScores,
} from "../../native/index.ts";

const scores = Float32Array.of(4, 1, 3, 2);
const labels = Uint8Array.of(1, 0, 1, 0);
const order = await sortScores(scores);
const patients = Uint32Array.of(0, 1, 2, 0);
const columns = [{ order, labels }];
const plan = await planBootstrap({ columns, patients, patientCount: 3 });

/** What a caller may forge out of what the addon gave, although the types forbid it. */
const forged = (value: object) => value as never;

describe("what holds a handle of the addon", () => {
  const cases: readonly (readonly [string, KernelErrorCode, () => unknown])[] = [
    ["a plan of nothing", "BAD_PARAMETER", () => rankBootstrap(forged({ patientCount: 3 }), 1, 0, 2)],
    [
      "a plan without its handle",
      "BAD_PARAMETER",
      () => rankBootstrap(forged({ ...plan, handle: {} }), 1, 0, 2),
    ],
    [
      "a plan with the handle of an order",
      "BAD_PARAMETER",
      () => rankBootstrap(forged({ ...plan, handle: order.handle }), 1, 0, 2),
    ],
    [
      "a plan that says it has more cells",
      "BAD_BUFFER_LENGTH",
      () => rankBootstrap({ ...plan, columnCount: 7 }, 1, 0, 2),
    ],
    [
      "an order without its handle",
      "BAD_PARAMETER",
      () => rankAuc({ scores: forged({ ...order, handle: 7 }), labels }),
    ],
    [
      "an order with the handle of a plan",
      "BAD_PARAMETER",
      () => rankAuc({ scores: forged({ ...order, handle: plan.handle }), labels }),
    ],
    [
      "an order that says it has fewer rows",
      "BAD_BUFFER_LENGTH",
      () => rankAuc({ scores: { ...order, rowCount: 3 }, labels: labels.subarray(0, 3) }),
    ],
    [
      "an order that says it has more rows to read",
      "BAD_BUFFER_LENGTH",
      () => readOrder({ ...order, rowCount: 9 }),
    ],
    ["nothing to read", "BAD_BUFFER", () => readOrder(forged(scores))],
    [
      "an order of other rows in a plan",
      "BAD_BUFFER_LENGTH",
      () =>
        planBootstrap({
          columns: [{ order: { ...order, rowCount: 3 }, labels: labels.subarray(0, 3) }],
          patients: patients.subarray(0, 3),
          patientCount: 3,
        }),
    ],
  ];
  test.each(cases)("is refused as %s", async (_name, code, call) => {
    await expect((async () => call())()).rejects.toMatchObject({ name: "KernelError", code });
  });

  test("is neither copied to another thread nor read as an object", () => {
    expect(() => structuredClone(order)).toThrow();
    expect(Object.keys(order.handle)).toEqual([]);
  });
});
