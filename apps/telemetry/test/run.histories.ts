import fc from 'fast-check';
import type { LoggedRunEvent } from '../src/metrics/open.run.js';
import { agentMove, type HistoryIds, playAgent } from './agent.histories.js';

const workflows = [
  { name: 'refund', version: 1, hash: 'a' },
  { name: 'refund', version: 2, hash: 'b' },
  { name: 'audit', version: 1, hash: 'c' },
];
const tools = ['orders.get', 'refunds.create', 'mail.send'];
const steps = ['order', 'pay', 'items[0]/mail', 'items[1]/mail'];

/** What one run may do next; a history is any sequence of these, ended or not. */
const move = fc.oneof(
  fc.record({
    kind: fc.constant('request' as const),
    tool: fc.constantFrom(...tools),
    step: fc.constantFrom(...steps),
    purpose: fc.constantFrom('step', 'verify', 'compensate'),
    costUsd: fc.constantFrom(0, 0.01, 0.25),
    more: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('verdict' as const),
    verdict: fc.constantFrom('allow', 'allow', 'allow', 'deny'),
    asks: fc.constantFrom(undefined, undefined, 'single', 'dual'),
  }),
  fc.record({
    kind: fc.constant('record' as const),
    outcome: fc.constantFrom('succeeded', 'succeeded', 'failed', 'unknown', 'refused', 'unsafe'),
    tookMs: fc.constantFrom(undefined, 0, 3, 40, 9_000),
  }),
  fc.record({
    kind: fc.constant('people' as const),
    type: fc.constantFrom(
      'opened',
      'voted',
      'vote_refused',
      'escalated',
      'granted',
      'denied',
      'expired',
      'withdrawn',
    ),
    approval: fc.constantFrom('single', 'dual'),
    isQuestion: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('step' as const),
    type: fc.constantFrom('completed', 'failed', 'skipped', 'parked', 'fell_back', 'retry_scheduled'),
    via: fc.constantFrom('call', 'agent', 'baseline'),
    step: fc.constantFrom(...steps),
  }),
  fc.record({
    kind: fc.constant('form' as const),
    type: fc.constantFrom('opened', 'answered'),
    step: fc.constantFrom(...steps),
  }),
  fc.record({
    kind: fc.constant('question' as const),
    type: fc.constantFrom('asked', 'answered', 'unanswered'),
    step: fc.constantFrom(...steps),
  }),
  fc.record({
    kind: fc.constant('breach' as const),
    stage: fc.constantFrom('complete', ...steps),
    action: fc.constantFrom('notify', 'escalate'),
  }),
  fc.record({ kind: fc.constant('rise' as const) }),
  fc.record({ kind: fc.constant('rollback' as const) }),
  agentMove,
);
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

const end = fc.constantFrom(
  undefined,
  'run.completed',
  'run.completed',
  'run.failed',
  'run.cancelled',
  'run.rolled_back',
  'run.escalated',
);

const history = fc.record({
  workflow: fc.constantFrom(...workflows),
  moves: fc.array(move, { maxLength: 25 }),
  end,
  success: fc.boolean(),
  /** What is written behind its end. */
  late: fc.boolean(),
});

/** Histories of some runs, their events shuffled together as they lie in a partition: in order for each run. */
export const runHistories: fc.Arbitrary<LoggedRunEvent[]> = fc
  .tuple(fc.array(history, { maxLength: 6 }), fc.infiniteStream(fc.nat(1_000)))
  .map(([histories, chance]) => {
    const queues = histories.map((one, at) => eventsOf(`run-${at}`, one));
    const shuffled: LoggedRunEvent[] = [];
    let time = 1_760_000_000_000;
    for (const next of chance) {
      const left = queues.filter((queue) => queue.length > 0);
      if (left.length === 0) break;
      const event = left[next % left.length]!.shift()!;
      time += next;
      shuffled.push({ ...event, time } as LoggedRunEvent);
    }
    return shuffled;
  });

