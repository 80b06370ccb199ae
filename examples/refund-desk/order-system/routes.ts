import type { OrderStore } from './order-store.ts';
import { isMailboxOpen } from './orders.ts';
import type { RequestLog } from './request-log.ts';

export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly idempotencyKey: string | undefined;
  /** Parsed JSON; undefined when there was none. */
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** What the order system answers. 404 and 409 carry a `code` that callers may act on. */
export function answer(request: Request, store: OrderStore, log: RequestLog, now: Date): Answer {
  const { method, url } = request;
  const fields = (typeof request.body === 'object' ? (request.body ?? {}) : {}) as Fields;
  const orderPath = /^\/orders\/([^/]+)$/.exec(url.pathname);
  if (method === 'GET' && orderPath !== null) return order(store, decodeURIComponent(orderPath[1] ?? ''));
  switch (`${method} ${url.pathname}`) {
    case 'GET /healthz':
      return { status: 200, body: { status: 'ok' } };
    case 'GET /requests':
      return { status: 200, body: log.counts };
    case 'POST /refunds/quote':
      return quote(store, fields);
    case 'POST /refunds':
      return refund(store, request.idempotencyKey, fields, now);
    case 'POST /refunds/cancel':
      return cancel(store, request.idempotencyKey, fields, now);
    case 'GET /cancellations':
      return { status: 200, body: { refundIds: store.cancelledRefunds() } };
    case 'GET /refunds':
      return { status: 200, body: { refunds: store.refunds(wanted(url)) } };
    case 'POST /mails':
      return mail(store, fields, now);
    case 'GET /mails':
      return { status: 200, body: { mails: store.mails(url.searchParams.get('reference') ?? '') } };
    default:
      return { status: 404, body: { code: 'unknown_route' } };
  }
}

function order(store: OrderStore, orderId: string): Answer {
  const found = store.order(orderId);
  if (found === undefined) return { status: 404, body: { code: 'unknown_order' } };
  const { refundedCents: _, ...order } = found;
  return { status: 200, body: order };
}

function quote(store: OrderStore, { orderId, reason, requestedOn }: Fields): Answer {
  if (!isText(orderId) || !isText(reason) || !isText(requestedOn) || Number.isNaN(Date.parse(requestedOn))) {
    return wrong('orderId, reason and requestedOn (an ISO date) are required');
  }
  const found = store.order(orderId);
  if (found === undefined) return { status: 404, body: { code: 'unknown_order' } };
  return { status: 200, body: store.quote(found, reason, requestedOn) };
}

function refund(store: OrderStore, key: string | undefined, fields: Fields, now: Date): Answer {
  const { orderId, orderCustomerId, amountCents } = fields;
  if (key === undefined) return keyMissing;
  if (
    !isText(orderId) ||
    !isText(orderCustomerId) ||
    !Number.isInteger(amountCents) ||
    Number(amountCents) < 1
  ) {
    return wrong('orderId, orderCustomerId and amountCents (a positive integer) are required');
  }
  const answer = store.refund(key, { orderId, orderCustomerId, amountCents: Number(amountCents) }, now);
  if ('paid' in answer) {
    const { refundId, amountCents: paidCents } = answer.paid;
    return {
      status: answer.isRepeat ? 200 : 201,
      body: { refundId, orderId, amountCents: paidCents, status: 'paid' },
    };
  }
  const { no } = answer;
  if (no === 'key_reused')
    return { status: 422, body: { code: no, detail: 'the key came with another request' } };
  return { status: no === 'unknown_order' ? 404 : 409, body: { code: no } };
}

function cancel(store: OrderStore, key: string | undefined, { refundId }: Fields, now: Date): Answer {
  if (key === undefined) return keyMissing;
  if (!isText(refundId)) return wrong('refundId is required');
  const answer = store.cancel(key, refundId, now);
  if ('cancelled' in answer) return { status: 200, body: answer.cancelled };
  const { no } = answer;
  return no === 'unknown_refund'
    ? { status: 404, body: { code: no } }
    : { status: 422, body: { code: no, detail: 'the key came with another request' } };
}

function mail(store: OrderStore, { to, subject, body, reference }: Fields, now: Date): Answer {
  if (!isText(to) || !isText(subject) || !isText(body) || !isText(reference)) {
    return wrong('to, subject, body and reference are required');
  }
  if (!isMailboxOpen(to)) return { status: 409, body: { code: 'mailbox_closed' } };
  const { mailId } = store.mail({ to, subject, body, reference }, now);
  return { status: 201, body: { mailId, status: 'sent' } };
}

const wanted = ({ searchParams }: URL) => ({
  orderId: searchParams.get('orderId') ?? undefined,
  reference: searchParams.get('reference') ?? undefined,
});

const keyMissing: Answer = {
  status: 400,
  body: { code: 'key_missing', detail: 'Idempotency-Key is required' },
};

const wrong = (detail: string): Answer => ({ status: 400, body: { code: 'malformed', detail } });

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 10_000;
