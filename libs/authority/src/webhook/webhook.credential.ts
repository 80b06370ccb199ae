import type { Credential } from '../sealing/sealed.authority.js';
import type { SignedRequest } from './webhook.signature.js';

/** What proves that an event of another system came. */
export type WebhookCredential = Extract<Credential, { webhook: unknown }>['webhook'];

/** @param trigger name of the trigger that it has fired */
export const webhookOf = (
  { id, timestamp, signature, body }: SignedRequest,
  trigger: string,
): WebhookCredential => ({
  trigger,
  id,
  timestamp,
  signature,
  body: Buffer.from(body).toString('base64'),
});

/** The request as it came. */
export const requestIn = ({ id, timestamp, signature, body }: WebhookCredential): SignedRequest => ({
  id,
  timestamp,
  signature,
  body: Buffer.from(body, 'base64'),
});
