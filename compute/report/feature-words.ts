const FEW = 3;

/**
 * Attributes in words: many of one kind, such as `finding:Effusion` and `finding:Mass`, as their number and their kind, so
 * that a list of fifteen findings does not hide the age behind it. O(features).
 */
export function featureWords(features: readonly string[]): string {
  const kindOf = (feature: string) => /^([a-z_]+):/.exec(feature)?.[1];
  const counts = new Map<string | undefined, number>();
  for (const feature of features) counts.set(kindOf(feature), (counts.get(kindOf(feature)) ?? 0) + 1);
  const words = features.map((feature) => {
    const kind = kindOf(feature);
    const count = counts.get(kind) ?? 0;
    return kind === undefined || count <= FEW ? feature : `${count} ${kind}s`;
  });
  return [...new Set(words)].join(", ");
}
