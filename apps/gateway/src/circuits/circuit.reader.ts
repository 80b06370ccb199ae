import type { Broker } from '@interlock/broker';
import { CIRCUIT_TOLD_MS, CircuitTold, type MessageOf, toolCircuits } from '@interlock/contracts';
import type { Circuit } from '@interlock/contracts/http';
import { open } from '@interlock/log';

/** The latest records say all that is worth knowing: each process repeats itself. */
const LATEST = 2_000;

type Told = MessageOf<typeof CircuitTold>['data'];

/** What executors tell of their circuits, read when somebody asks. */
export class CircuitReader {
  constructor(
    private readonly broker: Pick<Broker, 'bounds' | 'read'>,
    private readonly now: () => number,
  ) {}

  /** Those that are open, by tool. */
  async open(): Promise<Circuit[]> {
    const { start, end } = await this.broker.bounds(toolCircuits.name, 0);
    const latest = new Map<string, Told>();
    for await (const records of this.broker.read(toolCircuits.name, 0, Math.max(start, end - LATEST)))
      for (const { headers, key, value } of records) {
        const told = toldBy({ headers, key, value });
        if (told !== undefined) latest.set(`${told.process} ${told.toolHash}`, told);
      }
    const since = this.now() - 2 * CIRCUIT_TOLD_MS;
    return [...latest.values()]
      .flatMap((told) => (told.at < since ? [] : shown(told)))
      .sort((a, b) => (`${a.tool} ${a.process}` < `${b.tool} ${b.process}` ? -1 : 1));
  }
}

function toldBy(record: Parameters<typeof open>[0]): Told | undefined {
  const opened = open(record);
  if (opened?.wires[0] !== CircuitTold.wire || record.value === null) return undefined;
  return CircuitTold.schema.safeParse(JSON.parse(Buffer.from(record.value).toString('utf8'))).data;
}

function shown({ open: state, tool, toolHash, process }: Told): Circuit[] {
  if (state === undefined) return [];
  const { since, failures, code } = state;
  return [{ tool, toolHash, process, since: new Date(since).toISOString(), failures, code }];
}
