import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../../../api/package-root.ts";
import { WasmCodec } from "../../../../compute/data/images/dicom/wasm-codec.ts";

test("an instance outlives a refusal, and is replaced after a trap", async () => {
  const codec = new WasmCodec(join(packageRoot, "tests/support/trapping-codec.cjs"), "FakeDecoder");
  const decode = (first: number) =>
    codec.decode(Uint8Array.of(first), (decoder) => decoder.getDecodedBuffer()[0]);
  const refused = { name: "ImageError", code: "IMAGE_CORRUPT" };
  expect(await decode(0)).toBe(1);
  await expect(decode(1)).rejects.toMatchObject(refused);
  expect(await decode(0)).toBe(1);
  await expect(decode(2)).rejects.toMatchObject(refused);
  expect(await decode(0)).toBe(2);
  // What waited for the instance that trapped gets the next one.
  const [trapped, ...others] = await Promise.allSettled([decode(2), decode(0), decode(0)]);
  expect(trapped).toMatchObject({ status: "rejected", reason: refused });
  expect(others).toMatchObject([{ value: 3 }, { value: 3 }]);
});

test("a codec that cannot be loaded says so", async () => {
  const codec = new WasmCodec(join(packageRoot, "tests/support/no-such-codec.cjs"), "FakeDecoder");
  const decoding = codec.decode(Uint8Array.of(0), () => 0);
  await expect(decoding).rejects.toMatchObject({ code: "IMAGE_UNREADABLE" });
});
