import { DrizzleQueryError } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { isTransactionConflict, toServiceError, violatedConstraint } from "../../../api/db/database-error.ts";
import { ServiceError } from "../../../api/errors.ts";

/** As node-postgres builds them. */
const serverError = (code: string, message = "said by the server", more: object = {}) =>
  Object.assign(new Error(message), { code, severity: "ERROR", ...more });

const systemError = (code: string, syscall: string) =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

describe("toServiceError", () => {
  test.each([
    ["08006", "DB_UNAVAILABLE", true],
    ["57P01", "DB_UNAVAILABLE", true],
    ["57P03", "DB_UNAVAILABLE", true],
    ["3D000", "DB_UNAVAILABLE", true],
    ["57014", "DB_TIMEOUT", true],
    ["25P03", "DB_TIMEOUT", true],
    ["55P03", "DB_BUSY", true],
    ["53300", "DB_BUSY", true],
    ["53100", "STORAGE_FULL", true],
    ["40001", "CONFLICT", true],
    ["40P01", "CONFLICT", true],
    ["23505", "DB_REFUSED", false],
    ["42P01", "DB_REFUSED", false],
  ])("reads SQLSTATE %s as %s", (state, code, retryable) => {
    expect(toServiceError(serverError(state))).toMatchObject({ code, retryable, cause: { sqlState: state } });
  });

  test.each([
    [systemError("ECONNREFUSED", "connect"), "DB_UNAVAILABLE"],
    [systemError("ENOENT", "connect"), "DB_UNAVAILABLE"],
    [systemError("ENOTFOUND", "getaddrinfo"), "DB_UNAVAILABLE"],
    [systemError("ECONNRESET", "read"), "DB_UNAVAILABLE"],
    [new AggregateError([systemError("ECONNREFUSED", "connect")]), "DB_UNAVAILABLE"],
    [new Error("Connection terminated unexpectedly"), "DB_UNAVAILABLE"],
    [new Error("Query read timeout"), "DB_UNAVAILABLE"],
    [new Error("timeout exceeded when trying to connect"), "DB_BUSY"],
  ])("reads %s as %s", (error, code) => {
    expect(toServiceError(error)).toMatchObject({ code });
  });

  test("leaves what does not come from the database as it is", () => {
    const others = [
      systemError("ENOENT", "open"),
      new TypeError("mine"),
      serverless("23505"),
      "text",
      undefined,
    ];
    for (const other of others) expect(toServiceError(other)).toBe(other);
  });

  test("keeps a ServiceError, also inside drizzle's wrapper", () => {
    const ours = new ServiceError("NESTED_ACQUIRE", "ours");
    expect(toServiceError(new DrizzleQueryError("select $1", ["MRN-0042"], ours))).toBe(ours);
  });

  test("drops statements, parameters, details and quoted values", () => {
    const detail = "Key (id)=(MRN-0042) already exists.";
    const said = [
      serverError("23505", "duplicate key value violates unique constraint", { detail, where: "MRN-0042" }),
      serverError("22P02", 'invalid input syntax for type integer: "MRN-0042"'),
    ];
    for (const error of said) {
      const safe = toServiceError(new DrizzleQueryError("insert MRN-0042", ["MRN-0042"], error));
      if (!(safe instanceof ServiceError)) throw new Error("Expected a ServiceError");
      const printed = [safe, safe.cause].map((each) => [
        String(each),
        JSON.stringify(each),
        each instanceof Error && each.stack,
      ]);
      expect(JSON.stringify(printed)).not.toContain("MRN");
    }
  });
});

test("violatedConstraint names the constraint through every wrapper", () => {
  const error = serverError("23505", "no", { constraint: "dataset_slug_key" });
  expect(violatedConstraint(new DrizzleQueryError("insert", [], error))).toBe("dataset_slug_key");
  expect(violatedConstraint(toServiceError(error))).toBe("dataset_slug_key");
  expect(violatedConstraint(new Error("other"))).toBeUndefined();
});

test("isTransactionConflict is true of serialization failures and deadlocks only", () => {
  expect(
    ["40001", "40P01", "23505", "57014"].map((state) => isTransactionConflict(serverError(state))),
  ).toEqual([true, true, false, false]);
});

/** A code of five characters that is not from the server. */
function serverless(code: string): Error {
  return Object.assign(new Error("somebody else's"), { code });
}
