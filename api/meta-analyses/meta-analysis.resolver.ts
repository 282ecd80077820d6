import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import type { Context } from "../context.ts";
import { drawForest, type PooledAnalysis } from "./meta-analysis.service.ts";
import { MetaAnalysis, MetaAnalysisInput } from "./meta-analysis.type.ts";
import { toAnswer, toMetaRequest } from "./meta-answer.ts";

/** Pooled estimates. */
@Resolver(() => MetaAnalysis)
export class MetaAnalysisResolver {
  @Query(() => MetaAnalysis, {
    description:
      "Pools stored metric records or given numbers; NOT_ESTIMABLE where they do not give an estimate.",
  })
  async metaAnalysis(
    @Arg("input", () => MetaAnalysisInput, { description: "What to pool, and how." })
    input: MetaAnalysisInput,
    @Ctx() { services, principal }: Context,
  ): Promise<MetaAnalysis> {
    return toAnswer(await services.metaAnalyses.pool(toMetaRequest(input), principal));
  }

  @FieldResolver(() => String, { description: "The forest plot as an SVG document, safe to inline." })
  forestSvg(
    @Root() answer: MetaAnalysis & { readonly pooled: PooledAnalysis },
    @Arg("title", () => String, { nullable: true, description: "Heading; null: none." }) title: string | null,
    @Arg("dark", () => Boolean, { defaultValue: false, description: "Light lines on a dark ground." })
    dark: boolean,
  ): string {
    return drawForest(answer.pooled, title ?? null, dark);
  }
}
