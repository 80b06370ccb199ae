import { runIdOfKey } from '@interlock/contracts';
import { due } from '@interlock/testing';
import { describe, expect, test } from 'vitest';
import {
  ada,
  change,
  create,
  ended,
  lastStarted,
  MINUTE,
  ordered,
  ordersAfterCrash,
  remove,
  schedules,
  T0,
} from './schedule.scenario.js';

describe('a schedule', () => {
  test('starts a run when it is due, in the name of whoever created it', () => {
    const scenario = schedules()
      .when(create())
      .thenEvents({ type: 'schedule.created', data: { name: 'nightly', next: T0 + MINUTE, by: ada } })
      .thenDue(T0 + MINUTE)
      .whenDue()
      .thenEvents({
        type: 'schedule.started',
        data: { due: T0 + MINUTE, next: T0 + 2 * MINUTE, workflow: { name: 'report', version: 2 } },
      });
    const { runId, key } = scenario.last('schedule.started').data as { runId: string; key: string };
    expect(runId).toBe(runIdOfKey(ada, key));
    expect(key).toContain(`schedule/nightly/${T0 + MINUTE}`);
  });

  test('asks again for the order of a start after a crash, until it is known to be given', () => {
    const scenario = schedules().when(create()).whenDue();
    const { runId } = lastStarted(scenario);
    expect(ordersAfterCrash(scenario)).toMatchObject([
      {
        id: `start/${runId}`,
        data: { order: 'start', command: { runId, by: ada, input: { of: 'yesterday' } } },
      },
    ]);
    scenario.when(ordered(scenario)).thenTypes('schedule.ordered').when({ kind: 'recovered' }).thenNothing();
  });

  test('of one tenant is not the one of another', () => {
    schedules()
      .when(create({}, 'nightly', { ...ada, tenant: 'north' }))
      .when(create({}, 'nightly', { ...ada, tenant: 'south' }))
      .thenTypes('schedule.created')
      .when(create({}, 'nightly', { ...ada, tenant: 'south' }))
      .thenEvents({ type: 'schedule.refused', data: { code: 'schedule_exists', tenant: 'south' } });
  });

  test('that would never be due is refused', () => {
    const hours = { days: ['SAT' as const], from: '09:00', to: '17:00', holidays: [] };
    schedules()
      .when(create({ timing: { cron: '0 9 * * MON' }, hours }))
      .thenEvents({ type: 'schedule.refused', data: { code: 'never_due' } })
      .when(create({ timing: { cron: '0 0 30 2 *' } }))
      .thenEvents({
        type: 'schedule.refused',
        data: { code: 'never_due', message: 'No time fits its pattern: there is no such day.' },
      })
      .when(
        create({ timing: { everyMs: 24 * 60 * MINUTE }, hours: { ...hours, from: '03:00', to: '03:01' } }),
      )
      .thenEvents({
        type: 'schedule.refused',
        data: {
          code: 'never_due',
          message:
            'Counted from now, its interval never falls into its business hours: take a shorter one, or cron.',
        },
      });
  });

  test('starts nothing while its workflow is missing or does not take its input, and says so', () => {
    schedules()
      .when(create({ workflow: 'gone' }))
      .whenDue()
      .thenEvents({ type: 'schedule.skipped', data: { because: 'workflow_unknown', next: T0 + 2 * MINUTE } });
    schedules()
      .when(create({ input: 7 }))
      .whenDue()
      .thenEvents({ type: 'schedule.skipped', data: { because: 'input_refused' } });
  });

  test('halts when what is due cannot be decided on, and goes on once somebody resumes it', () => {
    schedules()
      .when(create())
      .after(MINUTE)
      .whenBroken(due)
      .thenTypes('schedule.halted')
      .thenDue(undefined)
      .when(change({}))
      .thenEvents({ type: 'schedule.changed', data: { next: T0 + 2 * MINUTE } })
      .thenDue(T0 + 2 * MINUTE);
  });
});

