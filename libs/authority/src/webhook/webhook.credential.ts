import type { Credential } from '../sealing/sealed.authority.js';
import type { SignedRequest } from './webhook.signature.js';

/** What proves that an event of another system came. */
export type WebhookCredential = Extract<Credential, { webhook: unknown }>['webhook'];

/** @param trigger that it has fired, in the version that has accepted it */
export const webhookOf = (
  { id, timestamp, signature, body }: SignedRequest,
  { name: trigger, version }: { readonly name: string; readonly version: number },
): WebhookCredential => ({
  trigger,
  version,
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
