import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import pc from "picocolors";
import { operator } from "../access/principal.ts";
import type { AuditRequest } from "../audits/audit-request.ts";
import { encodeId } from "../graphql/node-id.ts";
import { readJsonFile } from "./given-files.ts";
import { writePhantomImages } from "./phantom-images.ts";
import { printText } from "./program-options.ts";
import { followRun } from "./run-watching.ts";
import type { Session } from "./session.ts";
import { whole } from "./text-table.ts";
import { workerIfNone } from "./worker-if-none.ts";

/** Two sites of patients that never lived; the signal is in the low frequencies of their radiographs, and nowhere else. */
const sites = [
  { name: "north", seed: "1" },
  { name: "south", seed: "2" },
] as const;
const phantom = { planted: "low", strength: "2", patients: "200", side: "32" } as const;
const slugOf = (site: string) => `phantom-${site}`;

/** The core of the study, with a network small enough for a demonstration, and a convolutional one beside it. */
const request: AuditRequest = {
  dataset: slugOf("north"),
  external: [slugOf("south")],
  attribute: "self_reported_race",
  protocols: [
    "internal_validation",
    "external_validation",
    "several_architectures",
    "labels_age_sex_habitus",
    "sex_strata",
    "equipment_strata",
    "low_pass",
    "high_pass",
    "patch_only",
  ],
  reciprocal: true,
  architecture: "linear_probe",
  architectures: ["linear_probe", "small_cnn"],
  epochs: 6,
  learningRate: 0.01,
  gridValues: 2,
  replicates: 500,
};

/** Makes both sites, imports and audits them, and writes the report; what was done before is found. */
export async function auditPhantoms(session: Session, stopped: Promise<void>): Promise<void> {
  for (const { name, seed } of sites) await makeSite(session, name, seed);
  const { audits, auditReports } = await session.services();
  const { loadTransforms } = await import("../../compute/index.ts");
  await loadTransforms(session.config.plugins);
  const { plan, cost } = await audits.plan(request, operator);
  printText(
    `${pc.green("·")} Audit of both sites: ${whole(plan.steps.length)} steps, ${whole(cost.reused)} of them there already`,
  );
  const { run } = await audits.request(request, operator);
  const runId = encodeId("Run", run.id);
  const ended = await withWorker(session, () => followRun(session, runId, { stopped }));
  if (ended.state !== "SUCCEEDED") {
    printText(`The audit is ${ended.state.toLowerCase()}: npx stratum runs watch ${runId}`);
    return;
  }
  const found = await audits.find(run.id, operator);
  const report = found && (await auditReports.values(found));
  const html = found && (await auditReports.html(found, [await sheetOf(session)]));
  if (report === undefined || html == null) return;
  const path = join(session.config.home, "demo", "report.html");
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, html);
  const { answersOf } = await import("../../compute/index.ts");
  printText(`\n${pc.bold("What the audit says")} (the signal was planted in the low frequencies)\n`);
  for (const { question, text } of answersOf(report)) printText(`${question}\n  ${text}`);
  printText(`\nReport: ${relative(process.cwd(), path)}`);
}

/** One radiograph of a patient that never lived, under the filters of the audit. */
async function sheetOf({ config }: Session) {
  const { decodeImage, drawFilterSheet } = await import("../../compute/index.ts");
  const folder = join(config.home, "demo", "north", "images");
  const [first = ""] = (await readdir(folder)).sort();
  const image = await decodeImage(await readFile(join(folder, first)), {});
  const { png } = await drawFilterSheet(image, { radii: [1, 5, 10], size: image.rows });
  return {
    title: "A phantom radiograph under the filters of the sweep",
    alt: "A sheet of filtered images",
    png,
  };
}

async function withWorker<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await using _worker = await workerIfNone(session);
  return await work();
}

async function makeSite(session: Session, site: (typeof sites)[number]["name"], seed: string): Promise<void> {
  const folder = join(session.config.home, "demo", site);
  await writePhantomImages({
    out: folder,
    ...phantom,
    seed,
    site,
    attribute: "race",
    imagesPerPatient: "2",
    patternSeed: "0",
  });
  const { DatasetImportService } = await import("../datasets/import/dataset-import.service.ts");
  const imports = new DatasetImportService(session.database, session.config.imageRoots);
  const outcome = await imports.importDataset({
    dataset: slugOf(site),
    root: folder,
    layout: "manifest",
    files: { manifest: join(folder, "manifest.csv") },
    mapping: await readJsonFile("--mapping", join(folder, "mapping.json")),
  });
  if (outcome.status === "rejected") {
    throw new Error(`Expected the phantom site to be taken, got ${Object.keys(outcome.totals).join(", ")}`);
  }
  printText(
    `${pc.green("·")} Phantom site ${site}: ${whole(outcome.report.images)} radiographs of ${whole(outcome.report.patients)} patients`,
  );
}
