import type { Identity } from '@interlock/contracts';
import type { Person } from '../case/case.fields.js';
import type { CaseCommand, CaseFormAnswer, CaseReply, CaseSignal, CaseVote } from '../case/case.schema.js';
import { afterOf } from './durations.js';
import type { RecordedRun } from './recorded.run.js';

/** Who it was, without what proved it. */
export const personIn = ({ sub, roles, tenant }: Identity): Person => ({
  sub,
  roles,
  ...(tenant !== undefined && { tenant }),
});

/** Votes of a recorded run, those that were refused too. */
export const votesIn = ({ events, opened }: RecordedRun): CaseVote[] =>
  events.flatMap(({ type, data, time }): CaseVote[] => {
    if (type !== 'approval.voted' && type !== 'approval.vote_refused') return [];
    const asked = opened.get(data.approvalId);
    if (asked === undefined) return [];
    const { by, vote } = data;
    const cast = { step: asked.step, by: personIn(by), vote, ...afterOf(time - asked.at) };
    if (type === 'approval.voted') return [{ ...cast, reason: data.reason }];
    return [{ ...cast, refused: data.code }];
  });

export const signalsIn = ({ events, startedAt }: RecordedRun): CaseSignal[] =>
  events.flatMap(({ type, data, time }): CaseSignal[] =>
    type === 'signal.received'
      ? [{ name: data.name, data: data.data, by: personIn(data.by), ...afterOf(time - startedAt) }]
      : [],
  );

/** What people answered form steps; what was refused the log does not hold. */
export function formsIn({ events }: RecordedRun): CaseFormAnswer[] {
  const openedAt = new Map<string, number>();
  return events.flatMap(({ type, data, time }): CaseFormAnswer[] => {
    if (type === 'form.opened') openedAt.set(data.step, time);
    if (type !== 'form.answered') return [];
    const { step, by, reason, value } = data;
    const said = reason === '' ? {} : { reason };
    return [
      {
        step,
        by: personIn(by),
        value: value ?? null,
        ...said,
        ...afterOf(time - (openedAt.get(step) ?? time)),
      },
    ];
  });
}

/** What people answered the questions of models, likewise. */
export function repliesIn({ events }: RecordedRun): CaseReply[] {
  const askedAt = new Map<string, number>();
  return events.flatMap(({ type, data, time }): CaseReply[] => {
    if (type === 'question.asked') askedAt.set(data.step, time);
    if (type !== 'question.answered') return [];
    const { step, by, text, trigger } = data;
    const after = afterOf(time - (askedAt.get(step) ?? time));
    // A case has no triggers: an operator answers in the place of the system that did.
    const who = trigger === undefined ? personIn(by) : { ...personIn(by), roles: ['operator'] };
    return [{ step, by: who, text, ...after }];
  });
}

/** What operators did in a recorded run. @param note takes what a case cannot say */
export function commandsIn({ events, startedAt }: RecordedRun, note: (what: string) => void): CaseCommand[] {
  const parkedAt = new Map<string, number>();
  return events.flatMap(({ type, data, time }): CaseCommand[] => {
    switch (type) {
      case 'step.parked':
        parkedAt.set(data.step, time);
        return [];
      case 'run.cancelling':
        return [
          {
            cancel: data.rollback === true ? 'with-rollback' : 'without-rollback',
            ...givenBy(data, time - startedAt),
          },
        ];
      case 'run.paused':
        return [{ pause: true, ...givenBy(data, time - startedAt) }];
      case 'run.resumed':
        return [{ resume: true, ...givenBy(data, time - startedAt) }];
      case 'run.reopened':
        return [{ resume: true, from: data.from, ...givenBy(data, time - startedAt) }];
      case 'run.closed':
        return [{ close: true, ...givenBy(data, time - startedAt) }];
      case 'step.resumed':
        return [{ retry: data.step, ...givenBy(data, time - (parkedAt.get(data.step) ?? time)) }];
      case 'step.resolved':
        return [
          {
            resolve: data.step,
            happened: data.happened,
            ...(data.output !== undefined && { output: data.output }),
            ...givenBy(data, time - (parkedAt.get(data.step) ?? time)),
          },
        ];
      case 'child.requested':
        note(
          `step ${data.step} started run ${data.runId}, which has a log of its own: add answers for its tools, and its steps to the path`,
        );
        return [];
      case 'step.skipped': {
        const { because, by, reason = '', step } = data;
        if (because !== 'operator' || by === undefined) return [];
        return [{ skip: step, ...givenBy({ by, reason }, time - (parkedAt.get(step) ?? time)) }];
      }
      case 'command.refused':
        note(`a command ${data.command} was refused (${data.code}); the log does not hold it`);
        return [];
      default:
        return [];
    }
  });
}

const givenBy = ({ by, reason }: { readonly by: Identity; readonly reason: string }, afterMs: number) => ({
  by: personIn(by),
  ...(reason !== '' && { reason }),
  ...afterOf(afterMs),
});
