import type { Cancel, Runtime } from '@interlock/actors';
import type { Producer } from '@interlock/broker';
import { CIRCUIT_TOLD_MS, CircuitTold, toolCircuits } from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import type { CircuitChange, CircuitView } from './circuits.js';

interface Options extends Pick<Runtime, 'clock' | 'scheduler'> {
  readonly producer: Pick<Producer, 'append' | 'close'>;
  /** Random: names this process. */
  readonly process: string;
  /** It could not be told: whoever asks sees less, and nothing else depends on it. */
  readonly failed: (error: unknown) => void;
}

/** Tells gateways which circuits of this process are open: at each change, and once a minute as long as one is. */
export class CircuitTeller {
  readonly #options: Options;
  readonly #open = new Map<string, CircuitView>();
  #timer: Cancel | undefined;
  #told = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: Options) {
    this.#options = options;
  }

  tell(circuit: CircuitChange): void {
    if ('since' in circuit) this.#open.set(circuit.toolHash, circuit);
    else this.#open.delete(circuit.toolHash);
    this.#say(circuit);
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#timer?.();
    await this.#last;
    await this.#options.producer.close();
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#open.size === 0) return;
    this.#timer = this.#options.scheduler.after(CIRCUIT_TOLD_MS, () => {
      this.#timer = undefined;
      for (const circuit of this.#open.values()) this.#say(circuit);
      this.#arm();
    });
  }

  #say(circuit: CircuitChange): void {
    const { clock, process, producer, failed } = this.#options;
    const { tool, toolHash } = circuit;
    const at = clock.now();
    const open =
      'since' in circuit
        ? { open: { since: circuit.since, failures: circuit.failures, code: circuit.code.slice(0, 300) } }
        : {};
    this.#told += 1;
    const meta = { id: `${process}/${this.#told}`, time: at };
    const record = plainRecord(toolHash, CircuitTold.wire, meta, { process, tool, toolHash, at, ...open });
    this.#last = this.#last.then(() => producer.append(toolCircuits.name, 0, [record])).catch(failed);
  }
}
