import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operator } from "../../api/access/principal.ts";
import { endedAudit } from "../../api/audits/audit.service.ts";
import type { AuditRequest } from "../../api/audits/audit-request.ts";
import { writePhantomImages } from "../../api/cli/phantom-images.ts";
import { DatasetImportService } from "../../api/datasets/import/dataset-import.service.ts";
import { runsByIds } from "../../api/runs/run.queries.ts";
import { createServices, type Services } from "../../api/services.ts";
import { type AuditReport, requireProtocol } from "../../compute/index.ts";
import { auditEnded, type JobStage, openJobStage } from "../support/jobs/job-stage.ts";

const PATIENCE_MS = 500_000;

let stage: JobStage;
let services: Services;

beforeAll(async () => {
  stage = await openJobStage();
  services = createServices({
    database: stage.database,
    config: stage.config,
    log: pino({ level: "silent" }),
  });
});
afterAll(() => stage[Symbol.asyncDispose]());

/** A cohort of radiographs of patients that never lived, as a dataset of this name. */
async function planted(slug: string, what: string, strength: string, patients: string): Promise<void> {
  const root = join(stage.folder.path, slug);
  await writePhantomImages({
    ...{ out: root, planted: what, patients, strength, attribute: "sex", seed: "3" },
    ...{ side: "32", site: "north", imagesPerPatient: "2", patternSeed: "0" },
  });
  const imports = new DatasetImportService(stage.database, stage.config.imageRoots);
  const outcome = await imports.importDataset({
    dataset: slug,
    root,
    layout: "manifest",
    files: { manifest: join(root, "manifest.csv") },
    mapping: JSON.parse(await readFile(join(root, "mapping.json"), "utf8")),
  });
  expect(outcome.status).not.toBe("rejected");
}

async function audited(request: Omit<AuditRequest, "attribute">) {
  const { run } = await services.audits.request({ attribute: "sex", replicates: 200, ...request }, operator);
  await using _worker = await stage.work();
  const read = async () => {
    const [now = run] = await runsByIds(stage.database.db, [run.id]);
    return { run: now };
  };
  const { run: ended } = await auditEnded(read, PATIENCE_MS);
  expect(ended).toMatchObject({ state: "succeeded", failure: null });
  const values = await services.auditReports.values(ended);
  if (ended === undefined || values === undefined) throw new Error("Expected a report");
  return { ended, values };
}

/** The protocol with other values, as a file of one's own. */
function ownProtocol(id: string, procedure: object) {
  const protocol = requireProtocol(id);
  return { ...protocol, id: `own_${id}`, procedure: { ...protocol.procedure, ...procedure } };
}

test(
  "a signal in one part of the image goes with the region that the maps mark, and with no other of its size",
  async () => {
    await planted("patchy", "patch:0,2", "4", "160");
    const { values, ended } = await audited({
      dataset: "patchy",
      protocols: ["internal_validation", "saliency"],
      ownProtocols: [ownProtocol("occlusion", { threshold: 0.3 })],
      architecture: "small_cnn",
      epochs: 14,
      learningRate: 0.003,
    });
    const [internal] = values.results;
    const [salient, control] =
      values.others[0]?.rows.filter(({ label }) => !label.includes("by patient")) ?? [];
    expect(internal?.value.ciLow).toBeGreaterThan(0.8);
    expect(salient?.value.value).toBeLessThan(0.8);
    expect(salient?.difference?.ciHigh).toBeLessThan(-0.05);
    expect(salient?.reading).toMatch(/lower after blotting out the salient region/);
    expect(control?.value.value).toBeGreaterThan((salient?.value.value ?? 1) + 0.08);
    expect(control?.label).toContain("control");
    expect(control?.about).toBe(salient?.about?.split(";")[0]);
    expect(salient?.about).toMatch(/^\d+\.\d% of the pixels/);
    expect(values.maps.map(({ class: name }) => name)).toEqual(["F", "M"]);
    // The stronger signal is that of M: its mean map is highest in the planted tile, at the top right.
    const { rows = 1, cols = 1, values: places = [] } = values.maps[1] ?? {};
    const highest = places.indexOf(Math.max(...places));
    expect(Math.floor(highest / cols) / rows).toBeLessThan(0.4);
    expect((highest % cols) / cols).toBeGreaterThan(0.6);
    const report = await services.auditReports.html(ended);
    expect(report).toContain("What the maps mark");
    expect(report).not.toContain("data:image/png");
    expect(values.steps.find(({ protocol }) => protocol === "saliency")).toMatchObject({ outcome: "done" });

    const sheets = services.auditReports;
    const drawn = await sheets.mapSheets(ended, 3, operator);
    expect(drawn.map(({ title }) => title.slice(0, 32))).toEqual([
      "Maps of F over 3 test images of ",
      "Maps of M over 3 test images of ",
    ]);
    const again = await sheets.mapSheets(ended, 3, operator);
    expect(again.map(({ png }) => Buffer.from(png))).toEqual(drawn.map(({ png }) => Buffer.from(png)));
    expect(await sheets.html(ended, drawn)).toContain("data:image/png");
  },
  PATIENCE_MS,
);

test(
  "a signal that is age and nothing else is gone from a test set that is evened out for age",
  async () => {
    await planted("aged", "confounder", "1", "600");
    const steps = [{ attribute: "target" }, { attribute: "age", cuts: [45, 50, 55, 60] }];
    const { values, ended } = await audited({
      dataset: "aged",
      protocols: ["internal_validation"],
      ownProtocols: [
        ownProtocol("resampled_test", { steps, replicates: 300 }),
        { ...ownProtocol("resampled_test", {}), id: "by_the_book" },
      ],
      architecture: "linear_probe",
      epochs: 20,
      learningRate: 0.003,
    });
    const [internal] = values.results;
    const [{ rows: [evened] = [] } = {}, { rows: [strict] = [] } = {}] =
      values.others as readonly AuditReport["others"][number][];
    expect(internal?.value.ciLow).toBeGreaterThan(0.6);
    expect(evened?.value.ciLow).toBeLessThan(0.5);
    expect(evened?.value.ciHigh).toBeGreaterThan(0.5);
    expect(evened?.difference?.ciHigh).toBeLessThan(-0.05);
    expect(evened?.reading).toMatch(/lower on the evened-out test set/);
    expect(evened?.about).toMatch(/^10 combinations of levels/);
    const { rows: stored } = await stage.database.pool.query(
      "select value, params, ci_method, run_id from metric_record where metric = 'auroc_resampled' and value = $1 limit 1",
      [evened?.value.value],
    );
    expect(stored[0]).toMatchObject({
      value: evened?.value.value,
      ci_method: "patient_bootstrap",
      params: { seed: 0, replicates: 300, timesSize: 3, steps: [{ attribute: "sex" }, { attribute: "age" }] },
    });
    // The bands of the protocol itself are too fine for so few patients.
    expect(strict?.value).toMatchObject({ value: null, reason: "EMPTY_CELL" });
    const resampling = endedAudit(ended)?.measured.find((one) => one.resampling !== undefined)?.resampling;
    const weights = resampling?.cells.map(({ rows, weight }) => rows * (weight ?? 0)) ?? [];
    expect(weights).toHaveLength(10);
    for (const weight of weights) expect(weight).toBeCloseTo(1 / 10, 12);
  },
  PATIENCE_MS,
);
