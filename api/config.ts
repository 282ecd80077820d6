import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { totalmem } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { deviceEnvironment, type Provider, providers } from "../compute/index.ts";
import { type ImageRoots, parseImageRoots } from "./datasets/image-roots.ts";
import { ServiceError } from "./errors.ts";

const loopbackNames: readonly string[] = ["localhost", "::1", "[::1]", "ip6-localhost"];

/** Log levels, quietest last, as pino names them. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** What a caller without a token may do: everything on a laptop, only public cells on a network (docs of access). */
export const anonymousRoles = ["steward", "analyst", "public"] as const;
export type AnonymousRole = (typeof anonymousRoles)[number];

const wholeNumber = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

// Without a host, `?host=/folder` names a socket folder; the web knows no such URL.
const databaseUrl = z
  .string()
  .refine((url) => /^postgres(ql)?:\/\/./.test(url) && URL.canParse(url.replace("@/", "@socket/")), {
    message: "Expected a URL such as postgresql://user:password@host:5432/database",
  });

/** Every setting: its name in the environment, its range, its default; odd bounds carry their reason. */
const settings = {
  DATABASE_URL: databaseUrl.optional(),
  STRATUM_HOME: z.string().min(1).default(".stratum"),
  HOST: z.string().min(1).default("127.0.0.1"),
  // 0 lets the system choose a free port, for tests.
  PORT: wholeNumber(0, 65_535).default(4000),
  STRATUM_LOG_LEVEL: z.enum(logLevels).default("info"),
  STRATUM_ANONYMOUS_ROLE: z.enum(anonymousRoles).optional(),
  // A transaction holds a connection while it asks for nothing more; below 2 one slow import would stop every reader.
  STRATUM_POOL_SIZE: wholeNumber(2, 200).default(10),
  STRATUM_STATEMENT_TIMEOUT_MS: wholeNumber(100, 3_600_000).default(5_000),
  STRATUM_LOCK_TIMEOUT_MS: wholeNumber(10, 3_600_000).default(2_000),
  STRATUM_IDLE_TRANSACTION_TIMEOUT_MS: wholeNumber(100, 3_600_000).default(10_000),
  // Columns and sorted scores that stay in memory: 9 bytes a row and class.
  STRATUM_CACHE_BYTES: wholeNumber(0, 1e12).default(512 * 1024 ** 2),
  // A worker that was silent for so long has lost its runs to the others. The database's clock counts.
  STRATUM_LEASE_MS: wholeNumber(200, 3_600_000).default(30_000),
  STRATUM_HEARTBEAT_MS: wholeNumber(20, 600_000).default(5_000),
  // How long a run rests after its first crash; four times as long after the second.
  STRATUM_RETRY_MS: wholeNumber(0, 600_000).default(2_000),
  // How often what a run has worked out is stored, so that it survives the worker.
  STRATUM_CHECKPOINT_MS: wholeNumber(0, 600_000).default(5_000),
  // Memory that a compute child may hold.
  STRATUM_CHILD_MEMORY_MIB: wholeNumber(256, 1e6).default(4_096),
  // How far workers and what they compute stand back for other processes of the machine. At 10 they have a tenth of a busy
  // processor; at 19 a hundredth, and an API beside them answers as if they were not there.
  STRATUM_NICE: wholeNumber(0, 19).default(10),
  // Memory that a training may hold; default: three quarters of the machine's.
  STRATUM_TRAINING_MEMORY_MIB: wholeNumber(256, 1e7).optional(),
  // Where trainings keep what they go on from, a folder each; a fast local disk. Default: checkpoints in the home.
  STRATUM_CHECKPOINTS: z.string().min(1).optional(),
  // Disk that decoded images may take in the home, for runs that look at the same ones: the values of a sweep. 0: none.
  STRATUM_PIXEL_CACHE_MIB: wholeNumber(0, 1e8).default(4_096),
  STRATUM_MAX_UPLOAD_BYTES: wholeNumber(1, 1e12).default(4 * 1024 ** 3),
  STRATUM_MAX_BODY_BYTES: wholeNumber(1_000, 1e8).default(100_000),
  STRATUM_MAX_QUERY_DEPTH: wholeNumber(1, 100).default(12),
  STRATUM_MAX_QUERY_TOKENS: wholeNumber(10, 100_000).default(1_000),
  // A page of 200 nodes with 50 fields each costs 10,000.
  STRATUM_MAX_QUERY_COST: wholeNumber(100, 1e9).default(50_000),
  // Connections of subscriptions from one address: more where a proxy stands in front of everybody.
  STRATUM_MAX_SOCKETS_PER_ADDRESS: wholeNumber(1, 100_000).default(20),
  STRATUM_MAX_SUBSCRIPTIONS_PER_SOCKET: wholeNumber(1, 10_000).default(20),
  // Names of the schema in GraphQL's own messages ("Did you mean"): help on a laptop, hints on a network.
  STRATUM_SCHEMA_HINTS: z.enum(["true", "false"]).optional(),
  // Where models lie: a folder (default: models in the home), or s3://bucket/prefix.
  STRATUM_MODEL_STORE: z.string().min(1).optional(),
  STRATUM_S3_ENDPOINT: z.url().optional(),
  STRATUM_S3_REGION: z.string().min(1).default("us-east-1"),
  STRATUM_S3_ACCESS_KEY_ID: z.string().min(1).optional(),
  STRATUM_S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  // Protocol Buffers end at 2 GiB.
  STRATUM_MAX_MODEL_BYTES: wholeNumber(1, 2 ** 31 - 1).default(2 ** 30),
  // What runs a session when the request does not say.
  STRATUM_PROVIDER: z.enum(providers).default("cpu"),
  // Folders that the API may import images from, and where a fleet's workers find them: name=/path with commas between.
  STRATUM_IMAGE_ROOTS: z
    .string()
    .refine((text) => parseImageRoots(text) !== undefined, {
      message: "Expected name=/absolute/path with commas between",
    })
    .optional(),
  // Files of transforms of others, absolute paths with a comma between them; they run with our rights.
  STRATUM_PLUGINS: z.string().optional(),
} as const;

