import { GraphQLDateTime, GraphQLJSONObject, GraphQLSafeInt } from "graphql-scalars";

/** A time as RFC 3339 in UTC. */
export const DateTime = GraphQLDateTime;

/** A whole number up to 2^53, for counts and byte lengths that outgrow Int; a JSON number on the wire. */
export const SafeInt = GraphQLSafeInt;

/** A free JSON object; only in answers (parameters of plugins, facts of publications), never in inputs. */
export const JsonObject = GraphQLJSONObject;
