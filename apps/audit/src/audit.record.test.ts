import { verify } from 'node:crypto';
import type { NewRecord, StoredRecord } from '@interlock/broker';
import { auditHeaders, leftOut, runLifeEvents } from '@interlock/contracts';
import { isSignedBy } from '@interlock/evidence';
import {
  isShowable,
  sourceOf,
  ToolManifests,
  UnreadableEventError,
  UpgradeNeeded,
} from '@interlock/projection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  completed,
  recorded,
  requestedCall,
  SALT,
  started,
  TOOL_HASH,
} from '../../../libs/projection/test/run-events.js';
import { acceptedEvents, RunLog } from '../../../libs/projection/test/run-log.js';
import { bytesOf, textOf } from '../test/audit.consumer.js';
import { anchor, keys, manifests } from '../test/signing.js';
import { AuditFeed, type FeedPorts } from './audit.feed.js';

const start = { offset: 0, epoch: -1, index: 0 };
const soon = () => Promise.resolve();

/** One partition of `run.events`, and all that is published of it. */
async function published(
  write: (log: RunLog) => void,
  shows: FeedPorts = { stores: 'events', manifests, anchor },
) {
  const stored: StoredRecord[] = [];
  const log = new RunLog((records) => {
    for (const record of records) stored.push({ ...record, offset: stored.length });
  });
  log.claim();
  write(log);
  return { stored, records: await publishedOf(stored, start, stored.length, shows) };
}

/** In batches, the way an instance does that goes on at `from` and gets `step` records at a time. */
async function publishedOf(
  stored: readonly StoredRecord[],
  from: typeof start,
  step: number,
  shows: FeedPorts = { stores: 'events', manifests, anchor },
) {
  const feed = new AuditFeed(0, start, from.offset, shows, soon, () => 0);
  const records: NewRecord[] = [];
  for (let at = 0; at < stored.length; at += step) {
    feed.add(stored.slice(at, at + step));
    while (feed.hasWork) records.push(...(await feed.batch()).records);
  }
  return records.map((record, offset): StoredRecord => ({ ...record, offset }));
}

const oneRun = (log: RunLog) => {
  log.append('run-1', [started(1), requestedCall(1)], {
    tenant: 'acme',
    traceparent: '00-1-2-01',
    cause: 'c1',
  });
  log.append('run-1', [recorded(1), completed]);
};
const dataOf = (record: StoredRecord | undefined) => JSON.parse(Buffer.from(record?.value ?? []).toString());

test('an event becomes a CloudEvent: every required attribute, and what ties it to its run and to an export', async () => {
  const { records, stored } = await published(oneRun);
  const [first] = records;
  const [accepted] = acceptedEvents(stored);
  const headers = Object.fromEntries(
    Object.entries(first?.headers ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]),
  );
  expect(headers).toEqual({
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: 'run-1/1',
    ce_source: '/interlock/run.events',
    ce_type: 'interlock.run.started.v1',
    ce_subject: 'run-1',
    ce_time: new Date(accepted?.meta.time ?? 0).toISOString(),
    ce_seq: '1',
    ce_correlationid: 'run-1',
    ce_causationid: 'c1',
    ce_tenant: 'acme',
    ce_traceparent: '00-1-2-01',
    ce_prevhash: '0'.repeat(64),
    ce_hash: Buffer.from(accepted?.hash ?? []).toString('hex'),
    ce_sourceoffset: '2',
    ce_sourceepoch: '0',
    ce_sourceindex: '2',
  });
  expect(first?.key).toBe('run-1');
  expect(textOf(records[1] as StoredRecord, 'prevhash')).toBe(headers.ce_hash);
  expect(Object.keys(headers).every((name) => /^(content-type|ce_[a-z0-9]{1,20})$/.test(name))).toBe(true);
});

test('what is personal is left out, what is not is shown', async () => {
  const { records } = await published(oneRun);
  const gone = { redacted: 'personal' };
  const [run, call, outcome, end] = records.map(dataOf);
  expect(run.input).toEqual({ orderId: 'A-1', name: gone });
  expect(run).not.toHaveProperty('compiled');
  expect(run.by).toEqual({ sub: 'ada', roles: ['operator'] });
  expect(call.arguments).toEqual({ orderId: 'A-1', email: gone });
  expect(outcome.outcome).toEqual({ kind: 'succeeded', output: gone });
  expect(end).toEqual({ output: gone, success: true });
  const everything = records.map(({ value }) => Buffer.from(value ?? []).toString()).join('');
  expect(everything).not.toMatch(/Mary|mary@/);
  expect(everything).not.toContain(SALT);
  expect(run).not.toHaveProperty('requestHash');
});

