import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { DicomAttributes } from "../../../../compute/data/images/dicom/dicom-attributes.ts";
import { orderDicomFiles } from "../../../../compute/data/manifests/dicom-order.ts";
import { mergeMappings } from "../../../../compute/data/manifests/layouts/layout.ts";
import { layoutDoc, layoutNames, planLayout } from "../../../../compute/data/manifests/layouts/layouts.ts";
import { csvOf, dicomImage, jpegImage, phantomFolder, pngImage } from "../../../support/phantom-images.ts";
import { findSharedData } from "../../../support/shared-data.ts";
import { readAllImages } from "./read-all-images.ts";

/** Phantoms in the column names of the real sets. */
describe("a plain folder", () => {
  test("makes the first folder a class when asked to, and leaves other files aside", async () => {
    await using root = await phantomFolder({
      "asian/p1/1.png": pngImage(1),
      "black/p2/2.png": pngImage(2),
      "3.png": pngImage(3),
      "README.txt": "",
      "table.csv": "",
      ".hidden/4.png": pngImage(4),
      "black/Thumbs.db": "",
    });
    const plan = await planLayout("folder", { root: root.path, files: {}, options: {} });
    expect(plan.otherFiles).toBe(2);
    const { images } = await readAllImages("folder", root.path, {
      classFromFolder: "race",
      mapping: { patient: { column: "folder", parts: [1, 1] } },
    });
    expect(images.map(({ uri, patient, attributes }) => [uri, patient, attributes["race"]])).toEqual([
      ["3.png", undefined, undefined],
      ["asian/p1/1.png", "p1", "asian"],
      ["black/p2/2.png", "p2", "black"],
    ]);
  });
});

const chexpertHeader = [
  "Path",
  "Sex",
  "Age",
  "Frontal/Lateral",
  "AP/PA",
  "No Finding",
  "Enlarged Cardiomediastinum",
  "Cardiomegaly",
  "Pleural Effusion",
];

describe("CheXpert", () => {
  const rows = [
    [
      "CheXpert-v1.0/train/patient00001/study1/view1_frontal.jpg",
      "Female",
      68,
      "Frontal",
      "AP",
      "1.0",
      "",
      "",
      "",
    ],
    [
      "CheXpert-v1.0/train/patient00002/study1/view1_frontal.jpg",
      "Male",
      87,
      "Frontal",
      "PA",
      "",
      "-1.0",
      "0.0",
      "1.0",
    ],
    [
      "CheXpert-v1.0/train/patient00002/study1/view2_lateral.jpg",
      "Male",
      87,
      "Lateral",
      "",
      "",
      "-1.0",
      "",
      "",
    ],
    [
      "CheXpert-v1.0/train/patient00003/study2/view1_frontal.jpg",
      "Unknown",
      0,
      "Frontal",
      "AP",
      "",
      "",
      "",
      "",
    ],
  ] as const;
  const demographics = csvOf(
    ["PATIENT", "GENDER", "AGE_AT_CXR", "PRIMARY_RACE", "ETHNICITY"],
    [
      ["patient00001", "Female", 68, "Asian", "Non-Hispanic/Non-Latino"],
      ["patient00002", "Male", 87, "Black or African American", "Unknown"],
    ],
  );

  test("reads patients and studies from paths, findings, and self-reported race from the demographics", async () => {
    await using root = await phantomFolder({
      "train.csv": csvOf(chexpertHeader, rows),
      "CHEXPERT DEMO.csv": demographics,
    });
    for (const [index, [path]] of rows.entries()) {
      await root.add({ [path.replace("CheXpert-v1.0/", "")]: await jpegImage(index) });
    }
    const plan = await planLayout("chexpert", { root: root.path, files: {}, options: {} });
    expect(plan.mapping).toMatchObject({
      attributes: { race: { mapping: "chexpert-race-three-class@1" } },
      path: { column: "Path", drop: 1 },
    });
    const { images, report } = await readAllImages("chexpert", root.path, {
      uncertain: "own",
      raceMapping: "none",
    });
    expect(report.errors).toEqual([]);
    expect(images.map(({ id, uri, patient, study }) => [id, uri, patient, study])).toEqual(
      rows.map(([path]) => {
        const [, part, patient, study, file] = path.split("/");
        return [path, `${part}/${patient}/${study}/${file}`, patient, `${patient}/${study}`];
      }),
    );
    expect(images.map(({ attributes }) => attributes)).toEqual([
      {
        sex: "Female",
        age: 68,
        view: "AP",
        projection: "Frontal",
        race: "Asian",
        ethnicity: "Non-Hispanic/Non-Latino",
      },
      {
        sex: "Male",
        age: 87,
        view: "PA",
        projection: "Frontal",
        race: "Black or African American",
        ethnicity: "Unknown",
      },
      {
        sex: "Male",
        age: 87,
        view: undefined,
        projection: "Lateral",
        race: "Black or African American",
        ethnicity: "Unknown",
      },
      { sex: undefined, age: 0, view: "AP", projection: "Frontal", race: undefined, ethnicity: undefined },
    ]);
    expect(report.dictionaries["sex"]).toEqual({ raw: ["Female", "Male"], canonical: ["F", "M"] });
    expect(images[1]?.labels).toEqual({
      "No Finding": 0,
      "Enlarged Cardiomediastinum": "uncertain",
      Cardiomegaly: 0,
      "Pleural Effusion": 1,
    });
    expect(report.unmatched).toEqual({ demographics: 1 });
  });

  test("finds the images beside the set's own folder too, and asks for a policy of uncertainty", async () => {
    await using root = await phantomFolder({ "train.csv": csvOf(chexpertHeader, rows) });
    for (const [index, [path]] of rows.entries()) await root.add({ [path]: await jpegImage(index) });
    const { report } = await readAllImages("chexpert", root.path);
    expect(report.errorTotals).toEqual({ LABEL_UNPARSABLE: 2 });
    const { images } = await readAllImages("chexpert", root.path, { uncertain: "zeros", blank: "unknown" });
    expect(images[1]).toMatchObject({
      uri: rows[1][0],
      labels: { "No Finding": undefined, "Enlarged Cardiomediastinum": 0, Cardiomegaly: 0 },
    });
  });

  test("says what is missing", async () => {
    await using root = await phantomFolder();
    await expect(readAllImages("chexpert", root.path)).rejects.toThrow(/train\.csv/);
    await expect(readAllImages("nih-chest-xray14", root.path)).rejects.toThrow(/Data_Entry_2017/);
    await expect(readAllImages("mimic-cxr-jpg", root.path)).rejects.toThrow(/metadata/);
    await expect(readAllImages("manifest", root.path)).rejects.toThrow(/a table of the images/);
  });
});

