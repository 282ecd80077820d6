import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../api/package-root.ts";
import { truthKinds } from "../truth/claims.ts";
import { readOutcomes } from "../truth/outcomes.ts";
import { truthPage } from "../truth/page.ts";
import { summarise } from "../truth/summary.ts";

const read = (name: string) => readFileSync(join(packageRoot, "docs", name), "utf8");
const outcomes = readOutcomes(read("planted-truth.jsonl"));

test("docs/planted-truth.md says what its outcomes add up to", () => {
  expect(read("planted-truth.md")).toBe(truthPage(summarise(outcomes)));
});

test("the study audited a cohort of each kind for each seed, and found no defect", () => {
  const { seeds, kinds, defects } = summarise(outcomes);
  expect(defects).toEqual([]);
  expect(kinds.map(({ audits }) => audits)).toEqual(truthKinds.map(() => seeds));
  expect(new Set(outcomes.map(({ kind, seed }) => `${kind} ${seed}`)).size).toBe(outcomes.length);
});
