import {
  metaAnalysis,
  type Protocol,
  type ReportConfounders,
  type ReportPatchMap,
  type ReportPooled,
  type ReportResult,
  type ReportStrata,
  type ReportSweep,
  type ReportVariance,
  readAnswer,
} from "../../../compute/index.ts";
import { differenceOf, type Reading, shownValue, wholeOf } from "./measured-readings.ts";
import type { PublishedNumbers } from "./published.ts";
import { attributeWord, capital } from "./words.ts";

/** What the parts of a report are made from. */
export interface Material {
  readonly protocols: readonly Protocol[];
  readonly readings: readonly Reading[];
  /** Slugs, the first the one that is asked about. */
  readonly datasets: readonly string[];
  /** Of two classes the first: the other has the same AUC. */
  readonly classes: readonly string[];
  readonly published: PublishedNumbers;
  readonly margin: number;
  /** What the models of recorded attributes saw, by step. */
  readonly features: ReadonlyMap<string, readonly string[]>;
  /** What the runs of steps tell of themselves, by step. */
  readonly summaries: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** What the networks are, for people. */
  readonly network: string;
}

/** How a protocol's numbers are laid out. */
export type Layout =
  | "gaps"
  | "maps"
  | "controls"
  | "probes"
  | "shifts"
  | "confounders"
  | "results"
  | "sweep"
  | "patches"
  | "strata"
  | "variance"
  | "others";

export function layoutOf({ procedure, grid }: Protocol): Layout {
  if (procedure.kind === "strata") return "strata";
  if (procedure.kind === "features" || procedure.kind === "pixel_statistics") return "confounders";
  if (procedure.kind === "gaps") return "gaps";
  if (procedure.kind === "saliency") return "maps";
  if (procedure.kind === "shuffled_labels" || procedure.kind === "planted_mark") return "controls";
  if (procedure.kind === "probe") return "probes";
  if (procedure.kind === "feature_shift") return "shifts";
  if (procedure.kind !== "classifier") return "others";
  if (procedure.seeds !== undefined) return "variance";
  const axes = Object.entries(grid);
  const [[axis, values] = ["", []]] = axes;
  if (axis === "tile") return "patches";
  if (axes.length === 1 && values.length > 1 && values.every((value) => typeof value === "number"))
    return "sweep";
  const isPlain =
    axes.length === 0 &&
    procedure.restrict === undefined &&
    procedure.evenOut === undefined &&
    procedure.architectures === "one" &&
    procedure.testOn === "original";
  return isPlain ? "results" : "others";
}

export function withLayout({ protocols }: Material, layout: Layout): readonly Protocol[] {
  return protocols.filter((protocol) => layoutOf(protocol) === layout);
}

export function readingsOfProtocol({ readings }: Material, { id }: Protocol): readonly Reading[] {
  return readings.filter(({ protocol }) => protocol === id);
}

export function nameOf({ datasets }: Material, index: number): string {
  return datasets[index] ?? "";
}

