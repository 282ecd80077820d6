import { describe, expect, test } from "vitest";
import { errorMeanings, importErrorMeanings, reasonMeanings } from "../../api/error-meanings.ts";
import { errorTraits, isErrorCode, ServiceError } from "../../api/errors.ts";

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
const yes = (flag: boolean): string => (flag ? "yes" : "no");

/** docs/errors.md, from the tables. */
function errorsPage(): string {
  const entries = Object.entries(errorTraits);
  const shown = entries.filter(([, { masked }]) => !masked);
  const masked = entries.filter(([code, traits]) => traits.masked && code !== "INTERNAL_SERVER_ERROR");
  const meaning = (code: string): string => (isErrorCode(code) ? errorMeanings[code] : "");
  return `${[
    "# Errors",
    "",
    "This page is written by `tests/api/errors.test.ts` from the tables in the sources; run it with `-u` to write it anew.",
    "",
    "Every error of the API is one object of `errors`, over GraphQL and on every other path:",
    "",
    "```json",
    '{ "message": "Expected first from 1 to 200, got 500; walk the list with after",',
    '  "extensions": { "code": "PAGE_TOO_LARGE", "retryable": false, "requestId": "…" } }',
    "```",
    "",
    "`code` is one of the table below and nothing else. `retryable` says whether the same request may succeed when it is",
    "sent again later. `requestId` is also in the header `X-Request-Id` and in the log. Messages never hold values of",
    "patients, SQL, or places on the server's disk.",
    "",
    "## Codes",
    "",
    row("code", "status", "retryable", "meaning"),
    row("---", "---", "---", "---"),
    ...shown.map(([code, { status, retryable }]) =>
      row(`\`${code}\``, status, yes(retryable), meaning(code)),
    ),
    row("`INTERNAL_SERVER_ERROR`", 500, "no", errorMeanings.INTERNAL_SERVER_ERROR),
    "",
    "The status is that of refusals outside GraphQL and before execution; an error of a single field comes with status 200.",
    "",
    "## Faults",
    "",
    "Over the API these all read `INTERNAL_SERVER_ERROR`; the log and the command line show their own code.",
    "",
    row("code", "meaning"),
    row("---", "---"),
    ...masked.map(([code]) => row(`\`${code}\``, meaning(code))),
    "",
    "## Problems of imported files",
    "",
    "A rejected import stores nothing and lists its first problems, each with a code, a line and a column.",
    "",
    row("code", "meaning"),
    row("---", "---"),
    ...Object.entries(importErrorMeanings).map(([code, words]) => row(`\`${code}\``, words)),
    "",
    "## Reasons for a missing number",
    "",
    "A number that cannot be given is an answer, not an error: `status` says so and `reason` says why.",
    "",
    row("reason", "meaning"),
    row("---", "---"),
    ...Object.entries(reasonMeanings).map(([code, words]) => row(`\`${code}\``, words)),
  ].join("\n")}\n`;
}

describe("the table of errors", () => {
  test("is the one in docs/errors.md", async () => {
    await expect(errorsPage()).toMatchFileSnapshot("../../docs/errors.md");
  });

  test("lets only retryable codes say so", () => {
    expect(new ServiceError("DB_BUSY", "x").retryable).toBe(true);
    expect(new ServiceError("BAD_CURSOR", "x").retryable).toBe(false);
    expect(isErrorCode("toString")).toBe(false);
  });
});
