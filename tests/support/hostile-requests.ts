/** A request that must be refused before the database hears of it. */
export interface HostileRequest {
  readonly name: string;
  readonly path?: string;
  readonly init: RequestInit;
  /** Codes it may be refused with. */
  readonly codes: readonly string[];
}

const json = { "Content-Type": "application/json" };
const nodes = "nodes { slug }";

function post(name: string, query: string, codes: readonly string[], variables?: unknown): HostileRequest {
  return { name, codes, init: { method: "POST", headers: json, body: JSON.stringify({ query, variables }) } };
}

function raw(
  name: string,
  body: string,
  codes: readonly string[],
  headers: Record<string, string> = json,
): HostileRequest {
  return { name, codes, init: { method: "POST", headers, body } };
}

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");

const nested = (depth: number): string =>
  `{ dataset(slug: "x") ${"{ versions { dataset ".repeat(depth)}{ slug }${" } }".repeat(depth)} }`;

/** `count` fragments, each of which spreads the next one twice: 2^count fields. */
const doubling = (count: number): string =>
  `{ dataset(slug: "x") { ...F0 } } ${times(count, (i) => `fragment F${i} on Dataset { slug ...F${i + 1} ...F${i + 1} }`)} fragment F${count} on Dataset { slug }`;

const cyclic = (length: number): string =>
  `{ dataset(slug: "x") { ...F0 } } ${times(length, (i) => `fragment F${i} on Dataset { versions { dataset { ...F${(i + 1) % length} } } }`)}`;

const deepJson = (depth: number): unknown => {
  let value: unknown = "x";
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { in: value };
  return value;
};

const TOO_BIG = ["QUERY_TOO_MANY_TOKENS", "QUERY_TOO_LARGE"];
const VALIDATION = ["GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"];

const depths = [13, 20, 40, 100, 300, 1_000, 3_000].flatMap((depth) => [
  post(`selections ${2 * depth} deep`, nested(depth), ["QUERY_TOO_DEEP", ...TOO_BIG]),
  post(
    `a list literal ${depth} deep`,
    `{ datasets(filter: ${"[".repeat(depth + 60)}1${"]".repeat(depth + 60)}) { ${nodes} } }`,
    ["QUERY_TOO_DEEP", ...TOO_BIG],
  ),
  post(
    `an object literal ${depth} deep`,
    `{ datasets(filter: ${"{a: ".repeat(depth + 60)}1${"}".repeat(depth + 60)}) { ${nodes} } }`,
    ["QUERY_TOO_DEEP", ...TOO_BIG],
  ),
  post(
    `a variable ${depth + 20} deep`,
    `query ($f: DatasetFilter) { datasets(filter: $f) { ${nodes} } }`,
    ["VARIABLES_TOO_DEEP"],
    { f: deepJson(depth + 20) },
  ),
  post(
    `a type ${depth + 60} lists deep`,
    `query ($f: ${"[".repeat(depth + 60)}Int${"]".repeat(depth + 60)}) { datasets { ${nodes} } }`,
    ["QUERY_TOO_DEEP", ...TOO_BIG],
  ),
]);

const widths = [101, 500, 2_000, 10_000].flatMap((count) => [
  post(`${count} aliases`, `{ ${times(count, (i) => `a${i}: datasets { totalCount }`)} }`, [
    "QUERY_TOO_MANY_ALIASES",
    ...TOO_BIG,
  ]),
  post(`${count} aliases of a leaf`, `{ dataset(slug: "x") { ${times(count, (i) => `a${i}: slug`)} } }`, [
    "QUERY_TOO_MANY_ALIASES",
    ...TOO_BIG,
  ]),
  post(`${count} directives`, `{ dataset(slug: "x") { slug ${times(count, () => "@include(if: true)")} } }`, [
    "QUERY_TOO_MANY_DIRECTIVES",
    ...TOO_BIG,
  ]),
  post(
    `${count} operations`,
    times(count, (i) => `query Q${i} { datasets { totalCount } }`),
    ["QUERY_TOO_MANY_OPERATIONS", ...TOO_BIG],
  ),
  post(`${10 * count} fields`, `{ dataset(slug: "x") { ${times(10 * count, () => "slug")} } }`, TOO_BIG),
  post(
    `${count} variables`,
    `query (${times(2 * count, (i) => `$v${i}: Int`)}) { datasets { totalCount } }`,
    [...TOO_BIG, ...VALIDATION],
  ),
  post(
    `${count} values in a list`,
    `{ datasets(filter: { slugs: [${times(10 * count, () => '"x"')}] }) { ${nodes} } }`,
    TOO_BIG,
  ),
  post(`${count} unknown fields`, `{ ${times(count, (i) => `x${i}`)} }`, [...TOO_BIG, ...VALIDATION]),
]);

