import { type ModulePublication, ModulesRefusedError } from '@interlock/commands';
import { errorCodeOf, errorText } from '@interlock/contracts';
import type { ReadModel, ReadModelInputs } from '@interlock/read-model';
import {
  type AccessLog,
  type CommandAppender,
  type Configuration,
  dieOf,
  type Log,
  type Readiness,
} from '@interlock/service';
import { describeModules } from '@interlock/tools';
import type {
  BeforeApplicationShutdown,
  OnApplicationBootstrap,
  OnApplicationShutdown,
} from '@nestjs/common';

const POLL_MS = 20;
const REFUSED_EXIT_CODE = 2;
const known: ReadonlySet<string> = new Set(['artifacts', 'schedules']);

/** Starts reading and publishing with the application, beside everything else that starts, and ends with it. */
export class GatewayLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #stopping = new AbortController();
  #isPublished = false;

  constructor(
    readonly inputs: ReadModelInputs,
    readonly readModel: ReadModel,
    readonly access: AccessLog,
    readonly appender: CommandAppender,
    /** Absent in production: there people publish what modules bring, each under their own name. */
    readonly publication: ModulePublication | undefined,
    readonly readiness: Readiness,
    readonly configuration: Pick<Configuration, 'INTERLOCK_MODULES'>,
    readonly log: Log,
  ) {
    readiness.add('runs', () =>
      inputs.isRead ? undefined : (inputs.unavailable ?? 'run.commands and run.events to be read'),
    );
    readiness.add('modules', () => (this.#isPublished ? undefined : this.#unpublished()));
  }

  /** Resolves when what modules bring is published. */
  async whenPublished(): Promise<void> {
    while (!this.#isPublished && !this.#stopping.signal.aborted)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }

  /** What keeps requests from being served. A read model that is unavailable keeps only reads from it. */
  closedBy(): string | undefined {
    if (this.#stopping.signal.aborted) return 'The gateway is stopping.';
    if (!this.inputs.isRead && this.inputs.unavailable === undefined) return 'The log is still being read.';
    return this.#isPublished
      ? undefined
      : `Modules are still being published: this waits for ${this.#unpublished()}.`;
  }

  onApplicationBootstrap(): void {
    this.inputs.start().catch(dieOf(this.log, 'read model'));
    this.#publish().catch((error: unknown) => this.#refuse(error));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.inputs.stop();
    await this.readModel.close();
  }

  /** After the last connection is closed, so that what was asked last is done and written down too. */
  async onApplicationShutdown(): Promise<void> {
    await this.access.close();
    await this.appender.close();
  }

  #unpublished(): string {
    return this.publication?.waitingFor ?? 'modules to be published';
  }

  async #publish(): Promise<void> {
    await this.#logsRead();
    await this.publication?.publish(
      await describeModules(this.configuration.INTERLOCK_MODULES),
      this.#stopping.signal,
    );
    this.#isPublished = !this.#stopping.signal.aborted;
  }

  /** What is published and kept can only be told from what is not once it is read. */
  async #logsRead(): Promise<void> {
    const isWaiting = () => this.readiness.waitingFor().some(({ name }) => known.has(name));
    while (isWaiting() && !this.#stopping.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #refuse(error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    const isTheirs = error instanceof ModulesRefusedError || errorCodeOf(error) === 'module.invalid';
    if (!isTheirs) dieOf(this.log, 'modules')(error);
    process.stderr.write(`${errorText(error)}\nCorrect the module named above and start again.\n`);
    process.exit(REFUSED_EXIT_CODE);
  }
}