describe("MIMIC-CXR-JPG", () => {
  test("joins split, labels, patients and admissions, and reckons the age at the image", async () => {
    const jpg = (subject: number, study: number, dicom: string) =>
      `files/p${String(subject).slice(0, 2)}/p${subject}/s${study}/${dicom}.jpg`;
    await using root = await phantomFolder({
      "mimic-cxr-2.0.0-metadata.csv.gz": gzipSync(
        csvOf(
          [
            "dicom_id",
            "subject_id",
            "study_id",
            "PerformedProcedureStepDescription",
            "ViewPosition",
            "Rows",
            "Columns",
            "StudyDate",
          ],
          [
            ["02aa", 10000032, 50414267, "CHEST (PA AND LAT)", "PA", 3056, 2544, 21800506],
            ["174b", 10000032, 50414267, "CHEST (PA AND LAT)", "LATERAL", 3056, 2544, 21800506],
            ["2a28", 10000764, 57375967, "CHEST (PORTABLE AP)", "AP", 3056, 2544, 21331015],
          ],
        ),
      ),
      "mimic-cxr-2.0.0-split.csv.gz": gzipSync(
        csvOf(
          ["dicom_id", "study_id", "subject_id", "split"],
          [
            ["2a28", 57375967, 10000764, "test"],
            ["02aa", 50414267, 10000032, "train"],
            ["174b", 50414267, 10000032, "train"],
          ],
        ),
      ),
      "mimic-cxr-2.0.0-chexpert.csv.gz": gzipSync(
        csvOf(
          ["subject_id", "study_id", "Atelectasis", "No Finding"],
          [
            [10000032, 50414267, "", "1.0"],
            [10000764, 57375967, "-1.0", ""],
          ],
        ),
      ),
      [jpg(10000032, 50414267, "02aa")]: await jpegImage(1),
      [jpg(10000032, 50414267, "174b")]: await jpegImage(2),
      [jpg(10000764, 57375967, "2a28")]: await jpegImage(3),
    });
    await using iv = await phantomFolder({
      "patients.csv": csvOf(
        ["subject_id", "gender", "anchor_age", "anchor_year", "anchor_year_group", "dod"],
        [
          [10000032, "F", 52, 2180, "2014 - 2016", "2180-09-09"],
          [10000764, "M", 86, 2132, "2014 - 2016", ""],
          [19999999, "M", 30, 2132, "2014 - 2016", ""],
        ],
      ),
      "admissions.csv": csvOf(
        ["subject_id", "hadm_id", "race"],
        [
          [10000032, 1, "WHITE"],
          [10000032, 2, "WHITE"],
          [10000764, 3, "WHITE"],
          [10000764, 4, "OTHER"],
        ],
      ),
    });
    const files = { patients: join(iv.path, "patients.csv"), admissions: join(iv.path, "admissions.csv") };
    const { images, report } = await readAllImages("mimic-cxr-jpg", root.path, {
      files,
      raceMapping: "none",
      uncertain: "ones",
    });
    expect(report.errors).toEqual([]);
    expect(images.map(({ id, patient, study, split }) => [id, patient, study, split])).toEqual([
      ["02aa", "10000032", "50414267", "train"],
      ["174b", "10000032", "50414267", "train"],
      ["2a28", "10000764", "57375967", "test"],
    ]);
    expect(images[0]?.attributes).toEqual({ view: "PA", sex: "F", age: 52, race: "WHITE" });
    expect(images[2]?.attributes).toEqual({ view: "AP", sex: "M", age: 87, race: undefined });
    expect(images[2]?.labels).toEqual({ Atelectasis: 1, "No Finding": 0 });
    expect(report).toMatchObject({
      patients: 2,
      studies: 2,
      conflicts: [{ table: "admissions", column: "race", count: 1 }],
    });
    const plan = await planLayout("mimic-cxr-jpg", { root: root.path, files, options: {} });
    expect(plan.mapping).toMatchObject({ attributes: { race: { mapping: "mimic-race-three-class@1" } } });
    expect(Object.keys(plan.tableFiles).sort()).toEqual([
      "admissions",
      "chexpert",
      "manifest",
      "patients",
      "split",
    ]);
  });
});

