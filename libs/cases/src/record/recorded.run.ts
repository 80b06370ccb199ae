import type { RecordedEvent } from '@interlock/actors';
import type { CallRequested, MessageOf, RunEvent, RunStarted } from '@interlock/contracts';

export type RecordedRunEvent = RecordedEvent<RunEvent>;
type Requested = MessageOf<typeof CallRequested>['data'];

/** The events of a run, with what later ones refer to found by its id. */
export class RecordedRun {
  readonly started: MessageOf<typeof RunStarted>['data'];
  readonly startedAt: number;
  readonly requests = new Map<string, Requested>();
  /** When an approval was opened, and for which step. */
  readonly opened = new Map<string, { readonly step: string; readonly at: number }>();
  readonly #argumentsOf = new Map<string, Set<string>>();

  /** @throws {TypeError} the events do not begin with the start of a run, or are of more than one version */
  constructor(readonly events: readonly RecordedRunEvent[]) {
    const [first] = events;
    if (first?.type !== 'run.started') throw new TypeError('the events do not begin with run.started');
    this.started = first.data;
    this.startedAt = first.time;
    if (events.some(({ type }) => type === 'run.migrated'))
      throw new TypeError('the run went on as another version of its workflow: a case is of one version');
    for (const event of events) {
      if (event.type === 'call.requested') this.#request(event.id, event.data);
      if (event.type === 'approval.opened')
        this.opened.set(event.data.approvalId, { step: event.data.step, at: event.time });
    }
  }

  /** What tells this call from the others in a script: its arguments only where its step calls the tool with others too. */
  whichOf({ step, tool, arguments: given }: Requested) {
    const isOnly = (this.#argumentsOf.get(`${step} ${tool}`)?.size ?? 0) < 2;
    const fields = typeof given === 'object' && given !== null ? { ...given } : {};
    return isOnly ? { tool, step } : { tool, step, arguments: fields };
  }

  #request(id: string, data: Requested): void {
    this.requests.set(id, data);
    const key = `${data.step} ${data.tool}`;
    const known = this.#argumentsOf.get(key) ?? new Set();
    this.#argumentsOf.set(key, known.add(JSON.stringify(data.arguments)));
  }
}
