import type { TargetRequest } from '@interlock/invariants';
import { isMailboxOpen } from '../../examples/refund-desk/order-system/orders.ts';
import { requestsAt } from '../e2e/log.check.ts';

/** A line of the order system's own record, written before it looked at the request. */
export interface ReceivedByOrders {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | null;
  readonly body: { readonly reference?: string; readonly orderId?: string; readonly to?: string } | null;
}

/** The writes among them. Refunds and their cancelling know keys; mail knows none, and does not reach a closed mailbox. */
export function writesAtOrders(received: readonly ReceivedByOrders[]): TargetRequest[] {
  const posts = (path: string) => received.filter((one) => one.method === 'POST' && one.path === path);
  const keyed = (tool: string, path: string) =>
    requestsAt(
      tool,
      posts(path).map(({ idempotencyKey, at }) => ({ key: idempotencyKey ?? '', at: Date.parse(at) })),
    );
  const mails = posts('/mails').map(({ at, body }) => ({
    key: body?.reference ?? '',
    tool: 'mail.send',
    kind: 'write' as const,
    at: Date.parse(at),
    tookEffect: isMailboxOpen(body?.to ?? ''),
  }));
  return [...keyed('refunds.create', '/refunds'), ...keyed('refunds.cancel', '/refunds/cancel'), ...mails];
}
