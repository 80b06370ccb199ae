import { describe, expect, test } from 'vitest';
import { undoneInReverse } from './i14-compensation.invariant.js';
import type { Reading } from './reading.js';

type Said = readonly [type: string, data: Record<string, unknown>];

const requestedCall = (step: string, callHash: string, purpose = 'step', effect = 'write'): Said => [
  'call.requested',
  { step, callHash, purpose, effect },
];
const requestFor = (callHash: string) => `request for ${callHash}`;
const succeeded = (callHash: string): Said => [
  'call.recorded',
  { requestId: requestFor(callHash), outcome: { kind: 'succeeded', output: {} } },
];
const unknown = (callHash: string): Said => [
  'call.recorded',
  { requestId: requestFor(callHash), outcome: { kind: 'unknown' } },
];
const late = (callHash: string): Said => [
  'call.late_recorded',
  { callHash, effect: 'escalates', outcome: { ok: true, output: {} } },
];
const writes = (...hashes: string[]) => hashes.map((callHash) => ({ callHash }));
const started = (...hashes: string[]): Said => ['rollback.started', { writes: writes(...hashes) }];
const undone = (step: string, callHash: string, by: string): Said => [
  'step.compensated',
  { step, callHash, by },
];
const failed = (step: string, callHash: string): Said => ['step.compensation_failed', { step, callHash }];
const rolledBack: Said = ['run.rolled_back', {}];
const escalated = (...hashes: string[]): Said => ['run.escalated', { standing: writes(...hashes) }];

const undoing = (step: string, hash: string): Said[] => [
  requestedCall(step, `undo ${hash}`, 'compensate'),
  succeeded(`undo ${hash}`),
  undone(step, hash, `undo ${hash}`),
];

/** Two writes and a read happened, and then the run failed. */
const happened = [
  requestedCall('book', 'b'),
  succeeded('b'),
  requestedCall('look', 'l', 'step', 'read'),
  succeeded('l'),
  requestedCall('pay', 'p'),
  succeeded('p'),
];

function problems(...said: readonly Said[]): string[] {
  const events = said.map(([type, data]) => ({
    type,
    data,
    meta: { id: requestFor(String(data.callHash)) },
  }));
  const reading = { runs: new Map([['run', events]]) } as unknown as Reading;
  return undoneInReverse(reading).map(({ invariant, run, message }) => {
    expect([invariant, run]).toEqual(['I14', 'run']);
    return message;
  });
}

describe('a rollback is healthy', () => {
  test.each<[string, Said[]]>([
    [
      'that undoes everything last first',
      [...happened, started('p', 'b'), ...undoing('pay', 'p'), ...undoing('book', 'b'), rolledBack],
    ],
    [
      'that names what stands',
      [...happened, started('p', 'b'), failed('pay', 'p'), ...undoing('book', 'b'), escalated('p')],
    ],
    [
      'whose compensation is requested again',
      [
        ...happened,
        started('p', 'b'),
        requestedCall('pay', 'undo p', 'compensate'),
        unknown('undo p'),
        ...undoing('pay', 'p'),
        ...undoing('book', 'b'),
        rolledBack,
      ],
    ],
    [
      'that goes on to what came to light meanwhile',
      [
        requestedCall('late', 'x'),
        unknown('x'),
        ...happened,
        started('p', 'b'),
        requestedCall('pay', 'undo p', 'compensate'),
        late('x'),
        succeeded('undo p'),
        undone('pay', 'p', 'undo p'),
        ...undoing('late', 'x'),
        ...undoing('book', 'b'),
        rolledBack,
      ],
    ],
    ['that never comes, when the run names what stands', [...happened, escalated('b', 'p')]],
  ])('%s', (_, said) => {
    expect(problems(...said)).toEqual([]);
  });
});

describe('found in a rollback:', () => {
  test.each<[string, RegExp, Said[]]>([
    ['the order of happening', /last first/, [...happened, started('b', 'p')]],
    ['a write left out', /last first/, [...happened, started('p')]],
    [
      'a write that never happened',
      /last first/,
      [...happened, requestedCall('send', 's'), unknown('s'), started('s', 'p', 'b')],
    ],
    ['an earlier write undone first', /turn of p/, [...happened, started('p', 'b'), ...undoing('book', 'b')]],
    [
      'two compensations at a time',
      /beside/,
      [
        ...happened,
        started('p', 'b'),
        requestedCall('pay', 'undo p', 'compensate'),
        requestedCall('book', 'undo b', 'compensate'),
      ],
    ],
    [
      'a write undone twice',
      /twice/,
      [...happened, started('p', 'b'), ...undoing('pay', 'p'), undone('pay', 'p', 'undo p')],
    ],
    [
      'a compensation that did not happen',
      /did not happen/,
      [
        ...happened,
        started('p', 'b'),
        requestedCall('pay', 'undo p', 'compensate'),
        undone('pay', 'p', 'undo p'),
      ],
    ],
    [
      'a compensation without a rollback',
      /without a rollback/,
      [...happened, requestedCall('pay', 'undo p', 'compensate')],
    ],
    [
      'a step that starts in it',
      /in a rollback/,
      [...happened, started('p', 'b'), requestedCall('send', 's')],
    ],
    ['another rollback', /started twice/, [...happened, started('p', 'b'), started('p', 'b')]],
    [
      'an end too early',
      /neither undone nor given up/,
      [...happened, started('p', 'b'), ...undoing('pay', 'p'), rolledBack],
    ],
    [
      'rolled back although a write stands',
      /stand/,
      [...happened, started('p', 'b'), failed('pay', 'p'), ...undoing('book', 'b'), rolledBack],
    ],
    [
      'an escalation that does not name what stands',
      /stand/,
      [...happened, started('p', 'b'), failed('pay', 'p'), ...undoing('book', 'b'), escalated()],
    ],
    [
      'an escalation that names what was undone',
      /were undone/,
      [...happened, started('p', 'b'), failed('pay', 'p'), ...undoing('book', 'b'), escalated('p', 'b')],
    ],
    ['a failed run whose writes stand', /stand/, [...happened, ['run.failed', {}]]],
  ])('%s', (_, message, said) => {
    expect(problems(...said).join('\n')).toMatch(message);
  });
});