const schema = z.object(settings).superRefine((value, context) => {
  if (!value.STRATUM_MODEL_STORE?.startsWith("s3:")) return;
  if (!s3Store.test(value.STRATUM_MODEL_STORE)) {
    const message = "Expected s3://bucket/prefix";
    context.addIssue({ code: "custom", path: ["STRATUM_MODEL_STORE"], message });
  }
  for (const path of ["STRATUM_S3_ACCESS_KEY_ID", "STRATUM_S3_SECRET_ACCESS_KEY"] as const) {
    if (value[path] === undefined)
      context.addIssue({ code: "custom", path: [path], message: "Expected a key for the S3 store" });
  }
});

/** The names under which settings are read, in the environment and in config.json. */
export const settingNames = Object.keys(settings) as readonly SettingName[]; // safe: the keys of the table above
export type SettingName = keyof typeof settings;

/** A folder of models, or a bucket of an S3-compatible store. */
export type ModelStoreConfig =
  | { readonly kind: "folder"; readonly folder: string }
  | {
      readonly kind: "s3";
      readonly bucket: string;
      /** Of every key; empty or ending in a slash. */
      readonly prefix: string;
      readonly endpoint: string;
      readonly region: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      /** Folder that keeps what was fetched. */
      readonly cache: string;
    };

/** All settings of one process: read once at the start, frozen, handed down as a value. */
export interface Config {
  /** Absent: an embedded PostgreSQL is started in `home`. */
  readonly databaseUrl: string | undefined;
  /** Absolute path of the folder that holds the embedded database and the files of this installation. */
  readonly home: string;
  readonly http: { readonly host: string; readonly port: number; readonly schemaHints: boolean };
  readonly logLevel: (typeof logLevels)[number];
  readonly access: { readonly anonymousRole: AnonymousRole };
  readonly pool: {
    readonly size: number;
    readonly statementTimeoutMs: number;
    readonly lockTimeoutMs: number;
    readonly idleTransactionTimeoutMs: number;
  };
  /** Folders of images by the operator's names for them. */
  readonly imageRoots: ImageRoots;
  /** Absolute paths of files that export transforms of others. */
  readonly plugins: readonly string[];
  readonly jobs: {
    readonly leaseMs: number;
    readonly heartbeatMs: number;
    readonly retryMs: number;
    readonly checkpointMs: number;
    readonly childMemoryMiB: number;
    /** 0 to 19: how far workers and compute children stand back for others. */
    readonly nice: number;
    readonly trainingMemoryMiB: number;
  };
  /** Absolute path of the folder of trainings' checkpoints. */
  readonly checkpoints: string;
  /** Where decoded images are kept for other runs; undefined: nowhere. */
  readonly pixelCache: { readonly folder: string; readonly bytes: number } | undefined;
  /** Bytes of columns and sorted scores kept in memory between questions. */
  readonly cacheBytes: number;
  /** Where models lie, and what an S3-compatible store needs to be reached. */
  readonly modelStore: ModelStoreConfig;
  /** What runs a session when the request does not say. */
  readonly provider: Provider;
  /** What of this process's environment a compute child needs to find a graphics device. */
  readonly deviceEnvironment: Readonly<Record<string, string>>;
  readonly limits: {
    readonly uploadBytes: number;
    readonly modelBytes: number;
    readonly bodyBytes: number;
    readonly queryDepth: number;
    readonly queryTokens: number;
    readonly queryCost: number;
    readonly socketsPerAddress: number;
    readonly subscriptionsPerSocket: number;
  };
}

