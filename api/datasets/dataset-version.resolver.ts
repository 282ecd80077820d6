import { Ctx, FieldResolver, ID, Resolver, Root } from "type-graphql";
import { discloseCount } from "../access/disclosure.ts";
import type { Context } from "../context.ts";
import { encodeId } from "../graphql/node-id.ts";
import { SafeInt } from "../graphql/scalars.ts";
import type { RunRecord } from "../runs/run.queries.ts";
import { Run } from "../runs/run.type.ts";
import type { LevelView } from "./attribute-disclosure.ts";
import type { DatasetRecord } from "./dataset.queries.ts";
import { Dataset } from "./dataset.type.ts";
import type {
  AttributeRecord,
  CategoryMappingEntryRecord,
  CategoryMappingRecord,
  DatasetVersionRecord,
  SplitRecord,
} from "./dataset-version.queries.ts";
import {
  Attribute,
  AttributeLevel,
  CategoryMapping,
  CategoryMappingEntry,
  DatasetVersion,
  Split,
  SplitPart,
  VersionFiles,
  VersionLocation,
} from "./dataset-version.type.ts";

const rounded = "to the nearest 5 without row-level rights";

/** Fields of versions that need a look-up. */
@Resolver(() => DatasetVersion)
export class DatasetVersionResolver {
  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() version: DatasetVersionRecord): string {
    return encodeId("DatasetVersion", version.id);
  }

  @FieldResolver(() => Dataset, { description: "The dataset it is a version of." })
  dataset(
    @Root() version: DatasetVersionRecord,
    @Ctx() { load }: Context,
  ): DatasetRecord | Promise<DatasetRecord> {
    return load.dataset.load(version.datasetId);
  }

  @FieldResolver(() => SafeInt, { description: `Images; ${rounded}.` })
  imageCount(@Root() version: DatasetVersionRecord, @Ctx() { principal }: Context): number {
    return discloseCount(version.imageCount ?? 0, principal.role(version.datasetId));
  }

  @FieldResolver(() => VersionFiles, {
    nullable: true,
    description:
      "What its image files are; null without row-level rights, and where images have no files here.",
  })
  files(@Root() version: DatasetVersionRecord, @Ctx() { services, principal }: Context): VersionFiles | null {
    return services.versions.files(version, principal);
  }

  @FieldResolver(() => VersionLocation, {
    nullable: true,
    description:
      "Where its image files lie; null without row-level rights, and where images have no files here.",
  })
  location(
    @Root() version: DatasetVersionRecord,
    @Ctx() { services, principal }: Context,
  ): Promise<VersionLocation | null> {
    return services.versions.location(version, principal);
  }

  @FieldResolver(() => Run, {
    nullable: true,
    description: "The import that made it from files; null where predictions brought its images.",
  })
  importRun(@Root() { runId }: DatasetVersionRecord, @Ctx() { load }: Context): Promise<RunRecord> | null {
    return runId === null ? null : load.run.load(runId);
  }

  @FieldResolver(() => SafeInt, {
    nullable: true,
    description: `Patients; ${rounded}; null where the source names none.`,
  })
  patientCount(@Root() version: DatasetVersionRecord, @Ctx() { principal }: Context): number | null {
    return version.patientCount && discloseCount(version.patientCount, principal.role(version.datasetId));
  }

  @FieldResolver(() => SafeInt, {
    nullable: true,
    description: `Studies; ${rounded}; null where the source names none.`,
  })
  studyCount(@Root() version: DatasetVersionRecord, @Ctx() { principal }: Context): number | null {
    return version.studyCount && discloseCount(version.studyCount, principal.role(version.datasetId));
  }

  @FieldResolver(() => [Attribute], { description: "Attributes of its images, by name." })
  attributes(
    @Root() version: DatasetVersionRecord,
    @Ctx() { load }: Context,
  ): Promise<readonly AttributeRecord[]> {
    return load.attributesOfVersion.load(version.id);
  }

  @FieldResolver(() => [Split], { description: "Its splits, by name." })
  splits(@Root() version: DatasetVersionRecord, @Ctx() { load }: Context): Promise<readonly SplitRecord[]> {
    return load.splitsOfVersion.load(version.id);
  }
}

/** Fields of attributes that need a look-up. */
@Resolver(() => Attribute)
export class AttributeResolver {
  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() attribute: AttributeRecord): string {
    return encodeId("Attribute", attribute.id);
  }

  @FieldResolver(() => CategoryMapping, {
    nullable: true,
    description: "The mapping that its categories come from; null where they are as recorded.",
  })
  mapping(
    @Root() { categoryMappingId }: AttributeRecord,
    @Ctx() { load }: Context,
  ): Promise<CategoryMappingRecord> | null {
    return categoryMappingId === null ? null : load.mapping.load(categoryMappingId);
  }

  @FieldResolver(() => [AttributeLevel], {
    complexity: 50,
    description:
      "Levels with the images and patients at each: categories in natural order, numbers in the study's bands, then unknown. None for patients, studies and other numbers.",
  })
  levels(
    @Root() attribute: AttributeRecord,
    @Ctx() { services, load, principal }: Context,
  ): Promise<readonly LevelView[]> {
    return services.versions.levels(attribute, load, principal);
  }

  @FieldResolver(() => SafeInt, {
    nullable: true,
    description: `Images without a value; ${rounded}; null when suppressed.`,
  })
  unknownCount(
    @Root() attribute: AttributeRecord,
    @Ctx() { services, load, principal }: Context,
  ): Promise<number | null> {
    return services.versions.unknownCount(attribute, load, principal);
  }
}

/** Fields of mappings that need a look-up. */
@Resolver(() => CategoryMapping)
export class CategoryMappingResolver {
  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() mapping: CategoryMappingRecord): string {
    return encodeId("CategoryMapping", mapping.id);
  }

  @FieldResolver(() => [CategoryMappingEntry], {
    description: "Every value it lists, in order of the value.",
  })
  entries(
    @Root() mapping: CategoryMappingRecord,
    @Ctx() { load }: Context,
  ): Promise<readonly CategoryMappingEntryRecord[]> {
    return load.entriesOfMapping.load(mapping.id);
  }
}

/** Fields of splits that need a look-up. */
@Resolver(() => Split)
export class SplitResolver {
  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() split: SplitRecord): string {
    return encodeId("Split", split.id);
  }

  @FieldResolver(() => [SplitPart], { description: "Its parts in order." })
  parts(
    @Root() split: SplitRecord,
    @Ctx() { services, load, principal }: Context,
  ): Promise<readonly SplitPart[]> {
    return services.versions.parts(split, load, principal);
  }

  @FieldResolver(() => Boolean, {
    description:
      "Whether a patient lies on two sides, so that what was learnt from one is tested on the other.",
  })
  leaks(@Root() { leakingPatients }: SplitRecord): boolean {
    return leakingPatients > 0;
  }

  @FieldResolver(() => SafeInt, {
    nullable: true,
    description: "Patients on more than one side; null without row-level rights when there are any.",
  })
  leakingPatientCount(
    @Root() split: SplitRecord,
    @Ctx() { services, load, principal }: Context,
  ): Promise<number | null> {
    return services.versions.leakingPatients(split, load, principal);
  }
}
