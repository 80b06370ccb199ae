import type { Question } from './bundle.js';
import { type Bundle, loadBundle } from './bundle.js';

/** A bundle of policies named p0, p1, ... in the order given. */
export function bundleOf(...texts: readonly string[]): Bundle {
  const loaded = loadBundle({ policies: texts.map((text, at) => ({ id: `p${at}`, text })) });
  if (!loaded.ok)
    throw new Error(loaded.problems.map(({ path, message }) => `${path}: ${message}`).join('; '));
  return loaded.bundle;
}

/** A refund of 50.00 asked for by a clerk, changed by what is given. */
export function question(change: Partial<Question> = {}): Question {
  return {
    action: 'tool.call',
    principal: {
      uid: { type: 'Workflow', id: 'refund-request' },
      attrs: { version: 1, requester: 'ada', requesterRoles: ['clerk'] },
      parents: [],
    },
    resource: {
      uid: { type: 'Tool', id: 'refunds.create' },
      attrs: { effect: 'write', risk: 'high', audience: 'customer', origin: 'function', version: 1 },
      parents: [],
    },
    context: { tool: 'refunds.create', effect: 'write', arguments: { amountCents: 5_000 } },
    ...change,
  };
}
