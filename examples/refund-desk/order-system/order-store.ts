import { createHash, randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { daysBetween, generateOrders, type Order } from './orders.ts';

export interface Refund {
  readonly refundId: string;
  readonly orderId: string;
  readonly amountCents: number;
  /** The idempotency key under which it was paid. */
  readonly reference: string;
  readonly paidAt: string;
}

export interface Mail {
  readonly mailId: string;
  readonly to: string;
  readonly subject: string;
  readonly reference: string;
  readonly sentAt: string;
}

export interface NewRefund {
  readonly orderId: string;
  readonly orderCustomerId: string;
  readonly amountCents: number;
}

export type CancelAnswer =
  | { readonly cancelled: { readonly refundId: string; readonly status: 'cancelled' } }
  | { readonly no: 'unknown_refund' | 'key_reused' };

export type RefundAnswer =
  | { readonly paid: Refund; readonly isRepeat: boolean }
  | {
      readonly no: 'unknown_order' | 'wrong_customer' | 'already_refunded' | 'amount_too_high' | 'key_reused';
    };

const schema = `
  create table if not exists setup (seed integer not null);
  create table if not exists orders (id text primary key, document text not null) strict;
  create table if not exists refunds (
    id text primary key, order_id text not null, amount_cents integer not null, reference text not null unique,
    request_hash text not null, paid_at text not null
  ) strict;
  create table if not exists cancellations (
    refund_id text primary key, reference text not null unique, cancelled_at text not null
  ) strict;
  create table if not exists mails (
    id text primary key, recipient text not null, subject text not null, body text not null, reference text not null,
    sent_at text not null
  ) strict;
  create index if not exists refunds_by_order on refunds (order_id);
  create index if not exists mails_by_reference on mails (reference);
`;

/** What the order system knows. Everything it has answered for survives its death. */
export class OrderStore {
  readonly #db: DatabaseSync;

  /** @throws when the file was made from another seed */
  constructor(file: string, seed: number) {
    this.#db = new DatabaseSync(file);
    this.#db.exec('pragma journal_mode = wal; pragma synchronous = full;');
    this.#db.exec(schema);
    this.#transaction(() => this.#fill(seed));
  }

  order(orderId: string): Order | undefined {
    const row = this.#db.prepare('select document from orders where id = ?').get(orderId);
    return row === undefined ? undefined : JSON.parse(row.document as string);
  }

  refundedCents(order: Order): number {
    const row = this.#db
      .prepare(
        `select coalesce(sum(amount_cents), 0) as cents from refunds
         where order_id = ? and id not in (select refund_id from cancellations)`,
      )
      .get(order.orderId);
    return order.refundedCents + Number(row?.cents ?? 0);
  }

  quote(order: Order, reason: string, requestedOn: string) {
    const isChangedMind = reason === 'changed_mind';
    return {
      orderId: order.orderId,
      customerId: order.customerId,
      amountCents: Math.max(0, order.amountCents - (isChangedMind ? returnShippingCents : 0)),
      isDelivered: order.deliveredOn !== null,
      isRefunded: this.refundedCents(order) > 0,
      daysSinceDelivery: order.deliveredOn === null ? 0 : daysBetween(order.deliveredOn, requestedOn),
    };
  }

  /** Pays once a key: the same key with the same request answers with the refund it led to. */
  refund(key: string, request: NewRefund, now: Date): RefundAnswer {
    return this.#transaction(() => {
      const hash = hashOf(request);
      const earlier = this.#db.prepare('select * from refunds where reference = ?').get(key);
      if (earlier !== undefined) {
        return earlier.request_hash === hash
          ? { paid: refundOf(earlier), isRepeat: true }
          : { no: 'key_reused' };
      }
      const no = this.#objection(request);
      if (no !== undefined) return { no };
      const paid = {
        refundId: `ref-${randomUUID()}`,
        orderId: request.orderId,
        amountCents: request.amountCents,
        reference: key,
        paidAt: now.toISOString(),
      };
      this.#db
        .prepare('insert into refunds values (?, ?, ?, ?, ?, ?)')
        .run(paid.refundId, paid.orderId, paid.amountCents, key, hash, paid.paidAt);
      return { paid, isRepeat: false };
    });
  }

  /** Takes the money back, once: the same key with the same refund answers alike. */
  cancel(key: string, refundId: string, now: Date): CancelAnswer {
    return this.#transaction(() => {
      const earlier = this.#db.prepare('select * from cancellations where reference = ?').get(key);
      if (earlier !== undefined && earlier.refund_id !== refundId) return { no: 'key_reused' };
      if (this.#db.prepare('select 1 from refunds where id = ?').get(refundId) === undefined) {
        return { no: 'unknown_refund' };
      }
      this.#db
        .prepare('insert into cancellations values (?, ?, ?) on conflict (refund_id) do nothing')
        .run(refundId, key, now.toISOString());
      return { cancelled: { refundId, status: 'cancelled' } };
    });
  }

  cancelledRefunds(): string[] {
    return this.#db
      .prepare('select refund_id from cancellations order by cancelled_at limit 500')
      .all()
      .map((row) => String(row.refund_id));
  }

  refunds(filter: { readonly orderId?: string; readonly reference?: string }): Refund[] {
    return this.#db
      .prepare(
        `select * from refunds where (:order is null or order_id = :order)
         and (:reference is null or reference = :reference) order by paid_at limit 500`,
      )
      .all({ ':order': filter.orderId ?? null, ':reference': filter.reference ?? null })
      .map(refundOf);
  }

  /** Sends again whatever was sent before: mail knows no idempotency key. */
  mail(request: { to: string; subject: string; body: string; reference: string }, now: Date): Mail {
    const { to, subject, body, reference } = request;
    const mail = { mailId: `mail-${randomUUID()}`, to, subject, reference, sentAt: now.toISOString() };
    this.#db
      .prepare('insert into mails values (?, ?, ?, ?, ?, ?)')
      .run(mail.mailId, to, subject, body, reference, mail.sentAt);
    return mail;
  }

  mails(reference: string): Mail[] {
    return this.#db
      .prepare('select * from mails where reference = ? order by sent_at limit 500')
      .all(reference)
      .map((row) => ({
        mailId: String(row.id),
        to: String(row.recipient),
        subject: String(row.subject),
        reference: String(row.reference),
        sentAt: String(row.sent_at),
      }));
  }

  close(): void {
    this.#db.close();
  }

  #objection({
    orderId,
    orderCustomerId,
    amountCents,
  }: NewRefund): Extract<RefundAnswer, { no: string }>['no'] | undefined {
    const order = this.order(orderId);
    if (order === undefined) return 'unknown_order';
    if (order.customerId !== orderCustomerId) return 'wrong_customer';
    if (this.refundedCents(order) > 0) return 'already_refunded';
    return amountCents > order.amountCents ? 'amount_too_high' : undefined;
  }

  #fill(seed: number): void {
    const setup = this.#db.prepare('select seed from setup').get();
    if (setup !== undefined) {
      if (setup.seed !== seed) throw new Error(`these orders were made from seed ${setup.seed}, not ${seed}`);
      return;
    }
    const insert = this.#db.prepare('insert into orders values (?, ?)');
    for (const order of generateOrders(seed)) insert.run(order.orderId, JSON.stringify(order));
    this.#db.prepare('insert into setup values (?)').run(seed);
  }

  #transaction<T>(work: () => T): T {
    this.#db.exec('begin immediate');
    try {
      const result = work();
      this.#db.exec('commit');
      return result;
    } catch (error) {
      this.#db.exec('rollback');
      throw error;
    }
  }
}

const returnShippingCents = 490;

const hashOf = ({ orderId, orderCustomerId, amountCents }: NewRefund): string =>
  createHash('sha256')
    .update(JSON.stringify([orderId, orderCustomerId, amountCents]))
    .digest('hex');

const refundOf = (row: Record<string, unknown>): Refund => ({
  refundId: String(row.id),
  orderId: String(row.order_id),
  amountCents: Number(row.amount_cents),
  reference: String(row.reference),
  paidAt: String(row.paid_at),
});
