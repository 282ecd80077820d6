import { ComputeError } from "../errors.ts";
import type { OcclusionSpec } from "../onnx/saliency/occlude.ts";
import { parseParams } from "../params.ts";
import type { Transform, TransformShape } from "./transform.ts";
import { findTransform } from "./transform-registry.ts";

/** One link of a chain as it is stored and fingerprinted: canonical, every parameter given. */
export interface ChainLink {
  readonly id: string;
  readonly version: number;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Transforms in the order in which they act; empty: the images as they are. */
export type TransformChain = readonly ChainLink[];

// A chain is a request of a person; more would be a mistake or an attack.
const MOST_LINKS = 32;

/**
 * Reads `[{id, params}, ...]`, fills defaults in, and puts the plugin's version into each link.
 *
 * @throws {ComputeError} INVALID_PARAM, NO_SUCH_PLUGIN; INVALID_PARAM where what acts on brightness follows what acts
 * on the model's own scale, or anything follows what takes the model.
 */
export function parseChain(given: unknown): TransformChain {
  if (!Array.isArray(given) || given.length > MOST_LINKS) {
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected a list of at most ${MOST_LINKS} transforms, got ${Array.isArray(given) ? given.length : typeof given}`,
    );
  }
  const chain = given.map(parseLink);
  let normalised: string | undefined;
  for (const [place, { id, params }] of chain.entries()) {
    if (findTransform(id).occlusion !== undefined && place < chain.length - 1) {
      throw new ComputeError(
        "INVALID_PARAM",
        `Expected ${id} as the last of the transforms, got others after it; put it last`,
      );
    }
    // Safe: parseLink parsed them by this transform's own specs.
    const space = findTransform(id).space(params as never);
    if (space === "normalised") normalised ??= id;
    else if (normalised !== undefined) {
      throw new ComputeError(
        "INVALID_PARAM",
        `Expected ${id}, which acts on brightness, before ${normalised}, which acts after normalisation; put it first or choose its legacy mode`,
      );
    }
  }
  return Object.freeze(chain);
}

function parseLink(link: unknown): ChainLink {
  if (typeof link !== "object" || link === null || !("id" in link) || typeof link.id !== "string") {
    throw new ComputeError("INVALID_PARAM", "Expected each transform as {id, params}, got something else");
  }
  const transform = findTransform(link.id);
  if ("version" in link && link.version !== transform.version) {
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected version ${transform.version} of ${link.id}, got ${JSON.stringify(link.version)}; this installation computes no other`,
    );
  }
  const given = "params" in link ? link.params : {};
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ComputeError("INVALID_PARAM", `Expected the parameters of ${link.id} as an object`);
  }
  // Safe: any object reads as names and unknown values; parseParams checks each.
  const params = parseParams(transform.params, given as Readonly<Record<string, unknown>>);
  return Object.freeze({ id: link.id, version: transform.version, params });
}

/**
 * Finds out before any pixel is read whether a chain can be done at a model's input size.
 *
 * @throws {ComputeError | KernelError} INVALID_PARAM, BAD_PARAMETER
 */
export function checkChain(chain: TransformChain, shape: TransformShape): void {
  for (const { transform, params } of links(chain)) transform.plan(params, shape);
}

/** How many images before and after one have a part in what the chain makes of it; 0 for all but legacy blur. */
export function reachOfChain(chain: TransformChain): number {
  let reach = 0;
  for (const { transform, params } of links(chain)) reach += transform.reach?.(params) ?? 0;
  return reach;
}

/** Names of the masks that every image must have, each once. */
export function masksOfChain(chain: TransformChain): readonly string[] {
  return [...new Set(links(chain).flatMap(({ transform, params }) => transform.masks?.(params) ?? []))];
}

/** What the evaluated model's own maps blot out after all else; undefined: nothing. */
export function occlusionOf(chain: TransformChain): OcclusionSpec | undefined {
  const last = links(chain).at(-1);
  return last?.transform.occlusion?.(last.params);
}

/** What of a chain can be done without the model. */
export function withoutOcclusion(chain: TransformChain): TransformChain {
  return occlusionOf(chain) === undefined ? chain : chain.slice(0, -1);
}

/** The chain's transforms with their parameters, in order. */
export function links(
  chain: TransformChain,
): readonly { readonly transform: Transform; readonly params: never }[] {
  // Safe: parseChain parsed the parameters by this transform's own specs; their type is lost in storage.
  return chain.map(({ id, params }) => ({ transform: findTransform(id), params: params as never }));
}

/** One line for people: `low_pass(radius 25) > clip`. Defaults are left out. */
export function describeChain(chain: TransformChain): string {
  if (chain.length === 0) return "plain";
  return chain
    .map(({ id, params }) => {
      const specs = findTransform(id).params;
      const told = Object.entries(params).filter(([name, value]) => specs[name]?.default !== value);
      return told.length === 0 ? id : `${id}(${told.map(([name, value]) => `${name} ${value}`).join(", ")})`;
    })
    .join(" > ");
}