describe('due times that come late', () => {
  test('are started within the catch-up window', () => {
    schedules()
      .when(create({ overlap: 'allow', catchUpMs: 2 * MINUTE }))
      .after(3 * MINUTE + 500)
      .when(due)
      .thenEvents(
        { type: 'schedule.skipped', data: { because: 'missed', from: T0 + MINUTE, next: T0 + 2 * MINUTE } },
        { type: 'schedule.started', data: { due: T0 + 2 * MINUTE } },
        { type: 'schedule.started', data: { due: T0 + 3 * MINUTE, next: T0 + 4 * MINUTE } },
      );
  });

  test('are started in portions', () => {
    const scenario = schedules()
      .when(create({ overlap: 'allow', catchUpMs: 120 * MINUTE }))
      .after(90 * MINUTE);
    scenario.when(due);
    expect(scenario.decision.events).toHaveLength(50);
    scenario.thenDue(T0 + 51 * MINUTE).when(due);
    expect(scenario.decision.events).toHaveLength(40);
    expect(new Set(scenario.events.map(({ data }) => (data as { runId: string }).runId)).size).toBe(91);
  });
});

describe('a due time that comes while a run goes on', () => {
  test('is skipped, and the next one after its end starts', () => {
    const scenario = schedules().when(create()).whenDue();
    scenario.when(ordered(scenario)).whenDue();
    scenario.thenEvents({ type: 'schedule.skipped', data: { because: 'overlap', from: T0 + 2 * MINUTE } });
    scenario
      .when(ended(lastStarted(scenario).runId))
      .thenTypes('schedule.run_ended')
      .whenDue()
      .thenEvents({ type: 'schedule.started', data: { due: T0 + 3 * MINUTE } });
  });

  test('waits in the queue, in order, and no more than a hundred do', () => {
    const scenario = schedules()
      .when(create({ overlap: 'queue', catchUpMs: 400 * MINUTE }))
      .whenDue();
    const first = lastStarted(scenario).runId;
    scenario.after(102 * MINUTE).when(due, due, due);
    expect(scenario.events.filter(({ type }) => type === 'schedule.queued')).toHaveLength(100);
    scenario.thenTypes('schedule.skipped', 'schedule.skipped');
    scenario
      .when(ended(first))
      .thenEvents(
        { type: 'schedule.run_ended' },
        { type: 'schedule.started', data: { due: T0 + 2 * MINUTE, next: T0 + 104 * MINUTE } },
      );
  });

  test('ends that run where it is so declared, and starts once that has ended; of several the newest', () => {
    const scenario = schedules()
      .when(create({ overlap: 'cancel' }))
      .whenDue();
    const first = lastStarted(scenario).runId;
    scenario.whenDue().thenTypes('schedule.queued');
    scenario
      .when(ordered(scenario))
      .thenEvents({ type: 'schedule.ordered' }, { type: 'schedule.superseded', data: { runId: first } });
    expect(ordersAfterCrash(scenario)).toMatchObject([
      {
        id: `cancel/${first}`,
        data: { order: 'cancel', command: { runId: first, by: ada, rollback: true } },
      },
    ]);
    scenario.when(ordered(scenario, 'cancel')).whenDue();
    scenario.thenEvents(
      { type: 'schedule.skipped', data: { because: 'replaced', from: T0 + 2 * MINUTE } },
      { type: 'schedule.queued', data: { due: T0 + 3 * MINUTE } },
    );
    scenario
      .when(ended(first, 'run.cancelled'))
      .thenEvents(
        { type: 'schedule.run_ended' },
        { type: 'schedule.started', data: { due: T0 + 3 * MINUTE } },
      );
  });

  test('starts beside it where that is allowed; nobody waits for its end', () => {
    const scenario = schedules()
      .when(create({ overlap: 'allow' }))
      .whenDue();
    scenario.when(ordered(scenario)).thenSee((state) => expect(state.runs.size).toBe(0));
    scenario.whenDue().thenTypes('schedule.started');
    scenario.when(ended(lastStarted(scenario).runId)).thenNothing();
  });

  test('finds the run in its own partition, so that its end is read with the schedule’s own cursor', () => {
    const scenario = schedules().when(create());
    for (let day = 0; day < 20; day++) {
      scenario.whenDue().thenTypes('schedule.started');
      const { runId } = lastStarted(scenario);
      expect(Number.parseInt(runId.slice(0, 4), 16) % 4).toBe(0);
      scenario.when(ended(runId));
    }
  });
});

