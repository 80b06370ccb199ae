import type { Broker } from '@interlock/broker';
import {
  Catalogue,
  CIRCUIT_TOLD_MS,
  CircuitTold,
  instantText,
  type MessageOf,
  toolCircuits,
} from '@interlock/contracts';
import type { Circuit } from '@interlock/contracts/http';
import { latestMessages } from '../latest.messages.js';

/** The latest records say all that is worth knowing: each process repeats itself. */
const LATEST = 2_000;

const catalogue = new Catalogue([CircuitTold]);
const place = { topic: toolCircuits.name, partition: 0 };

type Told = MessageOf<typeof CircuitTold>['data'];

/** What executors tell of their circuits, read when somebody asks. */
export class CircuitReader {
  constructor(
    private readonly broker: Pick<Broker, 'bounds' | 'read'>,
    private readonly now: () => number,
  ) {}

  /** Those that are open, by tool. */
  async open(): Promise<Circuit[]> {
    const latest = new Map<string, Told>();
    for await (const { message } of latestMessages(this.broker, place, catalogue, LATEST)) {
      const { process, toolHash } = message.data;
      latest.set(`${process} ${toolHash}`, message.data);
    }
    const since = this.now() - 2 * CIRCUIT_TOLD_MS;
    return [...latest.values()]
      .flatMap((told) => (told.at < since ? [] : shown(told)))
      .sort((a, b) => (`${a.tool} ${a.process}` < `${b.tool} ${b.process}` ? -1 : 1));
  }
}

function shown({ open: state, tool, toolHash, process }: Told): Circuit[] {
  if (state === undefined) return [];
  const { since, failures, code } = state;
  return [{ tool, toolHash, process, since: instantText(since), failures, code }];
}
