import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/** SHA-256 (64 hexadecimal digits) of a value's canonical JSON (RFC 8785): equal requests have equal fingerprints. */
export function fingerprintOf(value: Readonly<Record<string, unknown>>): string {
  return createHash("sha256")
    .update(canonicalize(value) ?? "null")
    .digest("hex");
}
