/** Where a published number comes from; the closed vocabulary of `sourceKind`. */
export const sourceKinds = [
  "paper_table",
  "paper_text",
  "repo_notebook",
  "digitised_figure",
  "recomputed",
  "later_work_abstract",
] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** Every remark a published number may carry, as a code. */
export const publishedFlags = [
  "appendix_not_available",
  "appendix_pointer_but_in_text",
  "attribute_not_public",
  "blur_crosses_batch_axis",
  "clip_after_normalisation",
  "contradicted_by_later_work",
  "contradicted_by_table_3",
  "defective_early_run",
  "described_differently",
  "disagrees_with_table_2",
  "disagrees_with_table_3",
  "earlier_weights",
  "equals_retired_model",
  "exact_by_construction",
  "image_level_bootstrap",
  "interval_from_t_quantile",
  "lopsided_interval",
  "marker_partly_hidden",
  "matches_table_3",
  "matches_text",
  "method_named_differently",
  "not_discussed_in_text",
  "notebook_differs",
  "one_class_printed",
  "order_may_be_permuted",
  "parameter_acts_as_radius",
  "point_above_interval",
  "printed_in_asian_column",
  "publication_differs",
  "range_bound",
  "read_from_figure",
  "small_cell",
  "split_not_by_patient",
  "text_differs",
  "trained_224_tested_320",
  "unit_differs_between_tables",
  "unkeyed_values",
] as const;

/** What kind of inconsistency a discrepancy is. */
export const discrepancyKinds = [
  "broken_number",
  "caption_does_not_fit",
  "counts_do_not_add_up",
  "described_differently",
  "lopsided_interval",
  "mixed_decimals",
  "not_discussed",
  "order_unclear",
  "page_numbers_disagree",
  "percentages_do_not_fit",
  "results_disagree",
  "scope_unclear",
  "sources_disagree",
  "spelling",
  "tables_disagree",
  "text_and_notebook_disagree",
  "text_and_table_disagree",
  "units_disagree",
  "unkeyed_values",
  "value_outside_interval",
  "wrong_column",
] as const;

/** The computations by which a discrepancy's recomputed values are obtained; see `recompute`. */
export const recomputeFunctions = [
  "arm_ratio",
  "count",
  "count_unequal",
  "difference",
  "list",
  "max",
  "min",
  "percent",
  "range",
  "round",
  "share_of_sum",
  "shares",
  "sum",
] as const;

/** What was done to the images of a side, training or test; `stratum` is a part of the set. */
export const imageConditions = [
  "original",
  "stratum",
  "augmented",
  "clipped",
  "low_pass",
  "high_pass",
  "notch",
  "patch_kept",
  "patch_removed",
  "gaussian_noise",
  "gaussian_blur",
  "saliency_occluded",
] as const;

/** The study's categories of self-reported race; `excluded` leaves a value out of the analysis, counted. */
export const raceCategories = ["Asian", "Black", "White", "Hispanic", "Other", "excluded"] as const;
export type RaceCategory = (typeof raceCategories)[number];
