import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { operator } from "../../api/access/principal.ts";
import type { AuditRequest } from "../../api/audits/audit-request.ts";
import type { Config } from "../../api/config.ts";
import { DatasetImportService } from "../../api/datasets/import/dataset-import.service.ts";
import type { Database } from "../../api/db/client.ts";
import { createRunners } from "../../api/runners.ts";
import { runsByIds } from "../../api/runs/run.queries.ts";
import { createServices } from "../../api/services.ts";
import { startWorker } from "../../api/worker.ts";
import {
  type AuditReport,
  type ImagePhantomSpec,
  idealAuc,
  idealMarkAuc,
  imagePhantomFiles,
  imagePhantomMapping,
  makeImagePhantom,
  type Protocol,
  parsePlanted,
  requireProtocol,
} from "../../compute/index.ts";
import { claimsOf, type Ideal, plantedText, type TruthKind, tilesOfSeed, truthKinds } from "./claims.ts";
import type { TruthOutcome } from "./outcomes.ts";

/** How large a study is. */
export interface TruthSize {
  readonly patients: number;
  readonly epochs: number;
  readonly replicates: number;
  /** Tiles removed at the test where one is planted, that one among them. */
  readonly tiles: number;
}

/** Sizes of the script: most patients are in the test part, so that intervals are tight and trainings short. */
export const fullSize: TruthSize = {
  patients: 600,
  epochs: 12,
  replicates: 500,
  tiles: 4,
};

const SIDE = 32;
const STRENGTH = 2;
/** Of the protocol planted_mark. */
const MARK = 3;
const TEST_SHARE = 0.6;
/** Between the planted bands at 32 pixels: below 6 cycles across the image, and from 9.6 on. */
const RADIUS = 8;

const source = (id: string): Protocol => requireProtocol(id);
const filters = [
  { ...source("low_pass"), grid: { radius: [RADIUS] } },
  { ...source("high_pass"), grid: { radius: [RADIUS] } },
];
/** The network of whole images, tested without a tile: evaluations, and no training. */
const tileRemoved = (tiles: readonly number[]) => ({
  ...source("patch_removed"),
  id: "tile_removed",
  grid: { tile: [...tiles] },
  procedure: { ...source("patch_removed").procedure, trainOn: "original" },
});
const recordedAlone = {
  ...source("labels_age_sex_habitus"),
  id: "age_sex_equipment",
  title: "Age, sex and equipment",
  procedure: {
    kind: "features",
    sets: [{ name: "age_sex_equipment", features: ["age", "sex", "equipment"] }],
    models: ["logistic_regression"],
    folds: 5,
  },
  requires: { attributes: ["age", "sex", "equipment"], materials: [] },
};

/** What an audit of each kind asks for beside internal validation, strata by equipment and recorded attributes alone. */
const asked: Readonly<Record<TruthKind, (tiles: readonly number[]) => readonly object[]>> = {
  low: () => [...filters, source("shuffled_attribute")],
  high: () => filters,
  patch: (tiles) => [tileRemoved(tiles)],
  confounder: () => [],
  hidden: () => [],
  none: () => [...filters, source("planted_mark")],
};

/** Makes cohorts whose truth is known, audits them with workers of its own, and reads the reports. */
export class TruthStudy implements AsyncDisposable {
  readonly #database: Database;
  readonly #config: Config;
  readonly #size: TruthSize;
  readonly #services: ReturnType<typeof createServices>;
  readonly #worker: AsyncDisposable;
  /** The import before the next one: each takes all processors. */
  #imported: Promise<void> = Promise.resolve();

  private constructor(
    database: Database,
    config: Config,
    size: TruthSize,
    services: ReturnType<typeof createServices>,
    worker: AsyncDisposable,
  ) {
    this.#database = database;
    this.#config = config;
    this.#size = size;
    this.#services = services;
    this.#worker = worker;
  }

