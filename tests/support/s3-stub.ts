import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A bucket in memory that holds requests to AWS Signature Version 4 as far as a store of objects needs it: the canonical
 * request of path-style PUT, GET and HEAD without a query, and the digest of the body. It is no S3: no listing, no
 * multipart, no dates, no retries.
 */
export class S3Stub implements AsyncDisposable {
  readonly objects = new Map<string, Buffer>();
  /** Statuses of all answers, in order. */
  readonly answers: number[] = [];
  /** Answers to give before any other. */
  readonly failures: number[] = [];
  readonly #server: Server;
  readonly #secret: string;

  private constructor(secret: string) {
    this.#secret = secret;
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        this.answers.push(status);
        response.writeHead(status, { "content-length": body.length }).end(body);
      });
    });
  }

  /** Listens on a free port of this machine. */
  static async start(secret: string): Promise<S3Stub> {
    const stub = new S3Stub(secret);
    await new Promise<void>((resolve) => stub.#server.listen(0, "127.0.0.1", resolve));
    return stub;
  }

  get endpoint(): string {
    const { port } = this.#server.address() as AddressInfo; // safe: it listens on a port
    return `http://127.0.0.1:${port}`;
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: Buffer }> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer); // safe: no encoding is set
    const body = Buffer.concat(parts);
    const none = Buffer.alloc(0);
    const failure = this.failures.shift();
    if (failure !== undefined) return { status: failure, body: none };
    if (!this.#isSigned(request)) return { status: 403, body: Buffer.from("SignatureDoesNotMatch") };
    const declared = request.headers["x-amz-content-sha256"];
    if (request.method === "PUT") {
      if (declared !== createHash("sha256").update(body).digest("hex")) return { status: 400, body: none };
      // S3 takes no chunked bodies.
      if (request.headers["content-length"] === undefined) return { status: 411, body: none };
      this.objects.set(request.url ?? "", body);
      return { status: 200, body: none };
    }
    const found = this.objects.get(request.url ?? "");
    return found === undefined ? { status: 404, body: none } : { status: 200, body: found };
  }

  #isSigned(request: IncomingMessage): boolean {
    const pattern =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
    const [, , date = "", region = "", names = "", signature] =
      pattern.exec(request.headers.authorization ?? "") ?? [];
    const canonical = [
      request.method,
      request.url,
      "",
      ...names.split(";").map((name) => `${name}:${String(request.headers[name] ?? "").trim()}`),
      "",
      names,
      request.headers["x-amz-content-sha256"],
    ].join("\n");
    const scope = `${date}/${region}/s3/aws4_request`;
    const digest = createHash("sha256").update(canonical).digest("hex");
    const text = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, digest].join("\n");
    const keyed = (key: string | Buffer, value: string) => createHmac("sha256", key).update(value).digest();
    const key = [region, "s3", "aws4_request"].reduce(keyed, keyed(`AWS4${this.#secret}`, date));
    return signature === keyed(key, text).toString("hex");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