describe("NIH ChestX-ray14", () => {
  // As released in 2017: the header ends with a comma, ages are strings, and some are of no living person.
  const header = [
    "Image Index",
    "Finding Labels",
    "Follow-up #",
    "Patient ID",
    "Patient Age",
    "Patient Gender",
    "View Position",
    "OriginalImage[Width",
    "Height]",
    "OriginalImagePixelSpacing[x",
    "y]",
    "",
  ];
  const rest = [2682, 2749, 0.143, 0.143, ""] as const;

  test("reads the table as it was released, with images in any folder and the official split", async () => {
    await using root = await phantomFolder({
      "Data_Entry_2017.csv": csvOf(header, [
        ["00000001_000.png", "Cardiomegaly", 0, 1, "058Y", "M", "PA", ...rest],
        ["00000001_001.png", "Cardiomegaly|Emphysema", 1, 1, "058Y", "M", "PA", ...rest],
        ["00000002_000.png", "No Finding", 0, 2, "414Y", "F", "AP", ...rest],
        ["00000003_000.png", "Pleural_Thickening", 0, 3, "011M", "F", "AP", ...rest],
      ]),
      "train_val_list.txt": "00000001_000.png\n00000001_001.png\n",
      "test_list.txt": "00000002_000.png\n00000003_000.png",
      "images_001/images/00000001_000.png": pngImage(1),
      "images_001/images/00000001_001.png": pngImage(2),
      "images_002/images/00000002_000.png": pngImage(3),
      "images_002/images/00000003_000.png": pngImage(4),
    });
    const { images, report } = await readAllImages("nih-chest-xray14", root.path);
    expect(report.errors).toEqual([]);
    expect(images.map(({ uri, patient, split, attributes }) => [uri, patient, split, attributes])).toEqual([
      ["images_001/images/00000001_000.png", "1", "train", { sex: "M", age: 58, view: "PA" }],
      ["images_001/images/00000001_001.png", "1", "train", { sex: "M", age: 58, view: "PA" }],
      ["images_002/images/00000002_000.png", "2", "test", { sex: "F", age: undefined, view: "AP" }],
      ["images_002/images/00000003_000.png", "3", "test", { sex: "F", age: 11 / 12, view: "AP" }],
    ]);
    const named = images.map(({ labels }) => Object.keys(labels).filter((name) => labels[name] === 1));
    expect(named).toEqual([
      ["Cardiomegaly"],
      ["Cardiomegaly", "Emphysema"],
      ["No Finding"],
      ["Pleural_Thickening"],
    ]);
    expect(Object.keys(images[0]?.labels ?? {})).toHaveLength(15);
    expect(report.implausibleAges).toBe(1);
  });

  test("reads ages that are numbers, and refuses No Finding beside a finding", async () => {
    await using root = await phantomFolder({
      "Data_Entry_2017_v2020.csv": csvOf(header.slice(0, 7), [
        ["00000001_000.png", "No Finding|Mass", 0, 1, 58, "M", "PA"],
        ["00000002_000.png", "No Finding", 0, 2, 414, "M", "PA"],
      ]),
      "images/00000001_000.png": pngImage(1),
      "images/00000002_000.png": pngImage(2),
    });
    const { report } = await readAllImages("nih-chest-xray14", root.path);
    expect(report.errors.map(({ code, line }) => [code, line])).toEqual([["UNKNOWN_LABEL", 2]]);
    expect(report.implausibleAges).toBe(1);
  });
});

