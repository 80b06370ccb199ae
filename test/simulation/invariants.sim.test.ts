import { checkInvariants, type TargetRequest, type View } from '@interlock/invariants';
import { simulate } from '@interlock/simulation';
import { beforeAll, describe, expect, test } from 'vitest';
import { product } from './product.ts';

const SEEDS_MAX = 30;
let view: View;

/** Something was written and undone, and something was done that people had granted. */
function isEventful({ requests = [], topics }: View): boolean {
  const undone = requests.some(({ undoes, tookEffect }) => undoes !== null && tookEffect);
  const granted = idsIn(topics, 'approval.events', 'approval.confirmed');
  const started = idsIn(topics, 'tool.events', 'tool.attempt_started');
  return undone && granted.some((id) => started.includes(id));
}

/** Ids of the requests that records of this type in a topic are about. */
const idsIn = (topics: View['topics'], topic: string, type: string): string[] =>
  [...(topics.get(topic) ?? [])]
    .flat()
    .filter((record) => wireOf(record).includes(type))
    .flatMap(({ value }) => [
      ...Buffer.from(value ?? '')
        .toString()
        .matchAll(/"requestId":"([^"]+)"/g),
    ])
    .map(([, id = '']) => id);

beforeAll(async () => {
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    ({ view } = await simulate(seed, product));
    if (isEventful(view)) return;
  }
}, 60_000);

type Records = NonNullable<ReturnType<View['topics']['get']>>[number];

const changing = (topic: string, change: (records: Records) => Records): View => ({
  ...view,
  topics: new Map([...view.topics].map(([name, all]) => [name, name === topic ? all.map(change) : all])),
});
const requesting = (change: (requests: readonly TargetRequest[]) => readonly TargetRequest[]): View => ({
  ...view,
  requests: change(view.requests ?? []),
});
const without = (topic: string): View => changing(topic, () => []);
const wireOf = ({ headers }: Records[number]): string => Buffer.from(headers.t ?? '').toString();
const found = (changed: View): Set<string> =>
  new Set(checkInvariants(changed).map(({ invariant }) => invariant));
const writes = (requests: readonly TargetRequest[]) => requests.filter(({ tookEffect }) => tookEffect);

test('a healthy history breaks nothing', () => {
  expect(checkInvariants(view)).toEqual([]);
  expect(writes(view.requests ?? []).length).toBeGreaterThan(0);
});

describe('found when it is done to a healthy history:', () => {
  test.each<[string, string, () => View]>([
    [
      'one byte of an event is changed',
      'I2',
      () =>
        changing('run.events', (records) =>
          records.map((record) => {
            if (!wireOf(record).includes('call.requested')) return record;
            const value = Buffer.from(record.value ?? '');
            value[value.length - 2] = 48;
            return { ...record, value };
          }),
        ),
    ],
    ['an event is missing', 'I2', () => changing('run.events', (records) => records.toSpliced(5, 1))],
    ['every verdict is missing', 'I4', () => changing('policy.events', () => [])],
    ['a call that was never requested', 'I4', () => requesting((requests) => [...requests, stray('read')])],
    ['a write without an intent', 'I5', () => requesting((requests) => [...requests, stray('write')])],
    ['a write twice', 'I5', () => requesting((requests) => [...requests, ...writes(requests).slice(-1)])],
    [
      'a write that only the run knows of',
      'I6',
      () => requesting((requests) => requests.map((request) => ({ ...request, tookEffect: false }))),
    ],
    [
      'a running host with another state',
      'I8',
      () => ({ ...view, live: (view.live ?? []).map((one) => ({ ...one, stateHash: 'other' })) }),
    ],
    ['a command that nobody answered', 'I9', () => ({ ...view, commands: [{ ...lost, type: 'run.start' }] })],
    [
      'a log that ends in the middle',
      'I10',
      () =>
        changing('run.events', (records) =>
          records.slice(0, records.findIndex((one) => wireOf(one).includes('call.requested')) + 1),
        ),
    ],
    ['votes that nobody sent', 'I4', () => changing('approval.commands', () => [])],
    ['a grant that nobody gave', 'I4', () => without('approval.events')],
    ['votes that nobody answered', 'I9', () => ({ ...view, commands: [{ ...lost, type: 'approval.vote' }] })],
    ['requests that nobody opened', 'I11', () => without('approval.events')],
    ['words of people that nobody asked', 'I11', () => without('run.events')],
    [
      'a write that a rolled back run leaves standing',
      'I14',
      () => requesting((requests) => requests.filter(({ undoes }) => undoes === null)),
    ],
    [
      'a write that is undone twice',
      'I14',
      () => requesting((requests) => [...requests, ...requests.filter(({ undoes }) => undoes !== null)]),
    ],
    ['outcomes that no executor has said', 'I11', () => changing('tool.events', () => [])],
    [
      'a record in front that no host had read',
      'I12',
      () =>
        changing('tool.events', (records) => [{ offset: 0, key: '', headers: {}, value: null }, ...records]),
    ],
  ])('%s (%s)', (_what, invariant, change) => {
    expect(found(change())).toContain(invariant);
  });
});

test('found: a run that waits for people whose time was up long ago (I10)', () => {
  const cut = changing('run.events', (records) =>
    records.slice(0, records.findIndex((one) => wireOf(one).startsWith('approval.opened')) + 1),
  );
  const messages = checkInvariants(cut).flatMap(({ invariant, message }) =>
    invariant === 'I10' ? [message] : [],
  );
  expect(messages).toContainEqual(expect.stringMatching(/never ended; it waits for approval/));
});

const lost = { commandId: 'lost', runId: 'run99' };
const stray = (kind: 'read' | 'write'): TargetRequest => ({
  key: 'stray',
  tool: 'pay.keyed',
  kind,
  at: Number.MAX_SAFE_INTEGER,
  tookEffect: kind === 'write',
});