test('the head of a run that has ended is signed, and is no event of the run', async () => {
  const { records } = await published(oneRun);
  const end = records.at(-2) as StoredRecord;
  const last = records.at(-1) as StoredRecord;
  expect(textOf(last, 'type')).toBe('interlock.head.v1');
  expect(last.headers[auditHeaders.seq]).toBeUndefined();
  expect(sourceOf(last)).toBeUndefined();
  const signed = dataOf(last);
  expect(signed.head).toMatchObject({ runId: 'run-1', seq: 4, hash: textOf(end, 'hash'), keyId: 'test' });
  expect(isSignedBy(signed, keys.current.publicKey)).toBe(true);
  expect(
    verify(null, Buffer.from('else'), keys.current.publicKey, Buffer.from(signed.signature, 'base64')),
  ).toBe(false);
});

test('arguments of a tool whose manifest nobody has read are not guessed at: it is read first', async () => {
  let isRead = false;
  let waited = 0;
  const document = { input: { properties: { orderId: {}, email: { classification: 'personal' } } } };
  const late = new ToolManifests(
    {
      byHash: (hash: string) =>
        (isRead && hash === TOOL_HASH ? { kind: 'tool', document } : undefined) as never,
      whenReadTo: async () => {
        waited += 1;
        isRead = true;
      },
    },
    { bounds: async () => ({ start: 0, end: 7 }) },
  );
  const other = 'f'.repeat(64);
  const { records } = await published(
    (log) => {
      log.append('run-1', [started(1), requestedCall(1)]);
      log.append('run-2', [started(2), requestedCall(2, other)]);
    },
    { stores: 'events', manifests: late, anchor },
  );
  expect(dataOf(records[1]).arguments.orderId).toBe('A-1');
  expect(dataOf(records[3]).arguments).toEqual({ redacted: 'personal' });
  expect(waited).toBe(2);
});

test('an event of a newer release stops the stream in front of it, and so does one that is not what it says', async () => {
  const newer = (log: RunLog) => log.append('run-1', [started(1), ['run.started/99', {}]]);
  await expect(published(newer)).rejects.toBeInstanceOf(UpgradeNeeded);
  const broken = (log: RunLog) => log.append('run-1', [['run.completed/1', Buffer.from('{')]]);
  await expect(published(broken)).rejects.toBeInstanceOf(UnreadableEventError);
  expect(runLifeEvents.every(({ wire }) => isShowable(wire))).toBe(true);
});

describe('equal seq, equal bytes', () => {
  const step = fc.record({
    run: fc.integer({ min: 0, max: 3 }),
    does: fc.constantFrom('run', 'claim', 'progress', 'lose', 'land'),
    text: fc.string({ unit: 'binary' }),
    hash: fc.constantFrom(TOOL_HASH, 'f'.repeat(64)),
  });

  test('whoever publishes, from wherever the stream stands, in whatever pieces, and whenever a manifest was read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.nat(),
        fc.integer({ min: 1, max: 7 }),
        async (steps, cut, piece) => {
          const { stored, records } = await published((log) => {
            for (const { run, does, text, hash } of steps) {
              const [wire, data] = requestedCall(run, hash);
              const call = [
                wire,
                { ...(data as object), arguments: { orderId: text, email: text, [text]: 1 } },
              ] as const;
              if (does === 'claim') log.claim();
              else if (does === 'progress') log.progress();
              else if (does === 'lose') {
                log.lose(`run-${run}`, [call]);
                log.claim();
              } else if (does === 'land') log.landLate();
              else log.append(`run-${run}`, [started(run), call, completed]);
            }
          });
          const events = records.filter((record) => sourceOf(record) !== undefined);
          expect(events).toHaveLength(acceptedEvents(stored).length);
          const last = events[cut % Math.max(1, events.length)];
          const from = last === undefined ? start : (sourceOf(last)?.next as typeof start);
          let known = false;
          const asked = {
            redactionOf: (hash: string) => (known ? (manifests.redactionOf(hash) ?? leftOut) : undefined),
            settle: async () => {
              known = true;
            },
          };
          const again = await publishedOf(stored, from, piece, {
            stores: 'events',
            manifests: asked,
            anchor,
          });
          const behind = records.slice(last === undefined ? 0 : records.indexOf(last) + 1);
          const anchored = (list: readonly StoredRecord[]) =>
            list.filter((record) => sourceOf(record) !== undefined);
          expect(anchored(again).map(bytesOf)).toEqual(anchored(behind).map(bytesOf));
        },
      ),
      { numRuns: 150 },
    );
  });
});
