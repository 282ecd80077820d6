import { buildSchema, graphql } from "graphql";
import { expect, test } from "vitest";
import { selectedNodeFields } from "../../../api/graphql/selection.ts";

const schema = buildSchema(`
  type Query { list: Page }
  type Page { nodes: [Thing!]! edges: [Edge!]! total: Int }
  type Edge { cursor: String node: Thing! }
  type Thing { a: Int b: Int c: Int other: Other }
  type Other { z: Int }
`);

async function fieldsOf(query: string): Promise<string[]> {
  let found: string[] = [];
  const { errors } = await graphql({
    schema,
    source: query,
    rootValue: {
      list: (_args: unknown, _context: unknown, info: Parameters<typeof selectedNodeFields>[0]) => {
        found = [...selectedNodeFields(info)].sort();
        return null;
      },
    },
  });
  expect(errors).toBeUndefined();
  return found;
}

test.each([
  ["{ list { total } }", []],
  ["{ list { nodes { a } } }", ["a"]],
  ["{ list { nodes { x: a b } total } }", ["a", "b"]],
  ["{ list { edges { cursor node { c } } nodes { a } } }", ["a", "c"]],
  ["{ list { nodes { other { z } __typename } } }", ["__typename", "other"]],
  ["{ list { ... { nodes { ... on Thing { a } } } } }", ["a"]],
  ["{ list { nodes { a } } ... on Query { list { nodes { b } } } }", ["a", "b"]],
  ["{ list { nodes { a @include(if: false) } } }", ["a"]],
  [
    "{ list { ...Page } } fragment Page on Page { edges { ...Edge } } fragment Edge on Edge { node { ...Thing } } fragment Thing on Thing { b c }",
    ["b", "c"],
  ],
])("%s reads %j", async (query, fields) => {
  expect(await fieldsOf(query)).toEqual(fields);
});
