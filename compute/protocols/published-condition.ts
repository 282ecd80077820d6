import type { TransformChain } from "../transforms/chain.ts";
import { protocolConditions, protocolModes } from "./conditions.ts";
import type { Protocol } from "./schema.ts";

/** What the publications call the axes of the grids; the study's "diameter" acts as a radius. */
const publishedNames: Readonly<Record<string, string>> = {
  radius: "diameter",
  ceiling: "clipAt",
  tile: "patch",
  deviation: "sigma",
  side: "sizePx",
};

/**
 * Whether images transformed by `chain` are those that a published number was measured on: none transformed where
 * the publication tested on originals; otherwise a condition of the protocol, in either mode, with the published value
 * on each axis. An axis the publication gives no value for must have one value only.
 *
 * @param tested - what the published record says of its test images: its condition and its parameters.
 */
export function isPublishedCondition(
  protocol: Protocol,
  tested: { readonly images: string; readonly parameters: Readonly<Record<string, unknown>> },
  chain: TransformChain,
): boolean {
  if (tested.images === "original" || tested.images === "stratum") return chain.length === 0;
  if (protocol.transforms === null || chain.length === 0) return false;
  return protocolModes.some((mode) =>
    protocolConditions(protocol, mode).some(
      ({ parameters, test }) =>
        isSameChain(test, chain) &&
        Object.entries(parameters).every(([axis, value]) => {
          const printed = tested.parameters[publishedNames[axis] ?? axis];
          return printed === undefined ? protocol.grid[axis]?.length === 1 : printed === value;
        }),
    ),
  );
}

/** Whether two chains do the same; stored ones may have their names in another order. */
function isSameChain(one: TransformChain, other: TransformChain): boolean {
  return (
    one.length === other.length &&
    one.every(({ id, version, params }, index) => {
      const link = other[index];
      const names = Object.keys(params);
      return (
        link?.id === id &&
        link.version === version &&
        names.length === Object.keys(link.params).length &&
        names.every((name) => params[name] === link.params[name])
      );
    })
  );
}