const fragments = [
  ...[12, 20, 30, 45, 60].map((count) =>
    post(`2^${count} spreads`, doubling(count), ["QUERY_TOO_MANY_FIELDS", ...TOO_BIG]),
  ),
  ...[1, 2, 5, 30].map((length) =>
    post(`a circle of ${length} fragments`, cyclic(length), ["QUERY_TOO_DEEP"]),
  ),
  post(
    "a fragment named like introspection",
    `{ dataset(slug: "x") { ...__schema } } fragment __schema on Dataset ${"{ versions { dataset ".repeat(8)} { slug } ${"} }".repeat(8)}`,
    ["QUERY_TOO_DEEP"],
  ),
  post(
    "an alias named like introspection",
    `{ __schema: dataset(slug: "x") ${"{ versions { dataset ".repeat(8)} { slug } ${"} }".repeat(8)} }`,
    ["QUERY_TOO_DEEP"],
  ),
  post(
    "circular introspection",
    `{ __schema { types ${"{ fields { type ".repeat(12)}{ name }${" } }".repeat(12)} } }`,
    ["QUERY_TOO_DEEP", ...VALIDATION],
  ),
  post(
    "wide circular introspection",
    `{ __schema { types ${"{ fields { type ".repeat(5)}{ name }${" } }".repeat(5)} } }`,
    VALIDATION,
  ),
  post(
    "deep inline fragments",
    `{ dataset(slug: "x") ${"{ ... on Dataset ".repeat(70)}{ slug }${" }".repeat(70)} }`,
    ["QUERY_TOO_DEEP"],
  ),
  post(
    "depth hidden in fragments",
    `{ dataset(slug: "x") { ...A } } ${times(8, (i) => `fragment ${"ABCDEFGHI"[i]} on Dataset { versions { dataset { ...${"ABCDEFGHI"[i + 1]} } } }`)} fragment I on Dataset { slug }`,
    ["QUERY_TOO_DEEP"],
  ),
];

const pages = [1_000_000_000, 2 ** 31 - 1, 200].flatMap((first) => [
  post(
    `pages of ${first} in pages of ${first}`,
    `{ datasets(first: ${first}) { nodes { evaluations(first: ${first}) { nodes { dataset { evaluations(first: ${first}) { nodes { id } } } } } } } }`,
    ["QUERY_TOO_COSTLY"],
  ),
  post(
    `pages of ${first} by variable`,
    `query ($n: Int) { datasets(first: $n) { nodes { evaluations(first: $n) { nodes { dataset { slug title } model { slug } } } } } }`,
    ["QUERY_TOO_COSTLY"],
    { n: first },
  ),
]);

const texts = [
  post("NUL in a literal", '{ dataset(slug: "a\\u0000b") { slug } }', ["BAD_STRING"]),
  post("NUL in a block", `{ dataset(slug: """a\u0000b""") { slug } }`, [
    "BAD_STRING",
    "GRAPHQL_PARSE_FAILED",
  ]),
  post("NUL in a variable", "query ($s: String!) { dataset(slug: $s) { slug } }", ["BAD_STRING"], {
    s: "a\0b",
  }),
  post("NUL in a name of a variable", "query ($s: String!) { dataset(slug: $s) { slug } }", ["BAD_STRING"], {
    "s\0": "x",
  }),
  post(
    "NUL in a list of a variable",
    "query ($s: [String!]) { datasets(filter: { slugs: $s }) { totalCount } }",
    ["BAD_STRING"],
    { s: ["a", "\0"] },
  ),
  raw(
    "half a surrogate pair in a variable",
    '{"query":"query ($s: String!) { dataset(slug: $s) { slug } }","variables":{"s":"\\ud800"}}',
    ["BAD_STRING"],
  ),
  raw("the other half in a literal", '{"query":"{ dataset(slug: \\"\\\\udc00\\") { slug } }"}', [
    "BAD_STRING",
    "GRAPHQL_PARSE_FAILED",
  ]),
  raw(
    "__proto__ in variables",
    '{"query":"query ($f: DatasetFilter) { datasets(filter: $f) { totalCount } }","variables":{"f":{"__proto__":{"x":1}}}}',
    ["BAD_REQUEST"],
  ),
  post("a literal of 90 kB", `{ dataset(slug: "${"x".repeat(200_000)}") { slug } }`, ["QUERY_TOO_LARGE"]),
  post("comments of 200 kB", `{ datasets { totalCount } } #${"x".repeat(200_000)}`, ["QUERY_TOO_LARGE"]),
  post(
    "30,000 values in variables",
    "query ($s: [String!]) { datasets(filter: { slugs: $s }) { totalCount } }",
    ["VARIABLES_TOO_MANY", "QUERY_TOO_LARGE"],
    { s: Array.from({ length: 30_000 }, () => 1) },
  ),
];

