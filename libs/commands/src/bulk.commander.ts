import { randomUUID } from 'node:crypto';
import {
  BULK_RUNS_MAX,
  type BulkRefused,
  type BulkRun,
  hashOf,
  type Identity,
  type MessageOf,
  OrderBulk,
  type ProblemKind,
} from '@interlock/contracts';
import type { BulkAnswer, BulkBody } from '@interlock/contracts/http';
import type { RunPredicate } from '@interlock/language';
import type { Reach, ReadModel } from '@interlock/read-model';
import type { Bearer, OwnerAnswer, OwnerCaller } from '@interlock/service';
import { OwnerCommander } from './owner.commander.js';
import { malformed, Problem, refusedAs } from './problem.js';
import { commandMessage } from './run.commander.js';

/** Repeated for every run. */
const COMMAND_BYTES_MAX = 4 * 1024;
/** Ids of runs, as one record of the log holds them. */
const RUNS_BYTES_MAX = 600 * 1024;
const PAGE = 5_000;

type Refusal = MessageOf<typeof BulkRefused>['data'];

const kindOf: Readonly<Record<Refusal['code'], ProblemKind>> = {
  bulk_forbidden: 'not-allowed',
  bulk_unknown_command: 'not-ready',
  bulk_not_decided: 'internal',
};

const refusalIn = (answer: OwnerAnswer): Problem | undefined =>
  answer.type === 'bulk.refused'
    ? refusedAs(kindOf[answer.data.code], answer.data.code, answer.data.message)
    : undefined;

interface KnownBulkOrder {
  readonly matched: number;
  readonly orderHash: string;
}

/** Bulk orders as this process has read them. */
export interface KnownBulks {
  find(bulkId: string): KnownBulkOrder | undefined;
}

/** Tells many runs the same: counts them first, and then gives one order that names them all. */
export class BulkCommander {
  constructor(
    readonly owner: Pick<OwnerCaller, 'ask' | 'door'>,
    readonly known: KnownBulks,
    readonly readModel: Pick<ReadModel, 'matching'>,
  ) {}

  /**
   * @param predicate the filter of the body
   * @throws {Problem} more runs than one order takes, a command that is too large, or the orchestrator refuses or has not answered
   */
  async order(bearer: Bearer, reach: Reach, body: BulkBody, predicate: RunPredicate): Promise<BulkAnswer> {
    const { filter, reason, dryRun, commandId = randomUUID() } = body;
    const bulkId = idOf(bearer.by, commandId);
    const before = dryRun ? undefined : this.known.find(bulkId);
    if (before !== undefined) return repeated(bulkId, before, body);
    const command = fieldsOf(body);
    if (dryRun) return { matched: await this.#count(reach, predicate) };
    const runs = await this.#matching(reach, predicate);
    if (runs.length === 0) return { matched: 0 };
    const said = { commandId, bulkId, filter, reason, command, runs };
    await new OwnerCommander(this.owner, `bulk/${bulkId}`, refusalIn).ask(OrderBulk, bearer, said);
    return { bulkId, matched: runs.length };
  }

  async #count(reach: Reach, filter: RunPredicate): Promise<number> {
    let matched = 0;
    for await (const some of this.#pages(reach, filter)) matched += some.length;
    return matched;
  }

  /** All that fit now: a run that begins to fit later is not told. @throws {Problem} more than one order takes */
  async #matching(reach: Reach, filter: RunPredicate): Promise<BulkRun[]> {
    const runs: BulkRun[] = [];
    let bytes = 0;
    for await (const some of this.#pages(reach, filter)) {
      runs.push(...some);
      bytes += JSON.stringify(some).length;
      if (runs.length > BULK_RUNS_MAX || bytes > RUNS_BYTES_MAX) throw tooMany();
    }
    return runs;
  }

  async *#pages(reach: Reach, filter: RunPredicate): AsyncGenerator<readonly BulkRun[]> {
    for (let cursor: string | undefined; ; ) {
      const request = { reach, filter, limit: PAGE, ...(cursor !== undefined && { cursor }) };
      const { runs, next } = await this.readModel.matching(request);
      yield runs;
      if (next === undefined) return;
      cursor = next;
    }
  }
}

const tooMany = (): Problem =>
  malformed(
    `More than ${BULK_RUNS_MAX} runs fit, or their ids are more than one order takes: narrow the filter, for example by run.startedAt. \`dryRun\` counts them.`,
    [{ path: 'filter', message: `fits more than ${BULK_RUNS_MAX} runs` }],
  );

/** The same for the same sender and commandId. */
const idOf = ({ sub, tenant = '' }: Identity, commandId: string): string =>
  hashOf({ sub, tenant, commandId }).slice(0, 32);

/** What the order says, whatever it has found. */
export const bulkOrderHash = ({
  filter,
  command,
  reason,
}: Pick<BulkBody, 'filter' | 'reason'> & { command: unknown }): string => hashOf({ filter, command, reason });

function repeated(bulkId: string, { matched, orderHash }: KnownBulkOrder, body: BulkBody): BulkAnswer {
  const { filter, reason } = body;
  if (orderHash !== bulkOrderHash({ filter, reason, command: fieldsOf(body) }))
    throw new Problem('conflict', 'This commandId was used with another bulk order.');
  return { bulkId, matched };
}

/** The command of each run, without what differs from run to run. @throws {Problem} it is too large */
function fieldsOf({ command, reason }: BulkBody) {
  const envelope = { commandId: '', runId: '', by: { sub: '', roles: [] }, issuedAt: 0, reason };
  const { wire, data } = commandMessage({ ...command, reason }, envelope);
  const own = Object.entries(data).filter(([name]) => !Object.hasOwn(envelope, name));
  const fields = Object.fromEntries(own);
  if (Buffer.byteLength(JSON.stringify(fields)) <= COMMAND_BYTES_MAX) return { wire, fields };
  throw malformed(`The command of a bulk order may have ${COMMAND_BYTES_MAX} bytes.`, [
    { path: 'command', message: `is larger than ${COMMAND_BYTES_MAX} bytes` },
  ]);
}
