import type { Protocol } from "../../compute/index.ts";
import type { experiments } from "./experiment.table.ts";

/**
 * A protocol as a row; its publication is the first of those that print numbers for it.
 *
 * @param publicationIds - newest version of each publication, by slug.
 */
export function experimentRow(
  protocol: Protocol,
  publicationIds: ReadonlyMap<string, number>,
): typeof experiments.$inferInsert {
  const { id, title, group, published } = protocol;
  return {
    slug: id,
    title,
    group,
    protocol: { ...protocol },
    publicationId: publicationIds.get(published[0]?.publication ?? "") ?? null,
  };
}
