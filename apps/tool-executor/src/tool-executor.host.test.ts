import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits, ServiceHost } from '@interlock/actors';
import type { Broker } from '@interlock/broker';
import { openEmbeddedBroker } from '@interlock/broker/embedded';
import {
  ApprovalConfirmed,
  approvalEvents,
  CallRequested,
  callHashOf,
  HostProgress,
  hashedCallOf,
  type Message,
  PolicyDecided,
  policyEvents,
  runEvents,
  type TopicSpec,
  toolEvents,
  topics,
} from '@interlock/contracts';
import { claim, eventId, FencedReader, type FencedWriter } from '@interlock/log';
import { wallClock } from '@interlock/service';
import { defineTool } from '@interlock/tools';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { vote } from './call.scenario.js';
import type { CallState } from './call.state.js';
import { ProcessCircuits } from './circuit/circuits.js';
import { InProcessWorkplace } from './in-process.workplace.js';
import { toolExecutorSpec } from './tool-executor.module.js';

let perform: (id: string) => unknown;
const pay = defineTool({
  name: 'pay',
  version: 1,
  description: '',
  input: z.object({ id: z.string() }),
  output: z.object({ ok: z.boolean() }),
  effect: 'write',
  risk: 'high',
  audience: 'test',
  recovery: { by: 'idempotency-key' },
  timeout: '10s',
  run: async ({ id }) => {
    await perform(id);
    return { ok: true };
  },
});

const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000 });

let directory: string;
let broker: Broker;
let runs: FencedWriter;
let verdicts: FencedWriter;
let approvals: FencedWriter;
const hosts: ServiceHost<CallState>[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'executor-'));
  broker = await openEmbeddedBroker({ directory });
  await broker.createTopics(topics, 1);
  runs = await writerOf(runEvents);
  verdicts = await writerOf(policyEvents);
  approvals = await writerOf(approvalEvents);
});
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
  await broker.close();
  await rm(directory, { recursive: true });
});

/** The topic's owner: what it writes is accepted by every reader. */
async function writerOf({ name }: TopicSpec): Promise<FencedWriter> {
  const producer = broker.producer();
  const source = {
    append: producer.append.bind(producer),
    read: (from: number) => broker.read(name, 0, from),
  };
  const writer = await claim(source, {
    topic: name,
    partition: 0,
    from: { offset: 0, epoch: -1, index: 0 },
    claimId: name,
    host: 'test',
    versions: [],
    now: 0,
    accepted: () => {},
  });
  await writer.append(
    [{ key: 'host', wire: HostProgress.wire, value: Buffer.from('{}'), meta: { time: 0 } }],
    {},
    [],
  );
  return writer;
}

async function append(
  writer: FencedWriter,
  message: Message,
  meta: { run: string; seq?: number; ref?: number },
) {
  const value = Buffer.from(JSON.stringify(message.data));
  const draft = { key: meta.run, wire: `${message.type}/1`, value, meta: { ...meta, time: Date.now() } };
  const id = meta.seq === undefined ? {} : { id: eventId(meta.run, meta.seq) };
  return (await writer.append([{ ...draft, meta: { ...draft.meta, ...id } }], {}, [])).firstOffset;
}

/** Requests a payment in a run of its own and has policy answer; resolves when both are in their logs. */
async function requestedCall(
  run: string,
  said: Partial<z.output<typeof PolicyDecided.schema>> = {},
  change: { approvalId?: string } = {},
): Promise<{ ref: number; callHash: string }> {
  const call = {
    step: 'pay',
    tool: 'pay',
    toolVersion: 1,
    toolHash: pay.toolHash,
    effect: 'write' as const,
    purpose: 'step' as const,
    arguments: { id: run },
    occurrence: 1,
    generation: 1,
    salt: 'a-salt-of-128-bits-0_0',
    attempt: 1,
    recovery: false,
    needs: [`${run}/1`],
    notAfter: Date.now() + 60_000,
    timeoutMs: 10_000,
    reserved: { costUsd: 0, toolCalls: 1 },
    principal: { workflow: 'w', version: 1, requester: 'ada', requesterRoles: [] },
    ...change,
  };
  const callHash = callHashOf(hashedCallOf(run, call));
  const ref = await append(runs, CallRequested({ ...call, callHash }), { run, seq: 1 });
  const verdict = PolicyDecided({
    checkId: `${run}/1`,
    point: 'before',
    requestId: `${run}/1`,
    callHash,
    verdict: 'allow',
    bundle: 'b',
    policies: [],
    reason: '',
    inputDigest: 'd',
    mode: 'enforce',
    ...said,
  });
  await append(verdicts, verdict, { run, ref });
  return { ref, callHash };
}

