import type { Input } from '@interlock/actors';
import {
  ActivatePolicy,
  artifactCommands,
  controlCommands,
  LiftStop,
  type Message,
  PlanRequested,
  PolicyDecided,
  ProposePolicy,
  PublishArtifact,
  planHashOf,
  policyEvents,
  runEvents,
  StopCalls,
  VoteOnActivation,
  VoteOnLift,
} from '@interlock/contracts';
import type { SimulatedSpec } from '@interlock/simulation';
import { describe, expect, test } from 'vitest';
import { requestOf } from '../../../apps/planner/src/plan.scenario.ts';
import { HostBench } from './host.bench.ts';
import { hosts } from './hosts.ts';

const CODE = 'decision.threw';
const TEN_MINUTES = 600_000;
const ofKind =
  (kind: Input['kind'], type?: string) =>
  (input: Input): boolean =>
    input.kind === kind && (type === undefined || (input.kind === 'message' && input.message.type === type));
const asides = (bench: HostBench) => bench.quarantined.map(({ code }) => code);

describe('a decision of the planner that breaks', () => {
  const request = (bench: HostBench) => requestOf({ notAfter: Math.floor(bench.time.now()) + 60_000 });
  const failed = (called: boolean, code = CODE) => ({
    type: 'plan.failed',
    data: { called, failure: { code } },
  });

  /** `perform` stands for a model. */
  const planning = (perform: SimulatedSpec['perform']) =>
    HostBench.open((bench) => ({ ...hosts.planner!(bench), perform }));
  const silent = () => planning(() => new Promise(() => {}));
  const answering = () => planning(async (_effect, { result }) => result(answer));
  const answer = {
    tookMs: 1,
    outcome: { kind: 'failed', called: true, failure: { class: 'transient', code: 'busy', message: '' } },
  };

  async function ask(bench: HostBench): Promise<string> {
    const asked = request(bench);
    const at = await bench.put(runEvents.name, PlanRequested(asked));
    const id = `run-1/${bench.sent}`;
    await bench.put(policyEvents.name, allowed(id, planHashOf(asked)), { ref: at });
    return id;
  }

  test('on a request fails it, asks no model, and the next request is asked', async () => {
    const bench = await answering();
    bench.breaks = ofKind('message', 'plan.requested');
    await bench.put(runEvents.name, PlanRequested(request(bench)));
    await bench.until(() => asides(bench).length > 0);
    expect(bench.said()).toMatchObject([failed(false)]);
    expect(asides(bench)).toEqual([CODE]);
    bench.breaks = () => false;
    await ask(bench);
    await bench.until(() => bench.said().length === 3);
    expect(bench.said().slice(1)).toMatchObject([{ type: 'plan.attempt_started' }, failed(true, 'busy')]);
  });

  test('on a verdict fails every request that waits, and asks no model', async () => {
    const bench = await answering();
    bench.breaks = ofKind('message', 'policy.decided');
    await ask(bench);
    await bench.until(() => bench.said().length > 0);
    await bench.pass(TEN_MINUTES);
    expect(bench.said()).toMatchObject([failed(false)]);
    expect(asides(bench)).toEqual([CODE]);
  });

  test('on what a model answered fails the attempt, and charges it', async () => {
    const bench = await answering();
    bench.breaks = ofKind('result');
    await ask(bench);
    await bench.pass(TEN_MINUTES);
    expect(bench.said()).toMatchObject([{ type: 'plan.attempt_started' }, failed(true)]);
    expect(bench.asked.filter((kind) => kind === 'result')).toHaveLength(1);
  });

  test('on a request whose time is up fails it, once', async () => {
    const bench = await silent();
    bench.breaks = ofKind('due');
    await bench.put(runEvents.name, PlanRequested(request(bench)));
    await bench.pass(TEN_MINUTES);
    expect(bench.said()).toMatchObject([failed(false)]);
    expect(bench.asked.filter((kind) => kind === 'due')).toHaveLength(1);
  });

  test('on a recovery fails the attempt that nobody performs any more, and charges it', async () => {
    const bench = await silent();
    await ask(bench);
    await bench.until(() => bench.said().length === 1);
    bench.breaks = ofKind('recovered');
    await bench.serve();
    await bench.pass(TEN_MINUTES);
    expect(bench.said()).toMatchObject([{ type: 'plan.attempt_started' }, failed(true)]);
    expect(bench.asked.filter((kind) => kind === 'recovered')).toHaveLength(1);
  });
});

const by = { sub: 'ada', roles: ['admin', 'operator'] };
const hash = `sha256:${'0'.repeat(64)}`;
const commandFields = (commandId: string) => ({ commandId, by, issuedAt: 1, reason: 'because' });

describe.each([
  [
    'registry',
    artifactCommands.name,
    [
      [
        PublishArtifact({ ...commandFields('c'), kind: 'table', name: 't', version: 1, document: {} }),
        'artifact.refused',
      ],
      [ActivatePolicy({ ...commandFields('c'), hash }), 'policy.activation_refused'],
      [
        VoteOnActivation({ ...commandFields('c'), activationId: 'a', vote: 'approve', hash }),
        'policy.activation_refused',
      ],
      [ProposePolicy({ ...commandFields('c'), hash }), 'policy.activation_refused'],
    ] as const,
  ],
  [
    'control',
    controlCommands.name,
    [
      [StopCalls({ ...commandFields('c'), scope: { all: true }, compensations: false }), 'control.refused'],
      [LiftStop({ ...commandFields('c'), stopId: 's' }), 'control.refused'],
      [VoteOnLift({ ...commandFields('c'), stopId: 's', vote: 'approve' }), 'control.refused'],
    ] as const,
  ],
])('a decision of %s that breaks', (name, topic, commands) => {
  test.each(commands.map(([command, refusal]) => [command.type, command as Message, refusal] as const))(
    'on %s refuses it by its id, and is quarantined; the next command is decided',
    async (_type, command, refusal) => {
      const bench = await HostBench.open(hosts[name]!);
      bench.breaks = () => true;
      await bench.put(topic, command, { id: 'c' });
      await bench.pass(TEN_MINUTES);
      expect(bench.said()).toMatchObject([{ type: refusal, data: { commandId: 'c' } }]);
      expect(JSON.stringify(bench.said())).toContain(CODE);
      expect(asides(bench)).toEqual([CODE]);
      expect(bench.asked.filter((kind) => kind === 'message')).toHaveLength(1);

      bench.breaks = () => false;
      await bench.put(
        topic,
        { ...command, data: { ...(command.data as object), commandId: 'd' } },
        { id: 'd' },
      );
      await bench.until(() => bench.said().length === 2);
      expect(JSON.stringify(bench.said()[1])).not.toContain(CODE);
      expect(asides(bench)).toHaveLength(1);
    },
  );
});

function allowed(checkId: string, callHash: string) {
  return PolicyDecided({
    checkId,
    point: 'before',
    requestId: checkId,
    callHash,
    verdict: 'allow',
    bundle: 'b',
    policies: [],
    reason: '',
    inputDigest: 'd',
    mode: 'enforce',
  });
}
