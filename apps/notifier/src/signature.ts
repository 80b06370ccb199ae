import { createHmac } from 'node:crypto';

/**
 * Headers by which a receiver knows that a request is ours, and not an old one: those of Standard Webhooks, for which there are libraries
 * in most languages. The signature is over `id.timestamp.body`.
 * @param at UTC ms
 */
export function signedHeaders(
  id: string,
  at: number,
  body: string,
  secret: string,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1_000));
  const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
}
