// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  agent,
  assisted,
  beforePlan,
  callOf,
  look,
  propose,
  round,
  unplanned,
} from '../test/agent-scenario.js';
import { anyRun, played } from '../test/any-run.js';
import { dual, granted, opened, single, withdrawn } from '../test/approval-scenario.js';
import { child, Family } from '../test/family-scenario.js';
import {
  after,
  before,
  callRequestOf,
  deny,
  failed,
  killed,
  late,
  perform,
  refused,
  reply,
  resolve,
  resumeFrom,
  retry,
  run,
  runId,
  skip,
  succeeded,
  unknown,
  wrote,
} from '../test/run-scenario.js';
import { takenIn } from '../test/transitions.js';
import {
  askable,
  forEach,
  form,
  read,
  undoable,
  verifiable,
  wait,
  workflow,
  write,
} from '../test/workflows.js';
import { isNamed, machines, type Transition } from './transitions.js';

/** Runs of seed 7 that together take every transition which random runs reach: found by trying the first 3,000. */
const taking = [
  53, 133, 228, 274, 434, 469, 516, 727, 783, 949, 1170, 1432, 1701, 1846, 1876, 1895, 1993, 2066, 2135, 2146,
  2179, 2321, 2419, 2470, 2868,
];

function anyRuns() {
  const all = fc.sample(anyRun, { seed: 7, numRuns: Math.max(...taking) + 1 });
  return all.filter((_, at) => taking.includes(at)).map(played);
}

/** A refund that was requested together with the check of what it is made from. */
function ordered(options: Parameters<typeof run>[1] = {}) {
  const to = { to: '${steps.order.output.email}' };
  const scenario = run([read('order'), write('refund', { needs: ['order'], with: to })], options);
  return scenario.when(before(scenario, 'order')).when(succeeded(scenario, 'order', { email: 'a@b' }));
}

function byHand() {
  const redacted = ordered();
  redacted.when(after(redacted, 'order', { redact: ['email'] })).when(refused(redacted, 'refund'));
  const waiting = ordered();
  waiting.when(before(waiting, 'refund')).when(failed(waiting, 'refund', { class: 'transient' }));
  waiting.when(after(waiting, 'order', { redact: ['email'] }));
  const forgotten = ordered();
  forgotten.when(after(forgotten, 'order', { redact: ['email'] })).when(before(forgotten, 'refund', deny));
  const stale = ordered();
  stale
    .when(before(stale, 'refund', { approval: single }))
    .when(after(stale, 'order', { redact: ['email'] }));
  const denied = ordered();
  denied.when(after(denied, 'order', deny));
  const unusable = run([write('pay')]);
  unusable.when(before(unusable, 'pay')).when(failed(unusable, 'pay', { class: 'invalid_output' }));
  const stop = { stopId: 'stop-1', number: 1, reason: 'the bank is down' };
  const stopped = run([write('pay')], { isLifted: () => false });
  stopped.when(before(stopped, 'pay')).when(killed(stopped, 'pay', stop));
  const asked = run([verifiable('pay')], { isLifted: () => false });
  asked.when(before(asked, 'pay')).when(unknown(asked, 'pay')).whenDue();
  asked.when(before(asked, 'pay')).when(killed(asked, 'pay', stop));
  const lifted = run([write('pay')], { isLifted: () => true });
  lifted
    .when(before(lifted, 'pay'))
    .when(killed(lifted, 'pay', stop))
    .whenDue();
  const known = run([write('pay')]);
  const first = callRequestOf(known, 'pay');
  known.when(before(known, 'pay')).when(unknown(known, 'pay')).whenDue();
  known.when(late(first.requestId, first.callHash, 1)).when(unknown(known, 'pay'));
  return [
    forgotten,
    stale,
    redacted,
    waiting,
    denied,
    unusable,
    stopped,
    asked,
    lifted,
    known,
    askedInDoubt(),
    agentsCall(),
    ...plans(),
    ...questions(),
    poisoned(),
    undoneLate(),
    skippedFallback(),
    ...stoppedCalls(),
    run([forEach('lines', ['a'], [read('price')])]),
    knownAndDenied(),
    skippedUnread(),
    ...voided(),
    ...answeredByPeople(),
    run([form('address')]),
    ...takenUp(),
  ];
}

