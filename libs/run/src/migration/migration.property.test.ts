import type { CompiledWorkflow } from '@interlock/language';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Adversary } from '../../test/adversary.js';
import { assisted } from '../../test/agent-scenario.js';
import { anyRun } from '../../test/any-run.js';
import { stepsFrom } from '../../test/any-steps.js';
import { migrate, type RunScenario } from '../../test/run-scenario.js';
import { forEach, read, workflow } from '../../test/workflows.js';
import { describeRun } from '../index.js';

/** Stands behind all others in one version and in front of them in the other: so every step and every body has another place there. */
const moving = forEach('moving', [1, 2], [read('inside')]);

/** Why a run stays as it is though nothing is another one. */
const known = /^(run\.ending|run\.ended|migrate\.parked|migrate\.too_often)$/;

/** @returns how often it was migrated */
function checkMigrations({ events }: RunScenario): number {
  for (const { type, data } of events) {
    const {
      command,
      code = '',
      message = '',
    } = data as { command?: string; code?: string; message?: string };
    if (type !== 'command.refused' || command !== 'run.migrate' || known.test(code)) continue;
    // Its time is over, and nobody has told it yet.
    expect(message).toMatch(/^budget\.duration: its time would be over/);
  }
  return events.filter(({ type }) => type === 'run.migrated').length;
}

test('whatever a run is doing, it goes on in a version whose steps are the same at other places', () => {
  let migrated = 0;
  fc.assert(
    fc.property(anyRun, ({ shapes, limits, goodMood, dice }) => {
      const steps = stepsFrom(shapes);
      const versions = [
        workflow([...steps, moving], { budget: limits }),
        workflow([moving, ...steps], { budget: limits, version: 2 }),
      ] as const;
      const published = (_: string, version: number): CompiledWorkflow | undefined => versions[version - 1];
      const beside = (scenario: RunScenario, die: number) => {
        const { end, origin } = scenario.state!;
        const isAsked = die % 7 === 0 && end === null;
        return isAsked ? migrate(scenario, 3 - origin.workflow.version) : undefined;
      };
      const adversary = new Adversary(versions[0], dice, { ...assisted, published }, goodMood, beside);
      adversary.play();
      adversary.settle();
      expect(describeRun(adversary.scenario.state!).endedAt).toBeDefined();
      migrated += checkMigrations(adversary.scenario);
    }),
    // The same runs each time, unless somebody looks for more.
    process.env.RUN_PROPERTY_RUNS === undefined
      ? { numRuns: 200, seed: 7 }
      : { numRuns: Number(process.env.RUN_PROPERTY_RUNS) },
  );
  expect(migrated).toBeGreaterThan(100);
}, 300_000);
