import { errorText } from '@interlock/contracts';
import { type ExportedRecord, recordedIn } from '@interlock/evidence';
import { checkRunAlone, type ExportedEvent } from '@interlock/invariants';

/** Checks what must hold for every run on its own events: numbering, one end, budgets, checkpoints. */
export class DeepCheck {
  readonly #events: ExportedEvent[] = [];
  #unreadable: string | undefined;

  /** The next record; its events are kept until `violations`. */
  take(record: ExportedRecord): void {
    try {
      for (const event of recordedIn(record)) {
        const meta = { ...record.meta, id: event.id, seq: event.seq };
        this.#events.push({ ...event, meta } as ExportedEvent);
      }
    } catch (error) {
      this.#unreadable ??= `event ${record.meta.seq} cannot be read: ${errorText(error)}`;
    }
  }

  /** What does not hold, as sentences. */
  violations(): string[] {
    if (this.#unreadable !== undefined) return [this.#unreadable];
    const violations = checkRunAlone(this.#events[0]?.meta.run ?? '', this.#events);
    return violations.map(({ invariant, message }) => `${invariant}: ${message}`);
  }
}
