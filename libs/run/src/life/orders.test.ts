import { CancelRun } from '@interlock/contracts';
import { delivered } from '@interlock/testing';
import { expect, test } from 'vitest';
import { blank, runId, started, T0 } from '../../test/run-scenario.js';
import { read, workflow } from '../../test/workflows.js';

const compiled = workflow([read('order')]);
const ordered = (by: { sub: string; roles: string[]; tenant?: string }) => {
  const input = started(compiled, { by });
  if (input.kind !== 'message') throw new Error('a start is a message');
  return { ...input, message: { ...input.message, topic: 'run.orders' } };
};

test('an order starts a run in the name of whom it says', () => {
  const by = { sub: 'ada', roles: ['operator'], tenant: 'north' };
  blank(compiled)
    .when(ordered(by))
    .thenEvents({ type: 'run.started', data: { by } }, { type: 'call.requested' });
});

test('an order that comes again starts nothing', () => {
  const order = ordered({ sub: 'ada', roles: ['operator'] });
  blank(compiled).when(order).when(order).thenNothing();
});

test('an order cancels a run like a command', () => {
  const by = { sub: 'ada', roles: ['operator'] };
  const cancel = CancelRun({
    commandId: 'c',
    runId,
    by,
    issuedAt: T0,
    reason: 'a later one is due',
    rollback: true,
  });
  blank(compiled)
    .when(ordered(by))
    .when(delivered('run.orders', cancel))
    .thenSee((state) => expect(state.commands).toContain('c'))
    .thenEvents({ type: 'run.cancelling', data: { reason: 'a later one is due' } }, { type: 'call.revoked' });
});
