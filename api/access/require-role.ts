import { ServiceError } from "../errors.ts";
import type { Role } from "./access.table.ts";
import { includesRole, type Principal } from "./principal.ts";

/**
 * Refuses a principal that may not do `needed` on the dataset with this row id; without an id the base role decides
 * (for what belongs to no dataset, or makes one).
 *
 * @throws {ServiceError} UNAUTHENTICATED without a token, FORBIDDEN with one that does not suffice
 */
export function requireRole(principal: Principal, needed: Role, datasetId?: number): void {
  const role = datasetId === undefined ? principal.baseRole : principal.role(datasetId);
  if (includesRole(role, needed)) return;
  const where = datasetId === undefined ? "here" : "on this dataset";
  throw principal.kind === "anonymous"
    ? new ServiceError(
        "UNAUTHENTICATED",
        `Expected a token of a ${needed} ${where}, got none; send one as a bearer token`,
      )
    : new ServiceError(
        "FORBIDDEN",
        `Expected a ${needed} ${where}, got a token of a ${role}; ask its steward for a grant`,
      );
}
