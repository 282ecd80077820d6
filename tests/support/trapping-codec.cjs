// A codec like those compiled to WebAssembly, which fails as the first byte of a stream says: 1 refuses, 2 traps.
let instances = 0;

module.exports = async () => {
  instances += 1;
  let failure = 0;
  return {
    HEAPU8: new Uint8Array(8),
    FakeDecoder: class {
      getEncodedBuffer() {
        return {
          set: (stream) => {
            failure = stream[0];
          },
        };
      }
      decode() {
        if (failure === 1) throw 4096;
        if (failure === 2) throw new WebAssembly.RuntimeError("unreachable");
      }
      getDecodedBuffer() {
        return Uint8Array.of(instances);
      }
      getFrameInfo() {
        return { width: 1, height: 1, bitsPerSample: 8, componentCount: 1 };
      }
      delete() {}
    },
  };
};
