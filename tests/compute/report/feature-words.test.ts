import { expect, test } from "vitest";
import { featureWords } from "../../../compute/report/feature-words.ts";

test("many attributes of one kind are a number of them, few and others stand by name", () => {
  const findings = ["A", "B", "C", "D"].map((name) => `finding:${name}`);
  expect(featureWords([...findings, "age", "sex"])).toBe("4 findings, age, sex");
  expect(featureWords(["finding:A", "finding:B", "age"])).toBe("finding:A, finding:B, age");
  expect(featureWords([])).toBe("");
});
