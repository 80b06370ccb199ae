import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeOf } from '@interlock/contracts';
import { issueText } from '@interlock/contracts';
import { problemOfStoreUrl } from '@interlock/values';
import { z } from 'zod';
import { modelProblems, modelSettings } from './model.settings.js';
import { DEFAULT_JWT_NAME, productionProblems, SWEEP_AFTER_HOURS_MIN } from './production.js';

const milliseconds = z.coerce.number().int().min(0);
const rate = z.coerce.number().int().min(0).max(1_000_000).optional();

/**
 * Requests a second of one identity. In development wide enough for a benchmark from one machine, in production for a busy
 * service; both keep a runaway script from filling the log.
 */
const rates = {
  development: { reads: 5_000, writes: 5_000 },
  production: { reads: 1_000, writes: 500 },
} as const;
const DAY_S = 86_400;
/** For this long, whoever steals a token can use it. */
const tokenLifeS = { development: DAY_S, production: 900 } as const;
/** The example is a demonstration and is not loaded in production. */
const EXAMPLE = 'examples/refund-desk/module.ts';
const defaultModules = { development: [EXAMPLE], production: [] };
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** Every setting of Interlock's own; each has a default that works on a laptop with nothing else running. */
const settings = z.strictObject({
  INTERLOCK_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(7400)
    .describe('HTTP port of the gateway; 0: any free one'),
  INTERLOCK_HOST: z.string().min(1).default('127.0.0.1'),
  INTERLOCK_DATA_DIR: z.string().min(1).default('.interlock').describe('Embedded log, read model, caches'),
  INTERLOCK_STORE_URL: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Where outputs over 64 KB are kept, the same for every service; on the embedded log `values` in the data directory, on Kafka nowhere',
    ),
  INTERLOCK_VALUE_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(16)
    .describe('The largest output that is kept there, MiB of its JSON'),
  INTERLOCK_RUN_VALUES_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_536)
    .default(512)
    .describe('All that one run keeps there, MiB'),
  INTERLOCK_SWEEP_HOURS: z.coerce
    .number()
    .min(0)
    .max(720)
    .default(24)
    .describe('How often that is cleared of what no event names; 0: never'),
  INTERLOCK_SWEEP_AFTER_HOURS: z.coerce
    .number()
    .min(0)
    .max(8_760)
    .default(SWEEP_AFTER_HOURS_MIN)
    .describe(
      'How long ago it must have been kept, and anything recorded of its run; in production at least 192',
    ),
  INTERLOCK_KEYS_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Keys of the installation, the same folder for every service; absent: `keys` in the data directory',
    ),
  INTERLOCK_DEMO: z.enum(['0', '1']).default('1').describe('0: serve, and submit no requests of the example'),
  INTERLOCK_MODE: z.enum(['development', 'production']).default('development'),
  INTERLOCK_MODULES: list
    .optional()
    .describe('Tools, workflows and policies; examples/refund-desk, in production none'),
  ...modelSettings,
  INTERLOCK_EMBEDDED_IN_PRODUCTION: z
    .enum(['yes'])
    .optional()
    .describe('yes: one disk is enough in production'),
  INTERLOCK_REPLICATION_UNDER_3: z
    .enum(['yes'])
    .optional()
    .describe('yes: fewer than three replicas are enough in production'),
  INTERLOCK_PLAINTEXT_KAFKA_ON_LOOPBACK: z
    .enum(['yes'])
    .optional()
    .describe('yes: in production, a Kafka on this machine needs neither TLS nor a password'),
  INTERLOCK_TLS: z
    .enum(['terminated'])
    .optional()
    .describe('terminated: a proxy in front of this server speaks TLS with the callers'),
  INTERLOCK_PARTITIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(512)
    .default(4)
    .describe('Of run-keyed topics; fixed when they are created'),
  INTERLOCK_HEALTH_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('Health of a service that runs alone; 0: any free port'),
  INTERLOCK_CLOCK_SKEW_MS: milliseconds
    .optional()
    .describe('Bound on clock differences; 5000 on Kafka, 0 on embedded'),
  INTERLOCK_DISK_RESERVE_MB: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      'Free space of the data directory below which no run is started; a quarter of the disk, 512 at most',
    ),
  INTERLOCK_START_WITHIN_MS: milliseconds
    .min(1_000)
    .max(DAY_S * 1_000)
    .default(60_000)
    .describe(
      'How long a call, a compensation or a request to a model may wait for its verdicts and for its start; later it is refused as expired',
    ),
  INTERLOCK_ON_EXHAUSTED: z
    .enum(['park', 'fail'])
    .default('fail')
    .describe(
      'What becomes of a tool step whose retries have not helped, where neither it nor its workflow says `onExhausted`',
    ),
  INTERLOCK_RESUME_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(365)
    .default(14)
    .describe('How long a run that has failed or is escalated can be taken up again; 0: never'),
  INTERLOCK_DRAIN_MS: milliseconds
    .default(10_000)
    .describe('How long a graceful stop waits for calls that run'),
  INTERLOCK_TOOL_CHILDREN: z.coerce
    .number()
    .int()
    .min(2)
    .max(64)
    .default(4)
    .describe('Processes that run the tools of one module file, at most'),
  INTERLOCK_TOOL_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(128)
    .max(65_536)
    .default(512)
    .describe('Memory of one of them; what takes more is ended'),
  INTERLOCK_CIRCUIT_FAILURES: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(5)
    .describe('Calls of a tool that find its target away, in a row, until its calls are held'),
  INTERLOCK_CIRCUIT_PROBE_MS: milliseconds
    .min(100)
    .max(600_000)
    .default(2_000)
    .describe('While they are held, at most one call in this time asks whether the target is back'),
  INTERLOCK_TOKEN: z.string().optional().describe('Who calls, for ./interlock alone: no service reads it'),
  INTERLOCK_JWT_ISSUER: z.string().min(1).default(DEFAULT_JWT_NAME).describe('The issuer of tokens (`iss`)'),
  INTERLOCK_JWT_AUDIENCE: z
    .string()
    .min(1)
    .default(DEFAULT_JWT_NAME)
    .describe('The audience of tokens (`aud`)'),
  INTERLOCK_JWKS_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('Public keys of the issuer, a JSON Web Key Set; read at start. Production: this or the URL'),
  INTERLOCK_JWKS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('The same, asked for when a token names a key that is not known. Production: https'),
  INTERLOCK_TOKEN_LIFE_S: z.coerce
    .number()
    .int()
    .min(1)
    .max(DAY_S)
    .optional()
    .describe('The longest accepted life of a token, from `iat` to `exp`; 86400, in production 900'),
  INTERLOCK_RATE_READS: rate.describe(
    'GET requests per second and identity; 0: unlimited; 5000, in production 1000',
  ),
  INTERLOCK_RATE_WRITES: rate.describe(
    'Other requests per second and identity; 0: unlimited; 5000, in production 500',
  ),
  INTERLOCK_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