describe("a DICOM tree", () => {
  const slice = (seed: number, uid: string, z: number, more = {}) =>
    dicomImage(seed, {
      "00080018 UI": uid,
      "00080060 CS": "CT",
      "00080070 LO": "ACME",
      "00081090 LO": "Scanner 3",
      "00100020 LO": "P1",
      "00100040 CS": "F",
      "00101010 AS": "044Y",
      "0020000D UI": "1.2.1",
      "0020000E UI": "1.2.1.1",
      "00200013 IS": String(100 - z),
      "00200032 DS": `0\\0\\${z}`,
      "00200037 DS": "1\\0\\0\\0\\1\\0",
      ...more,
    });

  test("takes attributes from headers, series for studies, and orders slices by their place", async () => {
    await using root = await phantomFolder({
      "x/0003.dcm": slice(1, "1.2.1.1.3", -5),
      "x/0001.dcm": slice(2, "1.2.1.1.1", 10),
      "x/0002": slice(3, "1.2.1.1.2", 2.5),
      "cr.dcm": dicomImage(4, {
        "00080018 UI": "1.3.1",
        "00080060 CS": "DX",
        "00185101 CS": "AP",
        "00100020 LO": "P0",
        "0020000D UI": "1.3",
        "0020000E UI": "1.3.9",
      }),
      DICOMDIR: "not looked at",
      "notes.txt": "not looked at",
    });
    const { images, report } = await readAllImages("dicom", root.path);
    expect(report.errors).toEqual([]);
    expect(images.map(({ uri, id, patient, study }) => [uri, id, patient, study])).toEqual([
      ["cr.dcm", "1.3.1", "P0", "1.3"],
      ["x/0003.dcm", "1.2.1.1.3", "P1", "1.2.1.1"],
      ["x/0002", "1.2.1.1.2", "P1", "1.2.1.1"],
      ["x/0001.dcm", "1.2.1.1.1", "P1", "1.2.1.1"],
    ]);
    expect(images[1]?.attributes).toEqual({
      sex: "F",
      age: 44,
      modality: "CT",
      view: undefined,
      equipment: "ACME Scanner 3",
      slice_position: -5,
    });
    const byStudy = await readAllImages("dicom", root.path, { studyIs: "study" });
    expect(byStudy.images.map(({ study }) => study)).toEqual(["1.3", "1.2.1", "1.2.1", "1.2.1"]);
  });

  test("counts files at fault, and pictures among the DICOM files", async () => {
    const whole = slice(1, "1.2.1.1.3", -5);
    await using root = await phantomFolder({
      "a.dcm": whole,
      "short.dcm": whole.subarray(0, 200),
      "picture.png": pngImage(1),
      "text.dcm": "hello",
    });
    const { bad } = await readAllImages("dicom", root.path, {}, { onBadFile: "skip" });
    expect(bad).toEqual({
      "picture.png": "IMAGE_FORMAT_UNKNOWN",
      "short.dcm": expect.stringMatching(/^IMAGE_/),
      "text.dcm": "IMAGE_FORMAT_UNKNOWN",
    });
    await root.add({ "again.dcm": slice(9, "1.2.1.1.3", 1) });
    const { report } = await readAllImages("dicom", root.path, {}, { onBadFile: "skip" });
    expect(report.errors.map(({ code }) => code)).toEqual(["DUPLICATE_ID"]);
  });

  test("orders each orientation of a series by itself, and falls back to numbers, then to paths", () => {
    const file = (uri: string, given: Partial<DicomAttributes>) => ({
      uri,
      attributes: { seriesUid: "s", ...given } as DicomAttributes, // safe: the order reads nothing else
    });
    const axial = [1, 0, 0, 0, 1, 0] as const;
    const nearlyAxial = [1, 0, 0.0001, 0, 1, 0] as const;
    const sagittal = [0, 1, 0, 0, 0, -1] as const;
    const ordered = orderDicomFiles([
      file("b", { orientation: axial, slice: 3 }),
      file("c", { orientation: sagittal, slice: 1 }),
      file("a", { orientation: nearlyAxial, slice: -2 }),
      file("d", { orientation: sagittal, slice: 0 }),
      file("n2", { seriesUid: "t", instanceNumber: 10 }),
      file("n1", { seriesUid: "t", instanceNumber: 9 }),
      file("p2", { seriesUid: "u" }),
      file("p1", { seriesUid: "u" }),
    ]);
    expect(ordered.map(({ uri }) => uri)).toEqual(["d", "c", "a", "b", "n1", "n2", "p1", "p2"]);
  });
});

