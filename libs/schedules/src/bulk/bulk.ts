import type { Effect } from '@interlock/actors';
import {
  type BulkEvent,
  BulkGiven,
  type BulkOrderCommand,
  BulkOrdered,
  BulkRefused,
  bulkCommandId,
  catalogueOf,
  type MessageOf,
  runOrders,
} from '@interlock/contracts';
import type { Bulks, OpenBulk } from './bulk.state.js';

/** Kind of the effect that gives the orders of a bulk order. */
export const BULK_EFFECT = 'bulk';

/** The orders of a bulk order are given. */
export interface BulkDone {
  readonly bulkId: string;
}

type Refusal = MessageOf<typeof BulkRefused>['data']['code'];

const orders = catalogueOf(runOrders);

/** Takes a bulk order, once. */
export function onBulkOrder(bulks: Bulks, { data }: BulkOrderCommand, now: number): BulkEvent[] {
  const { issuedAt: _then, ...said } = data;
  if (bulks.known.includes(said.bulkId)) return [];
  if (!said.by.roles.includes('operator'))
    return [bulkRefusal(data, 'bulk_forbidden', 'Bulk orders need the role operator.', now)];
  if (!said.command.wire.startsWith('run.') || !orders.knows(said.command.wire))
    return [
      bulkRefusal(data, 'bulk_unknown_command', `This orchestrator knows no ${said.command.wire}.`, now),
    ];
  return [BulkOrdered({ ...said, ...ofTenant(data), at: now })];
}

export function onBulkDone(bulks: Bulks, { bulkId }: BulkDone, now: number): BulkEvent[] {
  const open = bulks.open.get(bulkId);
  if (open === undefined) return [];
  return [BulkGiven({ bulkId, ...(open.tenant !== undefined && { tenant: open.tenant }), at: now })];
}

export function bulkRefusal(
  data: BulkOrderCommand['data'],
  code: Refusal,
  message: string,
  at: number,
): BulkEvent {
  const { bulkId, commandId, by } = data;
  return BulkRefused({ bulkId, ...ofTenant(data), commandId, code, message, by, at });
}

const ofTenant = ({ by: { tenant } }: BulkOrderCommand['data']) => (tenant === undefined ? {} : { tenant });

/** The work that the event asks for. */
export const bulkEffectsAfter = (event: BulkEvent, bulks: Bulks | undefined): readonly Effect[] => {
  const open = event.type === 'bulk.ordered' ? bulks?.open.get(event.data.bulkId) : undefined;
  return open === undefined ? [] : [effectOf(open)];
};

/** The work of every bulk order whose orders are not known to be given. */
export const openBulks = ({ open }: Bulks): readonly Effect[] => [...open.values()].map(effectOf);

const effectOf = (data: OpenBulk): Effect => ({ id: `bulk/${data.bulkId}`, kind: BULK_EFFECT, data });

/** What one run is told. */
export interface BulkItem {
  readonly runId: string;
  /** Of its record, and of its partition. */
  readonly key: string;
  readonly commandId: string;
  readonly wire: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export function bulkItems({ bulkId, by, reason, command, runs }: OpenBulk, issuedAt: number): BulkItem[] {
  return runs.map(({ runId, rootRunId }) => {
    const commandId = bulkCommandId(bulkId, runId);
    const data = { ...command.fields, commandId, runId, by, issuedAt, reason };
    return { runId, key: rootRunId ?? runId, commandId, wire: command.wire, data };
  });
}
