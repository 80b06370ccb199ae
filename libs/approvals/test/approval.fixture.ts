import type { Input } from '@interlock/actors';
import {
  ApprovalRequested,
  type ApprovalRequirement,
  approvalCommands,
  CallRequested,
  CastVote,
  callHashOf,
  hashedCallOf,
  type Identity,
  type Message,
  type MessageOf,
  questionHashOf,
  runEvents,
} from '@interlock/contracts';
import { delivered } from '@interlock/testing';
import type { z } from 'zod';

export const RUN = 'run-1';
export const ID = `${RUN}.4`;
export const HOUR = 3_600_000;

export const ada: Identity = { sub: 'ada', roles: ['finance'] };
export const ben: Identity = { sub: 'ben', roles: ['finance', 'support'] };
export const cleo: Identity = { sub: 'cleo', roles: ['director'] };
export const dora: Identity = { sub: 'dora', roles: ['support'] };
/** Asked for it, and would have the role. */
export const rosa: Identity = { sub: 'rosa', roles: ['finance', 'director'] };

export const single: ApprovalRequirement = { kind: 'single', approvers: ['finance'] };
export const dual: ApprovalRequirement = { kind: 'dual', approvers: ['finance'] };

type Requested = MessageOf<typeof ApprovalRequested>['data'];
type Call = Extract<Requested['subject'], { kind: 'call' }>;

const SALT = 'a-salt-of-128-bits-0_0';

const call: Call = {
  kind: 'call',
  requestId: `${RUN}/2`,
  tool: 'refunds.create',
  toolHash: 'tool-hash',
  arguments: { orderId: 'o-1', amount: 900 },
  occurrence: 1,
  generation: 1,
};

export const CALL_HASH = callHashOf(hashedCallOf(RUN, { ...call, step: 'pay', salt: SALT }));

export const fromRun = <Said extends Message>(message: Said, meta = {}) =>
  delivered(runEvents.name, message, { run: RUN, id: `${RUN}/9`, ...meta });

export const requested = (
  requirement: ApprovalRequirement,
  overrides: Partial<z.input<typeof ApprovalRequested.schema>> = {},
): Input =>
  fromRun(
    ApprovalRequested({
      approvalId: ID,
      step: 'pay',
      subject: call,
      salt: SALT,
      callHash: CALL_HASH,
      requirement,
      why: ['large-refund'],
      reason: 'a large refund',
      requester: 'rosa',
      shapedBy: [overrides.requester ?? 'rosa'],
      ...overrides,
    }),
  );

/** A step of the workflow asks. */
export function asked(question: string, callHash?: string): Input {
  const asking = { question, details: { amount: 900 }, generation: 1 };
  const hash = callHash ?? questionHashOf({ runId: RUN, path: 'ask', salt: SALT, ...asking });
  return requested(single, { step: 'ask', subject: { kind: 'question', ...asking }, callHash: hash });
}

let commands = 0;

export const voted = (
  by: Identity,
  vote: 'approve' | 'deny',
  { commandId = `c-${++commands}`, approvalId = ID, callHash = CALL_HASH, issuedAt = 0 } = {},
): Input =>
  delivered(
    approvalCommands.name,
    CastVote({
      commandId,
      approvalId,
      runId: RUN,
      by,
      vote,
      callHash,
      reason: `${by.sub} says so`,
      issuedAt,
    }),
  );

export const requestedCall = (
  requestId: string,
  overrides: Partial<z.input<typeof CallRequested.schema>> = {},
) => {
  const { kind: _, requestId: __, ...named } = call;
  const data = {
    ...named,
    step: 'pay',
    salt: SALT,
    toolVersion: 1,
    effect: 'write' as const,
    purpose: 'step' as const,
    callHash: CALL_HASH,
    attempt: 2,
    recovery: false,
    needs: [],
    notAfter: 60_000,
    timeoutMs: 10_000,
    reserved: { costUsd: 0, toolCalls: 1 },
    principal: { workflow: 'refunds', version: 1, requester: 'rosa', requesterRoles: [] },
    approvalId: ID,
    shapedBy: ['rosa'],
    ...overrides,
  };
  return fromRun(CallRequested(data), { id: requestId });
};
