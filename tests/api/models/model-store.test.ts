import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../../api/config.ts";
import { FolderModelStore } from "../../../api/models/folder-model-store.ts";
import { modelStoreOf } from "../../../api/models/model-store.ts";
import { S3ModelStore } from "../../../api/models/s3-model-store.ts";
import { ScratchFolder, sha256Of } from "../../support/child-tasks.ts";
import { S3Stub } from "../../support/s3-stub.ts";

const bytes = new TextEncoder().encode("weights");
const refused = (code: string) => expect.objectContaining({ code });

describe("a folder of models", () => {
  test("gives back what was put, under its digest", async () => {
    using scratch = new ScratchFolder();
    const store = new FolderModelStore(join(scratch.path, "models"));
    const { path, sha256 } = scratch.file("upload", bytes);
    await store.put(path, sha256);
    await store.put(path, sha256);
    const opened = await store.open(sha256);
    expect(opened.path).toBe(join(scratch.path, "models", sha256.slice(0, 2), `${sha256}.onnx`));
    expect(new Uint8Array(readFileSync(opened.path))).toEqual(bytes);
    expect(readdirSync(join(scratch.path, "models", sha256.slice(0, 2)))).toEqual([`${sha256}.onnx`]);
  });

  test("stores nothing under another's digest", async () => {
    using scratch = new ScratchFolder();
    const store = new FolderModelStore(join(scratch.path, "models"));
    const { path } = scratch.file("upload", bytes);
    const other = sha256Of(new Uint8Array(1));
    await expect(store.put(path, other)).rejects.toThrow(refused("MODEL_HASH_MISMATCH"));
    expect(readdirSync(join(scratch.path, "models", other.slice(0, 2)))).toEqual([]);
    await expect(store.open(other)).rejects.toThrow(refused("MODEL_MISSING"));
  });

  test("notices every flipped bit, and heals when the model is put again", async () => {
    using scratch = new ScratchFolder();
    const store = new FolderModelStore(join(scratch.path, "models"));
    const { path, sha256 } = scratch.file("upload", bytes);
    await store.put(path, sha256);
    const stored = (await store.open(sha256)).path;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(stored, flipped);
      await expect(store.open(sha256)).rejects.toThrow(refused("MODEL_HASH_MISMATCH"));
    }
    await store.put(path, sha256);
    expect((await store.open(sha256)).path).toBe(stored);
  });

  test("makes no path of what is no digest", async () => {
    using scratch = new ScratchFolder();
    const store = new FolderModelStore(scratch.path);
    scratch.file("secret.onnx", bytes);
    for (const name of ["../secret", "secret", "", "A".repeat(64), `${"0".repeat(63)}/`]) {
      await expect(store.open(name)).rejects.toThrow(refused("MODEL_MISSING"));
    }
  });

  test("says when it cannot be written", async () => {
    using scratch = new ScratchFolder();
    const { path, sha256 } = scratch.file("upload", bytes);
    const store = new FolderModelStore(path);
    await expect(store.put(path, sha256)).rejects.toThrow(refused("MODEL_STORE_UNAVAILABLE"));
  });
});

describe("a bucket of models (against a stub that checks signatures)", () => {
  const configOf = (endpoint: string, home: string, secret = "secret") =>
    readConfig({
      STRATUM_HOME: home,
      STRATUM_MODEL_STORE: "s3://audits/stratum/models",
      STRATUM_S3_ENDPOINT: endpoint,
      STRATUM_S3_REGION: "eu-central-1",
      STRATUM_S3_ACCESS_KEY_ID: "id",
      STRATUM_S3_SECRET_ACCESS_KEY: secret,
    });

  test("gives back what was put, on another machine too, and keeps it there until it is damaged", async () => {
    await using stub = await S3Stub.start("secret");
    using scratch = new ScratchFolder();
    using elsewhere = new ScratchFolder();
    const { path, sha256 } = scratch.file("upload", bytes);
    await modelStoreOf(configOf(stub.endpoint, scratch.path)).put(path, sha256);
    expect([...stub.objects.keys()]).toEqual([`/audits/stratum/models/${sha256.slice(0, 2)}/${sha256}.onnx`]);
    const store = modelStoreOf(configOf(stub.endpoint, elsewhere.path));
    expect(store).toBeInstanceOf(S3ModelStore);
    const opened = await store.open(sha256);
    expect(new Uint8Array(readFileSync(opened.path))).toEqual(bytes);
    await store.open(sha256);
    expect(stub.answers).toEqual([200, 200]);
    writeFileSync(opened.path, "damaged");
    await store.open(sha256);
    expect(new Uint8Array(readFileSync(opened.path))).toEqual(bytes);
    expect(stub.answers).toEqual([200, 200, 200]);
  });

  test("is held to the digest", async () => {
    await using stub = await S3Stub.start("secret");
    using scratch = new ScratchFolder();
    const { path, sha256 } = scratch.file("upload", bytes);
    const store = modelStoreOf(configOf(stub.endpoint, scratch.path));
    await store.put(path, sha256);
    for (const key of stub.objects.keys()) stub.objects.set(key, Buffer.from("other bytes"));
    using elsewhere = new ScratchFolder();
    const other = modelStoreOf(configOf(stub.endpoint, elsewhere.path));
    await expect(other.open(sha256)).rejects.toThrow(refused("MODEL_HASH_MISMATCH"));
    expect(existsSync(join(elsewhere.path, "models", sha256.slice(0, 2), `${sha256}.onnx`))).toBe(false);
  });

  test("names what went wrong", async () => {
    await using stub = await S3Stub.start("secret");
    using scratch = new ScratchFolder();
    const { path, sha256 } = scratch.file("upload", bytes);
    const store = modelStoreOf(configOf(stub.endpoint, scratch.path));
    await expect(store.open(sha256)).rejects.toThrow(refused("MODEL_MISSING"));
    const wrongKey = modelStoreOf(configOf(stub.endpoint, scratch.path, "another"));
    await expect(wrongKey.put(path, sha256)).rejects.toThrow(refused("MODEL_STORE_UNAVAILABLE"));
    expect(stub.objects.size).toBe(0);
    const nowhere = modelStoreOf(configOf("http://127.0.0.1:1", scratch.path));
    await expect(nowhere.put(path, sha256)).rejects.toThrow(refused("MODEL_STORE_UNAVAILABLE"));
  });

  test("is asked again when it is busy", async () => {
    await using stub = await S3Stub.start("secret");
    using scratch = new ScratchFolder();
    const { path, sha256 } = scratch.file("upload", bytes);
    stub.failures.push(503, 500);
    await modelStoreOf(configOf(stub.endpoint, scratch.path)).put(path, sha256);
    expect(stub.answers).toEqual([503, 500, 200]);
  });
});