const get = (
  name: string,
  search: string,
  codes: readonly string[],
  headers: Record<string, string> = { "apollo-require-preflight": "1" },
): HostileRequest => ({
  name,
  codes,
  path: `/graphql?${search}`,
  init: { headers },
});
const simple = encodeURIComponent("{ datasets { totalCount } }");
const mutation = 'mutation { createUpload(input: { fileName: "x.csv" }) { id } }';

const protocol: readonly HostileRequest[] = [
  get("a mutation by GET", `query=${encodeURIComponent(mutation)}`, ["BAD_REQUEST", "METHOD_NOT_ALLOWED"]),
  get("a GET without a preflight", `query=${simple}`, ["BAD_REQUEST"], {}),
  get("a GET as a form", `query=${simple}`, ["BAD_REQUEST"], {
    "content-type": "application/x-www-form-urlencoded",
  }),
  get("a GET as text", `query=${simple}`, ["BAD_REQUEST"], { "content-type": "text/plain" }),
  get("two queries in one GET", `query=${simple}&query=${simple}`, ["BAD_REQUEST"]),
  get("variables that are no JSON", `query=${simple}&variables={`, ["BAD_REQUEST"]),
  get("variables that are a list", `query=${simple}&variables=[]`, ["BAD_REQUEST"]),
  get("a deep GET", `query=${encodeURIComponent(nested(10))}`, ["QUERY_TOO_DEEP"]),
  get("NUL by GET", `query=${encodeURIComponent('{ dataset(slug: "\\u0000") { slug } }')}`, ["BAD_STRING"]),
  get("a GET without a query", "", ["BAD_REQUEST"]),
  raw("text/plain", JSON.stringify({ query: "{ datasets { totalCount } }" }), ["UNSUPPORTED_MEDIA_TYPE"], {
    "Content-Type": "text/plain",
  }),
  raw("a form", "query={datasets{totalCount}}", ["UNSUPPORTED_MEDIA_TYPE"], {
    "Content-Type": "application/x-www-form-urlencoded",
  }),
  raw("multipart", "--x\r\n\r\n--x--", ["UNSUPPORTED_MEDIA_TYPE"], {
    "Content-Type": "multipart/form-data; boundary=x",
  }),
  raw("another charset", "{}", ["UNSUPPORTED_MEDIA_TYPE"], {
    "Content-Type": "application/json; charset=utf-16",
  }),
  raw("a compressed body", "x", ["UNSUPPORTED_MEDIA_TYPE"], { ...json, "Content-Encoding": "gzip" }),
  raw(
    "a batch",
    JSON.stringify([{ query: "{ datasets { totalCount } }" }, { query: "{ datasets { totalCount } }" }]),
    ["BAD_REQUEST"],
  ),
  raw("an empty body", "", ["BAD_REQUEST"]),
  raw("a body that is no JSON", "{", ["BAD_REQUEST"]),
  raw("a body that is null", "null", ["BAD_REQUEST"]),
  raw("a body that is text", '"{ datasets { totalCount } }"', ["BAD_REQUEST"]),
  raw("a query that is an object", '{"query":{"kind":"Document"}}', ["BAD_REQUEST"]),
  raw("no query", '{"variables":{}}', ["BAD_REQUEST"]),
  raw("variables as text", '{"query":"{ datasets { totalCount } }","variables":"{}"}', ["BAD_REQUEST"]),
  raw("an operation name that is a number", '{"query":"{ datasets { totalCount } }","operationName":1}', [
    "BAD_REQUEST",
  ]),
  raw(
    "an operation that is not there",
    '{"query":"query A { datasets { totalCount } }","operationName":"B"}',
    ["OPERATION_RESOLUTION_FAILURE"],
  ),
  raw(
    "two operations and no name",
    '{"query":"query A { datasets { totalCount } } query B { datasets { totalCount } }"}',
    ["OPERATION_RESOLUTION_FAILURE"],
  ),
  raw(
    "a persisted query",
    '{"query":"{ datasets { totalCount } }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"}}}',
    ["PERSISTED_QUERY_NOT_SUPPORTED"],
  ),
  raw("a deep body", `${"[".repeat(40_000)}${"]".repeat(40_000)}`, ["BAD_REQUEST"]),
  raw("nothing acceptable", '{"query":"{ datasets { totalCount } }"}', ["NOT_ACCEPTABLE"], {
    ...json,
    Accept: "image/png",
  }),
  ...["PUT", "DELETE", "PATCH"].map((method) => ({
    name: method,
    codes: ["METHOD_NOT_ALLOWED"],
    init: { method, headers: json, body: "{}" },
  })),
  { name: "another path", path: "/etc/passwd", codes: ["NOT_FOUND"], init: {} },
  { name: "a path above the root", path: "/..%2f..%2fetc/passwd", codes: ["NOT_FOUND"], init: {} },
  {
    name: "a malformed path",
    path: "/v1/uploads/%ff%c0",
    codes: ["NOT_FOUND", "BAD_REQUEST", "METHOD_NOT_ALLOWED"],
    init: {},
  },
  {
    name: "reading an upload",
    path: "/v1/uploads/00000000-0000-4000-8000-000000000000",
    codes: ["METHOD_NOT_ALLOWED"],
    init: {},
  },
  {
    name: "an upload by a name",
    path: "/v1/uploads/..%2fsecret",
    codes: ["NOT_FOUND"],
    init: { method: "PUT", body: "x" },
  },
];