/**
 * Reads the settings: `overrides` (the command line) win over `env`, which wins over `<STRATUM_HOME>/config.json`.
 * Empty strings count as absent. Relative homes are taken from the current folder.
 *
 * @throws {ServiceError} CONFIG_INVALID naming every problem at once; never a value, which may hold a password.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  overrides: Readonly<Partial<Record<SettingName, string | number>>> = {},
): Config {
  const given = { ...pick(env), ...pick(overrides) };
  const home = resolve(String(given["STRATUM_HOME"] ?? ".stratum"));
  const problems: string[] = [];
  const stored = readStored(join(home, "config.json"), problems);
  const parsed = schema.safeParse({ ...stored, ...given });
  for (const issue of parsed.error?.issues ?? []) {
    problems.push(`${issue.path.join(".")}: ${issue.message}`);
  }
  const { STRATUM_LEASE_MS: leaseMs, STRATUM_HEARTBEAT_MS: heartbeatMs } = parsed.data ?? {};
  if (leaseMs !== undefined && heartbeatMs !== undefined && leaseMs < 2 * heartbeatMs) {
    problems.push("STRATUM_LEASE_MS: Expected at least twice STRATUM_HEARTBEAT_MS, got less");
  }
  if (!parsed.success || problems.length > 0) {
    const list = problems.map((problem) => `\n  ${problem}`).join("");
    throw new ServiceError(
      "CONFIG_INVALID",
      `Expected valid settings, got ${problems.length} at fault:${list}`,
    );
  }
  return toConfig(parsed.data, home, deviceEnvironment(env));
}

function toConfig(
  value: z.output<typeof schema>,
  home: string,
  devices: Config["deviceEnvironment"],
): Config {
  const anonymousRole = value.STRATUM_ANONYMOUS_ROLE ?? (isLoopback(value.HOST) ? "steward" : "public");
  const hints = value.STRATUM_SCHEMA_HINTS?.startsWith("true") ?? isLoopback(value.HOST);
  return Object.freeze({
    databaseUrl: value.DATABASE_URL,
    home,
    http: Object.freeze({ host: value.HOST, port: value.PORT, schemaHints: hints }),
    logLevel: value.STRATUM_LOG_LEVEL,
    access: Object.freeze({ anonymousRole }),
    pool: Object.freeze({
      size: value.STRATUM_POOL_SIZE,
      statementTimeoutMs: value.STRATUM_STATEMENT_TIMEOUT_MS,
      lockTimeoutMs: value.STRATUM_LOCK_TIMEOUT_MS,
      idleTransactionTimeoutMs: value.STRATUM_IDLE_TRANSACTION_TIMEOUT_MS,
    }),
    imageRoots: parseImageRoots(value.STRATUM_IMAGE_ROOTS ?? "") ?? Object.freeze({}),
    plugins: Object.freeze(pathsOf(value.STRATUM_PLUGINS)),
    jobs: Object.freeze({
      leaseMs: value.STRATUM_LEASE_MS,
      heartbeatMs: value.STRATUM_HEARTBEAT_MS,
      retryMs: value.STRATUM_RETRY_MS,
      checkpointMs: value.STRATUM_CHECKPOINT_MS,
      childMemoryMiB: value.STRATUM_CHILD_MEMORY_MIB,
      nice: value.STRATUM_NICE,
      trainingMemoryMiB: value.STRATUM_TRAINING_MEMORY_MIB ?? mostOfTheMemory(),
    }),
    checkpoints: resolve(value.STRATUM_CHECKPOINTS ?? join(home, "checkpoints")),
    pixelCache:
      value.STRATUM_PIXEL_CACHE_MIB === 0
        ? undefined
        : Object.freeze({ folder: join(home, "pixels"), bytes: value.STRATUM_PIXEL_CACHE_MIB * 2 ** 20 }),
    cacheBytes: value.STRATUM_CACHE_BYTES,
    modelStore: Object.freeze(modelStoreOf(value, home)),
    provider: value.STRATUM_PROVIDER,
    deviceEnvironment: Object.freeze(devices),
    limits: Object.freeze({
      uploadBytes: value.STRATUM_MAX_UPLOAD_BYTES,
      modelBytes: value.STRATUM_MAX_MODEL_BYTES,
      bodyBytes: value.STRATUM_MAX_BODY_BYTES,
      queryDepth: value.STRATUM_MAX_QUERY_DEPTH,
      queryTokens: value.STRATUM_MAX_QUERY_TOKENS,
      queryCost: value.STRATUM_MAX_QUERY_COST,
      socketsPerAddress: value.STRATUM_MAX_SOCKETS_PER_ADDRESS,
      subscriptionsPerSocket: value.STRATUM_MAX_SUBSCRIPTIONS_PER_SOCKET,
    }),
  });
}

/** Three quarters of what this machine, or the container around this process, has; in MiB. */
function mostOfTheMemory(): number {
  const machine = totalmem();
  const allowed = process.constrainedMemory();
  const bytes = allowed > 0 && allowed < machine ? allowed : machine;
  return Math.max(1_024, Math.floor((0.75 * bytes) / 2 ** 20));
}

