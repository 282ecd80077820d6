import type { Logger } from "pino";
import { type PublicationData, protocols, type RaceMappings } from "../../compute/index.ts";
import type { Database } from "../db/client.ts";
import type { Db } from "../db/executor.ts";
import { withTransaction } from "../db/transaction.ts";
import { ServiceError } from "../errors.ts";
import { newestPublications, saveExperiments } from "../experiments/experiment.queries.ts";
import { experimentRow } from "../experiments/experiment.rows.ts";
import { publicationsFolder, readPublications } from "./publication.files.ts";
import {
  findMappingEntries,
  findPublicationVersion,
  insertDiscrepancies,
  insertMapping,
  insertPublication,
  insertPublishedMetrics,
  latestPublicationVersion,
  lockPublications,
  savePublishedDatasets,
  savePublishedModels,
} from "./publication.queries.ts";
import {
  datasetRow,
  discrepancyRow,
  metricRow,
  modelRow,
  type PublicationContent,
  publicationContents,
  publicationRow,
} from "./publication.rows.ts";

/** One publication as it stands in the warehouse after loading. */
export interface LoadedPublication {
  readonly slug: string;
  readonly version: number;
  /** False: this content had been loaded before, and nothing was written. */
  readonly isNew: boolean;
  /** How many metric records and discrepancies this version holds. */
  readonly metrics: number;
  readonly discrepancies: number;
}

/**
 * Puts the published results that ship with the project into the warehouse: publications, datasets, models, race
 * mappings, metric records, discrepancies, and the protocols that say how its experiments are done. Content that is there already writes nothing; changed data files become a
 * new version of their publication, and the records of earlier versions stay as they are. 50 to 100 ms when there is
 * nothing to do.
 *
 * @param folder - one folder a study; for tests.
 * @throws {ComputeError} INVALID_INPUT when a data file is not what its printed texts say
 * @throws {ServiceError} INTERNAL when a mapping changed without a new version; and as withTransaction
 */
export async function loadPublications(
  database: Pick<Database, "pool">,
  logger?: Pick<Logger, "info">,
  folder: string = publicationsFolder,
): Promise<readonly LoadedPublication[]> {
  const studies = await readPublications(folder);
  return withTransaction(database, async (tx) => {
    await lockPublications(tx);
    const loaded: LoadedPublication[] = [];
    for (const study of studies) loaded.push(...(await loadStudy(tx, study)));
    const publicationIds = await newestPublications(tx);
    await saveExperiments(
      tx,
      protocols.map((protocol) => experimentRow(protocol, publicationIds)),
    );
    for (const { isNew, ...publication } of loaded) {
      if (isNew) logger?.info(publication, "loaded a version of a publication");
    }
    return loaded;
  });
}

async function loadStudy(tx: Db, study: PublicationData): Promise<readonly LoadedPublication[]> {
  const contents = publicationContents(study);
  const found: Awaited<ReturnType<typeof findPublicationVersion>>[] = [];
  for (const { entry, contentSha256 } of contents) {
    found.push(await findPublicationVersion(tx, entry.slug, contentSha256));
  }
  if (found.every((publication) => publication !== undefined)) {
    return contents.map((content, index) => summary(content, found[index]?.version ?? 0, false));
  }
  const idsBySlug = await savePublishedDatasets(tx, study.datasets.map(datasetRow));
  const datasetIds = new Map(
    study.datasets.flatMap(({ code, slug }) => {
      const id = idsBySlug.get(slug);
      return id === undefined ? [] : [[code, id] as const];
    }),
  );
  const modelIds = await savePublishedModels(tx, study.models.map(modelRow));
  await saveMappings(tx, study.raceMappings);

  const loaded: LoadedPublication[] = [];
  for (const [index, content] of contents.entries()) {
    const before = found[index];
    if (before !== undefined) {
      loaded.push(summary(content, before.version, false));
      continue;
    }
    const version = (await latestPublicationVersion(tx, content.entry.slug)) + 1;
    const publicationId = await insertPublication(tx, publicationRow(content, version));
    const { contentSha256 } = content;
    await insertPublishedMetrics(
      tx,
      content.metrics.map((metric) =>
        metricRow(metric, { publicationId, contentSha256, datasetIds, modelIds }),
      ),
    );
    await insertDiscrepancies(
      tx,
      content.discrepancies.map((discrepancy) => discrepancyRow(discrepancy, publicationId)),
    );
    loaded.push(summary(content, version, true));
  }
  return loaded;
}

/** A stored version of a mapping never changes: results name it. Another content needs another version. */
async function saveMappings(tx: Db, { mappings, vocabularies }: RaceMappings): Promise<void> {
  for (const mapping of mappings) {
    const { slug, version, vocabulary, entries } = mapping;
    const stored = await findMappingEntries(tx, slug, version);
    if (stored === undefined) {
      const source = vocabularies.find(({ id }) => id === vocabulary)?.source ?? vocabulary;
      await insertMapping(tx, mapping, source);
      continue;
    }
    const isSame =
      stored.size === entries.length &&
      entries.every(({ recorded, category }) => {
        return stored.get(recorded) === (category === "excluded" ? null : category);
      });
    if (!isSame) {
      throw new ServiceError(
        "INTERNAL",
        `Expected mapping ${slug} version ${version} as it is stored, got other entries; give it a new version`,
      );
    }
  }
}

function summary(
  { entry, metrics, discrepancies }: PublicationContent,
  version: number,
  isNew: boolean,
): LoadedPublication {
  return {
    slug: entry.slug,
    version,
    isNew,
    metrics: metrics.length,
    discrepancies: discrepancies.length,
  };
}