  /** @param concurrency - runs at a time */
  static async open(
    database: Database,
    config: Config,
    size: TruthSize,
    concurrency: number,
  ): Promise<TruthStudy> {
    const log = pino({ level: process.env["JOBS_LOG"] ?? "silent" });
    const deps = { database, config, log };
    const worker = await startWorker(deps, { concurrency, runners: createRunners(config, concurrency) });
    return new TruthStudy(database, config, size, createServices(deps), worker);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker[Symbol.asyncDispose]();
  }

  /** Makes, imports and audits one cohort, and says what its report said. */
  async outcome(kind: TruthKind, seed: number): Promise<TruthOutcome> {
    const spec = this.#specOf(kind, seed);
    const dataset = `truth-${kind}-${seed}`;
    const folder = join(this.#config.home, "truth", dataset);
    this.#imported = this.#imported.then(() => this.#importCohort(dataset, folder, spec));
    await this.#imported;
    const report = await this.#audit(dataset, kind, seed);
    await rm(folder, { recursive: true, force: true });
    const planted = plantedText(kind, seed);
    const claims = claimsOf(kind, seed, report, { ideal: idealOf(spec), tileCount: this.#size.tiles });
    return { kind, seed, planted, claims };
  }

  #specOf(kind: TruthKind, seed: number): ImagePhantomSpec {
    return {
      // Every cohort has patients of its own: what one says by chance, another need not.
      seed: 100 * seed + truthKinds.indexOf(kind),
      patients: this.#size.patients,
      planted: parsePlanted(plantedText(kind, seed)),
      strength: STRENGTH,
      attribute: "race",
      imagesPerPatient: 2,
      side: SIDE,
      patternSeed: seed,
      testShare: TEST_SHARE,
    };
  }

  async #importCohort(dataset: string, folder: string, spec: ImagePhantomSpec): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    for (const { path, bytes } of imagePhantomFiles(makeImagePhantom(spec))) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    const imports = new DatasetImportService(this.#database, this.#config.imageRoots);
    const { status } = await imports.importDataset({
      dataset,
      root: folder,
      layout: "manifest",
      files: { manifest: join(folder, "manifest.csv") },
      mapping: imagePhantomMapping,
    });
    if (status === "rejected") throw new Error(`Expected the cohort ${dataset} to be taken, got refused`);
  }

  async #audit(dataset: string, kind: TruthKind, seed: number): Promise<AuditReport> {
    const { audits, auditReports } = this.#services;
    const request: AuditRequest = {
      dataset,
      attribute: "self_reported_race",
      protocols: ["internal_validation", "equipment_strata"],
      // Safe: plain values; parseProtocol refuses what is no protocol.
      ownProtocols: [
        recordedAlone,
        ...asked[kind](tilesOfSeed(seed, this.#size.tiles)),
      ] as unknown as NonNullable<AuditRequest["ownProtocols"]>,
      architecture: "linear_probe",
      learningRate: 0.01,
      epochs: this.#size.epochs,
      // Flipped and turned, a fixed pattern is no longer one: high frequencies and tiles would be lost.
      augment: false,
      replicates: this.#size.replicates,
      seed,
    };
    const { run } = await audits.request(request, operator);
    for (;;) {
      const [now] = await runsByIds(this.#database.db, [run.id]);
      if (now?.state === "failed" || now?.state === "cancelled") {
        throw new Error(`Expected the audit of ${dataset} to succeed, got ${now.failure ?? now.state}`);
      }
      const report = now && (await auditReports.values(now));
      if (report !== undefined) return report;
      await sleep(500);
    }
  }
}

/** The closed forms of what images show, and of what is recorded beside them. */
function idealOf(spec: ImagePhantomSpec): Ideal {
  const shown = { ...spec, planted: { kind: "confounder", by: "age" } as const };
  return {
    image: idealAuc(spec),
    patient: idealAuc(spec, "patient"),
    recorded: idealAuc(shown),
    mark: idealMarkAuc(MARK),
  };
}
