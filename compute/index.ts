/** The public face of compute: everything that api may use. One line a subject. */

export {
  type AddonReport,
  KernelError,
  type KernelErrorCode,
  requireAddon,
} from "../native/index.ts";
export * from "./audits/audit-plan.ts";
export * from "./audits/audit-settings.ts";
export * from "./audits/plan-audit.ts";
export * from "./audits/plan-cost.ts";
export { ChildError } from "./child/child-error.ts";
export { deviceEnvironment } from "./child/device-environment.ts";
export type { MeanMap } from "./child/mean-map.ts";
export { modelView } from "./child/model-view.ts";
export { NpyRows } from "./child/npy-rows.ts";
export * from "./child/protocol.ts";
export { type ChildOptions, type ComputeChild, startComputeChild } from "./child/start-child.ts";
export {
  CONFOUNDER_VERSION,
  type CrossValidation,
  crossValidate,
  type ValidationScheme,
  validationSchemes,
} from "./confounders/cross-validate.ts";
export type { ConfounderRows, FeatureColumn } from "./confounders/feature-columns.ts";
export { type PixelStatistic, requireStatistic } from "./confounders/pixel-statistics.ts";
export {
  type ControlAttribute,
  controlAttributeName,
  markLevels,
  parseControlAttribute,
} from "./controls/control-attribute.ts";
export { idealMarkAuc, markLevelsOf } from "./controls/marks.ts";
export { shuffleLabels } from "./controls/shuffle-labels.ts";
export * from "./data/images/brightness.ts";
export * from "./data/images/decode-image.ts";
export * from "./data/images/decoded-image.ts";
export * from "./data/images/dicom/dicom-attributes.ts";
export { ImageError, type ImageErrorCode, imageErrorCodes } from "./data/images/image-error.ts";
export { type SaliencyRegion, writeSaliencyMasks } from "./data/images/saliency-masks.ts";
export { BlockStore } from "./data/manifests/block-store.ts";
export {
  type DatasetMapping,
  labelBlankPolicies,
  labelUncertainPolicies,
} from "./data/manifests/dataset-mapping.ts";
export * from "./data/manifests/dataset-reader.ts";
export { openFilePass } from "./data/manifests/file-pass.ts";
export { FILE_CAP, type Verification, verifications } from "./data/manifests/image-file.ts";
export type { LayoutPlan, LayoutRequest } from "./data/manifests/layouts/layout.ts";
export { type LayoutName, layoutDoc, layoutNames, planLayout } from "./data/manifests/layouts/layouts.ts";
export { parseDatasetMapping } from "./data/manifests/parse-dataset-mapping.ts";
export { readDataset } from "./data/manifests/read-dataset.ts";
export { normalisePath } from "./data/manifests/safe-path.ts";
export { readTextPairs } from "./data/manifests/text-pairs.ts";
export { walkFolder } from "./data/manifests/walk-folder.ts";
export * from "./data/phantom-cohort.ts";
export * from "./data/phantom-csv.ts";
export * from "./data/phantom-scores.ts";
export { idealAuc, matchedFilter } from "./data/phantoms/ideal-observer.ts";
export * from "./data/phantoms/image-phantom.ts";
export {
  type ImagePhantomAttribute,
  type ImagePhantomRow,
  type ImagePhantomSpec,
  imagePhantomAttributes,
  imagePhantomSites,
} from "./data/phantoms/phantom-patients.ts";
export { describePlanted, type Planted, parsePlanted } from "./data/phantoms/planted.ts";
export { IdListBuilder, idListOf, stringsOf } from "./data/predictions/id-list.ts";
export * from "./data/predictions/import-error.ts";
export { parsePredictionMapping } from "./data/predictions/parse-mapping.ts";
export { BLOCK_ROWS, readPredictions } from "./data/predictions/read-predictions.ts";
export { SpoolError, SpoolFile } from "./data/predictions/spool-file.ts";
export * from "./data/predictions/types.ts";
export * from "./data/publications/parse.ts";
export * from "./data/publications/printed.ts";
export * from "./data/publications/race-mapping.ts";
export * from "./data/publications/recompute.ts";
export type * from "./data/publications/schema.ts";
export * from "./data/publications/vocabularies.ts";
export * from "./data/tabular-source.ts";
export * from "./distributions.ts";
export * from "./embeddings/feature-shift.ts";
export * from "./errors.ts";
export * from "./intervals/bootstrap-plan.ts";
export * from "./intervals/clustered-proportion.ts";
export * from "./intervals/delong.ts";
export type { Interval } from "./intervals/interval.ts";
export * from "./intervals/newcombe.ts";
export * from "./intervals/patient-bootstrap.ts";
export * from "./intervals/wilson.ts";
export type { LeftOutReason, LeftOutStudy, MetaScale, StudyInput, StudyRemark } from "./meta/effect-size.ts";
export { inverseLogit, leftOutReasons, logit, metaScales, studyRemarks } from "./meta/effect-size.ts";
export type { EggerFailure, EggerTest } from "./meta/egger.ts";
export * from "./meta/meta-analysis.ts";
export type { MetaMethod } from "./meta/meta-methods.ts";
export type { Heterogeneity, MetaCoefficient, MetaTest, ModeratorTest } from "./meta/mixed-model.ts";
export { metaTests } from "./meta/mixed-model.ts";
export type { MetaRemark, MetaRemarkCode } from "./meta/remarks.ts";
export { metaRemarkCodes } from "./meta/remarks.ts";
export type { MetaModel } from "./meta/tau-squared.ts";
export { metaModels } from "./meta/tau-squared.ts";
export * from "./metrics/average-precision.ts";
export * from "./metrics/calibration.ts";
export * from "./metrics/compare-auc.ts";
export * from "./metrics/gaps.ts";
export * from "./metrics/group-rates.ts";
export * from "./metrics/operating-points.ts";
export * from "./metrics/patients.ts";
export * from "./metrics/recalibration.ts";
export { type ResampledAuc, type ResampledEstimate, resampledAuc } from "./metrics/resampled-auc.ts";
export * from "./metrics/roc-curve.ts";
export * from "./metrics/score-order.ts";
export * from "./metrics/stratified-auc.ts";
export { type StratifiedRows, UNKNOWN_LABEL } from "./metrics/stratified-rows.ts";
export * from "./metrics/unit-of-analysis.ts";
export * from "./multiplicity/adjust-p.ts";
export { checkSignature } from "./onnx/check-signature.ts";
export { ModelError, type ModelErrorCode, modelErrorCodes } from "./onnx/model-error.ts";
export type {
  Dimension,
  ModelOutputSignature,
  ModelSignature,
  TensorSignature,
} from "./onnx/model-signature.ts";
export { type ArchitectureName, architectures } from "./onnx/networks/architectures.ts";
export { PREPROCESSING_KEY, parsePreprocessing } from "./onnx/parse-preprocessing.ts";
export * from "./onnx/preprocessing.ts";
export * from "./onnx/provider.ts";
export * from "./onnx/saliency/saliency-method.ts";
export { type OptimiserSpec, requireOptimiser } from "./onnx/training/optimisers.ts";
export * from "./params.ts";
export * from "./plots/calibration-svg.ts";
export { type SheetMode, type SheetResize, sheetModes, sheetResizes } from "./plots/filter-panels.ts";
export * from "./plots/filter-sheet.ts";
export * from "./plots/forest-svg.ts";
export * from "./plots/gap-svg.ts";
export * from "./plots/roc-svg.ts";
export * from "./plots/saliency-sheet.ts";
export type { Theme } from "./plots/svg.ts";
export * from "./plugin.ts";
export * from "./protocols/answer.ts";
export * from "./protocols/conditions.ts";
export { type ProtocolGroup, protocolGroups } from "./protocols/groups.ts";
export { parseProtocol, parseProtocolFile } from "./protocols/parse-protocol.ts";
export { protocols, requireProtocol } from "./protocols/protocol-list.ts";
export { isPublishedCondition } from "./protocols/published-condition.ts";
export {
  type ConfounderModelId,
  confounderModelIds,
  type Procedure,
  type Protocol,
  type ProtocolAnswer,
  type ProtocolSource,
} from "./protocols/schema.ts";
export { againstOriginal } from "./protocols/wording.ts";
export { RandomStream, shuffled } from "./random.ts";
export * from "./registry.ts";
export { type Answer, answersOf } from "./report/answers.ts";
export * from "./report/audit-report.ts";
export * from "./report/reading.ts";
export { renderReport } from "./report/render-report.ts";
export { sampleDeviation } from "./report/sample-deviation.ts";
export * from "./thresholds/choose-threshold.ts";
export { requireRecipe } from "./trainers/check-recipe.ts";
export { metadataKeys } from "./trainers/model-metadata.ts";
export type * from "./trainers/recipe.ts";
export { TrainingError, type TrainingErrorCode, trainingErrorCodes } from "./trainers/training-error.ts";
export * from "./transforms/chain.ts";
export { loadTransforms } from "./transforms/load-transforms.ts";
export * from "./transforms/model-input.ts";
export * from "./transforms/transform.ts";
export { addTransforms, findTransform, listTransforms } from "./transforms/transform-registry.ts";
