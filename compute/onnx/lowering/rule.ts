import type { GraphComposite, GraphNode } from "../graph/graph.ts";
import type { Layouts } from "./layouts.ts";

/** Lowers one operation, where it can: false leaves it as it is. */
export type LoweringRule = (layouts: Layouts, node: GraphNode) => boolean;

/** Lowers operations that compute something together. */
export type CompositeRule = (layouts: Layouts, composite: GraphComposite) => boolean;
