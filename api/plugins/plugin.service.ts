import {
  listPlugins,
  type ParamSpec,
  type PluginDescriptor,
  type PluginKind,
  requirePlugin,
} from "../../compute/index.ts";
import type { Plugin, PluginParam } from "./plugin.type.ts";

/** Describes the plugins that compute registers. */
export class PluginService {
  /** Plugins of a kind, or all, in order of kind and registration. */
  list(kind: PluginKind | null | undefined): readonly Plugin[] {
    return listPlugins(kind ?? undefined).map(describe);
  }
}

function describe(plugin: PluginDescriptor): Plugin {
  const { id, kind, version, doc, source, params, example, laws } = plugin;
  const metric = kind === "METRIC" ? requirePlugin("METRIC", id) : undefined;
  return {
    id,
    kind,
    version,
    doc,
    source,
    params: Object.entries(params).map(([name, spec]) => describeParam(name, spec)),
    example,
    laws,
    rangeLow: finite(metric?.range[0]),
    rangeHigh: finite(metric?.range[1]),
    better: metric?.better ?? null,
  };
}

function describeParam(name: string, spec: ParamSpec): PluginParam {
  const isNumber = spec.kind === "float" || spec.kind === "int";
  return {
    name,
    kind: spec.kind,
    doc: spec.doc,
    unit: isNumber ? spec.unit : null,
    min: isNumber ? finite(spec.min) : null,
    max: isNumber ? finite(spec.max) : null,
    choices: spec.kind === "choice" ? spec.choices : null,
    default: spec.default === undefined ? null : JSON.stringify(spec.default),
  };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
