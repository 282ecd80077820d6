import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { TestApi } from "./test-api.ts";

/** Announces a file over GraphQL and sends it by PUT, as a client does; gives the upload's id. */
export async function sendFile(api: TestApi, path: string): Promise<string> {
  const bytes = await readFile(path);
  const { data } = await api.ask<{ createUpload: { id: string; url: string; method: string } }>(
    "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { id url method } }",
    { input: { fileName: basename(path), byteLength: bytes.length } },
  );
  if (data == null) throw new Error("Expected an upload, got none");
  const { id, url, method } = data.createUpload;
  const sent = await api.send(url, { method, body: bytes });
  if (sent.status >= 300) throw new Error(`Expected the file to be taken, got ${sent.status}: ${sent.text}`);
  return id;
}
