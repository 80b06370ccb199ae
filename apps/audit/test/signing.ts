import { generateKeyPairSync } from 'node:crypto';
import { foreignRedactionOf, leftOut, type Redaction } from '@interlock/contracts';
import type { ManifestView } from '@interlock/projection';
import { TOOL_HASH } from '../../../libs/projection/test/run-events.js';
import { anchorsOf } from '../src/run.anchor.js';

export const toolSchema = {
  type: 'object',
  properties: { orderId: { type: 'string' }, email: { type: 'string', classification: 'personal' } },
};

/** Manifests of which one tool is published. */
export const manifests: ManifestView = {
  redactionOf: (hash: string): Redaction | undefined =>
    hash === TOOL_HASH ? foreignRedactionOf(toolSchema) : leftOut,
  settle: async () => {},
};

/** Signs with a key of its own. */
export const keys = { current: { keyId: 'test', ...generateKeyPairSync('ed25519') } };
export const anchor = anchorsOf(keys);
