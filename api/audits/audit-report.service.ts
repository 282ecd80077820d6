import { type AuditReport, type DatasetFacts, renderReport } from "../../compute/index.ts";
import type { Principal } from "../access/principal.ts";
import type { Database } from "../db/client.ts";
import { SaliencySheetService } from "../predictions/saliency/saliency-sheet.service.ts";
import { evaluationsOfRuns, type RunRecord, runsByIds } from "../runs/run.queries.ts";
import type { ServiceDeps } from "../services.ts";
import { metricsByFingerprint, publishedOf } from "./audit.queries.ts";
import { endedAudit } from "./audit.service.ts";
import { readAuditParams } from "./audit-params.ts";
import { type AuditDataset, findAuditDataset, readFacts, withSharedPatients } from "./dataset-facts.ts";
import { assembleReport } from "./report/assemble-report.ts";

/** Writes reports of audits. Who may read them was decided by `AuditService.find`. */
export class AuditReportService {
  readonly #database: Database;
  readonly #sheets: SaliencySheetService;

  constructor(deps: Pick<ServiceDeps, "database" | "config">) {
    this.#database = deps.database;
    this.#sheets = new SaliencySheetService(deps);
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
    const runs = await runsByIds(
      db,
      summary.steps.flatMap(({ run: of }) => of ?? []),
    );
    const summaries = new Map(
      summary.steps.flatMap(({ id, run: of }) => {
        const told = runs.find((one) => one.id === of)?.summary;
        return told == null ? [] : [[id, told] as const];
      }),
    );
    return assembleReport({
      run,
      params,
      summary,
      datasets,
      facts: await withSharedPatients(db, params.settings.digitised, datasets, facts),
      summaries,
      records: await metricsByFingerprint(db, [...new Set(fingerprints)]),
      published: await publishedOf(db, [
        ...new Set(
          params.settings.protocols.flatMap(({ published }) => published.flatMap((one) => one.experiments)),
        ),
      ]),
    });
  }

  /**
   * Test images of each class with their maps, from the one that the network gives the highest score of its class to that
   * with the lowest, evenly by rank: the same ones each time. Files of images and maps must be on this machine.
   *
   * @param count - images of each class, at most 50
   * @throws {ServiceError} as `SaliencySheetService.draw`
   */
  async mapSheets(run: RunRecord, count: number, principal: Principal): Promise<AuditReport["sheets"]> {
    const summary = endedAudit(run);
    const drawn: AuditReport["sheets"][number][] = [];
    for (const step of summary?.plan.steps ?? []) {
      if (step.kind !== "evaluate" || step.maps === undefined) continue;
      const made = summary?.steps.find(({ id, state }) => id === step.id && state === "succeeded")?.run;
      const [evaluation] = made == null ? [] : await evaluationsOfRuns(this.#database.db, [made]);
      if (evaluation === undefined) continue;
      const request = { evaluation: evaluation.id, images: { spread: count } };
      const { png, class: name, images } = await this.#sheets.draw(request, principal);
      drawn.push({
        title: `Maps of ${name} over ${images.length} test images of ${name}, from the highest score of the class to the lowest. By itself a map localises nothing.`,
        alt: `${images.length} images, their maps, and the maps over the images`,
        png,
      });
    }
    return drawn;
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