/** People are asked about a repetition when the executor says that the first attempt has happened. */
function askedInDoubt() {
  const scenario = run([write('pay')]);
  const { requestId, callHash } = callRequestOf(scenario, 'pay');
  scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
  scenario.when(before(scenario, 'pay', { approval: single }));
  return scenario.when(late(requestId, callHash, 1));
}

/** A person has an agent's call made once more. */
function agentsCall() {
  const scenario = run([agent('resolve')], assisted);
  round(scenario, { calls: [callOf(look)] });
  const { requestId: cause } = callRequestOf(scenario, 'resolve');
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: runId, cause };
  const type = 'tool.succeeded/1';
  scenario.when(before(scenario, 'resolve'));
  scenario.whenBroken({ kind: 'poison', topic: 'tool.events', type, meta, problem: 'odd' });
  return perform(scenario.when(retry(scenario, 'resolve')).whenDue(), 'resolve');
}

/** A request to a model falls under a stop, which is lifted, or whose step has no time left. */
function plans() {
  const failure = { class: 'transient', code: 'planner.stopped' } as const;
  const stop = { stopId: 'stop-1', number: 1, reason: 'too much' };
  const stopped = (isLifted: boolean, totalMs?: number) => {
    const step = totalMs === undefined ? {} : { timeout: { totalMs } };
    const scenario = run([agent('resolve', {}, step)], { ...assisted, isLifted: () => isLifted });
    return scenario
      .when(beforePlan(scenario))
      .when(unplanned(scenario, failure, { called: false, stop }))
      .whenDue();
  };
  const again = run([agent('resolve')], assisted);
  again
    .when(beforePlan(again))
    .when(unplanned(again, {}, { called: false }))
    .whenDue();
  return [stopped(true), stopped(false, 1_000), again];
}

/** A model asks whom its step serves, who answers, or does not. */
function questions() {
  const ask = { to: 'carla', channel: { kind: 'signal' }, withinMs: 1_000, max: 2 } as const;
  const asked = () => round(run([agent('resolve', { ask })], assisted), { question: 'Which size?' });
  const answered = asked();
  return [answered.when(reply(answered)), asked().whenDue()];
}

/** What becomes of a call that a stop keeps from being made again. */
function stoppedCalls() {
  const stop = { stopId: 'stop-1', number: 1, reason: 'the bank is down' };
  const isLifted = () => false;
  const outOfTime = (onFailure: NonNullable<Parameters<typeof read>[1]>['onFailure']) => {
    const limits = { onFailure, timeout: { attemptMs: 1_000, totalMs: 3_000 } };
    const scenario = run([read('order', limits), read('other', { fallbackOnly: true })], { isLifted });
    return scenario
      .when(before(scenario, 'order'))
      .when(killed(scenario, 'order', stop))
      .whenDue();
  };
  const late1 = run([write('pay')], { isLifted });
  const { requestId, callHash } = callRequestOf(late1, 'pay');
  late1.when(before(late1, 'pay')).when(unknown(late1, 'pay')).whenDue();
  late1.when(killed(late1, 'pay', stop)).when(late(requestId, callHash, 1));
  const madeFrom = ordered({ isLifted });
  madeFrom.when(before(madeFrom, 'refund')).when(killed(madeFrom, 'refund', stop));
  madeFrom.when(after(madeFrom, 'order', { redact: ['email'] }));
  return [outOfTime({ do: 'escalate' }), outOfTime({ do: 'fallback', step: 'other' }), late1, madeFrom];
}

/** A repetition is open when the first attempt turns out to have happened, and policy denies what it gave. */
function knownAndDenied() {
  const scenario = run([write('pay', { onFailure: { do: 'value', value: 1 } }), read('other')]);
  const { requestId, callHash } = callRequestOf(scenario, 'pay');
  scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
  return scenario.when(late(requestId, callHash, 1)).when(after(scenario, 'pay', deny));
}

