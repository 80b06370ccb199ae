import type { Broker } from '@interlock/broker';
import { controlEvents } from '@interlock/contracts';
import {
  type BeforeApplicationShutdown,
  Controller,
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { ControlView } from './control.view.js';
import type { Log } from './logger.js';
import { BROKER, CONTROL, LOG } from './tokens.js';
import { Consumes, type RecordBatch } from './transport.js';

/** Often enough that the view stays fresh when one or two answers are slow. */
const LOOK_EVERY_MS = 200;

/** Keeps the process's view of what is stopped current. */
@Controller()
class ControlConsumer {
  constructor(@Inject(CONTROL) private readonly control: ControlView) {}

  @Consumes(controlEvents)
  take(@Payload() batch: RecordBatch): void {
    this.control.take(batch);
  }
}

/** Asks the broker again and again where `control.events` ends: receiving nothing does not mean that nothing was stopped. */
@Injectable()
class ControlWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #isFailing = false;

  constructor(
    @Inject(CONTROL) private readonly control: ControlView,
    @Inject(BROKER) private readonly broker: Broker,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    void this.#look();
  }

  beforeApplicationShutdown(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const at = performance.now();
    try {
      const { end } = await this.broker.bounds(controlEvents.name, 0);
      this.control.looked(end, at);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing)
        this.log.warn({ err: error }, 'the end of control.events cannot be read: no call starts');
      this.#isFailing = true;
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }
}

/** What is stopped, for services that start something, or tell people about it. */
@Global()
@Module({
  controllers: [ControlConsumer],
  providers: [{ provide: CONTROL, useFactory: () => new ControlView() }, ControlWatch],
  exports: [CONTROL],
})
export class ControlModule {}
