import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import type { Context } from "../context.ts";
import { decodeId } from "../graphql/node-id.ts";
import { JsonObject } from "../graphql/scalars.ts";
import type { RunRecord } from "../runs/run.queries.ts";
import { Run } from "../runs/run.type.ts";
import type { RequestedAudit } from "./audit.service.ts";
import { Audit, AuditGap, AuditPlan, AuditStep, RunAuditInput, RunAuditPayload } from "./audit.type.ts";
import { type AuditView, auditView, gapsOf, planView, type StepView, stepView } from "./audit-views.ts";

/** Planning audits, asking for them, and reading them. */
@Resolver(() => Audit)
export class AuditResolver {
  @Mutation(() => RunAuditPayload, {
    description:
      "Queues an audit: networks are trained and evaluated as its protocols say, for workers to carry out, and its numbers are stored as records. What the warehouse holds is not done again. The same request twice is the same run. For stewards of all its datasets.",
  })
  runAudit(
    @Arg("input", () => RunAuditInput, { description: "What to audit." }) input: RunAuditInput,
    @Ctx() { services, principal }: Context,
  ): Promise<RequestedAudit> {
    return services.audits.request(input, principal);
  }

  @Query(() => AuditPlan, {
    complexity: ({ childComplexity }) => 50 + childComplexity,
    description:
      "What an audit would do, what of it is there already, and what it costs. For stewards of all its datasets.",
  })
  async auditPlan(
    @Arg("input", () => RunAuditInput, { description: "What to audit." }) input: RunAuditInput,
    @Ctx() { services, principal }: Context,
  ): Promise<AuditPlan> {
    return planView(await services.audits.plan(input, principal));
  }

  @Query(() => Audit, {
    nullable: true,
    description: "The audit with this id, or null. For those with row-level rights on all its datasets.",
  })
  async audit(
    @Arg("id", () => ID, { description: "Id of the audit." }) id: string,
    @Ctx() { services, principal }: Context,
  ): Promise<AuditView | undefined> {
    return auditView(await services.audits.find(decodeId("Audit", id), principal));
  }

  @FieldResolver(() => [AuditStep], {
    description:
      "Its trainings and evaluations, each after what it needs; none before a worker has begun it.",
  })
  async steps(@Root() { run }: AuditView, @Ctx() { services }: Context): Promise<readonly StepView[]> {
    return (await services.audits.steps(run)).map(stepView);
  }

  @FieldResolver(() => [AuditGap], { description: "What is left out, once it has ended." })
  leftOut(@Root() { run }: AuditView): readonly AuditGap[] {
    return gapsOf(run);
  }

  @FieldResolver(() => JsonObject, {
    nullable: true,
    complexity: 100,
    description:
      "Everything that its report says, as values: cohorts, results, sweeps, patches, strata, pooled estimates, each number with its interval and the id of its record, published numbers beside them; null before it has succeeded.",
  })
  async values(
    @Root() { run }: AuditView,
    @Ctx() { services }: Context,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    const values = await services.auditReports.values(run);
    return values && { ...values };
  }

  @FieldResolver(() => String, {
    nullable: true,
    complexity: 100,
    description: "Its report as one HTML page without scripts; null before it has succeeded.",
  })
  report(@Root() { run }: AuditView, @Ctx() { services }: Context): Promise<string | null> {
    return services.auditReports.html(run);
  }
}

/** The runs of an audit's steps. */
@Resolver(() => AuditStep)
export class AuditStepResolver {
  @FieldResolver(() => Run, { nullable: true, description: "Its run; null where none was asked for." })
  run(@Root() { runId }: StepView, @Ctx() { load }: Context): Promise<RunRecord> | null {
    return runId === null ? null : load.run.load(runId);
  }
}

/** The audit of a request. */
@Resolver(() => RunAuditPayload)
export class RunAuditPayloadResolver {
  @FieldResolver(() => Audit, { description: "The audit." })
  audit(@Root() { run }: RequestedAudit): AuditView | undefined {
    return auditView(run);
  }
}