const wrong = [
  post("a syntax error", "{ datasets { ", ["GRAPHQL_PARSE_FAILED"]),
  post("an unknown field", "{ passwords }", VALIDATION),
  post("an unknown argument", '{ dataset(slug: "x", id: 1) { slug } }', VALIDATION),
  post("an unknown input field", "{ datasets(filter: { password: true }) { totalCount } }", VALIDATION),
  post("a wrong enum value", "{ datasets(filter: { origin: SECRET }) { totalCount } }", VALIDATION),
  post(
    "SQL in place of an enum",
    `{ datasets(filter: { origin: "imported'; drop table dataset; --" }) { totalCount } }`,
    VALIDATION,
  ),
  post("a number past Int", "{ datasets(first: 99999999999999) { totalCount } }", VALIDATION),
  post("a float in place of Int", "{ datasets(first: 1.5) { totalCount } }", VALIDATION),
  post("a variable of the wrong type", "query ($n: Int) { datasets(first: $n) { totalCount } }", VALIDATION, {
    n: "1; drop table dataset",
  }),
  post("a missing variable", "query ($s: String!) { dataset(slug: $s) { slug } }", VALIDATION),
  post("a subscription that is not there", "subscription { everything }", [
    "GRAPHQL_VALIDATION_FAILED",
    "OPERATION_RESOLUTION_FAILURE",
  ]),
  post("a negative page", "{ datasets(first: -1) { totalCount } }", ["PAGE_TOO_LARGE"]),
  post("a page past the cap", "{ datasets(first: 201) { pageInfo { hasNextPage } } }", ["PAGE_TOO_LARGE"]),
  post("a forged cursor", '{ datasets(after: "WzEsIngiLCJ4Il0") { totalCount } }', ["BAD_CURSOR"]),
  post("a cursor of 10 kB", `{ datasets(after: "${"A".repeat(10_000)}") { totalCount } }`, ["BAD_CURSOR"]),
  post("an id of another type", '{ run(id: "RGF0YXNldDox") { id } }', ["BAD_ID"]),
  post("SQL in place of an id", `{ run(id: "1' or '1'='1") { id } }`, ["BAD_ID"]),
];

/** Every hostile request: deep, wide, multiplied, malformed, forged. */
export const hostileRequests: readonly HostileRequest[] = [
  ...depths,
  ...widths,
  ...fragments,
  ...pages,
  ...texts,
  ...protocol,
  ...wrong,
];
