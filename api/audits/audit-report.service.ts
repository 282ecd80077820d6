import { type AuditReport, type DatasetFacts, renderReport } from "../../compute/index.ts";
import type { Database } from "../db/client.ts";
import type { RunRecord } from "../runs/run.queries.ts";
import type { ServiceDeps } from "../services.ts";
import { metricsByFingerprint, publishedOf } from "./audit.queries.ts";
import { endedAudit } from "./audit.service.ts";
import { readAuditParams } from "./audit-params.ts";
import { type AuditDataset, findAuditDataset, readFacts } from "./dataset-facts.ts";
import { assembleReport } from "./report/assemble-report.ts";

/** Writes reports of audits. Who may read them was decided by `AuditService.find`. */
export class AuditReportService {
  readonly #database: Database;

  constructor({ database }: Pick<ServiceDeps, "database">) {
    this.#database = database;
  }

  /** What the report of a succeeded audit says; undefined of any other. */
  async values(run: RunRecord): Promise<AuditReport | undefined> {
    const summary = endedAudit(run);
    if (summary === undefined) return undefined;
    const params = readAuditParams(run.params);
    const datasets: AuditDataset[] = [];
    const facts: DatasetFacts[] = [];
    for (const { slug, version, split } of params.datasets) {
      const found = await findAuditDataset(this.#database, { slug, version });
      datasets.push(found);
      facts.push(await readFacts(found, split));
    }
    const fingerprints = summary.measured.flatMap(({ values, differences }) => [...values, ...differences]);
    const { db } = this.#database;
    return assembleReport({
      run,
      params,
      summary,
      datasets,
      facts,
      records: await metricsByFingerprint(db, [...new Set(fingerprints)]),
      published: await publishedOf(db, [
        ...new Set(
          params.settings.protocols.flatMap(({ published }) => published.flatMap((one) => one.experiments)),
        ),
      ]),
    });
  }

  /**
   * The report as one HTML page; null while there is none.
   *
   * @param sheets - pictures that it shows; none come from the warehouse, which shows no image of a patient unasked
   */
  async html(run: RunRecord, sheets: AuditReport["sheets"] = []): Promise<string | null> {
    const values = await this.values(run);
    return values === undefined ? null : renderReport({ ...values, sheets });
  }
}