/** Rows of the table of results; one evaluation of one unit once, whichever protocols read it. */
export function resultsOf(material: Material): readonly ReportResult[] {
  const seen = new Set<string>();
  return withLayout(material, "results").flatMap((protocol) =>
    readingsOfProtocol(material, protocol).flatMap((reading) => {
      const key = `${reading.evaluation} ${reading.unit}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return material.classes.map((className): ReportResult => {
        const difference = differenceOf(reading, className);
        const answer =
          difference === undefined
            ? undefined
            : readAnswer(protocol.answer, { low: difference.ciLow, high: difference.ciHigh }).sentence;
        return {
          experiment: experimentOf(protocol, reading),
          model: material.network,
          train: nameOf(material, reading.trainDataset),
          test: nameOf(material, reading.testDataset),
          class: className,
          unit: reading.unit,
          value: wholeOf(reading, className),
          difference: difference ?? null,
          answer: answer ?? null,
          published: reading.unit === "image" ? material.published.shown(protocol, className) : [],
        };
      });
    }),
  );
}

function experimentOf({ procedure }: Protocol, { testDataset, trainDataset }: Reading) {
  if (procedure.kind === "classifier" && procedure.testSet === "digitised") return "digitised";
  return testDataset === trainDataset ? "internal" : "external";
}

/** Sweeps of one numeric parameter; protocols of one axis and one design stand side by side. */
export function sweepsOf(material: Material): readonly ReportSweep[] {
  const groups = new Map<string, Protocol[]>();
  for (const protocol of withLayout(material, "sweep")) {
    if (readingsOfProtocol(material, protocol).length === 0) continue;
    const { procedure } = protocol;
    const design = procedure.kind === "classifier" ? procedure.trainOn : "";
    const key = `${Object.keys(protocol.grid)[0]} ${design}`;
    groups.set(key, [...(groups.get(key) ?? []), protocol]);
  }
  return [...groups.values()].map((protocols) => sweepOf(material, protocols));
}

const axisWords: Readonly<Record<string, string>> = {
  radius: "radius (frequency bins)",
  side: "pixels a side",
};

function sweepOf(material: Material, protocols: readonly Protocol[]): ReportSweep {
  const [first] = protocols;
  const axis = Object.keys(first?.grid ?? {})[0] ?? "";
  const isRetrained = first?.procedure.kind === "classifier" && first.procedure.trainOn === "transformed";
  const note = isRetrained
    ? "For each value a network is trained anew on images transformed so, and tested on held-out images transformed alike. Values that leave every image as it is stand for the network of untouched images."
    : "The network of untouched images is tested on transformed ones.";
  return {
    title: protocols.map(({ title }) => title).join("; "),
    note: `${note} Hypotheses: ${protocols.map(({ hypothesis }) => hypothesis).join(" ")}`,
    xName: axisWords[axis] ?? axis,
    scale: axis === "side" ? "log" : "linear",
    panels: protocols.map((protocol) => ({
      title: protocol.title,
      series: [
        ...seriesOf(material, protocol, axis),
        ...material.classes.flatMap((name) => material.published.curve(protocol, name, "diameter") ?? []),
      ],
    })),
    untouched: untouchedOf(material),
    published: [],
  };
}

function seriesOf(material: Material, protocol: Protocol, axis: string) {
  const readings = readingsOfProtocol(material, protocol).filter(({ unit }) => unit === "image");
  const sites = [...new Set(readings.map(({ trainDataset }) => trainDataset))];
  return sites.flatMap((site) =>
    material.classes.map((className) => ({
      name: sites.length === 1 ? className : `${nameOf(material, site)}, ${className}`,
      points: readings
        .filter(({ trainDataset }) => trainDataset === site)
        .map((reading) => ({ x: Number(reading.parameters[axis]), value: wholeOf(reading, className) })),
    })),
  );
}

/** The network of untouched images on held-out patients of the first dataset. */
function untouchedOf(material: Material) {
  const base = baseOf(material, 0);
  return base === undefined
    ? []
    : material.classes.map((name) => ({
        name: `${nameOf(material, 0)}, ${name}`,
        value: wholeOf(base, name),
      }));
}

function baseOf(material: Material, site: number): Reading | undefined {
  const plain = new Set(withLayout(material, "results").map(({ id }) => id));
  return material.readings.find(
    ({ protocol, trainDataset, testDataset, unit }) =>
      plain.has(protocol) && trainDataset === site && testDataset === site && unit === "image",
  );
}

/** Maps over the parts of the image. */
export function patchesOf(material: Material): readonly ReportPatchMap[] {
  return withLayout(material, "patches").flatMap((protocol) => {
    const readings = readingsOfProtocol(material, protocol).filter(({ unit }) => unit === "image");
    const mode =
      protocol.transforms?.corrected.some(({ id }) => id === "patch_keep") === true ? "keep" : "remove";
    const isPlain = protocol.transforms?.corrected.length === 1;
    const known = isPlain
      ? material.published.map(protocol, mode === "keep" ? "patch_kept" : "patch_removed", 9)
      : undefined;
    const sites = [...new Set(readings.map(({ trainDataset }) => trainDataset))];
    return sites.flatMap((site) =>
      material.classes.map((className): ReportPatchMap => {
        const base = baseOf(material, site);
        return {
          title: `${isPlain ? "Patches" : "Patches, high frequencies"}, ${nameOf(material, site)}`,
          mode,
          class: className,
          rows: 3,
          cols: 3,
          values: Array.from({ length: 9 }, (_, tile) =>
            wholeOf(
              readings.find(
                ({ trainDataset, parameters }) => trainDataset === site && parameters["tile"] === tile,
              ),
              className,
            ),
          ),
          whole: wholeOf(base, className),
          published: known?.values ?? null,
          publishedAbout: known?.about ?? null,
        };
      }),
    );
  });
}

/** AUCs by the levels of attributes. */
export function strataOf(material: Material): readonly ReportStrata[] {
  return withLayout(material, "strata").flatMap((protocol) =>
    readingsOfProtocol(material, protocol)
      .filter(({ unit, by }) => unit === "image" && by !== null)
      .flatMap((reading) =>
        material.classes.map((className): ReportStrata => {
          const attribute = reading.by?.attribute ?? "";
          const rows = reading.values.filter(
            (row) => row.className === className && row.stratum.length === 1,
          );
          return {
            title: `${protocol.title}, ${nameOf(material, reading.testDataset)}`,
            attribute: attributeWord(attribute),
            valueName: "AUC",
            class: className,
            overall: wholeOf(baseOf(material, reading.trainDataset), className),
            rows: rows
              .filter((row) => row.stratum[0]?.level !== "unknown" || (row.n ?? 0) > 0)
              .map((row) => ({
                level: row.stratum[0]?.level ?? "",
                value: shownValue(row),
                prevalence:
                  row.n === null || row.nPositive === null || row.n === 0 ? null : row.nPositive / row.n,
              })),
            published: material.published.shown(protocol, className),
          };
        }),
      ),
  );
}

/** The same training from several seeds. */
export function varianceOf(material: Material): readonly ReportVariance[] {
  return withLayout(material, "variance").flatMap((protocol) => {
    const readings = readingsOfProtocol(material, protocol).filter(({ unit }) => unit === "image");
    const sites = [...new Set(readings.map(({ trainDataset }) => trainDataset))];
    return sites.flatMap((site) =>
      material.classes.map((className) => ({
        title: `${nameOf(material, site)}, internal`,
        class: className,
        runs: readings
          .filter(({ trainDataset }) => trainDataset === site)
          .map((reading) => ({
            seed: Number(reading.variant?.replace("seed ", "")),
            value: wholeOf(reading, className),
          })),
      })),
    );
  });
}

/** All test sets together, one for each class. */
export function pooledOf(material: Material, level: number): readonly ReportPooled[] {
  return material.classes.flatMap((className) => {
    const rows = resultsOf({ ...material, classes: [className] }).filter(
      // Other images of the same patients tell nothing new of the model's patients.
      ({ unit, value, experiment }) =>
        unit === "image" && experiment !== "digitised" && value.ciLow !== null && value.ciHigh !== null,
    );
    if (rows.length < 2) return [];
    const result = metaAnalysis({
      estimates: rows.map(({ train, test, value }) => ({
        label: train === test ? train : `${train} to ${test}`,
        value: value.value ?? 0,
        ciLow: value.ciLow ?? 0,
        ciHigh: value.ciHigh ?? 1,
      })),
      level,
      intervalLevel: level,
    });
    const published = material.protocols
      .filter((protocol) => layoutOf(protocol) === "results")
      .flatMap((protocol) => material.published.shown(protocol, className));
    return [
      {
        title: capital("internal and external results"),
        class: className,
        result,
        records: rows.flatMap(({ value }) => value.record ?? []),
        published,
      },
    ];
  });
}

/** Models of recorded attributes, or of grey levels, beside the image model. */
export function confoundersOf(material: Material): readonly ReportConfounders[] {
  return withLayout(material, "confounders").flatMap((protocol) => {
    const readings = readingsOfProtocol(material, protocol).filter(({ unit }) => unit === "image");
    const sites = [...new Set(readings.map(({ trainDataset }) => trainDataset))];
    return sites.flatMap((site) =>
      material.classes.map(
        (className): ReportConfounders => ({
          title: `${protocol.title}, ${nameOf(material, site)}`,
          sees: protocol.procedure.kind === "features" ? "attributes" : "grey levels",
          class: className,
          image: wholeOf(baseOf(material, site), className),
          models: readings
            .filter(({ trainDataset }) => trainDataset === site)
            .map((reading, i) => {
              const difference = differenceOf(reading, className) ?? null;
              const value = wholeOf(reading, className);
              const asked = protocol.answer.quantity === "value" ? value : difference;
              return {
                name: capital(reading.variant ?? ""),
                features: material.features.get(reading.evaluation) ?? [],
                value,
                difference,
                reading:
                  asked === null
                    ? null
                    : readAnswer(protocol.answer, { low: asked.ciLow, high: asked.ciHigh }).sentence,
                published: i === 0 ? material.published.shown(protocol, className) : [],
              };
            }),
        }),
      ),
    );
  });
}
