import type { Run } from '@interlock/contracts/http';
import { type KnownRun, shownRun } from '@interlock/read-model';

type Wait = NonNullable<Run['waitingFor']>[number];
/** The run as this gateway has read it. */
export type ReadRun = (runId: string) => Promise<KnownRun | undefined>;

/** A loop may have started many: so many runs of the family are looked at in all. */
const LOOKED_AT_MAX = 20;
const NAMED_MAX = 3;

/**
 * The run as it is shown: a parent that waits for a child says what that waits for, so that nobody has to look through the family to find who
 * has to do something.
 */
export async function withChildWaits(run: KnownRun, read: ReadRun): Promise<string> {
  if (!run.body.includes('"kind":"child"')) return run.body;
  const shown = shownRun(run);
  const looking = new Looking(read);
  const waitingFor: Wait[] = [];
  for (const wait of shown.waitingFor ?? []) waitingFor.push(await looking.told(wait));
  return JSON.stringify({ ...shown, waitingFor });
}

class Looking {
  #left = LOOKED_AT_MAX;

  constructor(private readonly read: ReadRun) {}

  async told(wait: Wait): Promise<Wait> {
    const said = await this.#saidBy(wait);
    return said === undefined ? wait : { ...wait, detail: `${wait.detail}, which ${said}` };
  }

  /** Undefined: it waits for no child, or nobody looks. */
  async #saidBy({ kind, runId }: Wait): Promise<string | undefined> {
    if (kind !== 'child' || runId === undefined || this.#left === 0) return undefined;
    this.#left -= 1;
    const known = await this.read(runId);
    if (known === undefined) return undefined;
    const { status, waitingFor = [] } = shownRun(known);
    if (waitingFor.length === 0) return `is ${status}`;
    const said: string[] = [];
    for (const wait of waitingFor.slice(0, NAMED_MAX)) said.push(textOf(await this.told(wait)));
    const more = waitingFor.length > NAMED_MAX ? `; and ${waitingFor.length - NAMED_MAX} more` : '';
    return `waits for ${said.join('; ')}${more}`;
  }
}

const textOf = ({ kind, step, detail }: Wait): string =>
  `${kind} in ${step === '' ? 'the run itself' : step}: ${detail}`;
