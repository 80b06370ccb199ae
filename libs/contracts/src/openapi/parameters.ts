import { z } from 'zod';
import { activationIdText } from '../http/activation.js';
import { approvalIdText } from '../http/approval.js';
import { bulkIdText } from '../http/bulk.js';
import { idempotencyKey, runIdText } from '../http/fields.js';
import { quarantinedIdText } from '../http/quarantine.js';
import { lastEventId } from '../http/run.requests.js';
import { scheduleNameText } from '../http/schedule.js';
import { stopIdText } from '../http/stop.js';
import { valueHash } from '../stored.value.js';
import type { HeaderName } from './operation.js';

/** Parts of addresses, by their name in braces. */
export const pathParameters: Readonly<Record<string, z.ZodType>> = {
  runId: runIdText,
  approvalId: approvalIdText,
  activationId: activationIdText,
  bulkId: bulkIdText,
  quarantinedId: quarantinedIdText,
  stopId: stopIdText,
  name: scheduleNameText,
  hash: valueHash,
};

const proof = z
  .string()
  .max(4_096)
  .describe(
    "The person's signature over exactly this command: a compact JWS (`typ` interlock-proof+jws, `alg` EdDSA or ES256, `jwk` the public key whose thumbprint the token names in `cnf.jkt`) over `{commandId, tenant, sub, method, path, bodyHash}`; `tenant` is null without one, `bodyHash` the hexadecimal sha256 of the RFC 8785 JSON of the body without commandId and with every default written out. In production votes, publications and activations are 403 without it; a wrong one is 403 everywhere",
  );

/** Headers that routes read; each may be left out. */
export const headerParameters: Readonly<Record<HeaderName, z.ZodType>> = {
  'Idempotency-Key': idempotencyKey,
  'Interlock-Proof': proof,
  'Last-Event-ID': lastEventId,
};

/** `RunId`, `InterlockProof`: how a parameter is called among the components. */
export const componentOf = (name: string): string =>
  name
    .split('-')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');
