import { and, asc, desc, eq, isNotNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { runs } from "../../runs/run.table.ts";
import { datasets, datasetVersions } from "../dataset.table.ts";
import type { DatasetFiles } from "../dataset-files.ts";

/** A version of a dataset that image files belong to. */
export interface FileVersion {
  readonly id: number;
  readonly datasetId: number;
  readonly version: number;
  readonly imageCount: number;
}

/** The run of an identical import, if there was one. */
export async function findImportRun(db: Db, fingerprint: string): Promise<number | undefined> {
  const [found] = await db.select({ id: runs.id }).from(runs).where(eq(runs.fingerprint, fingerprint));
  return found?.id;
}

/** Number of a version. */
export async function findVersionNumber(db: Db, versionId: number): Promise<number | undefined> {
  const [found] = await db
    .select({ version: datasetVersions.version })
    .from(datasetVersions)
    .where(eq(datasetVersions.id, versionId));
  return found?.version;
}

/** Freezes a draft whose images have files; the database checks that it is whole. */
export async function freezeImageVersion(
  db: Db,
  id: number,
  whole: {
    manifestSha256: string;
    imageCount: number;
    patientCount: number | null;
    studyCount: number | null;
    runId: number;
    files: DatasetFiles;
  },
): Promise<void> {
  await db
    .update(datasetVersions)
    .set({ ...whole, state: "frozen", frozenAt: sql`now()` })
    .where(eq(datasetVersions.id, id));
}

/** Frozen versions of a dataset whose images have files, the newest first. */
export async function listFileVersions(db: Db, slug: string): Promise<readonly FileVersion[]> {
  return db
    .select({
      id: datasetVersions.id,
      datasetId: datasetVersions.datasetId,
      version: datasetVersions.version,
      imageCount: sql<number>`${datasetVersions.imageCount}`,
    })
    .from(datasetVersions)
    .innerJoin(datasets, eq(datasets.id, datasetVersions.datasetId))
    .where(
      and(eq(datasets.slug, slug), eq(datasetVersions.state, "frozen"), isNotNull(datasetVersions.files)),
    )
    .orderBy(desc(datasetVersions.version), asc(datasetVersions.id));
}
