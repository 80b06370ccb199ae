import type { Broker } from '@interlock/broker';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';

const EVERY_MS = 2_000;

/** Asks the log again and again whether it accepts writes: while it does not, the gateway is not ready. */
export class LogWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #against: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    private readonly broker: Pick<Broker, 'unwritable'>,
    /** Every topic that it writes for others. */
    private readonly topics: readonly string[],
    private readonly everyMs = EVERY_MS,
  ) {}

  waitingFor(): string | undefined {
    return this.#against;
  }

  onApplicationBootstrap(): void {
    void this.#look();
  }

  beforeApplicationShutdown(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const reasons = await Promise.all(this.topics.map((topic) => this.broker.unwritable(topic)));
    this.#against = reasons.find((reason) => reason !== undefined);
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#look(), this.everyMs);
    this.#timer.unref();
  }
}
