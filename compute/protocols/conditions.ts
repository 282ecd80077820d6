import { ComputeError } from "../errors.ts";
import { parseChain, type TransformChain } from "../transforms/chain.ts";
import type { Protocol } from "./schema.ts";

/** Whether transforms do what the study's words say, or what its published code does. */
export const protocolModes = ["corrected", "legacy"] as const;
export type ProtocolMode = (typeof protocolModes)[number];

/**
 * What a condition's transforms do to images of the size asked about: change them, leave them as they are, or leave
 * nothing but one grey (a high pass beyond the corner), so that no model can tell them apart.
 */
export type ConditionEffect = "changes" | "identity" | "blank";

/** One point of a protocol's grid. */
export interface ProtocolCondition {
  /** Unique within the protocol: `radius=10`, axes in the grid's order; `all` where there is no grid. */
  readonly key: string;
  /** A value for each axis. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** What is done to the images of each transformed side; empty where nothing is. */
  readonly transforms: TransformChain;
  /** The chain for training images: empty unless the protocol trains on transformed ones. */
  readonly train: TransformChain;
  /** The chain for test images. */
  readonly test: TransformChain;
  readonly effect: ConditionEffect;
}

/**
 * The conditions of a protocol, in order of the grid, the last axis fastest.
 *
 * @param size - of the images as the model takes them; decides `effect` alone. Radii are frequency bins, so cycles
 * across the image, and mean the same at every size.
 * @param masks - name of the dataset's masks of the procedure's region; absent: as the region
 * @throws {ComputeError} as `parseChain`; never for a protocol that `parseProtocol` has passed, unless a plugin is gone.
 */
export function protocolConditions(
  protocol: Protocol,
  mode: ProtocolMode,
  size: { readonly rows: number; readonly cols: number } = { rows: 224, cols: 224 },
  masks?: string,
): readonly ProtocolCondition[] {
  const { procedure } = protocol;
  const trainsOnTransformed = procedure.kind === "classifier" && procedure.trainOn === "transformed";
  const testsOnTransformed = procedure.kind !== "classifier" || procedure.testOn === "transformed";
  return gridPoints(protocol).map((parameters) => {
    const transforms = [...maskAt(protocol, parameters, masks), ...chainAt(protocol, mode, parameters)];
    const axes = Object.entries(parameters);
    return {
      key: axes.length === 0 ? "all" : axes.map(([axis, value]) => `${axis}=${value}`).join(","),
      parameters,
      transforms,
      train: trainsOnTransformed ? transforms : [],
      test: testsOnTransformed ? transforms : [],
      effect: effectOf(transforms, size),
    };
  });
}

/** Every combination of the grid's values that `rising` allows. */
export function gridPoints({
  grid,
  rising = [],
}: Pick<Protocol, "grid" | "rising">): readonly Readonly<Record<string, number | string>>[] {
  let points: readonly Readonly<Record<string, number | string>>[] = [{}];
  for (const [axis, values] of Object.entries(grid)) {
    points = points.flatMap((point) => values.map((value) => ({ ...point, [axis]: value })));
  }
  return points.filter((point) =>
    rising.every((axis, index) => {
      const before = rising[index - 1];
      return before === undefined || Number(point[before]) < Number(point[axis]);
    }),
  );
}

/**
 * The chain of a condition, each `$axis` replaced by the axis's value.
 *
 * @throws {ComputeError} INVALID_PARAM where an axis is not there; and as `parseChain`
 */
export function chainAt(
  { transforms }: Pick<Protocol, "transforms">,
  mode: ProtocolMode,
  parameters: Readonly<Record<string, number | string>>,
): TransformChain {
  const links = transforms?.[mode] ?? [];
  return parseChain(
    links.map(({ id, params }) => ({
      id,
      params: Object.fromEntries(
        Object.entries(params).map(([param, value]) => [param, resolved(param, value, parameters)]),
      ),
    })),
  );
}

/**
 * What leaves the inside or the outside of a region alone, as the study does it: all else is black. Empty without a mask.
 *
 * @throws {ComputeError} INVALID_PARAM where `keep` is neither, or names no axis
 */
export function maskAt(
  { procedure }: Pick<Protocol, "procedure">,
  parameters: Readonly<Record<string, number | string>>,
  masks?: string,
): TransformChain {
  if (procedure.kind !== "classifier" || procedure.mask === undefined) return [];
  const { region, keep } = procedure.mask;
  const kept = resolved("keep", keep, parameters);
  if (kept !== "inside" && kept !== "outside") {
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected keep to be inside or outside, got ${JSON.stringify(kept)}; change it`,
    );
  }
  const what = kept === "inside" ? "keep" : "remove";
  return parseChain([{ id: "mask", params: { name: masks ?? region, what, fill: "black" } }]);
}

function resolved(
  param: string,
  value: number | string | boolean,
  parameters: Readonly<Record<string, number | string>>,
): number | string | boolean {
  if (typeof value !== "string" || !value.startsWith("$")) return value;
  const axis = parameters[value.slice(1)];
  if (axis !== undefined) return axis;
  const known = Object.keys(parameters).join(", ") || "none, the grid is empty";
  throw new ComputeError(
    "INVALID_PARAM",
    `Expected ${param} to name an axis of the grid (${known}), got ${JSON.stringify(value)}; change it`,
  );
}

/** What the last word of a chain on an image is, as far as it follows from the parameters. */
function effectOf(
  chain: TransformChain,
  { rows, cols }: { readonly rows: number; readonly cols: number },
): ConditionEffect {
  const corner = Math.hypot(rows / 2, cols / 2);
  const effects = chain.map(({ id, params }): ConditionEffect => {
    const measured = params["measure"] === "diameter" ? 0.5 : 1;
    const beyond = (name: string) => Number(params[name]) * measured > corner;
    switch (id) {
      case "low_pass":
        return beyond("radius") ? "identity" : "changes";
      case "high_pass":
        return beyond("radius") ? "blank" : "changes";
      case "band_pass":
        return beyond("inner") ? "blank" : "changes";
      case "notch":
        return beyond("inner") ? "identity" : "changes";
      case "resolution":
        return Number(params["side"]) >= Math.max(rows, cols) ? "identity" : "changes";
      case "window":
        return params["width"] === 1 && params["centre"] === 0.5 ? "identity" : "changes";
      case "field_of_view":
        return params["share"] === 1 ? "identity" : "changes";
      default:
        return "changes";
    }
  });
  if (effects.includes("blank")) return "blank";
  return effects.every((effect) => effect === "identity") ? "identity" : "changes";
}
