import {
  type ArchitectureName,
  type AuditSettings,
  type DatasetFacts,
  type Protocol,
  type ProtocolMode,
  parseProtocol,
  protocols,
  requireProtocol,
} from "../../compute/index.ts";
import { badInput, listed } from "../metrics/question.ts";

/** An audit as it is asked for: what is absent is as `settingsOf` says. */
export interface AuditRequest {
  readonly dataset: string;
  readonly datasetVersion?: number | null | undefined;
  readonly external?: readonly string[] | null | undefined;
  /** Slug of a dataset of the same patients, digitised otherwise. */
  readonly digitised?: string | null | undefined;
  readonly attribute: string;
  readonly classes?: readonly string[] | null | undefined;
  /** Ids of protocols that are built in. */
  readonly protocols?: readonly string[] | null | undefined;
  /** Protocols of the caller's own, as their files have them. */
  readonly ownProtocols?: readonly Readonly<Record<string, unknown>>[] | null | undefined;
  /** Whether the controls run beside the protocols. */
  readonly controls?: boolean | null | undefined;
  readonly quick?: boolean | null | undefined;
  readonly mode?: ProtocolMode | null | undefined;
  readonly reciprocal?: boolean | null | undefined;
  readonly split?: string | null | undefined;
  readonly folds?: number | null | undefined;
  readonly splitSeed?: number | null | undefined;
  readonly architecture?: ArchitectureName | null | undefined;
  readonly architectures?: readonly ArchitectureName[] | null | undefined;
  readonly side?: number | null | undefined;
  readonly epochs?: number | null | undefined;
  readonly batch?: number | null | undefined;
  readonly learningRate?: number | null | undefined;
  /** A registered model, `SLUG` or `SLUG:VERSION`. */
  readonly findingModel?: string | null | undefined;
  readonly patience?: number | null | undefined;
  /** Whether training images are flipped, turned and zoomed by chance; absent: they are. */
  readonly augment?: boolean | null | undefined;
  readonly gridValues?: number | null | undefined;
  readonly level?: number | null | undefined;
  readonly replicates?: number | null | undefined;
  readonly seed?: number | null | undefined;
}

/** What a quick audit looks at: whether, where, in which frequencies, and what goes along with it. */
export const quickProtocols: readonly string[] = [
  "internal_validation",
  "external_validation",
  "low_pass",
  "high_pass",
  "patch_only",
  "sex_strata",
  "age_strata",
  "view_strata",
  "site_strata",
  "equipment_strata",
  "labels_age_sex_habitus",
];

const quick = { gridValues: 3, epochs: 6, replicates: 500 } as const;
const usual = { folds: 5, splitSeed: 2021, replicates: 2000, level: 0.95, seed: 2021 } as const;

/** Other words for the attribute of the study. */
const attributeWords: Readonly<Record<string, string>> = { self_reported_race: "race" };

/**
 * Everything that decides an audit, from a request and what the first dataset holds. Without a word: every protocol but controls, every
 * level of the attribute, the first dataset trains, transforms as the study's words say.
 *
 * @throws {ServiceError} BAD_USER_INPUT
 * @throws {ComputeError} NO_SUCH_PLUGIN, INVALID_INPUT, INVALID_PARAM for protocols
 */
