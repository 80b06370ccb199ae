import { serviceNames } from '@interlock/contracts';

/** What production looks at of the settings. */
export interface ProductionSettings {
  readonly INTERLOCK_HOST: string;
  readonly INTERLOCK_MODULES?: readonly string[] | undefined;
  readonly INTERLOCK_EMBEDDED_IN_PRODUCTION?: 'yes' | undefined;
  readonly INTERLOCK_REPLICATION_UNDER_3?: 'yes' | undefined;
  readonly INTERLOCK_PLAINTEXT_KAFKA_ON_LOOPBACK?: 'yes' | undefined;
  readonly INTERLOCK_TLS?: 'terminated' | undefined;
  readonly INTERLOCK_JWKS_URL?: string | undefined;
  readonly INTERLOCK_JWT_ISSUER: string;
  readonly INTERLOCK_JWT_AUDIENCE: string;
  readonly KAFKA_BROKERS?: readonly string[] | undefined;
  readonly KAFKA_SSL: 'true' | 'false';
  readonly KAFKA_SASL_MECHANISM?: string | undefined;
  readonly KAFKA_REPLICATION_FACTOR?: number | undefined;
  readonly REDIS_URL?: string | undefined;
  readonly INTERLOCK_SWEEP_AFTER_HOURS: number;
}

/** What issuer and audience are as long as nobody has named them: whoever also left them alone could make tokens for this place. */
export const DEFAULT_JWT_NAME = 'interlock';

/** A value is named within half a day of its put, or is handed over then, within the seven days that a handover is kept. */
export const SWEEP_AFTER_HOURS_MIN = 192;

/** Least replicas of every topic in production. */
export const REPLICAS_MIN = 3;

/** Everything that keeps these settings from running in production, one sentence each; empty: nothing. */
export function productionProblems(settings: ProductionSettings): string[] {
  return [
    ...tokenProblems(settings),
    ...moduleProblems(settings),
    ...(settings.KAFKA_BROKERS === undefined ? embeddedProblems(settings) : kafkaProblems(settings)),
    ...redisProblems(settings),
    ...httpProblems(settings),
    ...sweepProblems(settings),
  ];
}

function tokenProblems({
  INTERLOCK_JWKS_URL,
  INTERLOCK_JWT_ISSUER,
  INTERLOCK_JWT_AUDIENCE,
}: ProductionSettings) {
  const problems: string[] = [];
  if (INTERLOCK_JWKS_URL !== undefined && !isPrivate(INTERLOCK_JWKS_URL))
    problems.push(
      'INTERLOCK_JWKS_URL: production takes keys by https, or from this machine, so that nobody on the way can change them',
    );
  if (INTERLOCK_JWT_ISSUER === DEFAULT_JWT_NAME)
    problems.push(
      'INTERLOCK_JWT_ISSUER: production needs the name of whoever issues tokens, not the default',
    );
  if (INTERLOCK_JWT_AUDIENCE === DEFAULT_JWT_NAME)
    problems.push('INTERLOCK_JWT_AUDIENCE: production needs the name that tokens are for, not the default');
  return problems;
}

const sweepProblems = ({ INTERLOCK_SWEEP_AFTER_HOURS }: ProductionSettings): string[] =>
  INTERLOCK_SWEEP_AFTER_HOURS < SWEEP_AFTER_HOURS_MIN
    ? [
        `INTERLOCK_SWEEP_AFTER_HOURS: production waits at least ${SWEEP_AFTER_HOURS_MIN}, so that nothing is removed that is named late`,
      ]
    : [];

function moduleProblems({ INTERLOCK_MODULES }: ProductionSettings): string[] {
  return INTERLOCK_MODULES?.some(isExample)
    ? ['INTERLOCK_MODULES: examples/refund-desk is a demonstration and is not loaded in production']
    : [];
}

const isExample = (path: string): boolean => /(^|\/)examples\/refund-desk(\/|$)/.test(path);

function embeddedProblems({ INTERLOCK_EMBEDDED_IN_PRODUCTION }: ProductionSettings): string[] {
  return INTERLOCK_EMBEDDED_IN_PRODUCTION === 'yes'
    ? []
    : [
        'INTERLOCK_MODE: production needs KAFKA_BROKERS, or INTERLOCK_EMBEDDED_IN_PRODUCTION=yes to run on one disk',
      ];
}

function kafkaProblems(settings: ProductionSettings): string[] {
  const { KAFKA_BROKERS = [], KAFKA_SSL, KAFKA_SASL_MECHANISM, KAFKA_REPLICATION_FACTOR } = settings;
  const problems: string[] = [];
  const isHere = KAFKA_BROKERS.every((server) => isLoopback(server.replace(/:\d+$/, '')));
  const isMeant = isHere && settings.INTERLOCK_PLAINTEXT_KAFKA_ON_LOOPBACK === 'yes';
  if (KAFKA_SSL !== 'true' && !isMeant)
    problems.push('KAFKA_SSL: production speaks TLS with Kafka: set it to true');
  if (KAFKA_SASL_MECHANISM === undefined && !isMeant)
    problems.push(
      'KAFKA_SASL_MECHANISM: in production every service is a Kafka user of its own: set it, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD',
    );
  if (
    KAFKA_REPLICATION_FACTOR !== undefined &&
    KAFKA_REPLICATION_FACTOR < REPLICAS_MIN &&
    !mayHaveFewer(settings)
  )
    problems.push(
      `KAFKA_REPLICATION_FACTOR: production keeps ${REPLICAS_MIN} replicas, or say INTERLOCK_REPLICATION_UNDER_3=yes`,
    );
  return problems;
}

const mayHaveFewer = ({ INTERLOCK_REPLICATION_UNDER_3 }: ProductionSettings): boolean =>
  INTERLOCK_REPLICATION_UNDER_3 === 'yes';

function redisProblems({ REDIS_URL }: ProductionSettings): string[] {
  if (REDIS_URL === undefined) return [];
  const { protocol, hostname, password } = new URL(REDIS_URL);
  if (isLoopback(hostname)) return [];
  const problems: string[] = [];
  if (protocol !== 'rediss:') problems.push('REDIS_URL: production speaks TLS with Redis: rediss://');
  if (password === '') problems.push('REDIS_URL: production needs a password for Redis');
  return problems;
}

function httpProblems({ INTERLOCK_HOST, INTERLOCK_TLS }: ProductionSettings): string[] {
  return isLoopback(INTERLOCK_HOST) || INTERLOCK_TLS === 'terminated'
    ? []
    : [
        'INTERLOCK_HOST: production serves other machines behind TLS only: put something that speaks TLS in front and say INTERLOCK_TLS=terminated, or listen on 127.0.0.1',
      ];
}

/**
 * A principal that two services share could write the topics of both.
 * @returns what is wrong with the user that a service connects as; undefined: nothing
 */
export function principalProblem(service: string, user: string | undefined): string | undefined {
  if (user === undefined) return undefined;
  const named = serviceNames.filter((name) => user.includes(name));
  return named.length === 1 && named[0] === service
    ? undefined
    : `KAFKA_SASL_USERNAME: in production each service has a Kafka user of its own that bears its name and no other service’s; ${service} would connect as ${user}`;
}

/** Nobody on the way can change what is read there. */
function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopback(hostname);
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host);