describe('a change', () => {
  test('pauses; what comes meanwhile is not due', () => {
    schedules()
      .when(create())
      .when(change({ paused: true }))
      .thenTypes('schedule.changed')
      .thenDue(undefined)
      .after(10.5 * MINUTE)
      .when(change({}, 2))
      .thenDue(T0 + 11 * MINUTE);
  });

  test('of what it starts makes the changer the one in whose name it starts', () => {
    const bob = { sub: 'bob', roles: ['operator'] };
    schedules()
      .when(create())
      .when(change({ timing: { everyMs: 5 * MINUTE } }, 1, bob))
      .thenEvents({ type: 'schedule.changed', data: { by: ada, changedBy: bob, revision: 2 } })
      .when(change({ input: { of: 'today' }, requestHash: 'other' }, 2, bob))
      .thenEvents({ type: 'schedule.changed', data: { by: bob, changedBy: bob, revision: 3 } })
      .whenDue()
      .thenSee((_, scenario) => expect(scenario.events.at(-1)?.type).toBe('schedule.started'));
  });

  test('that somebody made without having seen the last one is refused', () => {
    schedules()
      .when(create())
      .when(change({ paused: true }))
      .when(change({ overlap: 'allow' }))
      .thenEvents({ type: 'schedule.refused', data: { code: 'schedule_changed' } });
  });

  test('names a due time that has come and was not dealt with yet', () => {
    schedules()
      .when(create())
      .after(MINUTE + 1)
      .when(change({ timing: { everyMs: 5 * MINUTE } }))
      .thenEvents(
        { type: 'schedule.skipped', data: { because: 'changed', from: T0 + MINUTE } },
        { type: 'schedule.changed' },
      );
  });

  test('that comes twice changes once', () => {
    const pause = change({ paused: true });
    schedules().when(create()).when(pause).when(pause).thenNothing();
  });
});

describe('a deletion', () => {
  test('lets its run go on, and still gives the order that is open', () => {
    const scenario = schedules().when(create()).whenDue().when(remove());
    scenario.thenTypes('schedule.deleted').thenDue(undefined);
    expect(ordersAfterCrash(scenario)).toHaveLength(1);
    scenario.when(ordered(scenario)).thenSee((state) => expect(state.byKey.size + state.runs.size).toBe(0));
  });

  test('of what is not there is refused', () => {
    schedules()
      .when(remove())
      .thenEvents({ type: 'schedule.refused', data: { code: 'unknown_schedule' } });
  });
});

describe('jitter', () => {
  test('moves a start, the same way whoever works it out, and never its due time', () => {
    const jittered = () => schedules().when(create({ jitterMs: 30_000 }));
    const at = jittered().due;
    expect(at).toBeGreaterThanOrEqual(T0 + MINUTE);
    expect(at).toBeLessThanOrEqual(T0 + MINUTE + 30_000);
    expect(jittered().due).toBe(at);
    jittered()
      .whenDue()
      .thenEvents({ type: 'schedule.started', data: { due: T0 + MINUTE } });
  });
});

describe('business hours', () => {
  const hours = {
    days: ['MON', 'TUE', 'WED', 'THU', 'FRI'] as const,
    from: '09:00',
    to: '17:00',
    holidays: ['2026-01-05'],
  };

  test('let an interval rest over the weekend and on holidays', () => {
    schedules()
      .when(
        create({
          timing: { everyMs: 60 * MINUTE },
          hours: { ...hours, days: [...hours.days] },
          overlap: 'allow',
        }),
      )
      .after(31 * 60 * MINUTE) // Friday, 16:00
      .when(due)
      .thenSee((state) => {
        expect(new Date(state.byKey.get('schedule/nightly')?.next ?? 0).toISOString()).toBe(
          '2026-01-06T09:00:00.000Z',
        );
      });
  });
});
