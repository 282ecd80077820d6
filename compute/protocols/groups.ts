/** The groups of the study's Table 2, and what later work added. */
export const protocolGroups = ["race_detection", "confounders", "mechanism", "later_work"] as const;
export type ProtocolGroup = (typeof protocolGroups)[number];
