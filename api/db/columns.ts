import { sql } from "drizzle-orm";
import { bigint, customType, timestamp } from "drizzle-orm/pg-core";

/** A bigint identity, read as a number: 2^53 rows are out of reach. */
export const primaryId = () => bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity();

/** A reference to another table's identity; add `.references(...)`. */
export const idColumn = (name: string) => bigint(name, { mode: "number" });

/** When the row was written, by the database's clock. */
export const recordedAt = () =>
  timestamp("recorded_at", { withTimezone: true, mode: "date" }).notNull().default(sql`now()`);

/** Raw bytes: columns of numbers, digests. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({
  dataType: () => "bytea",
});

/** A SHA-256 digest as 64 lower-case hexadecimal digits. */
export const SHA256_PATTERN = "^[0-9a-f]{64}$";
