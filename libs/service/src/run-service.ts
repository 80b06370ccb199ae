import 'reflect-metadata';
import type { Broker } from '@interlock/broker';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Configuration, ConfigurationError, readConfiguration } from './configuration.js';
import { dieOf, REFUSED_EXIT_CODE } from './fatal.js';
import { HealthModule } from './health.module.js';
import { type Log, nestLogger, openLog } from './logger.js';
import { logBridge } from './otel/log.bridge.js';
import { startTelemetry } from './otel/open.telemetry.js';
import { wantedSignals } from './otel/signals.js';
import { keepPrivate } from './private.files.js';
import { principalProblem } from './production.js';
import { refusalOf } from './refusal.js';
import { RuntimeModule } from './runtime.module.js';
import { BROKER } from './tokens.js';
import { InterlockTransport } from './transport.js';
import { answerVersion } from './version.js';

@Module({})
class ProcessModule {}

export interface Service {
  readonly name: string;
  /** @throws {ConfigurationError} what only this service can tell is wrong */
  readonly modules: (configuration: Configuration) => readonly (Type | DynamicModule)[];
  /** The gateway brings its own HTTP side; every other service answers for its health alone. */
  readonly listen?: (app: NestFastifyApplication, configuration: Configuration, log: Log) => Promise<void>;
  readonly adapter?: (configuration: Configuration) => FastifyAdapter;
}

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Runs services in this process until it is told to stop; SIGTERM and SIGINT drain it. */
export async function runService(service: Service): Promise<void> {
  answerVersion(service.name, process.argv);
  const configuration = orExit(() => configurationOf(service.name));
  orExit(() => keepPrivate(configuration.INTERLOCK_DATA_DIR));
  const also = wantedSignals(process.env).has('logs') ? logBridge() : undefined;
  const log = openLog(service.name, configuration.INTERLOCK_LOG_LEVEL, also);
  const die = dieOf(log, service.name);
  const refused = refuseOr(die, service.listen === undefined ? 'INTERLOCK_HEALTH_PORT' : 'INTERLOCK_PORT');
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  // Before anything asks for a meter: what is handed out before stays without effect.
  const telemetry = await startTelemetry(service.name, log).catch(die);
  const root: DynamicModule = {
    module: ProcessModule,
    imports: [
      RuntimeModule.forRoot(configuration, log, { secrets: process.env, telemetry }),
      ...(service.listen === undefined ? [HealthModule] : []),
      ...orExit(() => service.modules(configuration)),
    ],
  };
  const adapter = service.adapter?.(configuration) ?? new FastifyAdapter();
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: nestLogger(log),
    abortOnError: false,
  }).catch(refused);
  for (const signal of STOP_SIGNALS)
    process.once(signal, () => log.info({ signal }, 'stopping: what is in progress may finish first'));
  app.enableShutdownHooks([...STOP_SIGNALS]);
  await followTopics(app, log);
  await (service.listen ?? listenForHealth)(app, configuration, log).catch(refused);
}

function configurationOf(service: string): Configuration {
  const configuration = readConfiguration(process.env);
  const { INTERLOCK_MODE, KAFKA_BROKERS, KAFKA_SASL_USERNAME } = configuration;
  const isShared = INTERLOCK_MODE === 'production' && KAFKA_BROKERS !== undefined;
  const problem = isShared ? principalProblem(service, KAFKA_SASL_USERNAME) : undefined;
  if (problem !== undefined) throw new ConfigurationError([problem]);
  return configuration;
}

/** Starts the consumers of the application's message patterns. */
export async function followTopics(app: NestFastifyApplication, log: Log): Promise<void> {
  const strategy = new InterlockTransport(app.get<Broker>(BROKER), log);
  app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  await app.startAllMicroservices();
}

async function listenForHealth(
  app: NestFastifyApplication,
  configuration: Configuration,
  log: Log,
): Promise<void> {
  await app.listen(configuration.INTERLOCK_HEALTH_PORT, configuration.INTERLOCK_HOST);
  await tellAddress(app, log, 'health is served');
}

/** In the log, and alone on standard output for whoever started this process: a log may be told to keep silent. */
export async function tellAddress(app: NestFastifyApplication, log: Log, message: string): Promise<void> {
  const url = await app.getUrl();
  log.info({ url }, message);
  process.stdout.write(`${url}\n`);
}

/** A module that cannot be used, as whoever loads it says. */
const isModuleError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'module.invalid';

/** What a new start would meet again ends this one with a sentence; for anything else the supervisor starts the process again. */
const refuseOr =
  (die: (error: unknown) => never, portSetting: string) =>
  (error: unknown): never => {
    if (error instanceof ConfigurationError) return refuse(error.message);
    if (isModuleError(error))
      return refuse(`${error.message}\nCorrect the module named above and start again.`);
    const sentence = refusalOf(error, portSetting);
    return sentence === undefined ? die(error) : refuse(sentence);
  };

/** A wrong setting ends the start with its message. */
function orExit<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return refuse(error.message);
  }
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(REFUSED_EXIT_CODE);
}
