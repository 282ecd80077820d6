import { expect, test } from "vitest";
import { loadPublications } from "../../../api/publications/publication.loader.ts";
import { startTestApi } from "../../support/test-api.ts";

test("the experiments of the study are those of its Table 2, each with its rows", async () => {
  await using api = await startTestApi();
  await loadPublications(api.database);
  await loadPublications(api.database);
  const { data, errors } = await api.ask<{
    experiments: {
      slug: string;
      title: string;
      group: string;
      protocol: { rows: { row: string; train: string[]; test: string[] }[] };
    }[];
  }>("{ experiments { slug title group protocol } }");
  expect(errors).toBeUndefined();
  // Gichoya et al. 2022, Table 2: eight on detection, twelve on confounders, ten on mechanism.
  const counts = Object.fromEntries(
    ["race_detection", "confounders", "mechanism"].map((group) => [
      group,
      (data?.experiments ?? []).filter((one) => one.group === group).length,
    ]),
  );
  expect(counts).toEqual({ race_detection: 8, confounders: 12, mechanism: 10 });
  const external = data?.experiments.find(({ slug }) => slug === "gichoya-2022-cxr-external");
  expect(external?.protocol.rows.map(({ train, test: tested }) => `${train}>${tested}`)).toEqual([
    "MXR>CXP",
    "MXR>EMX",
    "CXP>EMX",
    "CXP>MXR",
    "EMX>MXR",
    "EMX>CXP",
  ]);
});