type History = typeof history extends fc.Arbitrary<infer H> ? H : never;

function eventsOf(run: string, { workflow, moves, end: ending, success, late }: History) {
  const events: { type: string; data: unknown; id: string; run: string }[] = [];
  const say = (type: string, data: unknown) => {
    events.push({ type, data, id: `${run}/${events.length + 1}`, run });
    return `${run}/${events.length}`;
  };
  const lines = { id: 'items', body: { steps: [{ id: 'mail', sla: { withinMs: 1 } }] } };
  const pay = { id: 'pay', sla: { withinMs: 1, onBreach: 'fail' } };
  const compiled = { sla: { completeMs: 1, onBreach: 'escalate' }, steps: [pay, lines, { id: 'order' }] };
  say('run.started', { workflow, rootRunId: run, ...(success ? { compiled } : {}) });
  const ids: HistoryIds = { checks: [], requests: [], plans: [] };
  for (const one of moves) play(one, say, ids);
  if (ending !== undefined) {
    const failure = { class: 'domain', code: 'c', message: 'm' };
    say(ending, ending === 'run.completed' ? { output: {}, success } : { failure });
    if (late) say('call.late_recorded', { requestId: `${run}/2`, step: 'order' });
  }
  return events;
}

function play(one: Move, say: (type: string, data: unknown) => string, ids: HistoryIds): void {
  const requestId = ids.requests.at(-1) ?? 'nothing';
  switch (one.kind) {
    case 'request': {
      const { tool, step, purpose, costUsd, more } = one;
      const needs: string[] = more ? ids.checks.slice(-1) : [];
      const data = { tool, step, purpose, needs, reserved: { costUsd, toolCalls: 1 } };
      const id = say('call.requested', { ...data, ...(more ? { approvalId: 'single' } : {}) });
      needs.push(id);
      ids.requests.push(id);
      ids.checks.push(id);
      return;
    }
    case 'verdict': {
      const { verdict, asks } = one;
      const approval = asks === undefined ? {} : { approval: { kind: asks, approvers: [] } };
      const checkId = ids.checks.at(-1) ?? 'nothing';
      say('verdict.recorded', { checkId, requestId, point: 'before', verdict, ...approval });
      return;
    }
    case 'record': {
      const { outcome, tookMs } = one;
      const isRefused = outcome === 'refused' || outcome === 'unsafe';
      const failed = { kind: outcome, failure: { class: 'domain' } };
      const said = isRefused ? { kind: 'refused', code: 'killed', unsafe: outcome === 'unsafe' } : failed;
      say('call.recorded', {
        requestId,
        step: 'order',
        outcome: said,
        ...(tookMs === undefined ? {} : { tookMs }),
      });
      return;
    }
    case 'people': {
      const { type, approval: approvalId, isQuestion } = one;
      const action = isQuestion ? {} : { action: { tool: 'refunds.create', arguments: {} } };
      const opened = { step: 'pay', requirement: { kind: approvalId, approvers: [] }, ...action };
      say(`approval.${type}`, { approvalId, vote: 'approve', ...(type === 'opened' ? opened : {}) });
      return;
    }
    case 'step':
      say(`step.${one.type}`, {
        step: one.step,
        via: one.via,
        because: 'in_doubt',
        failure: { class: 'domain' },
      });
      return;
    case 'rise':
      say('operator.escalated', { since: 0, to: ['lead'] });
      return;
    case 'breach':
      say('sla.breached', {
        ...(one.stage === 'complete' ? {} : { step: one.stage }),
        stage: one.stage,
        action: one.action,
        due: 0,
        by: 0,
      });
      return;
    case 'form':
      say(`form.${one.type}`, { step: one.step });
      return;
    case 'question':
      say(`question.${one.type}`, { step: one.step });
      return;
    case 'agent':
      playAgent(one, say, ids);
      return;
    case 'rollback':
      say('rollback.started', { because: 'failed', writes: [] });
  }
}
