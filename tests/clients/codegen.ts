import type { CodegenConfig } from "@graphql-codegen/cli";

/** Types of the operations that the client tests send, from the committed schema: `npm run codegen`. */
const config: CodegenConfig = {
  schema: "schema.graphql",
  documents: ["tests/clients/contract.ts"],
  // Quiet when it runs inside a test.
  silent: true,
  emitLegacyCommonJSImports: false,
  generates: {
    "tests/clients/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: { DateTime: "string", SafeInt: "number", JSONObject: "Record<string, unknown>" },
      },
    },
  },
};

export default config;
