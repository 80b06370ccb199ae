import type { TargetRequest } from '@interlock/invariants';
import { requestsAt } from '../../e2e/log.check.ts';
import { acceptedOf, authorOf, claimsOf, type StoredLog } from '../../e2e/stored.log.ts';
import type { Run } from '../../e2e/system.client.ts';
import { writtenLines } from '../../e2e/written.lines.ts';
import { linesOf } from '../ledger.module.ts';
import { type ReceivedByOrders, writesAtOrders } from '../order.requests.ts';

/** Everything that reached the order system, before it looked at it. */
export const receivedByOrders = (requestsFile: string): ReceivedByOrders[] => writtenLines(requestsFile);

/** Every write as the systems behind the tools saw it. */
export function requestsOfTargets(requestsFile: string, ledgerFile: string): TargetRequest[] {
  const unkeyed = (tool: string, key: string, at: number) =>
    ({ key, tool, kind: 'write', at, tookEffect: true }) as const;
  const lines = linesOf(ledgerFile);
  return [
    ...writesAtOrders(receivedByOrders(requestsFile)),
    ...requestsAt(
      'ledger.keyed',
      lines.filter(({ tool }) => tool === 'keyed'),
    ),
    ...lines
      .filter(({ tool }) => tool !== 'keyed')
      .map(({ key, at, tool }) => unkeyed(`ledger.${tool}`, key, at)),
  ];
}

/** Writes that reached a target under two keys, or twice where the target knows no keys; empty when all is well. */
export function writtenTwice(requestsFile: string, ledgerFile: string): string[] {
  const received = receivedByOrders(requestsFile);
  const refunds = received.filter(({ method, path }) => method === 'POST' && path === '/refunds');
  const byOrder = Map.groupBy(refunds, ({ body }) => body?.orderId ?? '');
  const sent = writesAtOrders(received).filter(({ tool, tookEffect }) => tool === 'mail.send' && tookEffect);
  const mails = Map.groupBy(sent, ({ key }) => key);
  const lines = [...Map.groupBy(linesOf(ledgerFile), ({ entry }) => entry)];
  return [
    ...[...byOrder]
      .filter(([, several]) => new Set(several.map(({ idempotencyKey }) => idempotencyKey)).size > 1)
      .map(([order]) => `${order} was refunded under several keys`),
    ...[...mails].filter(([, several]) => several.length > 1).map(([key]) => `mail ${key} was sent twice`),
    ...lines
      .filter(([, several]) => new Set(several.map(({ key }) => key)).size > 1)
      .map(([entry]) => `${entry} was written under several keys`),
    ...lines
      .filter(([, several]) => several[0]?.tool !== 'keyed' && several.length > 1)
      .map(([entry, several]) => `${entry} (${several[0]?.tool}) was written ${several.length} times`),
  ];
}

/** Completed runs of the ledger whose entry is not there. */
export const missingWrites = (ended: readonly Run[], ledgerFile: string): string[] => {
  const written = new Set(linesOf(ledgerFile).map(({ entry }) => entry));
  return ended
    .filter(({ workflow, status }) => workflow.name.startsWith('ledger-') && status === 'completed')
    .map(({ input }) => (input as { entry: string }).entry)
    .filter((entry) => !written.has(entry));
};

/** Processes that ended between an intent and its outcome: their attempts got no answer of their own. */
export function endedInDoubt(log: StoredLog): { processes: number; attempts: number; late: number } {
  const messages = acceptedOf(log, 'tool.events');
  const claims = claimsOf(messages);
  const requestIdsOf = (...types: string[]) =>
    new Set(messages.filter(({ type }) => types.includes(type)).map(({ data }) => data.requestId as string));
  const answered = requestIdsOf('tool.succeeded', 'tool.failed', 'tool.outcome_late');
  const open = messages.filter(
    ({ type, data }) => type === 'tool.attempt_started' && !answered.has(data.requestId),
  );
  return {
    processes: new Set(open.map((one) => authorOf(one, claims))).size,
    attempts: open.length,
    late: requestIdsOf('tool.outcome_late').size,
  };
}

/** How many runs of each workflow ended how. */
export const tally = (runs: readonly Run[]): string[] =>
  [
    ...Map.groupBy(runs, ({ workflow, status, failure }) =>
      [workflow.name, status, failure?.class].filter(Boolean).join(' '),
    ),
  ]
    .map(([name, { length }]) => `  ${length} ${name}`)
    .sort();
