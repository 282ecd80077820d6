/** The groups of the study's Table 2, what later work added, and controls, which run on request only. */
export const protocolGroups = [
  "race_detection",
  "confounders",
  "mechanism",
  "later_work",
  "controls",
] as const;
export type ProtocolGroup = (typeof protocolGroups)[number];
