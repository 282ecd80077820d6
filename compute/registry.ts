import { ComputeError } from "./errors.ts";
import { patientBootstrap } from "./intervals/bootstrap-method.ts";
import { delong, delongLogit } from "./intervals/delong-methods.ts";
import { newcombe } from "./intervals/newcombe.ts";
import { wilson } from "./intervals/wilson.ts";
import { type MetaMethod, metaMethodList } from "./meta/meta-methods.ts";
import { auroc } from "./metrics/auroc.ts";
import { averagePrecision } from "./metrics/average-precision.ts";
import { decisionMetrics } from "./metrics/decision-metrics.ts";
import {
  brier,
  calibrationIntercept,
  calibrationSlope,
  expectedCalibrationError,
} from "./metrics/probability-metrics.ts";
import type { IntervalMethod, Metric, PluginDescriptor, PluginKind } from "./plugin.ts";
import type { Transform } from "./transforms/transform.ts";
import { listTransforms } from "./transforms/transform-registry.ts";

/** Every metric there is. Adding one means: one file in metrics/, one line here, one reference test. */
export const metrics: readonly Metric[] = [
  auroc,
  averagePrecision,
  brier,
  expectedCalibrationError,
  calibrationIntercept,
  calibrationSlope,
  ...decisionMetrics,
];

/** Every interval method there is. */
export const intervalMethods: readonly IntervalMethod[] = [
  delong,
  delongLogit,
  patientBootstrap,
  wilson,
  newcombe,
];

/** Every meta-analysis model there is. */
export const metaMethods: readonly MetaMethod[] = metaMethodList;

const byKind = {
  METRIC: metrics,
  INTERVAL: intervalMethods,
  META: metaMethods,
  // A getter: the configuration adds transforms of others at the start of a process.
  get TRANSFORM(): readonly Transform[] {
    return listTransforms();
  },
} as const satisfies Record<PluginKind, readonly PluginDescriptor[]>;

/** The plugins of a kind, or all of them, in order of kind and registration. */
export function listPlugins(kind?: PluginKind): readonly PluginDescriptor[] {
  return kind === undefined ? Object.values(byKind).flat() : byKind[kind];
}

/**
 * The plugin of this kind and id.
 *
 * @throws {ComputeError} NO_SUCH_PLUGIN, naming those there are.
 */
export function requirePlugin<Kind extends PluginKind>(
  kind: Kind,
  id: string,
): (typeof byKind)[Kind][number] {
  // Widened: TypeScript cannot call `find` on a union of array types of different elements.
  const plugins: readonly PluginDescriptor[] = byKind[kind];
  const found = plugins.find((plugin) => plugin.id === id);
  if (found === undefined) {
    const known = plugins.map((plugin) => plugin.id).join(", ");
    throw new ComputeError(
      "NO_SUCH_PLUGIN",
      `Expected a ${kind} plugin of ${known}, got ${JSON.stringify(id)}`,
    );
  }
  // Safe: it comes from byKind[kind].
  return found as (typeof byKind)[Kind][number];
}
