import { registerEnumType } from "type-graphql";

/** What a caller may see, as GraphQL names it. */
export const Role = { PUBLIC: "public", ANALYST: "analyst", STEWARD: "steward" } as const;
registerEnumType(Role, {
  name: "Role",
  description: "What a caller may see of a dataset, from least to most.",
  valuesConfig: {
    PUBLIC: {
      description: "Results of at least 11 patients, rounded; nothing from which fewer could be told.",
    },
    ANALYST: { description: "Exact results of any size." },
    STEWARD: { description: "Exact results of any size, and writing." },
  },
});
