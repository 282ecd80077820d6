import { type Role, roles } from "./access.table.ts";

/** Who asks, and what they may see of each dataset. Frozen for the length of one request. */
export interface Principal {
  /** `operator`: the command line on this machine; `token`: a bearer of a token; `anonymous`: no token. */
  readonly kind: "operator" | "token" | "anonymous";
  /** Row of the token; absent for the operator and for anonymous callers. */
  readonly tokenId?: number;
  /** The role on every dataset that has no grant of its own; also the role for what belongs to no dataset. */
  readonly baseRole: Role;
  /** The highest role it has anywhere: what it may do that belongs to no dataset yet, such as uploading a file. */
  readonly highestRole: Role;
  /** The role on one dataset, by its row id: the higher of the base role and the grant. */
  role(datasetId: number): Role;
}

/** The person at the command line: may do everything. */
export const operator: Principal = Object.freeze({
  kind: "operator",
  baseRole: "steward",
  highestRole: "steward",
  role: (): Role => "steward",
});

/** A caller without a token, with the role that the configuration gives to such callers. */
export function anonymousPrincipal(role: Role): Principal {
  return Object.freeze({ kind: "anonymous", baseRole: role, highestRole: role, role: () => role });
}

/** The bearer of a token: `baseRole` everywhere, raised by grants (dataset row id to role). */
export function tokenPrincipal(
  tokenId: number,
  baseRole: Role,
  grants: ReadonlyMap<number, Role>,
): Principal {
  return Object.freeze({
    kind: "token",
    tokenId,
    baseRole,
    highestRole: [...grants.values()].reduce(higherRole, baseRole),
    role: (datasetId: number): Role => higherRole(baseRole, grants.get(datasetId) ?? baseRole),
  });
}

/** Whether `role` includes everything that `needed` may do. */
export function includesRole(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** The one of two roles that may do more. */
export function higherRole(a: Role, b: Role): Role {
  return includesRole(a, b) ? a : b;
}
