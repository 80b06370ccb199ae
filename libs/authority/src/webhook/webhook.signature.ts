import { createHmac, timingSafeEqual } from 'node:crypto';
import { AuthorityRefusedError } from '../refusal.js';

/*
 * Requests that another program has signed, and ours that we sign for others: the headers of Standard Webhooks. The signature is base64
 * of HMAC-SHA256 over `id.timestamp.body`.
 */

export const webhookHeaders = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const;

/** A signed request as it came. */
export interface SignedRequest {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  /** `v1,` and base64; several, with blanks between them, while a key is changed. */
  readonly signature: string;
  readonly body: Uint8Array;
}

/** @param at UTC ms */
export function signedHeaders(
  id: string,
  at: number,
  body: string | Uint8Array,
  secret: string,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1_000));
  const mac = macOf(id, timestamp, body, secret).toString('base64');
  const { id: ofId, timestamp: ofTimestamp, signature } = webhookHeaders;
  return { [ofId]: id, [ofTimestamp]: timestamp, [signature]: `v1,${mac}` };
}

/**
 * @param at when it came, UTC ms
 * @param windowMs how far its time may be from that, before or behind
 * @throws {AuthorityRefusedError} it is not signed with the secret, or is too old
 */
export function checkSigned(request: SignedRequest, secret: string, at: number, windowMs: number): void {
  const { id, timestamp, signature, body } = request;
  if (!/^\d{1,12}$/.test(timestamp)) throw refused('its timestamp is no number of seconds');
  if (Math.abs(at - Number(timestamp) * 1_000) > windowMs)
    throw refused('its timestamp is too far from now: it is old, or a clock is wrong');
  const mac = macOf(id, timestamp, body, secret);
  const given = signature
    .split(' ')
    .flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3), 'base64')] : []));
  if (!given.some((one) => one.length === mac.length && timingSafeEqual(one, mac)))
    throw refused('its signature is not one of this secret over this body');
}

const macOf = (id: string, timestamp: string, body: string | Uint8Array, secret: string): Buffer =>
  createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest();

const refused = (why: string) => new AuthorityRefusedError('authority.webhook', why);
