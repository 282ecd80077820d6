import "reflect-metadata";
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { ArgsType, type ClassType, Field, Int, ObjectType } from "type-graphql";
import { ServiceError } from "../errors.ts";
import { SafeInt } from "./scalars.ts";

/** Most nodes of one page. */
export const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;
// Raised when the meaning of a cursor's keys changes: cursors of older versions are then refused, not misread.
const CURSOR_VERSION = 1;

/** A value that a list is ordered by, in a cursor. It travels to the client: only values that the page shows anyway. */
export type CursorKey = string | number | null;

/** The arguments of every connection. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: DEFAULT_PAGE,
    description: `How many nodes to return: 1 to ${MAX_PAGE}; null is ${DEFAULT_PAGE}.`,
  })
  first?: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Return the nodes after this cursor of the same list, filter and order; null starts at the front.",
  })
  after?: string | null;
}

/** A checked request for one page: fetch `limit` rows that come after the keys `after`. */
export interface PageRequest {
  readonly first: number;
  /** One row more than the page, so that its last row says whether there is a next page. */
  readonly limit: number;
  /** Keys of the row before the page, in the list's order; undefined at the front. */
  readonly after: readonly CursorKey[] | undefined;
  /** Which list, filter and order the cursors of this page belong to. */
  readonly scope: string;
}

/** Where the page lies in its list. */
@ObjectType({ simpleResolvers: true, description: "Where a page lies in its list." })
export class PageInfo {
  @Field(() => Boolean, { description: "Whether nodes come after this page." })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, {
    description: "Whether the page was asked for with `after`, so that nodes come before it.",
  })
  readonly hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "Cursor of the first node; null on an empty page." })
  readonly startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Cursor of the last node: pass it as `after` for the next page.",
  })
  readonly endCursor!: string | null;
}

/** One page of a list as resolvers return it; `totalCount` runs only when a query selects it. */
export interface Connection<Node> {
  readonly edges: () => readonly { readonly cursor: string; readonly node: Node }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: PageInfo;
  readonly totalCount: () => Promise<number>;
}

/**
 * Reads the arguments of a connection.
 *
 * @param list - name of the list; cursors of another list are refused
 * @param selection - filter and order as given (plain JSON); cursors made under others are refused
 * @param keyCount - how many keys order the list
 * @throws {ServiceError} PAGE_TOO_LARGE, BAD_CURSOR
 */
export function readPage(list: string, selection: unknown, args: PageArgs, keyCount: number): PageRequest {
  const first = args.first ?? DEFAULT_PAGE;
  if (first < 1 || first > MAX_PAGE) {
    throw new ServiceError(
      "PAGE_TOO_LARGE",
      `Expected first from 1 to ${MAX_PAGE}, got ${first}; walk the list with after`,
    );
  }
  const scope = digest([list, selection ?? null]);
  const after = args.after == null ? undefined : readCursor(args.after, scope, keyCount);
  return { first, limit: first + 1, after, scope };
}

/**
 * Makes the page from up to `request.limit` rows in order.
 *
 * @param keysOf - the values a row is ordered by, the last one unique; all of them visible in the page
 * @param count - counts the whole list; called only when `totalCount` is selected
 */
export function toConnection<Node>(
  request: PageRequest,
  rows: readonly Node[],
  keysOf: (row: Node) => readonly CursorKey[],
  count: () => Promise<number>,
): Connection<Node> {
  const nodes = rows.slice(0, request.first);
  const cursorOf = (node: Node) => writeCursor(request.scope, keysOf(node));
  const [start, end] = [nodes[0], nodes.at(-1)];
  return {
    nodes,
    // Made when asked for: a cursor a node is a digest a node.
    edges: () => nodes.map((node) => ({ node, cursor: cursorOf(node) })),
    pageInfo: {
      hasNextPage: rows.length > request.first,
      hasPreviousPage: request.after !== undefined,
      get startCursor() {
        return start === undefined ? null : cursorOf(start);
      },
      get endCursor() {
        return end === undefined ? null : cursorOf(end);
      },
    },
    totalCount: count,
  };
}

/**
 * The GraphQL type `<name>Connection` of a node type, with its `<name>Edge`. Call it once a type, at module level.
 *
 * @param name - the node type's name
 * @param node - thunk of the node type's class
 */
export function connectionType<Node extends object>(
  name: string,
  node: () => ClassType<Node>,
): ClassType<Connection<Node>> {
  @ObjectType(`${name}Edge`, { simpleResolvers: true, description: `A ${name} in a list, with its cursor.` })
  class Edge {
    @Field(() => String, { description: "Opaque place of the node in this list, filter and order." })
    readonly cursor!: string;

    @Field(node, { description: "The node." })
    readonly node!: Node;
  }

  @ObjectType(`${name}Connection`, {
    simpleResolvers: true,
    description: `One page of a list of ${name} nodes.`,
  })
  class Page implements Connection<Node> {
    @Field(() => [Edge], { description: "The page's nodes with their cursors." })
    readonly edges!: () => readonly Edge[];

    @Field(() => [node()], { description: "The page's nodes without cursors." })
    readonly nodes!: readonly Node[];

    @Field(() => PageInfo, { description: "Where the page lies in the list." })
    readonly pageInfo!: PageInfo;

    @Field(() => SafeInt, { description: "Nodes in the whole list; counted only when asked for." })
    readonly totalCount!: () => Promise<number>;
  }
  return Page;
}

/** A cursor: version, digest of scope and keys, keys. The digest guards against mix-ups; it keeps nothing secret. */
function writeCursor(scope: string, keys: readonly CursorKey[]): string {
  return Buffer.from(JSON.stringify([CURSOR_VERSION, digest([scope, keys]), ...keys])).toString("base64url");
}

function readCursor(cursor: string, scope: string, keyCount: number): readonly CursorKey[] {
  const [version, mark, ...keys] = parseCursor(cursor);
  const known = keys.every(
    (key): key is CursorKey => key === null || typeof key === "string" || Number.isFinite(key),
  );
  if (version !== CURSOR_VERSION || keys.length !== keyCount || !known || mark !== digest([scope, keys])) {
    throw new ServiceError(
      "BAD_CURSOR",
      "Expected a cursor of this list with the same filter and order, got another; start again without after",
    );
  }
  return keys;
}

function parseCursor(cursor: string): readonly unknown[] {
  if (cursor.length > 2_000) return [];
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function digest(value: unknown): string {
  return createHash("sha256")
    .update(canonicalize(value) ?? "null")
    .digest("base64url")
    .slice(0, 16);
}
