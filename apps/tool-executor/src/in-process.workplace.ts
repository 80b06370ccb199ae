import { Slots } from '@interlock/actors';
import type { Clock } from '@interlock/contracts';
import type { Tool } from '@interlock/tools';
import type { CallEffect, CallEnd } from './call.effect.js';
import { performCall, toolContext } from './call.performance.js';
import type { Warn } from './compensation.js';
import type { Place, PlacedCall, Workplace } from './workplace.js';

export interface InProcessOptions {
  readonly tools: readonly Tool[];
  readonly clock: Clock;
  /** Calls at a time. */
  readonly concurrencyMax: number;
  /** The largest output that is kept; absent: what fits into the log. */
  readonly outputBytesMax?: number;
  readonly log: Warn;
  readonly warn: Warn;
}

/** Tool code runs here, between everything else: for simulations and tests, whose tools are their own. */
export class InProcessWorkplace implements Workplace {
  readonly #options: InProcessOptions;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #slots: Slots;

  constructor(options: InProcessOptions) {
    this.#options = options;
    this.#tools = new Map(options.tools.map((tool) => [tool.toolHash, tool]));
    this.#slots = new Slots(options.concurrencyMax);
  }

  async enter({ call }: PlacedCall, ended: AbortSignal): Promise<Place | undefined> {
    const release = await this.#slots.acquire(ended);
    return release && { run: (signal) => this.#run(call, signal), overdue: release, leave: release };
  }

  waitsFor({ manifest }: PlacedCall): string {
    return `${manifest.name} waits for one of ${this.#options.concurrencyMax} places`;
  }

  #run(call: CallEffect, signal: AbortSignal): Promise<CallEnd> {
    const { requestId, callHash: idempotencyKey, deadline, attempt } = call;
    const { clock, log, warn, outputBytesMax } = this.#options;
    const tool = this.#tools.get(call.toolHash)?.manifest.name;
    const context = toolContext({ idempotencyKey, deadline, attempt }, signal, (message, fields) =>
      log(message, { ...fields, tool, requestId }),
    );
    return performCall(
      this.#tools,
      { ...call, outputBytesMax },
      context,
      () => clock.now(),
      (message, fields) => warn(message, { ...fields, requestId }),
    );
  }
}
