import { Arg, Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { Plugin, PluginKind } from "./plugin.type.ts";

/** Queries for plugins. */
@Resolver(() => Plugin)
export class PluginResolver {
  @Query(() => [Plugin], { description: "Plugins of a kind, or all, in order of kind and registration." })
  plugins(
    @Arg("kind", () => PluginKind, { nullable: true, description: "Only this kind; null is all." })
    kind: (typeof PluginKind)[keyof typeof PluginKind] | null,
    @Ctx() { services }: Context,
  ): readonly Plugin[] {
    return services.plugins.list(kind);
  }
}
