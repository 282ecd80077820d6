import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import type { Request, RequestHandler, Response } from "express";

/** The query a newcomer sees first: it runs on an empty warehouse, and on the demo's it shows something. */
const WELCOME = `# Stratum: stratified results of medical-imaging models.
# Run this with Ctrl-Enter; Ctrl-Space completes names; the book icon shows the documentation.

query Overview {
  datasets(first: 10) {
    totalCount
    nodes {
      slug
      title
      origin
    }
  }
}
`;

interface Page {
  readonly html: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
}

// 9 MB of text: rendered and compressed at the first visit, about 0.4 s, then kept (2.5 MB compressed).
let rendered: Page | undefined;

function page(): Page {
  if (rendered) return rendered;
  const html = Buffer.from(
    renderGraphiQL({
      title: "Stratum",
      endpoint: "/graphql",
      defaultQuery: WELCOME,
      credentials: "same-origin",
    }),
  );
  const etag = `"${createHash("sha256").update(html).digest("base64url").slice(0, 22)}"`;
  rendered = { html, gzip: gzipSync(html, { level: 6 }), etag };
  return rendered;
}

/** Whether a request comes from a person's browser address bar. */
export function wantsPage(request: Request): boolean {
  const accept = request.headers.accept ?? "";
  return request.method === "GET" && accept.includes("text/html") && !new URL(request.url, "http://x").search;
}

/** GraphiQL, whole from disk: no address outside this server is ever asked. */
export const graphiql: RequestHandler = (request: Request, response: Response) => {
  const { html, gzip, etag } = page();
  response.set({
    // The page carries its scripts inline, builds its workers from blobs, and may talk to this server only.
    "Content-Security-Policy":
      "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; " +
      "style-src 'self' 'unsafe-inline'; font-src data:; img-src 'self' data:; connect-src 'self'; " +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "private, max-age=3600",
    ETag: etag,
    Vary: "Accept, Accept-Encoding",
  });
  if (request.headers["if-none-match"] === etag) {
    response.status(304).end();
    return;
  }
  response.type("text/html; charset=utf-8");
  if (request.acceptsEncodings("gzip") === "gzip") response.set("Content-Encoding", "gzip").end(gzip);
  else response.end(html);
};