/** A person skips a step, and then nobody can read the verdict on its call. */
function skippedUnread() {
  const scenario = run([askable('pay'), read('other')]);
  const { requestId: cause } = callRequestOf(scenario, 'pay');
  scenario.when(unknown(scenario, 'pay')).whenDue().when(skip(scenario, 'pay'));
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: runId, cause };
  return scenario.when({
    kind: 'poison',
    topic: 'policy.events',
    type: 'policy.decided/1',
    meta,
    problem: 'odd',
  });
}

/** What is to stand in for a step is skipped by its own condition. */
function skippedFallback() {
  const onFailure = { do: 'fallback', step: 'other' } as const;
  const scenario = run([read('order', { onFailure }), read('other', { fallbackOnly: true, when: 'false' })]);
  return scenario.when(before(scenario, 'order')).when(failed(scenario, 'order', { class: 'domain' }));
}

/** A run is taken up again of which a step had come as far as it can, each in another way. */
function takenUp() {
  const onFailure = { do: 'fallback', step: 'other' } as const;
  const scenario = run([
    read('done'),
    read('fails', { needs: ['done'] }),
    read('behind', { needs: ['fails'] }),
    read('runs'),
    wait('waits', { forMs: 9_000 }),
    read('asks', { onFailure: { do: 'escalate' } }),
    read('falls', { onFailure }),
    read('other', { fallbackOnly: true }),
  ]);
  perform(scenario, 'done');
  const no = { class: 'domain', code: 'no' } as const;
  for (const step of ['asks', 'falls', 'fails'])
    scenario.when(before(scenario, step)).when(failed(scenario, step, no));
  for (const step of ['runs', 'other']) scenario.when(refused(scenario, step));
  scenario.when(resumeFrom(scenario, 'done'));
  const undone = run([undoable('pay'), read('send', { needs: ['pay'] })]);
  undone.when(before(undone, 'pay')).when(wrote(undone, 'pay')).when(after(undone, 'pay'));
  undone.when(before(undone, 'send')).when(failed(undone, 'send', no));
  undone.when(before(undone, 'pay', deny)).when(skip(undone, 'pay'));
  const planned = run([agent('plan'), read('send', { needs: ['plan'] })], assisted);
  round(planned, { output: { by: 'model' } });
  planned
    .when(before(planned, 'send'))
    .when(failed(planned, 'send', no))
    .when(resumeFrom(planned, 'plan'));
  return [scenario, undone.when(resumeFrom(undone, 'send')), planned, ...interrupted()];
}

/** Runs that another step ends while an agent has a proposal to be checked, a call, a question or a retry under way, or waits for a stop. */
function interrupted() {
  const no = { class: 'domain', code: 'no' } as const;
  const ask = { to: 'carla', channel: { kind: 'signal' }, withinMs: 60_000, max: 2 } as const;
  const started = () => run([agent('plan', { ask }), read('send')], { ...assisted, isLifted: () => false });
  const ended = (scenario: ReturnType<typeof started>) =>
    scenario.when(before(scenario, 'send')).when(failed(scenario, 'send', no));
  const judging = started();
  judging.when(beforePlan(judging)).when(propose(judging, { output: { by: 'model' } }));
  const waiting = started();
  waiting.when(beforePlan(waiting)).when(unplanned(waiting, { class: 'transient' }, { called: false }));
  const stopped = started();
  const stop = { stopId: 'stop-1', number: 1, reason: 'too much' };
  const failure = { class: 'transient', code: 'planner.stopped' } as const;
  stopped.when(beforePlan(stopped)).when(unplanned(stopped, failure, { called: false, stop }));
  const asking = round(started(), { question: 'Which size?' });
  const calling = ended(round(started(), { calls: [callOf(look)] }));
  calling.when(refused(calling, 'plan', 'revoked'));
  return [ended(judging), ended(waiting), ended(stopped), ended(asking), calling].map((scenario) =>
    scenario.when(resumeFrom(scenario, 'plan')),
  );
}

