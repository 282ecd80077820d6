import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Request, RequestHandler } from "express";

/** The query a newcomer sees first: it runs on an empty warehouse, and on the demo's it shows something. */
export const WELCOME = `# Stratum: stratified results of medical-imaging models.
# Run this with Ctrl-Enter; Ctrl-Space completes names; the book icon shows the documentation.

query Overview {
  datasets(first: 10) {
    totalCount
    nodes {
      slug
      title
      origin
      myRole
    }
  }
  evaluations(first: 5) {
    nodes {
      id
      classes
      dataset {
        slug
      }
      model {
        slug
      }
      attributes {
        name
        levels
      }
    }
  }
  publications {
    nodes {
      slug
      title
      year
    }
  }
}

# Then ask for AUCs: put an id from above in place of EVALUATION.
#
# query Auc {
#   stratifiedAuc(input: { evaluation: "EVALUATION", by: ["sex"] }) {
#     cells { class stratum { attribute level } auc ciLow ciHigh nPatients status reason }
#   }
# }
`;

interface Page {
  readonly html: Buffer;
  readonly compressed: Buffer;
  readonly etag: string;
}

// 9 MB of text, 2.4 MB compressed: made at the first visit, off the event loop as far as it goes, then kept.
let made: Promise<Page> | undefined;

async function makePage(): Promise<Page> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const html = Buffer.from(
    renderGraphiQL({
      title: "Stratum",
      endpoint: "/graphql",
      subscriptionsProtocol: "WS",
      defaultQuery: WELCOME,
    }),
  );
  const etag = `"${createHash("sha256").update(html).digest("base64url").slice(0, 22)}"`;
  return { html, etag, compressed: await promisify(gzip)(html, { level: 6 }) };
}

/** Whether a request comes from a person's browser address bar. */
export function wantsPage(request: Request): boolean {
  const accept = request.headers.accept ?? "";
  return request.method === "GET" && accept.includes("text/html") && !request.url.includes("?");
}

/** GraphiQL, whole from disk: no address outside this server is ever asked. */
export const graphiql: RequestHandler = async (request, response) => {
  made ??= makePage();
  const { html, compressed, etag } = await made;
  response.set({
    // The page carries its scripts inline, builds its workers from blobs, and may talk to this server only.
    "Content-Security-Policy":
      "default-src 'none'; script-src 'unsafe-inline' blob:; worker-src blob:; " +
      "style-src 'unsafe-inline'; font-src data:; img-src data:; connect-src 'self'; " +
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
  if (request.acceptsEncodings("gzip") === "gzip") {
    response.set("Content-Encoding", "gzip").end(compressed);
  } else {
    response.end(html);
  }
};
