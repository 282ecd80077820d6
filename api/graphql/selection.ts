import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from "graphql";

/** Names of fields that a query may read; a superset where it skips or includes some. */
export type SelectedFields = ReadonlySet<string>;

/** The fields asked of the nodes of a connection, under `nodes` and `edges { node }`, fragments spread out. */
export function selectedNodeFields(info: GraphQLResolveInfo): SelectedFields {
  const names = new Set<string>();
  for (const { selectionSet } of info.fieldNodes) {
    if (selectionSet === undefined) continue;
    eachField(info, selectionSet, (name, inner) => {
      if (inner === undefined) return;
      if (name === "nodes") collect(info, inner, names);
      if (name === "edges") {
        eachField(info, inner, (part, node) => {
          if (part === "node" && node !== undefined) collect(info, node, names);
        });
      }
    });
  }
  return names;
}

function collect(info: GraphQLResolveInfo, set: SelectionSetNode, names: Set<string>): void {
  eachField(info, set, (name) => {
    names.add(name);
  });
}

/** Directives that skip are not looked at, and types of fragments neither: what is read too much does no harm. */
function eachField(
  info: GraphQLResolveInfo,
  set: SelectionSetNode,
  visit: (name: string, inner: SelectionSetNode | undefined) => void,
): void {
  for (const node of set.selections) {
    if (node.kind === Kind.FIELD) visit(node.name.value, node.selectionSet);
    else if (node.kind === Kind.INLINE_FRAGMENT) eachField(info, node.selectionSet, visit);
    else {
      // Validation has seen to it that the fragment exists and does not spread itself.
      const fragment = info.fragments[node.name.value];
      if (fragment !== undefined) eachField(info, fragment.selectionSet, visit);
    }
  }
}
