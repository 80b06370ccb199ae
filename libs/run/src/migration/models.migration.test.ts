// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import type { CompiledStep } from '@interlock/language';
import { describe, expect, test } from 'vitest';
import { agent, assisted, round } from '../../test/agent-scenario.js';
import { before, callRequestOf, migrate, perform, type RunScenario, run } from '../../test/run-scenario.js';
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
