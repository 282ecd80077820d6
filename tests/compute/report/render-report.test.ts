import { describe, expect, test } from "vitest";
import { type AuditReport, renderReport } from "../../../compute/index.ts";
import { fullReport, greyPixel } from "../../support/audit-report.ts";
import { readSvg } from "../plots/svg-reading.ts";

const page = renderReport(fullReport());
const read = (text: string) => readSvg(text.replace("<!doctype html>", ""));
const empty: AuditReport = {
  ...fullReport(),
  cohorts: [],
  results: [],
  sweeps: [],
  sheets: [],
  patches: [],
  maps: [],
  confounders: [],
  strata: [],
  gaps: [],
  shifts: [],
  others: [],
  pooled: [],
  variance: [],
  controls: [],
  steps: [],
  cautions: [],
};

describe("renderReport", () => {
  test("gives the same bytes for the same values", () => {
    expect(renderReport(fullReport())).toBe(page);
  });

  test("is well-formed and has a figure for each kind of result", () => {
    const names = read(page).map(({ name }) => name);
    // pooled, two sweeps, patches, maps, confounders, strata, gaps
    expect(names.filter((name) => name === "svg")).toHaveLength(8);
    expect(names.filter((name) => name === "table").length).toBeGreaterThan(10);
  });

  test("fetches nothing and runs nothing", () => {
    for (const { name, attributes } of read(page)) {
      expect(["script", "link", "iframe", "object", "embed", "base", "form"]).not.toContain(name);
      for (const [key, value] of Object.entries(attributes)) {
        expect(key).not.toMatch(/^on/i);
        if (key === "href") expect(value).toMatch(/^#/);
        if (key === "src") expect(value).toMatch(/^data:image\/png;base64,[A-Za-z0-9+/=]+$/);
      }
    }
    expect(page).not.toMatch(/url\(|@import/);
  });

  test("holds images as they are", () => {
    expect(page).toContain(`src="data:image/png;base64,${greyPixel.toString("base64")}"`);
  });

  test("gives the record of every number", () => {
    const list = page.slice(page.indexOf('<table class="records">'));
    const named = [...JSON.stringify(fullReport()).matchAll(/"record":"([^"]+)"/g)].map(([, id]) => id ?? "");
    expect(named.length).toBeGreaterThan(100);
    for (const id of named) expect(list).toContain(`<code>${id}</code>`);
    const elements = read(page);
    const targets = new Set(elements.map(({ attributes }) => attributes["id"]));
    for (const { attributes } of elements) {
      const target = attributes["href"]?.slice(1);
      if (target !== undefined) expect(targets).toContain(target);
    }
  });

  test("escapes every value, wherever it stands", () => {
    const hostile = `<script>alert("1")</script>'&`;
    const poison = (value: unknown): unknown => {
      if (typeof value === "string") return `${value}${hostile}`;
      if (Array.isArray(value)) return value.map(poison);
      if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, closed.has(key) ? inner : poison(inner)]),
      );
    };
    // Words of closed sets, which decide what is drawn.
    const closed = new Set(["experiment", "mode", "scale", "status", "outcome", "model", "test"]);
    const poisoned = renderReport(poison(fullReport()) as AuditReport); // safe: the same shape, other words
    expect(poisoned).not.toContain("<script");
    expect(poisoned).toContain("&lt;script&gt;");
    expect(() => read(poisoned)).not.toThrow();
  });

  test("leaves out chapters without numbers, and keeps cautions and methods", () => {
    const text = renderReport(empty);
    expect([...text.matchAll(/<h2>([^<]+)<\/h2>/g)].map(([, title]) => title)).toEqual([
      "1. Limits and cautions",
      "2. How it was made",
      "3. Records",
    ]);
  });

  test("says how far other trainings come out beside the interval of one, where some were made", () => {
    const report = fullReport();
    const [first, ...others] = report.results;
    if (first === undefined) throw new Error("Expected a result, got none");
    const results = [{ ...first, value: { ...first.value, seedSpread: 0.0123 } }, ...others];
    expect(read(renderReport({ ...report, results }))[0]?.text).toContain("SD over seeds 0.0123");
    expect(page).not.toContain("SD over seeds 0.0123");
  });

  test("speaks of intervals and of self-reported race, never of bias", () => {
    const text = read(page)[0]?.text ?? "";
    expect(text).not.toMatch(/bias/i);
    expect(text).not.toMatch(/(?<!self-reported |race-|Self-reported )\brace\b(?!-)/);
    expect(text).toContain("interval above 0.5");
  });

  test("shows numbers of each chapter with their intervals and the printed ones beside them", () => {
    const text = read(page)[0]?.text ?? "";
    expect(text).toContain("0.970 (0.962–0.978)");
    expect(text).toContain("0.962 (0.957-0.966)");
    expect(text).toContain("not estimable (too few positives)");
    expect(text).toContain("12\u202f480");
    expect(text).toContain("no masks are given for north-hospital");
    expect(text).toContain("threshold 0.4375");
    expect(text).toContain("below 0.0001");
    expect(text).toContain("0.0040"); // the standard deviation of 0.955, 0.959, 0.963
  });
});
