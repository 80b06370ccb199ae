import { CallRecorded, CallRequested, RunCompleted, RunStarted } from '@interlock/contracts';

export const TOOL_HASH = 'a'.repeat(64);

/** Nobody outside may see it: it is what keeps hashes of arguments from being guessed. */
export const SALT = 'a-salt-of-128-bits-0_0';

const principal = { workflow: 'w', version: 1, requester: 'ada', requesterRoles: ['operator'] };

export const started = (n: number): readonly [string, unknown] => [
  RunStarted.wire,
  {
    commandId: `c${n}`,
    rootRunId: `run-${n}`,
    requestHash: 'h',
    salt: SALT,
    by: { sub: 'ada', roles: ['operator'] },
    workflow: { name: 'w', version: 1, hash: 'w1' },
    compiled: {
      inputSchema: {
        properties: { orderId: { type: 'string' }, name: { type: 'string', classification: 'personal' } },
      },
    },
    input: { orderId: `A-${n}`, name: 'Mary Poppins' },
    deadline: 1_760_000_000_000,
  },
];

export const requestedCall = (n: number, toolHash = TOOL_HASH): readonly [string, unknown] => [
  CallRequested.wire,
  {
    step: 'look',
    tool: 'orders.get',
    toolVersion: 1,
    toolHash,
    effect: 'read',
    purpose: 'step',
    arguments: { orderId: `A-${n}`, email: 'mary@example.com' },
    salt: SALT,
    callHash: 'b'.repeat(64),
    occurrence: 1,
    generation: 1,
    attempt: 1,
    recovery: false,
    needs: ['x'],
    notAfter: 1,
    timeoutMs: 1,
    reserved: { costUsd: 0, toolCalls: 1 },
    principal,
  },
];

export const recorded = (n: number): readonly [string, unknown] => [
  CallRecorded.wire,
  {
    requestId: `run-${n}/2`,
    step: 'look',
    callHash: 'b'.repeat(64),
    outcome: { kind: 'succeeded', output: { email: 'mary@example.com' } },
  },
];

export const completed: readonly [string, unknown] = [
  RunCompleted.wire,
  { output: { email: 'mary@example.com' }, success: true },
];
