import { registerEnumType } from "type-graphql";

/** What kind of classes a model tells apart. */
export const TaskKind = { BINARY: "binary", MULTICLASS: "multiclass", MULTILABEL: "multilabel" } as const;
registerEnumType(TaskKind, {
  name: "TaskKind",
  description: "What kind of classes a model tells apart.",
  valuesConfig: {
    BINARY: { description: "Two classes, negative first; the score of the positive one is enough." },
    MULTICLASS: { description: "Exclusive classes; each is read one-vs-rest." },
    MULTILABEL: { description: "Many findings, each its own yes or no." },
  },
});