const foreign = z.object({
  KAFKA_BROKERS: list
    .optional()
    .describe('host:port list. Absent: the embedded log, which needs no other process'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe('Where several gateways share one read model. Absent: a file each'),
  KAFKA_SSL: z.enum(['true', 'false']).default('false'),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  KAFKA_REPLICATION_FACTOR: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Of topics created at start; default: the cluster’s'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().describe('Collector that gets traces, metrics and logs'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional().describe('The same for traces, as a whole address'),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: z.url().optional().describe('The same for metrics'),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: z.url().optional().describe('The same for logs'),
});

export type Configuration = Readonly<z.output<typeof settings> & z.output<typeof foreign>> & {
  readonly clockSkewMs: number;
  readonly INTERLOCK_KEYS_DIR: string;
  readonly INTERLOCK_TOKEN_LIFE_S: number;
  readonly INTERLOCK_MODULES: string[];
  readonly INTERLOCK_RATE_READS: number;
  readonly INTERLOCK_RATE_WRITES: number;
};

/** A setting is wrong or unknown; the message names each of them. */
export class ConfigurationError extends Error {
  readonly code = 'configuration.invalid' satisfies CodeOf<'fault'>;

  constructor(problems: readonly string[]) {
    super(`Wrong configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigurationError';
  }
}

/**
 * Reads the environment once, at start.
 * @throws {ConfigurationError} naming every wrong or unknown setting
 */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const own = pick(environment, (name) => name.startsWith('INTERLOCK_'));
  const mine = settings.safeParse(own);
  const theirs = foreign.safeParse(pick(environment, (name) => /^(KAFKA|OTEL)_|^REDIS_URL$/.test(name)));
  const problems = [...(mine.error?.issues ?? []), ...(theirs.error?.issues ?? [])].flatMap(describe);
  if (!mine.success || !theirs.success) throw new ConfigurationError(problems);
  const embedded = theirs.data.KAFKA_BROKERS === undefined;
  const inProduction =
    mine.data.INTERLOCK_MODE === 'production' ? productionProblems({ ...mine.data, ...theirs.data }) : [];
  const clockSkewMs = mine.data.INTERLOCK_CLOCK_SKEW_MS ?? (embedded ? 0 : 5_000);
  const store = mine.data.INTERLOCK_STORE_URL;
  const storeProblem = store && problemOfStoreUrl(store, environment);
  const inStore =
    storeProblem === undefined || storeProblem === '' ? [] : [`INTERLOCK_STORE_URL: ${storeProblem}`];
  const relations = [
    ...inStore,
    ...inProduction,
    ...modelProblems(mine.data),
    ...startProblems(mine.data, clockSkewMs),
  ];
  if (relations.length > 0) throw new ConfigurationError(relations);
  const { reads, writes } = rates[mine.data.INTERLOCK_MODE];
  return Object.freeze({
    ...mine.data,
    ...theirs.data,
    clockSkewMs,
    INTERLOCK_STORE_URL:
      mine.data.INTERLOCK_STORE_URL ??
      (embedded ? pathToFileURL(join(mine.data.INTERLOCK_DATA_DIR, 'values')).href : undefined),
    INTERLOCK_KEYS_DIR: mine.data.INTERLOCK_KEYS_DIR ?? join(mine.data.INTERLOCK_DATA_DIR, 'keys'),
    INTERLOCK_TOKEN_LIFE_S: mine.data.INTERLOCK_TOKEN_LIFE_S ?? tokenLifeS[mine.data.INTERLOCK_MODE],
    INTERLOCK_MODULES: mine.data.INTERLOCK_MODULES ?? defaultModules[mine.data.INTERLOCK_MODE],
    INTERLOCK_RATE_READS: mine.data.INTERLOCK_RATE_READS ?? reads,
    INTERLOCK_RATE_WRITES: mine.data.INTERLOCK_RATE_WRITES ?? writes,
  });
}

/** The orchestrator sets the time until which a call may start, and the clock of another host decides whether it has passed. */
const startProblems = (
  { INTERLOCK_START_WITHIN_MS: withinMs }: { readonly INTERLOCK_START_WITHIN_MS: number },
  clockSkewMs: number,
): string[] =>
  withinMs > clockSkewMs
    ? []
    : [
        `INTERLOCK_START_WITHIN_MS: ${withinMs} must be more than INTERLOCK_CLOCK_SKEW_MS, which is ${clockSkewMs}: otherwise a host whose clock is behind refuses every call`,
      ];

/** Every setting with its meaning, for `--help` and the documentation. */
export const settingNames: readonly string[] = Object.keys(settings.shape);

function pick(environment: Readonly<Record<string, string | undefined>>, wanted: (name: string) => boolean) {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => wanted(name) && value !== undefined && value !== '',
    ),
  );
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => `${name}: unknown setting; known are ${settingNames.join(', ')}`);
  }
  return [`${issue.path.map(String).join('.')}: ${issueText(issue)}`];
}
