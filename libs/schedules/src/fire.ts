import { DueQueued, DueSkipped, DueStarted, type MessageOf, RunSuperseded } from '@interlock/contracts';
import { misfitOf } from '@interlock/schema';
import type { ScheduleDraft } from './draft.js';
import { nextDue } from './due.js';
import { jitterOf, runOf, scheduleKey } from './schedule.id.js';
import { type Schedule, watchedRuns } from './schedule.state.js';
import { DUE_AT_ONCE, QUEUE_MAX } from './settings.js';

type Because = MessageOf<typeof DueSkipped>['data']['because'];

/** When the next due time of a schedule is dealt with, UTC ms; undefined: never, as things stand. */
export function fireAt({ phase, next, id, spec }: Schedule): number | undefined {
  if (phase.kind !== 'active' || next === null) return undefined;
  return next + jitterOf(id, next, spec.jitterMs);
}

/** Deals with everything that is due, the longest due first. */
export function fireAll(draft: ScheduleDraft): undefined {
  for (let left = DUE_AT_ONCE; left > 0; left--) {
    const first = earliest(draft);
    if (first === undefined) return;
    fire(draft, first);
  }
}

function earliest({ state, now }: ScheduleDraft): Schedule | undefined {
  let found: { readonly at: number; readonly schedule: Schedule } | undefined;
  for (const schedule of state.byKey.values()) {
    const at = fireAt(schedule);
    if (at !== undefined && at <= now && (found === undefined || at < found.at)) found = { at, schedule };
  }
  return found?.schedule;
}

function fire(draft: ScheduleDraft, schedule: Schedule): undefined {
  const { spec, anchor, next: due } = schedule;
  if (due === null) return;
  const oldest = draft.now - spec.catchUpMs - spec.jitterMs;
  if (due < oldest) {
    const next = nextDue(spec, anchor, oldest - 1);
    return skip(draft, schedule, { from: due, to: oldest - 1, because: 'missed', next });
  }
  const next = nextDue(spec, anchor, due);
  if (watchedRuns(schedule).length === 0) return start(draft, schedule, due, next);
  switch (spec.overlap) {
    case 'allow':
      return start(draft, schedule, due, next);
    case 'skip':
      return skip(draft, schedule, { from: due, to: due, because: 'overlap', next });
    case 'queue':
      if (schedule.queue.length >= QUEUE_MAX)
        return skip(draft, schedule, { from: due, to: due, because: 'queue_full', next });
      return draft.emit(DueQueued({ ...schedule.id, due, next }));
    case 'cancel':
      for (const waiting of schedule.queue)
        skip(draft, schedule, { from: waiting, to: waiting, because: 'replaced', next: due });
      draft.emit(DueQueued({ ...schedule.id, due, next }));
      return settle(draft, scheduleKey(schedule.id));
  }
}

/** What follows once a run has ended, or its start is ordered: the one that waits starts, or ends the one before it. */
export function settle(draft: ScheduleDraft, key: string): undefined {
  const schedule = draft.find(key);
  const due = schedule?.queue[0];
  if (schedule === undefined || due === undefined || schedule.phase.kind !== 'active') return;
  const [before] = watchedRuns(schedule);
  if (before === undefined) return startQueued(draft, schedule, due);
  if (schedule.spec.overlap === 'cancel' && before.phase.kind === 'running')
    draft.emit(RunSuperseded({ ...schedule.id, runId: before.runId, due }));
}

/** One that cannot start lets the next one try. */
function startQueued(draft: ScheduleDraft, schedule: Schedule, due: number): undefined {
  start(draft, schedule, due, schedule.next);
  settle(draft, scheduleKey(schedule.id));
}

function start(draft: ScheduleDraft, schedule: Schedule, due: number, next: number | null): undefined {
  const { id, spec, by } = schedule;
  const single = { from: due, to: due, next };
  const workflow = draft.settings.workflow(spec.workflow, spec.version);
  if (workflow === undefined)
    return skip(draft, schedule, {
      ...single,
      because: 'workflow_unknown',
      message: `no workflow ${spec.workflow}`,
    });
  const misfit = misfitOf(workflow.inputSchema, spec.input);
  if (misfit !== undefined)
    return skip(draft, schedule, {
      ...single,
      because: 'input_refused',
      message: misfitText(misfit, workflow),
    });
  const watched = spec.overlap !== 'allow';
  const { partitionOf } = draft.settings;
  const home = partitionOf(scheduleKey(id));
  const { runId, key } = runOf(id, due, by, (runId) => !watched || partitionOf(runId) === home);
  const { name, version, hash } = workflow;
  draft.emit(DueStarted({ ...id, due, runId, key, workflow: { name, version, hash }, watched, next }));
}

const misfitText = (
  { problems: [first] }: { readonly problems: readonly { path: string; message: string }[] },
  { name, version }: { readonly name: string; readonly version: number },
): string =>
  `${name}@${version} does not take its input: ${first?.path || 'it'} ${first?.message ?? 'does not fit'}`.slice(
    0,
    2_000,
  );

interface Skip {
  readonly from: number;
  readonly to: number;
  readonly because: Because;
  readonly next: number | null;
  readonly message?: string;
}

const texts: Readonly<Record<Because, string>> = {
  missed: 'nobody was there to start it within the catch-up window',
  overlap: 'the run before it goes on',
  queue_full: `${QUEUE_MAX} due times wait already`,
  replaced: 'a later one came before it could start',
  changed: 'the schedule was changed, paused or deleted before it could start',
  workflow_unknown: 'its workflow is not published',
  input_refused: 'its workflow does not take its input',
};

export function skip(draft: ScheduleDraft, { id }: Schedule, { message, ...skipped }: Skip): undefined {
  draft.emit(DueSkipped({ ...id, ...skipped, message: message ?? texts[skipped.because] }));
}