describe("layouts", () => {
  test("say what they are for", () => {
    for (const name of layoutNames) expect(layoutDoc(name)).toMatch(/\.$/);
  });

  test("give way to a mapping of one's own, key by key", () => {
    const layout = { path: "a", split: "b", attributes: { sex: "c", age: "d" }, tables: { t: "k" } };
    const own = { split: null, attributes: { age: null, race: "e" }, id: "f" };
    expect(mergeMappings(layout, own)).toEqual({
      path: "a",
      id: "f",
      split: null,
      attributes: { sex: "c", race: "e" },
      tables: { t: "k" },
    });
  });
});

const ct = findSharedData("dicom/ct_series_3slice", "the order of a real CT series");
const odd = findSharedData("dicom/odd", "codes of odd DICOM files");
const radiographs = findSharedData("dicom/chest_xray", "real radiographs as a DICOM tree");

describe("real DICOM files", () => {
  test.skipIf(ct === undefined)("orders a CT series along its normal", async () => {
    const { images, report } = await readAllImages("dicom", ct ?? "");
    expect(report.errors).toEqual([]);
    expect(images).toHaveLength(3);
    expect(new Set(images.map(({ study }) => study)).size).toBe(1);
    const places = images.map(({ attributes }) => Number(attributes["slice_position"]));
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(new Set(places).size).toBe(3);
  });

  test.skipIf(radiographs === undefined)("reads radiographs", async () => {
    // One of them is a copy of another with its grey levels turned round, and kept its UID.
    const refused = await readAllImages("dicom", radiographs ?? "");
    expect(refused.report.errorTotals).toEqual({ DUPLICATE_ID: 1 });
    const { images, report } = await readAllImages("dicom", radiographs ?? "", { mapping: { id: "path" } });
    expect(report.errors).toEqual([]);
    expect(images).toHaveLength(3);
  });

  test.skipIf(odd === undefined)("names what is wrong with odd files", async () => {
    const { bad, images } = await readAllImages(
      "dicom",
      odd ?? "",
      { mapping: { id: "path" } },
      { onBadFile: "skip" },
    );
    expect({ bad, read: images.map(({ uri }) => uri).sort() }).toMatchInlineSnapshot(`
      {
        "bad": {
          "MR_truncated.dcm": "IMAGE_TRUNCATED",
          "SC_rgb_rle_2frame.dcm": "IMAGE_KIND_UNSUPPORTED",
          "badVR.dcm": "IMAGE_KIND_UNSUPPORTED",
          "emri_small_jpeg_2k_lossless_too_short.dcm": "IMAGE_KIND_UNSUPPORTED",
          "meta_missing_tsyntax.dcm": "IMAGE_CORRUPT",
          "no_meta.dcm": "IMAGE_FORMAT_UNKNOWN",
          "rtplan.dcm": "IMAGE_NO_PIXELS",
        },
        "read": [
          "ExplVR_BigEnd.dcm",
          "MR_small.dcm",
          "MR_small_RLE.dcm",
          "SC_rgb_jpeg.dcm",
        ],
      }
    `);
  });
});