/** A person says of a call in doubt what became of it. */
function answeredByPeople() {
  const doubted = () => {
    const scenario = run([askable('pay')]);
    return scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
  };
  const [done, not] = [doubted(), doubted()];
  return [
    done.when(resolve(done, 'pay', { happened: true, output: 1 })),
    not.when(resolve(not, 'pay', { happened: false })),
  ];
}

/** Too few people have granted it, or the approval service takes it back. */
function voided() {
  const asked = () => {
    const scenario = run([read('order')]);
    return scenario.when(before(scenario, 'order', { approval: dual })).when(opened(scenario, 'order'));
  };
  const [one, other] = [asked(), asked()];
  return [one.when(granted(one, 'order')), other.when(withdrawn(other, 'order'))];
}

/** What undoes a write is in doubt, and has happened while it is repeated: then policy denies what came of it. */
function undoneLate() {
  const scenario = run([undoable('pay'), read('end', { needs: ['pay'] })]);
  scenario.when(before(scenario, 'pay')).when(wrote(scenario, 'pay')).when(after(scenario, 'pay'));
  scenario.when(before(scenario, 'end', deny)).when(before(scenario, 'pay'));
  const { requestId, callHash } = callRequestOf(scenario, 'pay');
  scenario.when(unknown(scenario, 'pay')).whenDue();
  scenario.when(late(requestId, callHash, { of: 'pay' }));
  return scenario.when(after(scenario, 'pay', deny));
}

/** Nobody can read the verdict that allowed a call which was made: its step fails though it had completed. */
function poisoned() {
  const scenario = run([read('order'), read('other')]);
  const { requestId: cause } = callRequestOf(scenario, 'order');
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: runId, cause };
  const type = 'policy.decided/1';
  scenario.when(succeeded(scenario, 'order')).when(after(scenario, 'order'));
  return scenario.when({ kind: 'poison', topic: 'policy.events', type, meta, problem: 'odd' });
}

const textOf = ({ machine, from, input, to }: Transition): string => `${machine} ${from}, ${input}: ${to}`;

const named = Object.entries(machines).flatMap(([machine, { table }]) =>
  Object.entries(table).flatMap(([from, inputs]) =>
    Object.entries(inputs).flatMap(([input, phases]) =>
      phases.map((to) => textOf({ machine, from, input, to })),
    ),
  ),
);

/** A child waits for another one's budget, is undone with its parent, or stands. */
function families() {
  const pay = workflow([undoable('pay')], { name: 'pay' });
  const stands = workflow([write('pay'), read('end', { needs: ['pay'] })], { name: 'stands' });
  const root = (of: typeof pay) =>
    workflow([child('a', of), child('b', of), read('end', { needs: ['a', 'b'] })]);
  return [[pay, 'undone'] as const, [pay, 'standing'] as const, [stands, 'ended'] as const].map(
    ([of, how]) => {
      const family = new Family(root(of), [of]);
      const a = family.childOf('a');
      family.perform(a, 'pay', true);
      if (how === 'ended') {
        family.when(a, before(family.run(a), 'end', deny));
        return family.parent;
      }
      family.perform(family.childOf('b'), 'pay', true);
      family.when(runId, before(family.parent, 'end', deny));
      const b = family.childOf('b');
      if (how === 'undone') family.perform(b, 'pay', true);
      else {
        family.when(b, before(family.run(b), 'pay', deny));
        family.when(b, skip(family.run(b), 'pay'));
      }
      return family.parent;
    },
  );
}

test('every machine of a run takes every transition of its table, and no other', () => {
  const taken = [...anyRuns(), ...byHand(), ...families()].flatMap(takenIn);
  expect(taken.filter((transition) => !isNamed(transition)).map(textOf)).toEqual([]);
  const texts = new Set(taken.map(textOf));
  expect(named.filter((text) => !texts.has(text))).toEqual([]);
});
