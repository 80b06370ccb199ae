import { expect, test } from 'vitest';
import { CallRecorded } from './call.events.js';
import { Catalogue } from './catalogue.js';
import { callHashOf, hashedCallOf } from './hash.js';
import { byReference, storedIn } from './stored.value.js';
import { ToolAttemptStarted, ToolSucceeded } from './tool.events.js';
import { referencesIn } from './value.forms.js';
import { problemOf } from './value.js';

const catalogue = new Catalogue([ToolSucceeded, CallRecorded]);
const stored = { hash: 'a'.repeat(64), size: 70_000, type: 'application/json' } as const;
const stoppable = { workflow: 'w', levels: [], compensates: false };
const written = { requestId: 'run/1', tookMs: 1, outputRef: stored };

test('an output that is kept elsewhere is read in the place of the output', () => {
  const { data } = catalogue.validData('tool.succeeded/1', written);
  expect(data).toEqual({ requestId: 'run/1', tookMs: 1, output: byReference(stored) });
  expect(catalogue.trustedData('tool.succeeded/1', written).data).toEqual(data);
});

test('it is written beside its place, also inside of an outcome', () => {
  const { data } = ToolSucceeded({ requestId: 'run/1', output: byReference(stored), tookMs: 1 });
  expect(catalogue.recorded('tool.succeeded', data)).toEqual(written);
  const recorded = CallRecorded({
    requestId: 'run/1',
    step: 'fetch' as never,
    outcome: { kind: 'succeeded', output: byReference(stored) },
  });
  expect(catalogue.recorded('call.recorded', recorded.data)).toMatchObject({
    outcome: { kind: 'succeeded', outputRef: stored },
  });
});

test('what has no reference is neither copied nor changed', () => {
  const data = { requestId: 'run/1', tookMs: 1, output: { a: [1] } };
  expect(catalogue.trustedData('tool.succeeded/1', data).data).toBe(data);
  expect(catalogue.recorded('tool.succeeded', data)).toBe(data);
});

test('arguments that are kept elsewhere are hashed by their reference, wherever they are read', () => {
  const call = { step: 'pay', occurrence: 1, generation: 1, toolHash: 'h', salt: 's' };
  const about = {
    requestId: 'run/1',
    callHash: 'c',
    tool: 't',
    toolHash: 'h',
    stoppable,
    deadline: 1,
    keyed: true,
  };
  const recorded = { ...about, argumentsRef: stored };
  const { data } = new Catalogue([ToolAttemptStarted]).validData('tool.attempt_started/1', recorded);
  expect(data).toMatchObject({ arguments: byReference(stored) });
  const given = (data as { arguments: unknown }).arguments;
  const hash = callHashOf(hashedCallOf('run', { ...call, arguments: given }));
  expect(hash).toBe(callHashOf(hashedCallOf('run', { ...call, arguments: byReference(stored) })));
  const other = byReference({ ...stored, hash: 'b'.repeat(64) });
  expect(hash).not.toBe(callHashOf(hashedCallOf('run', { ...call, arguments: other })));
});

test('a reference that says too little is refused', () => {
  const read = (outputRef: unknown) => () =>
    catalogue.validData('tool.succeeded/1', { requestId: 'run/1', tookMs: 1, outputRef });
  expect(read({ hash: 'x', size: 1, type: 'application/json' })).toThrow('outputRef.hash');
  expect(read({ ...stored, type: 'text/html' })).toThrow('outputRef.type');
});

test('no value from outside can be mistaken for one', () => {
  expect(problemOf({ a: byReference(stored) })).toEqual({
    path: 'a.@interlock/stored',
    reason: 'the key "@interlock/stored" is not allowed',
  });
  expect(storedIn({ hash: 'a', size: 1 })).toBeUndefined();
});

test('every reference in some data is found, however deep', () => {
  const other = { ...stored, hash: 'b'.repeat(64) };
  expect(referencesIn({ a: [byReference(stored)], b: { c: byReference(other) }, d: 1 })).toEqual([
    stored,
    other,
  ]);
});
