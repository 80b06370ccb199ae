import type { CoreBus } from '../cores/core.bus.js';
import { LogReader } from './log.reader.js';

/** The run of a case and those that its steps start. A step of a child is named by the step that has started it: `onboard/charge`. */
export class Family {
  readonly #prefixes = new Map<string, string>();
  readonly #run;

  constructor(private readonly bus: CoreBus) {
    this.#run = new LogReader(bus, 'run.events');
  }

  hear(): void {
    for (const { type, data, meta } of this.#run.next())
      if (type === 'child.requested') this.#prefixes.set(data.runId, `${this.pathOf(meta.run, data.step)}/`);
  }

  /** @param run absent: the run of the case */
  pathOf(run: string | undefined, step: string): string {
    return `${this.#prefixes.get(run ?? this.bus.runId) ?? ''}${step}`;
  }
}