export function settingsOf(request: AuditRequest, facts: DatasetFacts): AuditSettings {
  const { architecture, side, epochs, batch, learningRate, patience } = request;
  const thin = request.quick === true ? quick : undefined;
  const seed = whole("seed", request.seed ?? usual.seed, 0, Number.MAX_SAFE_INTEGER);
  const known = facts.attributes.find(({ name }) => name === attributeOf(request.attribute, facts));
  return {
    attribute: known?.name ?? request.attribute,
    classes: classesOf(request, known?.levels.map(({ level }) => level) ?? []),
    protocols: protocolsOf(request),
    mode: request.mode ?? "corrected",
    reciprocal: request.reciprocal ?? false,
    folds: whole("folds", request.folds ?? usual.folds, 2, 100),
    splitSeed: whole("splitSeed", request.splitSeed ?? usual.splitSeed, 0, Number.MAX_SAFE_INTEGER),
    training: {
      ...(architecture == null ? {} : { architecture }),
      ...(side == null ? {} : { side: whole("side", side, 8, 4096) }),
      ...(epochs == null && thin === undefined
        ? {}
        : { epochs: whole("epochs", epochs ?? quick.epochs, 1, 100_000) }),
      ...(batch == null ? {} : { batch: whole("batch", batch, 1, 4096) }),
      ...(learningRate == null ? {} : { learningRate }),
      ...(patience == null ? {} : { patience: whole("patience", patience, 0, 100_000) }),
      ...(request.augment === false ? { augment: false } : {}),
      seed,
    },
    architectures: [...new Set(request.architectures ?? [])],
    ...(request.digitised == null ? {} : { digitised: 1 + (request.external ?? []).length }),
    mostGridValues:
      request.gridValues == null
        ? (thin?.gridValues ?? null)
        : whole("gridValues", request.gridValues, 2, 500),
    level: between("level", request.level ?? usual.level, 0.5, 0.999),
    replicates: whole("replicates", request.replicates ?? thin?.replicates ?? usual.replicates, 100, 10_000),
    seed,
  };
}

/**
 * The name under which a dataset has the attribute.
 *
 * @throws {ServiceError} BAD_USER_INPUT naming the attributes there are
 */
export function attributeOf(asked: string, { attributes }: DatasetFacts): string {
  const categories = attributes.filter(({ kind }) => kind === "category").map(({ name }) => name);
  const other = Object.hasOwn(attributeWords, asked) ? attributeWords[asked] : undefined;
  const found = [asked, other].find((name) => name !== undefined && categories.includes(name));
  if (found !== undefined) return found;
  throw badInput(
    `Expected an attribute of categories among ${listed(categories) || "none"}, got "${asked.slice(0, 100)}"`,
  );
}

function classesOf({ classes, attribute }: AuditRequest, levels: readonly string[]): readonly string[] {
  const wanted = classes ?? levels;
  const strange = wanted.find((name) => !levels.includes(name));
  if (strange !== undefined) {
    throw badInput(
      `Expected levels of "${attribute}" among ${listed(levels)}, got "${strange.slice(0, 100)}"`,
    );
  }
  if (new Set(wanted).size !== wanted.length || wanted.length < 2) {
    throw badInput(`Expected two or more different classes of "${attribute}", got ${wanted.length}`);
  }
  return [...wanted];
}

function protocolsOf({
  protocols: ids,
  ownProtocols,
  controls,
  quick: isQuick,
}: AuditRequest): readonly Protocol[] {
  const own = (ownProtocols ?? []).map((given) => parseProtocol(given));
  const idsOf = (isControl: boolean) =>
    protocols.filter(({ group }) => (group === "controls") === isControl).map(({ id }) => id);
  const named = ids ?? (own.length > 0 ? [] : isQuick === true ? quickProtocols : idsOf(false));
  const added = controls === true ? idsOf(true).filter((id) => !named.includes(id)) : [];
  const all = [...named, ...added].map((id) => requireProtocol(id)).concat(own);
  const twice = all.find(({ id }, i) => all.findIndex((one) => one.id === id) !== i);
  if (twice !== undefined) throw badInput(`Expected each protocol once, got "${twice.id}" twice`);
  return all;
}

function whole(name: string, value: number, low: number, high: number): number {
  if (!Number.isSafeInteger(value)) throw badInput(`Expected a whole number for ${name}, got ${value}`);
  return between(name, value, low, high);
}

function between(name: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw badInput(`Expected ${name} from ${low} to ${high}, got ${value}`);
}
