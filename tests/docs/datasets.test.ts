import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../api/package-root.ts";
import { layoutNames, parseDatasetMapping } from "../../compute/index.ts";

const text = readFileSync(join(packageRoot, "docs/datasets.md"), "utf8");

test("docs/datasets.md shows a mapping that is one, and stays equal when parsed again", () => {
  const [, example = "{}"] = /```json\n(.*?)```/s.exec(text) ?? [];
  const mapping = parseDatasetMapping(JSON.parse(example));
  expect(parseDatasetMapping(JSON.parse(JSON.stringify(mapping)))).toEqual(mapping);
  expect(Object.keys(mapping.attributes)).toEqual(["race", "sex", "age", "site"]);
});

test("docs/datasets.md lists every layout", () => {
  const listed = [...text.matchAll(/^\| `([a-z][a-z0-9-]+)` \|/gm)].map(([, name]) => name);
  expect(listed).toEqual([...layoutNames]);
});
