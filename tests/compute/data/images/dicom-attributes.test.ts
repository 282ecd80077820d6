import { describe, expect, test } from "vitest";
import { type DicomAttributes, readDicomAttributes } from "../../../../compute/index.ts";
import { dicomFile, type Elements, greyElements, syntaxUids } from "../../../support/dicom-writer.ts";

const read = (elements: Elements): Promise<DicomAttributes> =>
  readDicomAttributes(
    dicomFile({ syntax: syntaxUids.explicit, elements: { ...greyElements(4, 4), ...elements } }),
  );

describe("attributes of a DICOM file", () => {
  test("are texts without their padding, and nothing where nothing stands", async () => {
    const attributes = await read({
      "00100020 LO": "P-17 ",
      "00100040 CS": "F",
      "00102160 SH": " ",
      "0020000d UI": "1.2.3",
      "00185101 CS": "PA",
      "00081090 LO": "DRX-1",
    });
    expect(attributes).toMatchObject({
      patientId: "P-17",
      sex: "F",
      studyUid: "1.2.3",
      view: "PA",
      model: "DRX-1",
    });
    expect(attributes).toMatchObject({
      ethnicGroup: undefined,
      manufacturer: undefined,
      hasPixels: false,
      frames: 1,
    });
  });

  test.each([
    ["058Y", 58],
    ["006M", 0.5],
    ["26W", 26 / 52.1775],
    ["015D", 15 / 365.25],
    ["414Y", 414],
    ["58", undefined],
    ["-5Y", undefined],
    ["", undefined],
  ])("an age of %s is %s years", async (age, years) => {
    const { ageYears } = await read({ "00101010 AS": age });
    if (years === undefined) expect(ageYears).toBeUndefined();
    else expect(ageYears).toBeCloseTo(years, 9);
  });

  test("texts are read in the character set that the file names", async () => {
    const name = new TextEncoder().encode("Zürich ");
    expect((await read({ "00080005 CS": "ISO_IR 192", "00080080 LO": name })).institution).toBe("Zürich");
    expect((await read({ "00080005 CS": "ISO_IR 100", "00080080 LO": "Z\u00fcrich" })).institution).toBe(
      "Zürich",
    );
    expect((await read({ "00080005 CS": "no such set", "00080080 LO": "Z\u00fcrich" })).institution).toBe(
      "Zürich",
    );
  });

  test("a slice's place is along the normal of its plane", async () => {
    const sagittal = { "00200037 DS": "0\\1\\0\\0\\0\\-1", "00200032 DS": "-12.5\\80\\90" };
    expect((await read(sagittal)).slice).toBe(12.5);
    expect((await read({ ...sagittal, "00200037 DS": "0\\1\\0" })).slice).toBeUndefined();
    expect((await read({ "00200032 DS": "1\\two\\3" })).position).toBeUndefined();
  });

  test("laterality of the image goes before that of the series; spacing of the detector behind that of the patient", async () => {
    const both = {
      "00200060 CS": "R",
      "00200062 CS": "L",
      "00181164 DS": "0.2\\0.2",
      "00280030 DS": "0.1\\0.3",
    };
    expect(await read(both)).toMatchObject({ laterality: "L", spacing: [0.1, 0.3] });
    expect(await read({ "00200060 CS": "R", "00181164 DS": "0.2\\0.2" })).toMatchObject({
      laterality: "R",
      spacing: [0.2, 0.2],
    });
  });

  test("a file that is none is refused", async () => {
    await expect(readDicomAttributes(Buffer.from("patient,sex\n1,F\n"))).rejects.toMatchObject({
      code: "IMAGE_FORMAT_UNKNOWN",
    });
  });
});