const s3Store = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

function modelStoreOf(value: z.output<typeof schema>, home: string): ModelStoreConfig {
  const place = value.STRATUM_MODEL_STORE;
  const [, bucket, prefix = ""] = s3Store.exec(place ?? "") ?? [];
  if (bucket === undefined) return { kind: "folder", folder: resolve(place ?? join(home, "models")) };
  return {
    kind: "s3",
    bucket,
    prefix: prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`,
    endpoint: value.STRATUM_S3_ENDPOINT ?? `https://s3.${value.STRATUM_S3_REGION}.amazonaws.com`,
    region: value.STRATUM_S3_REGION,
    // Safe to be empty: schema refuses a bucket without keys.
    accessKeyId: value.STRATUM_S3_ACCESS_KEY_ID ?? "",
    secretAccessKey: value.STRATUM_S3_SECRET_ACCESS_KEY ?? "",
    cache: join(home, "models"),
  };
}

/** Whether only this machine can reach a server that listens on `host`. */
export function isLoopback(host: string): boolean {
  return loopbackNames.includes(host) || (isIP(host) === 4 && host.startsWith("127."));
}

function pathsOf(list: string | undefined): readonly string[] {
  return (list ?? "").split(",").flatMap((path) => (path.trim() === "" ? [] : [path.trim()]));
}

function pick(source: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const found = settingNames.flatMap((name) => {
    const value = source[name];
    return value === undefined || value === "" ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

function readStored(path: string, problems: string[]): Record<string, unknown> {
  const text = readIfPresent(path, problems);
  if (text === undefined) return {};
  try {
    const stored: unknown = JSON.parse(text);
    if (typeof stored !== "object" || stored === null || Array.isArray(stored)) {
      throw new TypeError("not an object");
    }
    // The home decides where this file is, so the file cannot move it.
    const allowed: readonly string[] = settingNames.filter((name) => name !== "STRATUM_HOME");
    for (const key of Object.keys(stored)) {
      if (!allowed.includes(key))
        problems.push(`config.json: Expected one of ${allowed.join(", ")}, got "${key}"`);
    }
    return pick({ ...stored, STRATUM_HOME: undefined });
  } catch {
    problems.push("config.json: Expected a JSON object of settings, got something else");
    return {};
  }
}

function readIfPresent(path: string, problems: string[]): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code !== "ENOENT" && error.code !== "ENOTDIR") {
      problems.push(`config.json: Expected a readable file, got ${String(error.code)}`);
    }
    return undefined;
  }
}