/** Has the approval service answer the request of `run`. */
async function confirmed(run: string, { ref, callHash }: { ref: number; callHash: string }, who: string[]) {
  const votes = who.map((sub) => ({ ...vote(sub), callHash }));
  const about = { requestId: `${run}/1`, approvalId: `${run}.1`, callHash };
  const confirmation = ApprovalConfirmed({ ...about, votes, requester: 'ada', grantId: 'g' });
  await append(approvals, confirmation, { run, ref });
}

async function startHost(drainMs = 1_000): Promise<ServiceHost<CallState>> {
  const { clock } = wallClock;
  const silent = { log: () => {}, warn: () => {} };
  const workplace = new InProcessWorkplace({ tools: [pay], clock, concurrencyMax: 8, ...silent });
  const spec = toolExecutorSpec(
    [pay],
    workplace,
    broker,
    wallClock,
    { clockSkewMs: 0 },
    {
      standing: () => ({ kind: 'free' }),
      onChange: () => () => {},
    },
    new ProcessCircuits({ ...wallClock, failures: 5, probeMs: 2_000 }),
  );
  const host = new ServiceHost<CallState>(
    { ...spec, host: 'test', limits: { ...defaultLimits, drainMs } },
    {
      broker,
      runtime: wallClock,
      observer: { note: () => {}, stopped: () => {} },
      consequences: { quarantine: () => {} },
    },
  );
  hosts.push(host);
  await host.start(broker);
  return host;
}

/** What the executor has written about a run, as every reader accepts it. */
async function written(run: string): Promise<string[]> {
  const reader = new FencedReader(toolEvents.name, 0);
  const found: string[] = [];
  for await (const records of broker.read(toolEvents.name, 0, 0)) {
    for (const record of records) {
      const accepted = reader.take(record);
      if (accepted?.meta.run === run) found.push(...accepted.wires);
    }
  }
  return found;
}

test('on a real log: what is allowed is performed once; what is denied, or allowed for another call, is not', async () => {
  const performed: string[] = [];
  perform = (id) => performed.push(id);
  await startHost();
  await requestedCall('denied', { verdict: 'deny' });
  await requestedCall('other', { callHash: 'of another call' });
  await requestedCall('allowed');
  await eventually(async () => {
    expect(await written('allowed')).toEqual(['tool.attempt_started/1', 'tool.succeeded/1']);
  });
  expect(await written('denied')).toEqual([]);
  expect(await written('other')).toEqual(['tool.refused/1']);
  expect(performed).toEqual(['allowed']);
});

test('a write whose host is deposed is closed as unknown by the next one, and its outcome is handed over', async () => {
  const performed: string[] = [];
  let finish = (): void => {};
  perform = (id) => {
    performed.push(id);
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  };
  const first = await startHost(0);
  await requestedCall('slow');
  await eventually(() => expect(performed).toEqual(['slow']));
  await first.stop();
  await startHost();
  await eventually(async () => {
    expect(await written('slow')).toEqual(['tool.attempt_started/1', 'tool.outcome_unknown/1']);
  });
  finish();
  await eventually(async () => {
    expect((await written('slow')).at(-1)).toBe('tool.outcome_late/1');
  });
  expect(performed).toEqual(['slow']);
});

test('what needs two people is performed once both are confirmed, also when another host has deferred it meanwhile', async () => {
  const performed: string[] = [];
  perform = (id) => performed.push(id);
  const first = await startHost();
  const dual = { approval: { kind: 'dual' as const, approvers: ['finance'] } };
  const one = await requestedCall('one', dual, { approvalId: 'one.1' });
  const two = await requestedCall('two', dual, { approvalId: 'two.1' });
  await requestedCall('alone', dual);
  await confirmed('one', one, ['bea']);
  await requestedCall('first');
  await eventually(() => expect(performed).toEqual(['first']));
  await first.stop();
  await startHost();
  await confirmed('two', two, ['bea', 'cleo']);
  await requestedCall('last');
  await eventually(async () => {
    expect(performed.toSorted()).toEqual(['first', 'last', 'two']);
    expect(await written('two')).toEqual(['tool.attempt_started/1', 'tool.succeeded/1']);
  });
  expect(await written('one')).toEqual([]);
  expect(await written('alone')).toEqual([]);
});
