import { expect, test } from "vitest";
import { metaMethodList } from "../../../compute/meta/meta-methods.ts";
import { metaModels } from "../../../compute/meta/tau-squared.ts";
import { parseParams } from "../../../compute/params.ts";

test("every model of the meta-analysis is a plugin, once", () => {
  expect(metaMethodList.map(({ model }) => model)).toEqual([...metaModels]);
});

test.each(metaMethodList.map((method) => [method.id, method] as const))(
  "%s accepts its own example",
  (_id, method) => {
    expect(parseParams(method.params, method.example)).toEqual(method.example);
    expect(method.source).not.toBe("");
  },
);
