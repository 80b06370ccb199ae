// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { type CompiledStep, factsIn, noFacts, withFact } from '@interlock/language';
import { describe, expect, test } from 'vitest';
import { agent, assisted, round } from '../../test/agent-scenario.js';
import {
  before,
  callRequestOf,
  deny,
  migrate,
  perform,
  type RunScenario,
  run,
} from '../../test/run-scenario.js';
import { decide, read, wait, workflow, write } from '../../test/workflows.js';
import { foldRun } from '../fold.js';
import { stateHash } from '../state-hash.js';

/** What a model said leads to what is noted; then the run waits, and its host knows a second version. */
const desk = agent('desk');
const note = read('note', { needs: ['desk'], with: { of: '${steps.desk.output}' } });
const rest = wait('rest', { forMs: 5_000 }, { needs: ['note'] });
const pay = write('pay', { needs: ['rest'], with: { of: '${steps.note.output}' } });

function acted(two: readonly CompiledStep[]): RunScenario {
  const target = workflow(two, { version: 2 });
  const scenario = run(workflow([desk, note, rest, pay]), {
    ...assisted,
    published: (_, version) => (version === 2 ? target : undefined),
  });
  round(scenario, { output: { by: 'model' } });
  return perform(scenario, 'note');
}

const refusal = ({ decision }: RunScenario) =>
  decision.events.find(({ type }) => type === 'command.refused')?.data as { message: string } | undefined;

const marks = (scenario: RunScenario, step: string) =>
  (callRequestOf(scenario, step).influencedBy ?? []).map((mark) => mark.step);

describe('a run in which a model has acted', () => {
  test('keeps its mark: what follows from it in the other version is marked too', () => {
    const checked = read('check', { needs: ['rest'], with: { of: '${steps.note.output}' } });
    const later = { ...pay, needs: ['check'] };
    const scenario = acted([read('first'), desk, note, rest, checked, later]);
    scenario.when(migrate(scenario, 2)).thenTypes('run.migrated', 'call.requested');
    expect(stateHash(foldRun(scenario.key, scenario.events)!)).toBe(stateHash(scenario.state!));
    expect(marks(scenario, 'first')).toEqual([]);
    scenario.whenDue();
    expect(marks(scenario, 'check')).toEqual(['desk']);
    perform(scenario, 'check').when(before(scenario, 'pay'));
    expect(marks(scenario, 'pay')).toEqual(['desk']);
  });

  test.each<[string, CompiledStep[], string]>([
    [
      'read something else than what the model said',
      [desk, read('note', { needs: ['desk'], with: { of: 'nothing' } }), rest, pay],
      'step note, reads: ',
    ],
    [
      'not need the step of the model',
      [desk, read('note', { with: { of: 'nothing' } }), rest, pay],
      'step note, reads: ',
    ],
    [
      'be done by a table, and no model',
      [decide('desk', { rules: [], otherwise: { by: 'rules' } }), note, rest, pay],
      'step desk, kind: ',
    ],
  ])(
    'is not migrated to a version in which what it has done would %s: the mark would be lost',
    (_, two, why) => {
      const scenario = acted(two);
      scenario.when(migrate(scenario, 2)).thenTypes('command.refused');
      expect(refusal(scenario)?.message).toContain(why);
    },
  );

  test('keeps the names of its steps', () => {
    const noted = { ...note, id: 'noted' };
    const scenario = acted([desk, noted, { ...rest, needs: ['noted'] }, { ...pay, with: { of: 1 } }]);
    scenario.when(migrate(scenario, 2, { note: 'noted' }));
    expect(refusal(scenario)?.message).toContain('step note, id: a model has acted in the run');
  });

  test('may be migrated to a version in which what has not begun reads nothing of it', () => {
    const scenario = acted([desk, note, rest, { ...pay, needs: [], with: { of: 1 } }]);
    scenario.when(migrate(scenario, 2)).thenTypes('run.migrated', 'call.requested');
    expect(marks(scenario, 'pay')).toEqual([]);
  });
});

/** What policy notes of the run: everything, from a version with models on. */
const notedByPolicy = ({ events }: RunScenario) =>
  events.reduce(
    (facts, { type, data, id }) =>
      factsIn({ type, data } as Parameters<typeof factsIn>[0], id, (step) => step === 'desk', facts).reduce(
        withFact,
        facts,
      ),
    noFacts,
  );

describe('a run that was without its models for a version', () => {
  const hold = wait('hold', { signal: 'hold', deadlineMs: 100_000 });
  const first = read('first', { onFailure: { do: 'fallback', step: 'other' } });
  const other = (of: string) => read('other', { fallbackOnly: true, with: { of } });
  const last = read('last', { needs: ['first', 'hold'], with: { of: '${steps.first.output}' } });

  /** In a version without its model something fell back; then its host knows a third version. */
  function fellBack(three: string): RunScenario {
    const desk = agent('desk', {}, { needs: ['hold'] });
    const versions = [
      workflow([hold, desk, first, other('nothing'), last]),
      workflow([hold, first, other('nothing'), last], { version: 2 }),
      workflow([hold, desk, first, other(three), last], { version: 3 }),
    ];
    const scenario = run(versions[0]!, { ...assisted, published: (_, version) => versions[version - 1] });
    scenario.when(migrate(scenario, 2)).when(before(scenario, 'first', deny));
    return perform(scenario, 'other');
  }

  test('has noted what policy has noted', () => {
    const scenario = fellBack('nothing');
    scenario.when(migrate(scenario, 3)).thenTypes('run.migrated');
    expect(scenario.state!.influence).toEqual(notedByPolicy(scenario));
    expect(scenario.state!.influence.fellBack).toEqual([{ step: 'first', to: 'other', spenders: [] }]);
  });

  test('does not get them again where what stood in would read what they are still to say', () => {
    const scenario = fellBack('${steps.desk.output}');
    scenario.when(migrate(scenario, 3)).thenTypes('command.refused');
    expect(refusal(scenario)?.message).toContain('step other, reads: ');
  });
});
