/** The longest path below a root, in characters. */
const PATH_CAP = 1_024;

/**
 * A manifest's path as a path below the root with single slashes, or undefined when it could lead anywhere else: empty,
 * absolute, with a drive, with `.` or `..` as a segment, or with backslashes or control characters (NUL among them).
 * Nothing is decoded: `%2e%2e` is a name like any other.
 */
export function normalisePath(path: string, drop = 0): string | undefined {
  // A path that starts with ./ is common in listings, and harmless.
  const bare = path.startsWith("./") ? path.slice(2) : path;
  if (bare.length === 0 || bare.length > PATH_CAP) return undefined;
  if (bare.startsWith("/") || /^[A-Za-z]:/.test(bare) || /[\\\p{Cc}\p{Cs}\u2028\u2029]/u.test(bare))
    return undefined;
  const segments = bare.split("/");
  const kept = segments.filter((segment) => segment !== "");
  if (kept.some((segment) => segment === "." || segment === "..")) return undefined;
  const left = kept.slice(drop);
  if (left.length === 0 || bare.endsWith("/")) return undefined;
  return left.join("/");
}
