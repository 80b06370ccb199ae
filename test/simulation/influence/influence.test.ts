import type { PolicyEvent } from '@interlock/contracts';
import { influenceIsMarked, type Logged, type Reading, RunTaint } from '@interlock/invariants';
import { seededRandom } from '@interlock/simulation';
import { describe, expect, test } from 'vitest';
import { influenceBugs } from './influence.bugs.ts';
import { InfluenceRun, type Setting } from './influence.run.ts';
import { type RandomWorkflow, randomWorkflow } from './random.workflow.ts';

/** Workflows; each is run nine times. INFLUENCE_PRINT=1 prints the figures, INFLUENCE_WORKFLOWS=1000 takes longer. */
const WORKFLOWS = Number(process.env.INFLUENCE_WORKFLOWS ?? 60);
const AT_ONCE = 20;

const sum = {
  workflows: 0,
  runs: 0,
  calls: 0,
  marked: 0,
  writesMarked: 0,
  writesApproved: 0,
  free: 0,
  comparedWithRules: 0,
  behindPeople: 0,
};

const voting: Readonly<Record<string, Setting['votes']>> = {
  all: () => 'approve',
  none: () => 'deny',
  questionsOnly: (_, isCall) => (isCall ? 'deny' : 'approve'),
};

async function played(workflow: RandomWorkflow, setting: Setting) {
  const run = await new InfluenceRun(workflow, setting).play();
  const oracle = new RunTaint();
  for (const event of run.events) oracle.take(event);
  return { run, oracle };
}

type Played = Awaited<ReturnType<typeof played>>;

/** Writes that took place, as the run's own events tell it, with what the oracle knows of them. */
function writesOf({ run, oracle }: Played) {
  const done = new Set(
    run.events.flatMap(({ type, data }) =>
      type === 'call.recorded' && data.outcome.kind !== 'refused' ? [data.requestId] : [],
    ),
  );
  const ids = new Map(run.bus.log('run.events').map(({ meta, data }) => [data, meta.id]));
  return oracle.calls.filter(
    ({ event }) => event.data.effect === 'write' && done.has(ids.get(event.data) ?? ''),
  );
}

const asText = ({ step, arguments: given }: { step: string; arguments?: unknown }) =>
  `${step} ${JSON.stringify(given)}`;

function readingOf({ bus }: InfluenceRun): Reading {
  const said = bus.log('policy.events') as unknown as Logged<PolicyEvent>[];
  const verdicts = said.filter(({ type }) => type === 'policy.decided');
  const verdictsByCheck = Map.groupBy(verdicts, ({ data }) => data.checkId);
  return { runs: new Map([[bus.runId, bus.log('run.events')]]), verdictsByCheck } as unknown as Reading;
}

function problemsOf(one: Played): string[] {
  const { run, oracle } = one;
  const problems: string[] = [...run.bus.refused];
  if (run.status === 'open') problems.push('it never ended');
  problems.push(...influenceIsMarked(readingOf(run)).map(({ message }) => message));
  for (const { event } of oracle.calls) {
    const { influencedBy = [], effect } = event.data;
    sum.calls += 1;
    sum.marked += influencedBy.length > 0 ? 1 : 0;
    sum.writesMarked += influencedBy.length > 0 && effect === 'write' ? 1 : 0;
  }
  const denied = run.bus
    .log('policy.events')
    .flatMap(({ type, data }) => (type === 'policy.decided' ? [data as { reason: string }] : []))
    .filter(({ reason }) => /the run says|names no proposal|not published/.test(reason));
  for (const { reason } of denied) problems.push(`run and policy differ: ${reason}`);
  for (const { event } of writesOf(one)) if (event.data.approvalId !== undefined) sum.writesApproved += 1;
  return problems;
}

/** What is written without a person is what the rules would have written. */
function beyondTheRules(one: Played, rules: Played): string[] {
  if (rules.run.status !== 'run.completed') return [];
  const byRules = new Set(writesOf(rules).map(({ event }) => asText(event.data)));
  return writesOf(one).flatMap(({ event, isBehindPeople }) => {
    if (event.data.approvalId !== undefined) return [];
    sum.free += 1;
    if (isBehindPeople) {
      sum.behindPeople += 1;
      return [];
    }
    sum.comparedWithRules += 1;
    const text = asText(event.data);
    return byRules.has(text) ? [] : [`${text}: nobody was asked, and the rules would not have written it`];
  });
}

async function problemsWith(seed: number): Promise<string[]> {
  const workflow = randomWorkflow(seededRandom(seed), `w${seed}`);
  const problems: string[] = [];
  sum.workflows += 1;
  for (const [name, votes] of Object.entries(voting)) {
    const rules = await played(workflow, { seed, votes });
    if (rules.run.problems.length > 0) return [`seed ${seed}: ${JSON.stringify(rules.run.problems)}`];
    const marked = rules.oracle.calls.filter(({ event }) => event.data.influencedBy !== undefined);
    for (const { event } of marked) problems.push(`no model answered, and ${event.data.step} is marked`);
    problems.push(...problemsOf(rules));
    for (let again = 0; again < 2; again += 1) {
      const model = seededRandom(seed * 10 + again);
      const one = await played(workflow, { seed: seed + again, model, votes });
      sum.runs += 1;
      const found = [...problemsOf(one), ...beyondTheRules(one, rules)];
      problems.push(...found.map((problem) => `${name}, model ${again}: ${problem}`));
    }
  }
  return problems.map((problem) => `seed ${seed}: ${problem}`);
}

describe('whatever a model says in whatever workflow', () => {
  for (let first = 1; first <= WORKFLOWS; first += AT_ONCE) {
    const last = Math.min(WORKFLOWS, first + AT_ONCE - 1);
    test(`no write that it led to takes place without a person, and nothing else is marked: workflows ${first} to ${last}`, {
      timeout: 300_000,
    }, async () => {
      const problems: string[] = [];
      for (let seed = first; seed <= last; seed += 1) problems.push(...(await problemsWith(seed)));
      expect(problems.slice(0, 10)).toEqual([]);
    });
  }

  test('and the runs were such that it could have shown', () => {
    if (process.env.INFLUENCE_PRINT !== undefined) console.log(JSON.stringify(sum));
    expect(sum.writesMarked).toBeGreaterThan(WORKFLOWS / 4);
    expect(sum.writesApproved).toBeGreaterThan(WORKFLOWS / 10);
    expect(sum.comparedWithRules).toBeGreaterThan(WORKFLOWS / 4);
    expect(sum.behindPeople).toBeGreaterThan(0);
  });
});

describe('and the checker notices when', () => {
  for (const bug of influenceBugs) {
    test(bug.wrong, { timeout: 120_000 }, async () => {
      for (let seed = 1; seed <= 20; seed += 1) {
        const workflow = randomWorkflow(seededRandom(seed), `w${seed}`);
        const setting = { seed, model: seededRandom(seed * 10), votes: () => 'approve' as const, bug };
        const { run } = await played(workflow, setting);
        if (influenceIsMarked(readingOf(run)).some(({ message }) => bug.found.test(message))) return;
      }
      expect.fail('no violation in 20 workflows');
    });
  }
});
